"""The document model: what was read, where each part of it belongs, and what was changed.

Start reading at :class:`Document`.  A document is a tuple of blocks in reading order.  Each block is made of spans of
the decoded input, and the spans of all blocks together cover the input without gap or overlap: running heads, blank
lines and specks are blocks too, of a kind that is not printed.  What was changed stands in the edits of a block.  The
clean text is a pure function of the document (:meth:`Block.render`), and so is the input (:meth:`Document.restore`).

All offsets are in characters (Unicode code points) of the decoded input, or of the text taken from it where it is no
plain text (:class:`Original`).
"""
from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

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
DECIDED = frozenset({Status.ACCEPTED, Status.REJECTED, Status.EDITED})
"""What a person said; no stage changes it any more."""


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
        """The block's current text cut into unedited spans and edits, in order.  Unapplied edits show the raw text.

        Raises:
            DocumentError: an edit lies outside of the block, or two edits overlap.
        """
        out: list[Piece] = []
        parts = [(part, edit if k == 0 else None) for edit in self.edits for k, part in enumerate(edit.spans)]
        at = 0                                      # next part of an edit
        for run in _runs(self.spans):
            pos = run.start
            while at < len(parts) and pos <= parts[at][0].start <= parts[at][0].end <= run.end:
                part, edit = parts[at]
                if part.start > pos:
                    out.append(Piece(text[pos:part.start], (Span(pos, part.start),)))
                if edit is not None:
                    raw = "".join(text[s.start:s.end] for s in edit.spans)
                    out.append(Piece(edit.clean if edit.applied else raw, edit.spans, edit))
                pos = part.end
                at += 1
            if pos < run.end:
                out.append(Piece(text[pos:run.end], (Span(pos, run.end),)))
        if at < len(parts):
            raise DocumentError(f"the edit at {parts[at][0].start} overlaps another or lies outside of its block at "
                                f"{self.start}")
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
    is not applied but touches an edit that is becomes an alternative of that edit.  A change that alters nothing is
    left out, and so are one that reaches across a footnote call, because what a call stands in is no word, and one that
    touches what a person decided.

    Args:
        block: the block.
        text: the decoded input.
        changes: in offsets of the block's current text; they must not overlap.
        stage: the name of the stage.

    Raises:
        DocumentError: two changes overlap, or one lies outside of the block.
    """
    if not changes:
        return block
    composer = _Composer(block, text, stage)
    return replace(block, edits=tuple(composer.compose(composer.groups(changes))))


@dataclass(slots=True)
class _Group:
    """Changes that touch the same edits, and the indices of the pieces that these are."""

    changes: list[Change]
    touched: list[int]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A text that was proposed for a stretch of the current text, and not put there.  An alternative has no steps."""

    start: int
    end: int
    after: str
    confidence: float
    steps: tuple[Step, ...] = ()
    call: str | None = None


