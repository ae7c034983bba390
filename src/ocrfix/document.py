"""The document model: what was read, where each part of it belongs, and what was changed.

Start reading at :class:`Document`.  A document is a tuple of blocks in reading order.  Each block is made of spans of
the decoded input, and the spans of all blocks together cover the input without gap or overlap: running heads, blank
lines and specks are blocks too, of a kind that is not printed.  What was changed stands in the edits of a block.  The
clean text is a pure function of the document (:meth:`Block.render`), and so is the input (:meth:`Document.restore`).

All offsets are in characters (Unicode code points) of the decoded input.
"""
from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from ocrfix.errors import DocumentError


class Kind(StrEnum):
    """What a block is in print."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    NOTE = "note"
    CAPTION = "caption"
    LINES = "lines"
    """Verse or a table: the line structure is kept."""
    RUNNING_HEAD = "running head"
    PAGE_NUMBER = "page number"
    SPECK = "speck"
    BLANK = "blank"
    """White space between blocks."""


PRINTED = frozenset({Kind.PARAGRAPH, Kind.HEADING, Kind.NOTE, Kind.CAPTION, Kind.LINES})
"""Kinds that the clean text contains."""
FLOWING = PRINTED - {Kind.NOTE}
"""Kinds that make up the body."""


class Status(StrEnum):
    """Who stands behind an edit."""

    AUTO = "auto"
    REVIEW = "review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EDITED = "edited"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open stretch ``start:end`` of the decoded input."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One stage's part in an edit."""

    stage: str
    rule: str
    reason: str
    before: str
    after: str
    confidence: float

    @property
    def is_join(self) -> bool:
        """True for the joining of two lines, which is layout and no correction."""
        return self.rule in JOIN_RULES


@dataclass(frozen=True, slots=True)
class Edit:
    """One composed change of one place.

    ``spans`` is one span, or two where a foot of notes lies between the halves of a word.  ``clean`` is what stands
    there in the clean text if the edit is applied; ``call`` is the label of a footnote call printed right after it.
    """

    spans: tuple[Span, ...]
    clean: str
    steps: tuple[Step, ...]
    confidence: float
    status: Status = Status.AUTO
    applied: bool = True
    call: str | None = None
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0].start

    @property
    def is_join(self) -> bool:
        """True for the joining of two lines, which is layout and no correction."""
        return all(step.is_join for step in self.steps)


JOIN_RULES = frozenset({"line-join", "page-join", "line-hyphen"})


@dataclass(frozen=True, slots=True)
class Call:
    """A footnote call in a rendered block."""

    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a block's current text: one unedited span, or one edit."""

    text: str
    spans: tuple[Span, ...]
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a note, a running head ...: spans of the input in reading order, with the edits on them.

    ``edits`` are in the order of the text and never overlap.  ``label`` is a note's number or ``*``; ``type`` the
    kind of type that the block is set in (``roman``, ``italic``, ``small`` ...), which chooses its confusion model;
    ``stage`` and ``rule`` say who gave the block its kind, and ``confidence`` how sure that is.
    """

    kind: Kind
    spans: tuple[Span, ...]
    stage: str
    rule: str
    confidence: float = 1.0
    label: str | None = None
    type: str | None = None
    language: str | None = None
    level: int = 2
    edits: tuple[Edit, ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0].start

    def pieces(self, text: str) -> list[Piece]:
        """The block's current text cut into unedited spans and edits, in order.  Unapplied edits show the raw text."""
        out: list[Piece] = []
        edits = iter(self.edits)
        edit = next(edits, None)
        rest = 0                                    # spans of the current edit still to be passed
        for span in self.spans:
            pos = span.start
            while edit is not None:
                part = edit.spans[rest]
                if not (span.start <= part.start and part.end <= span.end):
                    break
                if part.start > pos:
                    out.append(Piece(text[pos:part.start], (Span(pos, part.start),)))
                if rest == 0:
                    raw = "".join(text[s.start:s.end] for s in edit.spans)
                    out.append(Piece(edit.clean if edit.applied else raw, edit.spans, edit))
                pos = part.end
                rest += 1
                if rest == len(edit.spans):
                    edit, rest = next(edits, None), 0
                else:
                    break                           # the second half lies in a later span
            if pos < span.end:
                out.append(Piece(text[pos:span.end], (Span(pos, span.end),)))
        if edit is not None:
            raise DocumentError(f"edit at {edit.start} lies outside of its block at {self.start}")
        return out

    def render(self, text: str) -> list[str | Call]:
        """The block's clean text, with its footnote calls where they stand."""
        out: list[str | Call] = []
        for piece in self.pieces(text):
            out.append(piece.text)
            if piece.edit is not None and piece.edit.call is not None and piece.edit.applied:
                out.append(Call(piece.edit.call))
        return out

    def current(self, text: str) -> str:
        """The clean text without calls."""
        return "".join(piece.text for piece in self.pieces(text))


