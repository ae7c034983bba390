"""Texts that come in paragraphs, not lines: Word, HTML, Markdown.  A paragraph a line, then the notes in a list.

The form is that of ``clean.txt``: a blank line between paragraphs, and after a line ``* * *`` the notes, each as
``12. text``; calls stand in the text as plain figures.  The layout stage reads it as it stands, and is told where the
headings and the calls are.
"""
from __future__ import annotations

import re

from ocrfix.readers.extract import Builder, Extract

NOTES_LINE = "* * *"
"""Stands above the notes, as in ``clean.txt``."""
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
"""Stand round a call while a paragraph is put together: noncharacters of Unicode, which no text holds."""
_CALL = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")


class Paragraphs:
    """Puts the paragraphs, headings and notes of a text together."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._level: int | None = None
        self._done: list[tuple[str, int | None]] = []
        self._notes: list[tuple[str, str]] = []

    def add(self, text: str) -> None:
        """Add text to the paragraph; any white space is a space."""
        self._text.append(re.sub(r"\s+", " ", _MARKS.sub("", text)))

    def break_line(self) -> None:
        """The paragraph goes on in another line."""
        self._text.append("\n")

    def call(self, label: str) -> None:
        """A note is called here."""
        self._text.append(f"{_OPEN}{label}{_CLOSE}")

    def heading(self, level: int) -> None:
        """The paragraph is a heading of this level."""
        self._level = level

    def end(self) -> None:
        """End the paragraph."""
        lines = [" ".join(line.split()) for line in "".join(self._text).split("\n")]
        text = "\n".join(filter(None, lines))
        if text:
            self._done.append((text, self._level))
        self._text, self._level = [], None

    def note(self, label: str, text: str) -> None:
        """Add a note, called in the text by its label."""
        self._notes.append((label, " ".join(_MARKS.sub("", text).split())))

    def extract(self) -> Extract:
        """The text of all paragraphs and notes."""
        self.end()
        noted = {label for label, _ in self._notes}
        parts = list(self._done)
        if self._notes:
            parts += [(NOTES_LINE, None), *((f"{label}. {text}", None) for label, text in self._notes)]
        builder = Builder()
        builder.page()
        known: list[tuple[int | None, list[tuple[int, str]]]] = []      # of each line its level and its calls
        for text, level in parts:
            builder.block()
            for line in text.split("\n"):
                plain, calls = _without_calls(line)
                builder.line()
                if builder.token(plain):
                    known.append((level, [call for call in calls if call[1] in noted]))
        taken = builder.extract()
        headings, called = [], []
        for row, (line_level, calls) in zip(taken.rows, known, strict=True):
            if line_level is not None:
                headings.append((row.span.start, line_level))
            called += [(row.span.start + at, label) for at, label in calls]
        return Extract(taken.text, headings=tuple(headings), calls=tuple(called))


def _without_calls(line: str) -> tuple[str, list[tuple[int, str]]]:
    """A line with its calls as plain figures, and the places of the calls."""
    calls: list[tuple[int, str]] = []
    out: list[str] = []
    pos = size = 0
    for m in _CALL.finditer(line):
        out += [line[pos:m.start()], m[1]]
        size += m.start() - pos
        calls.append((size, m[1]))
        size += len(m[1])
        pos = m.end()
    return "".join(out) + line[pos:], calls
