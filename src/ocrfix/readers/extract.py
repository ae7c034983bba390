"""What a reader takes from an input that is no plain text: its text, and where each part of it stands on the page.

Start reading at :class:`Extract`.  A reader puts one together with a :class:`Builder`, page by page and line by line.
Pages are separated by form feeds, lines by newlines, blocks of a page by a blank line; a hyphen at the end of a line
stays as it is printed.  Boxes are in the units of the input (pixels, points), from the top left corner.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocrfix.document import Span
from ocrfix.errors import InputError

LARGEST_TEXT = 64 * 2**20
"""Characters: no input may give more text than this (some 30,000 pages)."""
MOST_PAGES = 20_000
APART = 1.6
"""Lines of a page without blocks stand apart if the distance of their feet is so much larger than usual."""
FEWEST_LINES = 10
"""Fewer lines on a page say nothing about the usual distance."""
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in the units of the input, from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def union(boxes: Sequence[Box | None]) -> Box | None:
    """The smallest box round some boxes; None if none of them is known."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return Box(min(b.left for b in known), min(b.top for b in known), max(b.right for b in known),
               max(b.bottom for b in known))


def divide(box: Box, words: Sequence[str]) -> list[Box]:
    """A box cut from left to right in proportion to the letters of the words in it.

    >>> [b.right for b in divide(Box(0, 0, 100, 10), ["ordu", "evi", "x"])]
    [40.0, 80.0, 100.0]
    """
    total = sum(map(len, words)) + len(words) - 1
    out = []
    at = 0
    for word in words:
        left, right = (box.left + box.width * part / max(total, 1) for part in (at, at + len(word)))
        out.append(Box(left, box.top, right, box.bottom))
        at += len(word) + 1
    return out


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the input, or a whole line where the input has no words.

    ``confidence``: how sure the OCR was of it, 0..1; None if the input does not say.
    """

    span: Span
    box: Box | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the input: the tokens ``first`` up to ``last`` (exclusive), and the size of its type if it is known."""

    span: Span
    first: int
    last: int
    box: Box | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """The text taken from an input and its geometry.

    ``headings`` are the offsets of lines that the input itself marks as a heading, with their level; ``calls`` those of
    footnote calls that it marks, with the label, which stands there in the text.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    rows: tuple[Row, ...] = ()
    headings: tuple[tuple[int, int], ...] = ()
    calls: tuple[tuple[int, str], ...] = ()

    @property
    def page_starts(self) -> list[int]:
        """Where the pages begin; a form feed belongs to the page that it begins."""
        return [0, *(i for i, c in enumerate(self.text) if c == "\f")]


@dataclass(slots=True)
class _Line:
    """A line that is being put together."""

    page: int
    block: int
    words: list[tuple[str, bool, Box | None, float | None]]
    box: Box | None
    size: float | None


class Builder:
    """Puts an :class:`Extract` together."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._page = -1
        self._block = 0
        self._size = 0

    def page(self) -> None:
        """Begin a page.

        Raises:
            InputError: there are too many pages.
        """
        self._page += 1
        self._block += 1
        if self._page >= MOST_PAGES:
            raise InputError(f"has more than {MOST_PAGES:,} pages: divide it")

    def block(self) -> None:
        """A blank line stands before the next line."""
        self._block += 1

    def line(self, box: Box | None = None, size: float | None = None) -> None:
        """Begin a line."""
        if self._page < 0:
            self.page()
        self._lines.append(_Line(self._page, self._block, [], box, size))

    def token(self, text: str, box: Box | None = None, confidence: float | None = None, *, glued: bool = False) -> bool:
        """Add a word to the line; ``glued`` to the word before it.  White space within it becomes one space.

        Returns:
            Whether there was anything to add: a word of nothing but white space is none.

        Raises:
            InputError: the text becomes too long.
        """
        text = " ".join(_NO_TEXT.sub(" ", text).split())
        if not text:
            return False
        self._size += len(text) + 1
        if self._size > LARGEST_TEXT:
            raise InputError(f"holds more than {LARGEST_TEXT // 2**20} million characters of text: divide it")
        self._lines[-1].words.append((text, glued, box, confidence))
        return True

    def extract(self) -> Extract:
        """What was put together."""
        lines = [line for line in self._lines if line.words]
        apart = _standing_apart(lines)
        parts: list[str] = []
        tokens: list[Token] = []
        rows: list[Row] = []
        at = page = 0
        before: _Line | None = None
        for k, line in enumerate(lines):
            gap = "" if before is None else "\n"
            gap += "\f" * (line.page - page)
            if before is not None and line.page == page and (line.block != before.block or k in apart):
                gap += "\n"
            parts.append(gap)
            at += len(gap)
            first, start = len(tokens), at
            for text, glued, box, confidence in line.words:
                if len(tokens) > first and not glued:
                    parts.append(" ")
                    at += 1
                tokens.append(Token(Span(at, at + len(text)), box, confidence))
                parts.append(text)
                at += len(text)
            box = line.box or union([token.box for token in tokens[first:]])
            rows.append(Row(Span(start, at), first, len(tokens), box, line.size))
            before, page = line, line.page
        parts.append(("\n" if lines else "") + "\f" * (self._page - page))
        return Extract("".join(parts), tuple(tokens), tuple(rows))


def _standing_apart(lines: Sequence[_Line]) -> set[int]:
    """Lines with a wide gap above them on pages whose lines are all in one block, which says nothing of paragraphs."""
    pages: dict[int, list[int]] = {}
    for k, line in enumerate(lines):
        pages.setdefault(line.page, []).append(k)
    out: set[int] = set()
    for page in pages.values():
        if len(page) < FEWEST_LINES or len({lines[k].block for k in page}) > 1:
            continue
        feet = [(k, box.bottom) for k in page
                if (box := lines[k].box or union([word[2] for word in lines[k].words])) is not None]
        steps = [(k, below - above) for (_, above), (k, below) in pairwise(feet)]
        if not steps:
            continue
        usual = median(step for _, step in steps)
        out.update(k for k, step in steps if usual > 0 and step > APART * usual)
    return out