@dataclass(frozen=True, slots=True)
class Change:
    """A stage's wish: replace ``start:end`` of a block's current text (:meth:`Block.current`) by ``after``."""

    start: int
    end: int
    after: str
    rule: str
    reason: str
    confidence: float = 1.0
    status: Status = Status.AUTO
    applied: bool = True
    call: str | None = None
    alternatives: tuple[tuple[str, float], ...] = ()


def apply_changes(block: Block, text: str, changes: Sequence[Change], stage: str) -> Block:
    """The block with a stage's changes composed into its edits.

    A change that touches an earlier edit is merged with it: one edit a place, with the steps of both.  A change that
    is not applied but touches an earlier edit becomes an alternative of that edit, to be reviewed.  Changes are given
    in current-text offsets and must not overlap.

    Raises:
        DocumentError: two changes overlap.
    """
    if not changes:
        return block
    pieces = block.pieces(text)
    starts: list[int] = []
    pos = 0
    for piece in pieces:
        starts.append(pos)
        pos += len(piece.text)
    groups: list[tuple[int, int, list[Change]]] = []     # first and last piece touched by an edited group
    ordered = sorted(changes, key=lambda c: (c.start, c.end))
    for a, b in zip(ordered, ordered[1:]):
        if b.start < a.end:
            raise DocumentError(f"changes overlap: {a} and {b}")
    out: list[Edit] = []
    k = 0
    i = 0                                                # next piece not yet copied
    while k < len(ordered):
        change = ordered[k]
        first = _piece_at(starts, pieces, change.start, change.end)
        last = _last_piece(starts, pieces, first, change.end)
        members = [change]
        k += 1
        while k < len(ordered) and _needs_merge(starts, pieces, last, ordered[k]):
            members.append(ordered[k])
            last = max(last, _last_piece(starts, pieces, last, ordered[k].end))
            k += 1
        while i < first:
            if (done := pieces[i].edit) is not None:
                out.append(done)
            i += 1
        out.extend(_compose(pieces[first:last + 1], starts[first], members, stage))
        i = last + 1
    while i < len(pieces):
        if (done := pieces[i].edit) is not None:
            out.append(done)
        i += 1
    return replace(block, edits=tuple(out))


def _piece_at(starts: list[int], pieces: list[Piece], start: int, end: int) -> int:
    """The piece that holds the first character of ``start:end``; for an empty stretch the piece before, if unedited."""
    at = bisect.bisect_right(starts, start) - 1
    while at > 0 and starts[at] == start and end == start and pieces[at].edit is not None and pieces[at - 1].edit is None:
        at -= 1
    while at + 1 < len(pieces) and end > start and starts[at] + len(pieces[at].text) <= start:
        at += 1
    return max(at, 0)


def _last_piece(starts: list[int], pieces: list[Piece], first: int, end: int) -> int:
    last = first
    while last + 1 < len(pieces) and starts[last + 1] < end:
        last += 1
    return last


def _needs_merge(starts: list[int], pieces: list[Piece], last: int, change: Change) -> bool:
    """Whether a change starts in the edited piece that the group before it ends with."""
    return pieces[last].edit is not None and change.start < starts[last] + len(pieces[last].text)


def _compose(pieces: list[Piece], origin: int, changes: list[Change], stage: str) -> Iterator[Edit]:
    """Compose changes on a run of pieces; unedited ends of the run stay outside of the new edit."""
    edits = [piece.edit for piece in pieces if piece.edit is not None]
    if not edits:
        for change in changes:
            yield _fresh(pieces, origin, change, stage)
        return
    text = "".join(piece.text for piece in pieces)
    lo, hi = 0, len(text)
    head, tail = pieces[0], pieces[-1]
    first_cut = min(c.start for c in changes) - origin if head.edit is None else 0
    last_cut = max(c.end for c in changes) - origin if tail.edit is None else hi
    steps = [step for edit in edits for step in edit.steps]
    applied = [c for c in changes if c.applied]
    alternatives = [alternative for edit in edits for alternative in edit.alternatives]
    status = Status.REVIEW if any(x.status is Status.REVIEW for x in (*edits, *changes)) else edits[0].status
    lo, hi = first_cut, last_cut
    if applied:
        clean, pos = [], lo
        for change in changes:
            if not change.applied:
                continue
            clean.append(text[pos:change.start - origin])
            clean.append(change.after)
            steps.append(Step(stage, change.rule, change.reason, text[change.start - origin:change.end - origin],
                              change.after, change.confidence))
            pos = change.end - origin
        clean.append(text[pos:hi])
        result = "".join(clean)
        alternatives = [a for change in applied for a in change.alternatives] or alternatives
    else:
        result = text[lo:hi]
        for change in changes:
            whole = text[lo:change.start - origin] + change.after + text[change.end - origin:hi]
            alternatives.append((whole, change.confidence))
        if len(edits) == 1 and all(edit.is_join for edit in edits):
            status = Status.AUTO                      # a join is not reviewed
    spans: list[Span] = []
    offset = 0
    for piece in pieces:
        for span in piece.spans:
            s, e = span.start, span.end
            if piece.edit is None:
                s, e = s + max(0, lo - offset), s + min(len(piece.text), hi - offset)
            if spans and spans[-1].end == s:
                spans[-1] = Span(spans[-1].start, e)
            elif s < e or not spans:
                spans.append(Span(s, e))
        offset += len(piece.text)
    call = next((x.call for x in (*changes, *edits) if x.call is not None), None)
    yield Edit(tuple(spans), result, tuple(steps), min(x.confidence for x in (*edits, *applied)), status,
               all(edit.applied for edit in edits) or bool(applied), call, tuple(alternatives))


