"""``clean.txt`` and ``clean.md``: the clean text as a pure function of the document.

Start reading at :func:`clean_txt` and :func:`clean_md`.  Both print the body and then the notes, and take from the
blocks what the stages left there: nothing is corrected here.  What is defended against is only what no clean text may
hold even where the stage that mends it was left out: lone surrogates, carriage returns, and forms other than NFC.

Markdown is pandoc's.  A backslash stands only where pandoc would read a character as markup, so the rules below look
at what is around a character; ``tests/test_outputs.py`` holds them against pandoc itself where it is installed.
"""
from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocrfix.document import Block, Document, Kind

NOTES_LINE = "* * *"
"""Stands between body and notes in ``clean.txt``."""


def clean_txt(document: Document) -> str:
    """The clean text for people and plain-text tools.

    One paragraph a line and a blank line between; headings are paragraphs; no footnote calls.  Then, after the line
    ``* * *``, the notes, each as ``12. text`` (a star note as ``*. text``), in the order of the text.
    """
    parts, notes = plain_paragraphs(document, Labels.of(document))
    if notes:
        parts += [NOTES_LINE, *notes]
    return "\n\n".join(parts) + "\n" if parts else ""


def clean_md(document: Document, *, page_marks: bool = False) -> str:
    """The clean text in pandoc Markdown.

    One paragraph a line, ``## `` headings, calls ``[^12]`` where they stand in the text, notes ``[^12]: text`` at the
    end; labels are unique.  With ``page_marks`` each page of the body begins with a comment, ``<!-- page 103 -->``,
    that bears the printed number of the page if it was found, else its number in the input; where a page ends within a
    paragraph the comment stands between two words of it.
    """
    body, notes = marked_up_paragraphs(document, Labels.of(document), PageMarks(document) if page_marks else None)
    parts = [*body, *notes]
    out = "\n\n".join(parts) + "\n" if parts else ""
    return "\\" + out if out.startswith("%") else out        # a file that begins with % has a title block


def plain_paragraphs(document: Document, labels: Labels) -> tuple[list[str], list[str]]:
    """The paragraphs of the body and the notes of ``clean.txt``."""
    body = [text for block in document.body() if (text := _plain(block, document.text))]
    notes = [f"{label}. {_plain(block, document.text)}".rstrip()
             for label, block in zip(labels.of_note, document.notes(), strict=True)]
    return body, notes


def marked_up_paragraphs(document: Document, labels: Labels, marks: PageMarks | None) -> tuple[list[str], list[str]]:
    """The paragraphs of the body and the notes of ``clean.md``."""
    calls = iter(labels.of_call)
    body = []
    for block in document.body():
        before = marks.turned(block.start) if marks else ""
        text = _marked_up(block, document.text, calls, marks)
        body += [part for part in (before, text) if part]
    notes = [f"[^{label}]: {_marked_up(block, document.text, calls)}".rstrip()
             for label, block in zip(labels.of_note, document.notes(), strict=True)]
    return body, notes


