r"""Markdown, as far as prose needs it: headings, footnotes, escapes and comments; emphasis loses its signs.

>>> read(b"# Sava\xc5\x9f\n\nOrdu *geri*\n\xc3\xa7ekildi.[^1]\n\n[^1]: Bkz. s. 5.\n").text
'Savaş\n\nOrdu geri çekildi.1\n\n* * *\n\n1. Bkz. s. 5.\n'
"""
from __future__ import annotations

import re

from ocrfix.readers.decoding import decode
from ocrfix.readers.extract import Extract
from ocrfix.readers.paragraphs import Paragraphs

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]:\s*(.*)$", re.DOTALL)
_CALL = re.compile(r"\[\^([^\[\]\s]+)\]")
_NUMBER = re.compile(r"\*\d*|\d{1,9}(?:-\d{1,9})?")
_EMPHASIS = re.compile(r"(?<![\w\\])(\*{1,3}|_{1,3})(?=\S)([^*_\n]*\S)\1(?!\w)")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^)\]\s]*+(?:\](?!\()[^)\]\s]*+)*+(?:\s\"[^\"]*\")?\)")
"""A link or an image.  No ``](`` stands within its address, so that many ``[a](`` are not searched to the end each."""
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def read(data: bytes) -> Extract:
    """The text of a Markdown file, a paragraph a line, its notes at the end.

    Raises:
        InputError: the text is too long.
    """
    text = _without_comments(decode(data).text.replace("\r\n", "\n"))
    reading = _Reading()
    for part in re.split(r"\n[^\S\n]*\n\s*", text):
        reading.part(part.strip("\n"))
    return reading.out.extract()


def _without_comments(text: str) -> str:
    """Text without comments; one that is never closed is none.  A pattern would look for the end of each such anew."""
    out = []
    pos = 0
    while (start := text.find("<!--", pos)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        out.append(text[pos:start])
        pos = end + 3
    return "".join([*out, text[pos:]])


class _Reading:
    """The text as far as it was read."""

    def __init__(self) -> None:
        self.out = Paragraphs()
        self._labels: dict[str, str] = {}

    def label(self, name: str) -> str:
        """What a note is called in the text: its number or star; ``n1``, ``n2`` ... where it has a word for a label."""
        if _NUMBER.fullmatch(name):
            return name
        return self._labels.setdefault(name, f"n{len(self._labels) + 1}")

    def part(self, part: str) -> None:
        """Add what stands between two blank lines: a heading, notes, or a paragraph."""
        lines = part.split("\n")
        if len(lines) == 2 and _UNDERLINE.match(lines[1]) and lines[0].strip():
            lines = ["#" * (1 if "=" in lines[1] else 2) + " " + lines[0]]
        for k, line in enumerate(lines):
            if (heading := _HEADING.match(line)) is not None:
                self.out.end()
                self.out.heading(len(heading[1]))
                self._line(heading[2].rstrip().rstrip("#").rstrip())
                self.out.end()
            elif _NOTE.match(line):
                self.out.end()
                for note in re.split(r"\n(?=\[\^)", "\n".join(lines[k:])):
                    if (found := _NOTE.match(note)) is not None:
                        self.out.note(self.label(found[1]), plain(_CALL.sub(lambda m: m[1], found[2])))
                return
            else:
                self._line(line)
                self.out.add(" ")
                if line.endswith(("  ", "\\")):
                    self.out.break_line()
        self.out.end()

    def _line(self, line: str) -> None:
        pos = 0
        for m in _CALL.finditer(line):
            self.out.add(plain(line[pos:m.start()]))
            self.out.call(self.label(m[1]))
            pos = m.end()
        self.out.add(plain(line[pos:].removesuffix("\\")))


def plain(text: str) -> str:
    """Text without its marks.

    >>> plain("*Vakit* gazetesi 1\\\\. sayı")
    'Vakit gazetesi 1. sayı'
    """
    for _ in range(2):                               # an image may stand in a link
        text = _LINK.sub(lambda m: m[1], text)
    text = _EMPHASIS.sub(lambda m: m[2], text)
    return _ESCAPE.sub(lambda m: m[1], text)