def _fresh(pieces: list[Piece], origin: int, change: Change, stage: str) -> Edit:
    """An edit on unedited text."""
    spans: list[Span] = []
    before = []
    offset = origin
    for piece in pieces:
        s = max(change.start, offset)
        e = min(change.end, offset + len(piece.text))
        if s < e or (change.start == change.end and not spans and s <= offset + len(piece.text)):
            base = piece.spans[0].start - offset
            before.append(piece.text[s - offset:e - offset])
            if spans and spans[-1].end == base + s:
                spans[-1] = Span(spans[-1].start, base + e)
            else:
                spans.append(Span(base + s, base + e))
        offset += len(piece.text)
    step = Step(stage, change.rule, change.reason, "".join(before), change.after, change.confidence)
    return Edit(tuple(spans), change.after, (step,), change.confidence, change.status, change.applied, change.call,
                change.alternatives)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the text came from and how its bytes were read.

    ``bom`` and ``tail`` are hexadecimal: the byte order mark, and bytes at the end that are no whole character of the
    encoding.  ``sha256`` is of all input bytes.
    """

    name: str
    encoding: str
    errors: str
    bom: str
    tail: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the input: its number from 1, its stretch of the input, and the page number printed on it."""

    number: int
    span: Span
    label: str | None = None


@dataclass(frozen=True)
class Document:
    """One input file with everything that is known of it.

    ``text`` is the decoded input.  ``messages`` are remarks for the user (two columns found, budget used up ...).
    """

    source: Source
    text: str
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    messages: tuple[str, ...] = ()
    statistics: tuple[tuple[str, float], ...] = field(default=())

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line of the input; a form feed and a page's start begin a line too."""
        starts = {0} | {page.span.start for page in self.pages}
        starts.update(i + 1 for i, c in enumerate(self.text) if c == "\n")
        return sorted(starts)

    def page_at(self, offset: int) -> Page:
        at = bisect.bisect_right([page.span.start for page in self.pages], offset) - 1
        return self.pages[max(at, 0)]

    def position(self, offset: int) -> tuple[int, int]:
        """(page, line on the page) of an offset, both counted from 1."""
        at = bisect.bisect_right(self._page_starts, offset) - 1
        page = self.pages[max(at, 0)]
        first = bisect.bisect_right(self.line_starts, page.span.start)
        return page.number, bisect.bisect_right(self.line_starts, offset) - first + 1

    @cached_property
    def _page_starts(self) -> list[int]:
        return [page.span.start for page in self.pages]

    def raw_of(self, edit: Edit) -> str:
        """What stands in the input where the edit is, the halves of a divided word joined by ``|``."""
        return "|".join(self.text[s.start:s.end] for s in edit.spans)

    def check(self) -> None:
        """Raise :class:`DocumentError` unless the spans cover the input exactly once and no edits overlap."""
        pos = 0
        for span in sorted(span for block in self.blocks for span in block.spans):
            if span.start != pos or span.end < span.start:
                raise DocumentError(f"spans do not cover the input: {span.start} follows {pos}")
            pos = span.end
        if pos != len(self.text):
            raise DocumentError(f"spans cover {pos} of {len(self.text)} characters")
        for block in self.blocks:
            block.pieces(self.text)

    def restore(self) -> bytes:
        """The input, rebuilt from the spans of the blocks.

        Raises:
            DocumentError: the spans do not give the input whose checksum the document bears.
        """
        self.check()
        spans = sorted(span for block in self.blocks for span in block.spans)
        text = "".join(self.text[span.start:span.end] for span in spans)
        try:
            body = text.encode(self.source.encoding, self.source.errors)
        except (UnicodeEncodeError, LookupError) as error:
            raise DocumentError(f"the text cannot be written in {self.source.encoding}: {error}") from error
        data = bytes.fromhex(self.source.bom) + body + bytes.fromhex(self.source.tail)
        if hashlib.sha256(data).hexdigest() != self.source.sha256:
            raise DocumentError("the restored bytes differ from the input (checksum)")
        return data

    def with_blocks(self, blocks: Iterable[Block]) -> Document:
        return replace(self, blocks=tuple(blocks))

    def printed(self) -> Iterator[Block]:
        """The blocks that the clean text contains, body and notes, in reading order."""
        return (block for block in self.blocks if block.kind in PRINTED)

    def body(self) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind in FLOWING)

    def notes(self) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind is Kind.NOTE)