def publishable(text: str) -> str:
    """Text that may be written: NFC, ``\\n`` line ends, no lone surrogates.

    >>> publishable("Tu\\u0308rk\\r\\n")
    'Türk\\n'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))


_SURROGATE = re.compile("[\ud800-\udfff]")


# Labels -------------------------------------------------------------------------------------------------------------

_NOT_IN_LABELS = re.compile(r"[\s\[\]^\\<>`\ud800-\udfff\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that notes and calls are printed with: unique among the notes, and each call with its note's.

    A label that several notes bear (numbers that start again on each page or chapter) is told apart by a second
    number: ``1``, ``1-2``, ``1-3``.  A note without a label is ``n1``, ``n2`` ...
    """

    of_note: tuple[str, ...]
    """In the order of :meth:`Document.notes`."""
    of_call: tuple[str, ...]
    """In the order in which the calls are printed: those of the body, then those of the notes."""

    @classmethod
    def of(cls, document: Document) -> Labels:
        notes = list(document.notes())
        wanted = [_label(note.label) for note in notes]
        taken = {label for label in wanted if label}
        seen: Counter[str] = Counter()
        names: list[str] = []
        for label in wanted:
            base = label or "n"
            seen[base] += 1
            name = label if label and seen[base] == 1 else f"{base}-{seen[base]}" if label else f"n{seen[base]}"
            while name in taken and not (label and seen[base] == 1):
                seen[base] += 1
                name = f"{base}-{seen[base]}" if label else f"n{seen[base]}"
            taken.add(name)
            names.append(name)
        bearers: defaultdict[str, list[int]] = defaultdict(list)
        for i, label in enumerate(wanted):
            if label:
                bearers[label].append(i)
        calls = [(edit.start, _label(edit.call)) for block in (*document.body(), *notes)
                 for edit in block.edits if edit.call is not None and edit.applied]
        number = Counter(label for _, label in calls)
        nth: Counter[str] = Counter()
        out: list[str] = []
        for start, label in calls:
            mine = bearers.get(label, [])
            if len(mine) < 2:
                out.append(label)
                continue
            if number[label] == len(mine):
                at = nth[label]                        # as many calls as notes: the n-th is the n-th's
            else:
                at = min(bisect_left([notes[i].start for i in mine], start), len(mine) - 1)   # the next note below
            nth[label] += 1
            out.append(names[mine[at]])
        return cls(tuple(names), tuple(out))


def _label(label: str | None) -> str:
    return _NOT_IN_LABELS.sub("", unicodedata.normalize("NFC", label or "")).strip(".")


# Blocks -------------------------------------------------------------------------------------------------------------

def _plain(block: Block, text: str) -> str:
    return publishable(block.current(text)).strip()


class PageMarks:
    """The comments that say where a page begins, in the order of the text.

    Args:
        document: the document.
        first: the number of its first page, if it is a part of a larger one.
        turns: whether that page begins with it.
    """

    def __init__(self, document: Document, first: int = 1, *, turns: bool = True) -> None:
        self._page_at = document.page_at
        self._labels = [page.label or str(page.number + first - 1) for page in document.pages]
        self._done = 0 if turns else 1

    def turned(self, offset: int) -> str:
        """The comments of the pages that begin up to an offset of the input and have none yet."""
        page = self._page_at(offset).number
        fresh = self._labels[self._done:page]
        self._done = max(self._done, page)
        return " ".join(f"<!-- page {_NOT_IN_COMMENTS.sub('', label)} -->" for label in fresh)


_NOT_IN_COMMENTS = re.compile(r"[-<>\ud800-\udfff\x00-\x1f]+")


def _marked_up(block: Block, text: str, calls: Iterator[str], marks: PageMarks | None = None) -> str:
    """A block in Markdown.  The calls are put in after the escaping, which sees the block's text as one."""
    parts: list[str] = []
    names: list[str] = []
    turns: list[str] = []
    for piece in block.pieces(text):
        if marks and (turned := marks.turned(piece.spans[0].start)):
            parts.append(_TURN)
            turns.append(turned)
        parts.append(piece.text.replace(_MARK, "").replace(_TURN, ""))
        if piece.edit is not None and piece.edit.call is not None and piece.edit.applied:
            parts.append(_MARK)
            names.append(f"[^{next(calls)}]")
    runs = re.split(f"([{_MARK}{_TURN}])", "".join(parts))
    whole = "".join(publishable(run) for run in runs).strip()
    if not whole:
        return ""
    if block.kind is Kind.HEADING:
        whole = " ".join(whole.split("\n"))
        out = "#" * min(max(block.level, 1), 6) + " " + escape(whole, heading=True)
    elif block.kind is Kind.LINES:
        out = "\n".join(escape(line.strip()) + "  " for line in whole.split("\n") if line.strip()).rstrip()
    else:
        out = escape(whole)
    called = iter(names)
    out = re.sub(_MARK, lambda _: next(called), out)
    return _between_words(out, iter(turns)) if turns else out


def _between_words(text: str, turns: Iterator[str]) -> str:
    """A text with the comments in place of their marks; one within a word goes behind it."""
    def comment(m: re.Match[str]) -> str:
        before, word, space = m.groups("")
        inside = not before and m.start() > 0 and not text[m.start() - 1].isspace()
        here = " ".join(next(turns) for _ in range(1 + word.count(_TURN)))
        word = word.replace(_TURN, "")
        if inside:
            return f"{word} {here}{space if text[m.end():m.end() + 1] in ('', chr(10)) else ' '}"
        return f"{before}{here} {word}{space}" if word else f"{before}{here}{space or ' '}"

    return _TURNED.sub(comment, text).rstrip(" ")