class _Composer:
    """The work of :func:`apply_changes`: group changes by the edits that they touch, then make one edit of each."""

    def __init__(self, block: Block, text: str, stage: str) -> None:
        self.block = block
        self.stage = stage
        self.pieces = block.pieces(text)
        self.starts: list[int] = []
        pos = 0
        for piece in self.pieces:
            self.starts.append(pos)
            pos += len(piece.text)
        self.current = "".join(piece.text for piece in self.pieces)

    def end(self, i: int) -> int:
        return self.starts[i] + len(self.pieces[i].text)

    def groups(self, changes: Sequence[Change]) -> list[_Group]:
        ordered = sorted(changes, key=lambda c: (c.start, c.end))
        for change in ordered:
            if not 0 <= change.start <= change.end <= len(self.current):
                raise DocumentError(f"a change lies outside of its block at {self.block.start}: {change}")
        for a, b in pairwise(ordered):
            if b.start < a.end:
                raise DocumentError(f"changes overlap: {a} and {b}")
        out: list[_Group] = []
        for change in ordered:
            if change.call is None and change.after == self.current[change.start:change.end]:
                continue
            touched = self._touched(change)
            edits = [edit for i in touched if (edit := self.pieces[i].edit) is not None]
            if any(edit.status in DECIDED or (edit.call is not None and edit.applied and self.end(i) < change.end)
                   for i, edit in zip(touched, edits, strict=True)):
                continue
            group = out[-1] if out and touched and out[-1].touched and touched[0] <= out[-1].touched[-1] else None
            earlier: list[Edit | Change] = [*edits, *(group.changes if group is not None else [])]
            if change.call is not None and any(x.call is not None and x.applied for x in earlier):
                continue                             # one place bears one call
            if group is None:
                out.append(_Group([change], touched))
            else:
                group.changes.append(change)
                group.touched += [i for i in touched if i > group.touched[-1]]
        return out

    def _touched(self, change: Change) -> list[int]:
        """Indices of the edits that share a character with a change, or lie within it, or have it within them."""
        i = max(bisect.bisect_right(self.starts, change.start) - 1, 0)
        while i > 0 and self.starts[i - 1] == change.start:
            i -= 1                                   # edits that left nothing stand at the same offset
        out = []
        while i < len(self.pieces) and self.starts[i] < max(change.end, change.start + 1):
            a, b = self.starts[i], self.end(i)
            inside = change.start < a and b < change.end if a == b else change.start < b and a < change.end
            if change.start == change.end:
                inside = a < change.start < b
            if inside and self.pieces[i].edit is not None:
                out.append(i)
            i += 1
        return out

    def compose(self, groups: list[_Group]) -> Iterator[Edit]:
        """The edits of the block in order: those that nothing touched, and one for each group."""
        i = 0                                        # next piece whose edit was not yet passed on
        for group in groups:
            lo = min(c.start for c in group.changes)
            hi = max(c.end for c in group.changes)
            if group.touched:
                lo = min(lo, self.starts[group.touched[0]])
                hi = max(hi, self.end(group.touched[-1]))
                first = group.touched[0]
            elif lo == hi:
                first = bisect.bisect_left(self.starts, lo)
            else:
                first = bisect.bisect_right(self.starts, lo) - 1
            while i < first:
                if (edit := self.pieces[i].edit) is not None:
                    yield edit
                i += 1
            if group.touched:
                yield self._merged(group, lo, hi)
                i = group.touched[-1] + 1
            else:
                change = group.changes[0]
                yield Edit(self._spans(lo, hi, group.touched), change.after, (self._step(change),), change.confidence,
                           change.status, change.applied, change.call, change.alternatives)
        for piece in self.pieces[i:]:
            if piece.edit is not None:
                yield piece.edit

    def _step(self, change: Change) -> Step:
        return Step(self.stage, change.rule, change.reason, self.current[change.start:change.end], change.after,
                    change.confidence)

    def _spans(self, lo: int, hi: int, touched: Sequence[int]) -> tuple[Span, ...]:
        """The spans of the input under ``lo:hi`` of the current text."""
        if lo == hi and not touched:
            before = bisect.bisect_left(self.starts, lo) - 1
            if before < 0:
                at = self.pieces[0].spans[0].start if self.pieces else self.block.start
            elif self.pieces[before].edit is None:
                at = self.pieces[before].spans[0].start + lo - self.starts[before]
            else:
                at = self.pieces[before].spans[-1].end
            return (Span(at, at),)
        out: list[Span] = []
        inside = frozenset(touched)
        i = max(bisect.bisect_right(self.starts, lo) - 1, 0)
        i = min([i, *touched])
        while i < len(self.pieces) and (self.starts[i] < hi or i in inside):
            piece = self.pieces[i]
            spans: tuple[Span, ...] = ()
            if piece.edit is None:
                base = piece.spans[0].start - self.starts[i]
                start, end = max(lo, self.starts[i]), min(hi, self.end(i))
                spans = (Span(base + start, base + end),) if start < end else ()
            elif i in inside:
                spans = piece.spans
            for span in spans:
                if out and out[-1].end == span.start:
                    out[-1] = Span(out[-1].start, span.end)
                else:
                    out.append(span)
            i += 1
        return tuple(out)

    def _merged(self, group: _Group, lo: int, hi: int) -> Edit:
        """One edit of the edits that a group touches and the changes that touch them."""
        edits = [(i, edit) for i in group.touched if (edit := self.pieces[i].edit) is not None]
        old = [edit for _, edit in edits if edit.applied]
        new = [change for change in group.changes if change.applied]
        proposed: list[_Proposal] = []
        for i, edit in edits:
            a, b = self.starts[i], self.end(i)
            if not edit.applied:
                proposed.append(_Proposal(a, b, edit.clean, edit.confidence, edit.steps, edit.call))
            proposed += [_Proposal(a, b, after, p) for after, p in edit.alternatives]
        for change in group.changes:
            a, b = change.start, change.end
            if not change.applied:
                proposed.append(_Proposal(a, b, change.after, change.confidence, (self._step(change),), change.call))
            proposed += [_Proposal(a, b, after, p) for after, p in change.alternatives]
        parts: list[Edit | Change] = [*(edit for _, edit in edits), *group.changes]
        made: list[Edit | Change] = [*old, *new]
        statuses = {part.status for part in parts}
        status = Status.REVIEW if Status.REVIEW in statuses else next(
            (part.status for part in parts if part.status is not Status.AUTO), Status.AUTO)
        if old and not new and all(edit.is_join for edit in old):
            status = Status.AUTO                     # a join is not reviewed
        call = next((x.call for x in made if x.call is not None), None)
        clean = self._variant(lo, hi, new)
        steps = (*(step for edit in old for step in edit.steps), *(self._step(change) for change in new))
        confidence = min((x.confidence for x in made), default=0.0)
        if not made:                         # nothing is applied: the best proposal is the edit
            best = max((p for p in proposed if p.steps), key=lambda p: p.confidence)
            proposed.remove(best)
            clean, steps, confidence, call = self._variant(lo, hi, [], best), best.steps, best.confidence, best.call
        alternatives: dict[str, float] = {}
        for proposal in proposed:
            apart = [c for c in new if c.end <= proposal.start or c.start >= proposal.end]
            whole = self._variant(lo, hi, apart, proposal)
            if whole != clean:
                alternatives[whole] = max(proposal.confidence, alternatives.get(whole, 0.0))
        best_first = sorted(alternatives.items(), key=lambda pair: -pair[1])
        return Edit(self._spans(lo, hi, group.touched), clean, steps, confidence, status, bool(made), call,
                    tuple(best_first))

    def _variant(self, lo: int, hi: int, changes: Sequence[Change], proposal: _Proposal | None = None) -> str:
        """``lo:hi`` of the current text with changes made, and with one proposal that lies apart from them."""
        out = []
        pos = lo
        places: list[Change | _Proposal] = [*changes, *([proposal] if proposal else [])]
        for place in sorted(places, key=lambda x: (x.start, x.end)):
            out += [self.current[pos:place.start], place.after]
            pos = place.end
        return "".join(out) + self.current[pos:hi]


