"""What a reviewer is asked, in the order of what an answer is expected to gain.

Start reading at :func:`series`.  Each correction of a document is an item with its doubt
(:func:`ocrfix.estimates.doubt`).  Items in which the same letters were read for the same (``Pafa`` for ``Paşa``, with
whatever suffix or comma) are one series, answered as one: its gain is the sum of the doubts.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocrfix.document import Document, Kind, Span
from ocrfix.estimates import doubt
from ocrfix.outputs.corrections import deciding_step, numbered

LEAST_DOUBT = 0.02
"""Less doubtful corrections are not asked about."""
CONTEXT = 160
"""Characters of the clean text that are shown on either side of an item."""
APOSTROPHES = "'’"
NOTE_NUMBER = "note-number"


@dataclass(frozen=True, slots=True)
class Item:
    """A correction that a person may be asked about.

    Attributes:
        document: the name of its folder in the reports.
        id: as in ``corrections.csv``.
        page, line: where it stands in the input, from 1.
        spans: the same in characters of the input.
        raw: what the input has there; halves of a divided word with ``|`` between.
        base: that as it is printed without the correction, lines joined.
        shown: what the clean text has there.
        proposal: what the correction puts there.
        call: the footnote call that it puts there; empty if none.
        note: the number of the note in which it stands; empty in the body.
        note_number: whether it is on the number before a note.
        alternatives: (text, probability), best first.
        doubt: the probability that ``shown`` is wrong.
        before, after: the clean text around it in its paragraph.
    """

    document: str
    id: str
    page: int
    line: int
    spans: tuple[Span, ...]
    raw: str
    base: str
    shown: str
    proposal: str
    applied: bool
    call: str
    note: str
    note_number: bool
    alternatives: tuple[tuple[str, float], ...]
    confidence: float
    doubt: float
    status: str
    stage: str
    rule: str
    reason: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """What the page names it by: the stretch of the input."""
        return f"{self.spans[0].start}-{self.spans[-1].end}"

    @property
    def misreading(self) -> tuple[str, str]:
        """The part of the text that the correction changes, without the suffix and marks that both have."""
        return misreading(self.base, self.proposal)


@dataclass(frozen=True, slots=True)
class Series:
    """Items with the same misreading, in the order of the corpus.  ``raw`` and ``clean`` are what was read for what."""

    raw: str
    clean: str
    items: tuple[Item, ...]

    @property
    def gain(self) -> float:
        """How many errors an answer is expected to remove."""
        return sum(item.doubt for item in self.items)


def items(document: Document, name: str) -> Iterator[Item]:
    """The corrections of a document that are in doubt, in the order of the input."""
    around: dict[int, dict[int, tuple[str, str]]] = {}
    for id_, block, edit in numbered(document):
        uncertain = doubt(document, edit)
        if uncertain < LEAST_DOUBT:
            continue
        if id(block) not in around:
            texts, at = [], 0
            current = block.current(document.text)
            for piece in block.pieces(document.text):
                end = at + len(piece.text)
                if piece.edit is not None:
                    texts.append((id(piece.edit), (current[max(0, at - CONTEXT):at], current[end:end + CONTEXT])))
                at = end
            around[id(block)] = dict(texts)
        page, line = document.position(edit.start)
        step = deciding_step(edit)
        base = document.joined_of(edit)
        before, after = around[id(block)][id(edit)]
        yield Item(name, id_, page, line, edit.spans, document.raw_of(edit), base, edit.clean if edit.applied else base,
                   edit.clean, edit.applied, edit.call or "", block.label or "" if block.kind is Kind.NOTE else "",
                   step.rule == NOTE_NUMBER, edit.alternatives, edit.confidence, uncertain, edit.status.value,
                   step.stage, step.rule, step.reason, before, after)


def series(found: Iterable[Item]) -> list[Series]:
    """The items put together by misreading, the series from which most is expected first.

    What takes a call or a note's number out of the text stands by itself: the same residue is another number elsewhere.
    """
    groups: defaultdict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in found:
        raw, clean = item.misreading
        single = item.call or item.note_number or not raw.strip() or not clean.strip()
        groups[(raw, clean, *((item.document, item.key) if single else ()))].append(item)
    out = [Series(key[0], key[1], tuple(group)) for key, group in groups.items()]
    return sorted(out, key=lambda s: (-round(s.gain, 6), s.items[0].document, s.items[0].spans))


def misreading(base: str, clean: str) -> tuple[str, str]:
    """The stem that was misread and what for, or the whole of both where there is no common end.

    >>> misreading("Pafa'nın,", "Paşa'nın,")
    ('Pafa', 'Paşa')
    >>> misreading('"ilc', '"ile')
    ('ilc', 'ile')
    >>> misreading("görüş me", "görüşme")
    ('görüş me', 'görüşme')
    """
    start = 0
    while start < min(len(base), len(clean)) and base[start] == clean[start] and not base[start].isalnum():
        start += 1
    end = 0
    while (end < min(len(base), len(clean)) - start and base[-1 - end] == clean[-1 - end]
           and not base[-1 - end].isalnum()):
        end += 1
    base, clean = base[start:len(base) - end], clean[start:len(clean) - end]
    for apostrophe in APOSTROPHES:
        stem, found, suffix = base.rpartition(apostrophe)
        right, _, other = clean.rpartition(apostrophe)
        if found and suffix == other and stem and right and stem != right:
            return stem, right
    return base, clean