_TURN = "\ufdd1"
"""Stands for a comment that a page begins, likewise."""
_TURNED = re.compile(rf"((?<![^\S\n])[^\S\n]+)?{_TURN}(\S*)([^\S\n]*)")
_MARK = "\ufdd0"
"""Stands for a call while a block is escaped: a noncharacter of Unicode, which no text holds."""

# Escapes ------------------------------------------------------------------------------------------------------------

# A list item (``1.``, ``a)``, ``ii.``, ``(3)``; not ``p. 5``), or another sign that means something in front of a line.
_START = re.compile(r"""
    (?P<list> (?!p\.\s\d) \(? (?: \d{1,9} | \#(?=\.|\)) | [a-z] | [ivxlcdm]+ | [IVXLCDM]{2,} ) [.)]  (?=\s|$)
            | \(? [A-Z] \) (?=\s|$) | [A-Z]\. (?=\s\s|$) | \(@[\w-]*\) (?=\s|$) )
  | (?P<sign> [-+*:~] (?=\s|$) | \#{1,6} (?=\s|$) | > | \| (?=\s|$) | [|+] (?=.*[|+]\s*$)
            | :{3,} | [=-]{2,}\s*$ | -{2,}(?:\s+-+)*\s*$ | (?P<rule>[*_-])\s*(?:(?P=rule)\s*){2,}$ | `{3,} | ~{3,} )
""", re.VERBOSE)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_NAME = r"[^\W\d_][\w:-]*+"
_BARE = r"""(?: [^\s"'<>][^\s<>]*+ )?+"""
_QUOTED = r"""(?: "[^"]*+ (?:"|\Z) | '[^']*+ (?:'|\Z) )"""
_TAG = re.compile(rf"""
    < (?= / (?: \? | {_NAME} (?:[\s/>]|\Z) ) | !-- | \?[^\W\d_]
        | {_NAME} (?: [\s/]++ {_NAME} (?: \s*+ = \s*+ (?: {_QUOTED} | {_BARE} ) (?!<) )?+ )*+ [\s/]*+
          (?: > | \Z | \s*+ = \s*+ {_BARE} < )
        | [A-Za-z][A-Za-z0-9+.-]*+: [^\s<>]*+ [<>] | [^\s<>@]++ @ [^\s<>]++ > )
""", re.VERBOSE)
"""What pandoc reads as a tag, a comment or an address; it finds the end of a tag paragraphs later.  No part can be
matched in two ways and none but a quoted value goes beyond the next ``<``, so the work is that of the length."""
_CITATION = re.compile(r"(?<![\w])@(?=\w|\{[^\s{}]+\})")
"""Where pandoc sees a citation, ``@key``."""


def escape(text: str, heading: bool = False) -> str:
    r"""Text with a backslash before each character that pandoc would read as markup.

    >>> escape("1. Ordu"), escape("1921. yıl"), escape("a_b * c"), escape("anla~ma, çalı~ma")
    ('1\\. Ordu', '1921\\. yıl', 'a_b * c', 'anla~ma, çalı~ma')
    >>> escape("*Vakit* l\\ntlaşma")
    '\\*Vakit\\* l\\\\ntlaşma'
    """
    if _TURN in text:                                # a comment will stand apart: the signs beside it are neighbours
        bare = text.replace(_TURN, "")
        places, at = _escapes(bare, heading), 0
        out: list[str] = []
        for part in text.split(_TURN):
            out.append(_with_backslashes(part, (place - at for place in places if at <= place < at + len(part))))
            at += len(part)
        return _TURN.join(out)
    return _with_backslashes(text, _escapes(text, heading))


def _with_backslashes(text: str, places: Iterable[int]) -> str:
    out = []
    pos = 0
    for place in sorted(places):
        out += [text[pos:place], "\\"]
        pos = place
    return "".join(out) + text[pos:]


