"""Where a large text is cut: behind a paragraph, and if the text has pages, between two of them.

Start reading at :func:`divide`.  A part has enough text to tell its own type, noise and setting from.  What the stages
join they must see in one part, so the layout and reflow stages are asked: before each cut they look at the last pages
that the part may have, and it ends with the last page from which no paragraph and no note goes on to the next.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ocrfix.document import PRINTED, Document, Kind, Source
from ocrfix.knowledge import Knowledge
from ocrfix.large.source import LargeText
from ocrfix.settings import Settings
from ocrfix.stages import ingest, layout, reflow

FOLDER = "parts"
"""The folder of the parts in that of the whole."""
FEWEST_PARTS = 4
"""A text that is just large enough to be divided makes about so many parts ..."""
LEAST = 2000
"""... of no fewer characters than this."""
LAST = 1.5
"""The last part may be so many times as large as the others, and is at least half as large."""
REACH = 60_000
"""Characters in which the place of a cut is looked for, some thirty pages; of a small part half of it."""
SEEN = 0.8
"""In so much of that, for what follows a cut must be seen too."""
_NOWHERE = Source("", "utf-8", "strict", "", "", 0, "")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a large text, and where it begins.

    Attributes:
        number: from 1.
        start, end: its bytes in the file, with the byte order mark and the bytes at the end that are no character.
        offset: characters of the decoded text before it.
        page: the page of the whole on which it begins, from 1.
        line: the line of that page, from 1.
        turns: whether that page begins with it.
    """

    number: int
    start: int
    end: int
    offset: int = 0
    page: int = 1
    line: int = 1
    turns: bool = True

    @property
    def folder(self) -> str:
        """Where its outputs lie, in the folder of the whole."""
        return f"{FOLDER}/{self.number:04}"

    def name(self, whole: str) -> str:
        """What it is called, the whole being called so."""
        return f"{whole}#{self.number:04}"


def divide(source: LargeText, above: int, knowledge: Knowledge) -> Iterator[tuple[Part, str]]:
    """The parts of a text in order, each with its text.

    ``above``: what is larger than so many bytes is divided (:attr:`~ocrfix.settings.Settings.divide_above`).
    """
    size = max(above // FEWEST_PARTS, LEAST)
    at = Part(1, 0, 0)
    rest = ""
    for stretch in source.texts():
        rest += stretch
        while len(rest) > LAST * size:
            cut, turns = find_cut(source, rest[:size], knowledge)
            text, rest = rest[:cut], rest[cut:]
            part, at = _taken(source, at, text, turns or rest.startswith("\f"))
            yield part, text
    part, _ = _taken(source, at, rest, turns=False)
    yield replace(part, end=source.size), rest


def _taken(source: LargeText, at: Part, text: str, turns: bool) -> tuple[Part, Part]:
    """The part with this text that begins ``at`` a place, and the place behind it."""
    how = source.encoding
    size = len(text.encode(how.encoding, how.errors)) + (len(how.bom) if at.number == 1 else 0)
    starts = source.page_starts(text)
    pages = text.count("\f", 1) if source.form_feeds else len(starts) - 1       # a blank page at the end counts too
    lines = text.count("\n", max(starts[-1], text.rfind("\f")))
    end = at.start + size
    behind = Part(at.number + 1, end, end, at.offset + len(text), at.page + pages + turns,
                  1 if turns else lines + (1 if pages else at.line), turns)
    return replace(at, end=end), behind


def find_cut(source: LargeText, text: str, knowledge: Knowledge) -> tuple[int, bool]:
    """Where a text is best cut, as far behind as possible, and whether a page begins there."""
    reach = len(text) - min(REACH, len(text) // 2)
    start = max(text.find("\f", reach), reach) if source.form_feeds else text.find("\n", reach) + 1 or reach
    stretch = text[start:]
    known = int(SEEN * len(stretch))
    document = ingest.of_text(_NOWHERE, stretch, source.page_starts(stretch))
    for stage in (layout.classify, reflow.join):
        document = stage(document, Settings(), knowledge)
    pages = [page.span.start for page in document.pages[1:] if page.span.start < known]
    if pages:
        return start + next((page for page in reversed(pages) if not _goes_on(document, page)), pages[-1]), True
    starts = [found for found in _paragraphs(document) if 0 < found < known]
    if starts:
        return start + starts[-1], False
    return text.rfind("\n", start) + 1 or text.rfind(" ", start) + 1 or len(text), False


def _goes_on(document: Document, place: int) -> bool:
    """Whether a paragraph or a note goes on over a place."""
    return any(block.spans[0].start < place < block.spans[-1].end for block in document.printed())


def _paragraphs(document: Document) -> Iterator[int]:
    """The offsets of the lines with which paragraphs and headings begin, but for those right below a heading."""
    above: Kind | None = None
    for block in document.blocks:
        if block.kind not in PRINTED:
            continue
        if block.kind is not Kind.NOTE and above not in (None, Kind.HEADING):
            line = document.text.rfind("\n", 0, block.start) + 1
            yield block.start if document.text[line:block.start].strip() else line
        above = block.kind