def settle(block: Block, text: str, edit: Edit) -> Block:
    """The block with an edit that a person decided, in the place of all that share a character with it.

    An edit of the stages that reaches beyond it is taken in with what it has there.

    Args:
        block: the block, in whose spans the edit lies.
        text: the decoded input.
        edit: its last step is the decision; the steps of the edits that it replaces go before.

    Raises:
        DocumentError: the edit lies outside of the block.
    """
    reading = _Reading(block)
    low, high = reading.bounds(edit.spans)
    kept: list[Edit] = []
    before = behind = ""
    steps: list[Step] = []
    bounds = low, high
    for other in block.edits:
        a, b = reading.bounds(other.spans)
        if not ((a < high and low < b) or (a, b) == (low, high)):     # one of no width may lie within the other
            kept.append(other)
            continue
        if a < low:
            before = _side(text, other, low - a, before=True)
        if b > high:
            behind = _side(text, other, high - a, before=False)
        bounds = min(bounds[0], a), max(bounds[1], b)
        steps += other.steps if other.applied else ()
    spans = edit.spans if bounds == (low, high) else reading.spans(*bounds)
    whole = replace(edit, spans=spans, clean=before + edit.clean + behind, steps=(*steps, *edit.steps))
    out = replace(block, edits=tuple(sorted([*kept, whole], key=lambda e: reading.bounds(e.spans))))
    out.pieces(text)                                 # raises if the edit does not lie in the block
    return out


def current_at(block: Block, text: str, spans: Sequence[Span]) -> str:
    """The current text of a stretch of a block, of two where a word is divided."""
    reading = _Reading(block)
    low, high = reading.bounds(spans)
    out = []
    at = 0
    for piece in block.pieces(text):
        size = sum(span.end - span.start for span in piece.spans)
        start, end = at, at + size
        at = end
        if not ((start < high and low < end) or (start, end) == (low, high)):
            continue
        if piece.edit is None:
            out.append(piece.text[max(low - start, 0):high - start])
            continue
        shown = piece.text
        if end > high:
            shown = shown[:len(shown) - len(_side(text, piece.edit, high - start, before=False))]
        if start < low:
            shown = shown[len(_side(text, piece.edit, low - start, before=True)):]
        out.append(shown)
    return "".join(out)