def _escapes(text: str, heading: bool) -> set[int]:
    """The offsets of the characters that pandoc would read as markup."""
    places: set[int] = set()
    at = 0
    for line in text.split("\n"):
        if not heading and (m := _START.match(line)):
            places.add(at + (m.end() - 1 if m.group("list") and not line.startswith("(") else 0))
        if line.startswith(_MARK + ":"):             # a call that begins a paragraph is not the note itself
            places.add(at + len(_MARK))
        at += len(line) + 1
    places.update(m.start() for m in re.finditer(r"\\", text))
    if heading and (m := re.search(r"(?<!#)#+\s*$", text)):
        places.add(m.start())
    if heading and (m := re.search(r"\{[^{}]*\}\s*$", text)):
        places.add(m.start())
    places.update(_paired(text, "*"))
    places.update(_paired(text, "_"))
    for sign in "~^":
        places.update(_within_word(text, sign))
    places.update(_paired_runs(text, "`"))
    places.update(_doubled(text, "~"))
    places.update(_math(text))
    places.update(_brackets(text))
    for pattern in (_ENTITY, _TAG, _CITATION):
        places.update(m.start() for m in pattern.finditer(text))
    return places


def _paired(text: str, sign: str) -> Iterator[int]:
    """Emphasis: signs that can open (something follows them) with later ones that can close (something precedes)."""
    openers, closers = [], []
    for m in re.finditer(re.escape(sign) + "+", text):
        before, after = text[m.start() - 1:m.start()], text[m.end():m.end() + 1]
        inside = sign == "_"                           # a_b is no emphasis
        if after and not after.isspace() and not (inside and before.isalnum()):
            openers.append(m)
        if before and not before.isspace() and not (inside and after.isalnum()):
            closers.append(m)
    if not openers or not closers:
        return
    for m in (*openers, *closers):
        if m.start() < closers[-1].start() or m.start() > openers[0].start():
            yield from range(m.start(), m.end())


def _within_word(text: str, sign: str) -> Iterator[int]:
    """Sub- and superscript: two signs with something between them and no white space."""
    for m in re.finditer(r"\S+", text) if sign in text else ():
        if sign not in m[0]:
            continue
        runs = [(m.start() + r.start(), m.start() + r.end()) for r in re.finditer(re.escape(sign) + "+", m[0])]
        if len(runs) > 1:
            for start, end in runs:
                yield from range(start, end)
        elif sign == "^" and text[runs[0][1]:runs[0][1] + 1] == "[":
            yield runs[0][1] - 1                       # ^[an inline note]


def _doubled(text: str, sign: str) -> Iterator[int]:
    """Strikeout: two pairs of signs anywhere in the paragraph."""
    pairs = [m for m in re.finditer(re.escape(sign) + "{2,}", text)]
    if len(pairs) > 1:
        for m in pairs:
            yield from range(m.start(), m.end())


def _paired_runs(text: str, sign: str) -> Iterator[int]:
    """Code: two runs of the same number of signs."""
    runs = [m for m in re.finditer(re.escape(sign) + "+", text)]
    lengths = Counter(len(m[0]) for m in runs)
    for m in runs:
        if lengths[len(m[0])] > 1:
            yield from range(m.start(), m.end())


def _math(text: str) -> Iterator[int]:
    """Formulas: an opening dollar with no space behind it and a later one with none before it and no digit behind."""
    if re.search(r"\$\S", text) and re.search(r"\S\$(?!\d)", text) and text.count("$") > 1:
        yield from (m.start() for m in re.finditer(r"\$", text))


def _brackets(text: str) -> Iterator[int]:
    """Notes, links and bracketed spans.  A bracket that stays open is worse: pandoc closes it paragraphs later.

    Brackets nest, so where one needs a backslash, all opening ones of the paragraph get it.
    """
    opened: list[int] = []
    markup = "[^" in text
    for m in re.finditer(r"[\[\]]", text):
        if m[0] == "[":
            opened.append(m.start())
        elif opened:
            opened.pop()
            markup = markup or text[m.end():m.end() + 1] in ("(", "{", "[", ":")
    if markup or opened:
        yield from (m.start() for m in re.finditer(r"\[", text))