def _side(text: str, edit: Edit, at: int, *, before: bool) -> str:
    """What an edit puts before, or behind, the character ``at`` of what it replaces."""
    raw = "".join(text[span.start:span.end] for span in edit.spans)
    if not edit.applied:
        return raw[:at] if before else raw[at:]
    cut = next((code.dest_start + min(at - code.src_start, code.dest_end - code.dest_start)
                for code in Levenshtein.opcodes(raw, edit.clean) if code.src_start <= at < code.src_end),
               len(edit.clean))
    return edit.clean[:cut] if before else edit.clean[cut:]


class _Reading:
    """Places of a block counted in characters of its spans one behind the other, as they are read."""

    def __init__(self, block: Block) -> None:
        self.runs = _runs(block.spans)
        self.block = block

    def bounds(self, spans: Sequence[Span]) -> tuple[int, int]:
        """Where spans begin and end.

        Raises:
            DocumentError: they lie outside of the block.
        """
        return self._count(spans[0].start, spans[0].end), self._count(spans[-1].end, spans[-1].start)

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """The spans of what is read from ``start`` to ``end``, which are not the same."""
        out = []
        at = 0
        for run in self.runs:
            size = run.end - run.start
            a, b = max(start - at, 0), min(end - at, size)
            if a < b:
                out.append(Span(run.start + a, run.start + b))
            at += size
        return tuple(out)

    def _count(self, offset: int, other: int) -> int:
        """The characters read before an offset in the run that holds it together with another."""
        at = 0
        for run in self.runs:
            if run.start <= min(offset, other) and max(offset, other) <= run.end:
                return at + offset - run.start
            at += run.end - run.start
        raise DocumentError(f"{offset} lies outside of the block at {self.block.start}")


def _runs(spans: Sequence[Span]) -> list[Span]:
    """Spans with those that follow upon each other put together: an edit may reach over their border."""
    out: list[Span] = []
    for span in spans:
        if out and out[-1].end == span.start:
            out[-1] = Span(out[-1].start, span.end)
        else:
            out.append(span)
    return out


@dataclass(frozen=True, slots=True)
class Original:
    """An input that is no plain text: its format, its bytes, and the SHA-256 of the text taken from it, in UTF-8."""

    format: str
    data: bytes
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the text came from and how its bytes were read.

    ``bom`` and ``tail`` are hexadecimal: the byte order mark, and bytes at the end that are no whole character of the
    encoding.  ``sha256`` is of all input bytes.  Of an input that is no plain text ``original`` has the bytes.
    """

    name: str
    encoding: str
    errors: str
    bom: str
    tail: str
    size: int
    sha256: str
    original: Original | None = None


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
        at = bisect.bisect_right(self._page_starts, offset) - 1
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

    def joined_of(self, edit: Edit) -> str:
        """What would stand in the place of an edit if only its lines were joined."""
        text = "".join(self.text[span.start:span.end] for span in edit.spans)
        for step in edit.steps:
            if step.is_join:
                text = text.replace(step.before, step.after, 1)
        return text

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
        """The input, rebuilt from the spans of the blocks; of an input that is no plain text, its bytes as they were.

        Raises:
            DocumentError: the spans do not give the text, or the bytes are not those, whose checksum the document
                bears.
        """
        self.check()
        spans = sorted(span for block in self.blocks for span in block.spans)
        text = "".join(self.text[span.start:span.end] for span in spans)
        try:
            body = text.encode(self.source.encoding, self.source.errors)
        except (UnicodeEncodeError, LookupError) as error:
            raise DocumentError(f"the text cannot be written in {self.source.encoding}: {error}") from error
        data = bytes.fromhex(self.source.bom) + body + bytes.fromhex(self.source.tail)
        if (original := self.source.original) is not None:
            if hashlib.sha256(data).hexdigest() != original.text_sha256:
                raise DocumentError("the restored text differs from what was taken from the input (checksum)")
            data = original.data
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
