"""A reports folder under review: what is asked, what an answer does, and how a page looks with the answers so far.

Start reading at :class:`Corpus`.  It reads the ``document.json`` of each document and the decisions, and writes
decisions only; the reports change when ``ocrfix run`` is called again.
"""
from __future__ import annotations

import bisect
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ocrfix import serialize
from ocrfix.decisions.binding import Anchors
from ocrfix.decisions.model import Decision, Scope, Standing, new_id, now
from ocrfix.decisions.store import Store
from ocrfix.document import PRINTED, Document, Edit, Piece, Span, Status
from ocrfix.errors import DocumentError, UsageError
from ocrfix.estimates import Estimate, document_estimate, doubt
from ocrfix.large.manifest import is_manifest
from ocrfix.review.queue import Item, Series, items, misreading, series
from ocrfix.stages import decided

NAME = "document.json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer says of some places.

    Attributes:
        verdict: ``accepted``: the proposal is right; ``rejected``: the text without it is; ``edited``: ``new`` is.
        new: the text that shall stand there, for ``edited``; of several places, in the place of the misreading alone.
        part: ``new`` stands in the place of the misreading alone, although the answer may be on one place.
        call: for ``edited``, the footnote call behind it; as proposed if None.
        scope: whether it holds for the places, or always for this reading in the document or the corpus.
        word: the text is a right word, for the user's lexicon.
    """

    verdict: Status
    new: str = ""
    call: str | None = None
    scope: Scope = Scope.PLACE
    word: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a paragraph in the page view: plain text as the input has it, or an edit.

    ``start:end`` is its stretch of the input; of plain text each word can be named by a part of it.
    """

    text: str
    start: int
    end: int
    raw: str = ""
    edit: bool = False
    status: str = ""
    applied: bool = True
    call: str = ""
    doubt: float = 0.0
    clean: str = ""
    alternatives: tuple[tuple[str, float], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A printed block in the page view."""

    kind: str
    label: str
    segments: tuple[Segment, ...]


class Reviewed:
    """A document under review."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.stamp = path.stat().st_mtime_ns
        self.document: Document = serialize.load(path)
        self._bound: dict[str, tuple[Span, ...] | None] = {}
        self._placed: tuple[tuple[Decision, ...], Document] = ((), self.document)
        self._answered = Answered(self, (), ())

    @property
    def version(self) -> str:
        """Another one when the document was cleaned again: places and proposals may be others then."""
        return str(self.stamp)

    @cached_property
    def items(self) -> list[Item]:
        return list(items(self.document, self.name))

    @cached_property
    def estimate(self) -> Estimate:
        """The estimated errors without the answers since it was cleaned."""
        return document_estimate(self.document)

    @cached_property
    def anchors(self) -> Anchors:
        return Anchors(self.document.text)

    def bound(self, decision: Decision) -> tuple[Span, ...] | None:
        """Where a decision on a place is in this document."""
        if decision.id not in self._bound:
            self._bound[decision.id] = self.anchors.find_decision(decision)
        return self._bound[decision.id]

    def answered(self, standing: Standing) -> Answered:
        """The document with the decisions on it; what was found out of it is kept while no other decision comes."""
        source = self.document.source.name
        places, always = standing.places(source), standing.everywhere(source)
        if (places, always) != (self._answered.places, self._answered.always):
            self._answered = Answered(self, places, always)
        return self._answered

    def placed(self, places: tuple[Decision, ...]) -> Document:
        """The document with the decisions on places set: mostly one more than the last time, so only that one."""
        done, document = self._placed
        if places[:len(done)] != done:
            done, document = (), self.document
        document = decided.with_answers(document, places[len(done):], ())
        self._placed = places, document
        return document

    def edit_at(self, start: int, end: int) -> Edit | None:
        """The correction of just this stretch of the input."""
        for block in self.document.blocks:
            for edit in block.edits:
                if (edit.spans[0].start, edit.spans[-1].end) == (start, end) and not edit.is_join:
                    return edit
        return None


class Answered:
    """A document with some decisions on it.  ``places`` are those on places, ``always`` those on readings."""

    def __init__(self, reviewed: Reviewed, places: tuple[Decision, ...], always: tuple[Decision, ...]) -> None:
        self.reviewed = reviewed
        self.places = places
        self.always = always

    @cached_property
    def document(self) -> Document:
        """The document with the answers, as far as they can be set without cleaning it again."""
        placed = self.reviewed.placed(self.places)
        return decided.with_answers(placed, list(self._corrected_always()), self.always) if self.always else placed

    @cached_property
    def estimate(self) -> Estimate:
        """Its estimated errors."""
        return document_estimate(self.document)

    @cached_property
    def open_items(self) -> list[Item]:
        """The items that no decision answers."""
        always = {d.place.raw for d in self.always}
        return [item for item in self._without_place if not _readings(item) & always]

    @cached_property
    def _without_place(self) -> list[Item]:
        """The items that no decision on a place answers."""
        taken = sorted(spans for d in self.places if (spans := self.reviewed.bound(d)) is not None)
        starts = [spans[0].start for spans in taken]
        longest = max((spans[-1].end - spans[0].start for spans in taken), default=0)
        out = []
        for item in self.reviewed.items:
            near = taken[bisect.bisect_left(starts, item.spans[0].start - longest):
                         bisect.bisect_right(starts, item.spans[-1].end)]
            if not any(_meet(item.spans, spans) for spans in near):
                out.append(item)
        return out

    def _corrected_always(self) -> Iterator[Decision]:
        """What always holds, as decisions on the items where a correction stands in place of the reading."""
        always = {d.place.raw: d for d in self.always}
        for item in self._without_place:
            for reading in sorted(_readings(item) & always.keys(), key=len)[:1]:
                decision = always[reading]
                yield replace(decision, scope=Scope.PLACE, place=self.reviewed.anchors.place(item.spans),
                              old=item.proposal, new=item.base.replace(reading, decision.new, 1))


class Corpus:
    """The documents of a reports folder, with the decisions on them.  Safe to use from several threads.

    Raises:
        UsageError: the folder holds no document.
    """

    def __init__(self, reports: Path, store: Store) -> None:
        self.reports = reports
        self.store = store
        self._lock = threading.Lock()
        self._documents: dict[str, Reviewed] = {}
        self.failed: dict[str, str] = {}
        """Documents that cannot be read, and why."""
        if not self.names():
            raise UsageError(f"{reports}: no document in it; `ocrfix run INPUT --out {reports}` makes some")

    def names(self) -> list[str]:
        """The names of the documents."""
        return sorted(path.parent.name for path in self.reports.glob(f"*/{NAME}") if not path.parent.is_symlink())

    def document(self, name: str) -> Reviewed:
        """A document by its name; read again if it was cleaned again.

        Raises:
            KeyError: there is no document of this name.
            DocumentError: it cannot be read.
        """
        if name not in self.names():                 # so no name leads out of the folder
            raise KeyError(name)
        path = self.reports / name / NAME
        if is_manifest(path):
            raise DocumentError("is in parts, which are reviewed by themselves: "
                                f"`ocrfix review {path.parent / 'parts'}`")
        with self._lock:
            known = self._documents.get(name)
            if known is None or known.stamp != path.stat().st_mtime_ns:
                known = self._documents[name] = Reviewed(name, path)
            return known

    def documents(self) -> Iterator[Reviewed]:
        """All documents that can be read; the others go into ``failed``."""
        for name in self.names():
            try:
                yield self.document(name)
                self.failed.pop(name, None)
            except (DocumentError, OSError) as error:
                self.failed[name] = str(error)

    def queue(self, name: str | None = None) -> list[Series]:
        """What is still to be asked, of one document or of all, the greatest gain first."""
        standing = self.store.standing()
        reviewed = [self.document(name)] if name is not None else self.documents()
        return series(item for one in reviewed for item in one.answered(standing).open_items)

    def estimates(self) -> dict[str, Estimate]:
        """The estimated errors of each document, with the answers so far."""
        standing = self.store.standing()
        return {one.name: one.answered(standing).estimate for one in self.documents()}

    def settled(self, reviewed: Reviewed, standing: Standing | None = None) -> Document:
        """The document with the answers so far, as far as they can be set without cleaning it again."""
        return reviewed.answered(self.store.standing() if standing is None else standing).document

    def page(self, name: str, number: int) -> list[Paragraph]:
        """The printed blocks that have a part on a page, with the answers so far.

        Raises:
            KeyError: there is no such document or page.
        """
        reviewed = self.document(name)
        if not 1 <= number <= len(reviewed.document.pages):
            raise KeyError(number)
        span = reviewed.document.pages[number - 1].span
        document = self.settled(reviewed)
        return [Paragraph(block.kind.value, block.label or "", tuple(_segments(document, block.pieces(document.text))))
                for block in document.blocks if block.kind in PRINTED
                and any(part.start < span.end and span.start < part.end for part in block.spans)]

    # Answers --------------------------------------------------------------------------------------------------------

    def answer(self, places: Sequence[tuple[str, int, int]], answer: Answer, reviewer: str,
               mark: str | None = None) -> str:
        """Record one answer on places: (document, start, end in characters of the input).  It is on disk on return.

        ``mark`` names the answer; one that is there already is not recorded again, so that who does not know whether
        an answer arrived can send it once more.

        Returns:
            The mark of the answer, by which it can be undone.

        Raises:
            KeyError: there is no such document.
            UsageError: a place does not lie in the printed text, or there is no correction to accept.
            OcrfixError: the answer cannot be written.
        """
        mark, time = mark or new_id(), now()
        answer = replace(answer, part=answer.part or len(places) > 1)
        if answer.scope is not Scope.PLACE:
            places = places[:1]
        if not self.store.has_answer(mark):
            self.store.record([self._decision(*place, answer, reviewer, mark, time) for place in places])
        return mark

    def agree(self, decision: Decision, reviewer: str, mark: str) -> None:
        """Record under a mark that a reviewer decides as another did."""
        self.store.record([replace(decision, id=new_id(), answer=mark, time=now(), reviewer=reviewer)])

    def _decision(self, name: str, start: int, end: int, answer: Answer, reviewer: str, mark: str,
                  time: str) -> Decision:
        reviewed = self.document(name)
        document = reviewed.document
        edit = reviewed.edit_at(start, end)
        spans = edit.spans if edit is not None else (Span(start, end),)
        if not 0 <= start <= end <= len(document.text) or decided.printed_at(document, spans) is None:
            raise UsageError(f"{name}: {start}-{end} is not a place of the printed text")
        base = document.joined_of(edit) if edit is not None else " ".join(document.text[start:end].split())
        proposal, call = (edit.clean, edit.call or "") if edit is not None else (base, "")
        if answer.verdict is Status.ACCEPTED:
            new, new_call = proposal, call
        elif answer.verdict is Status.REJECTED:
            new, new_call = base, ""
        else:
            new, new_call = answer.new, call if answer.call is None else answer.call
            if answer.part:
                new = base.replace(misreading(base, proposal)[0], answer.new, 1)
        number = edit is not None and any(step.rule == "note-number" for step in edit.steps)
        place = reviewed.anchors.place(spans)
        if answer.scope is not Scope.PLACE:
            kept = answer.verdict is Status.REJECTED
            raw, clean = misreading(base, proposal if kept else new)
            proposal, new = (clean, raw) if kept else (misreading(base, proposal)[1], clean)
            place, call, new_call, number = replace(place, raw=" ".join(raw.split())), "", "", False
        return Decision(new_id(), mark, time, reviewer, "" if answer.scope is Scope.CORPUS else document.source.name,
                        answer.scope, answer.verdict, place, proposal, " ".join(new.split()), call, new_call,
                        edit.confidence if edit is not None else 0.0, number, answer.word)


def _segments(document: Document, pieces: Iterable[Piece]) -> Iterator[Segment]:
    for piece in pieces:
        edit = piece.edit
        start, end = piece.spans[0].start, piece.spans[-1].end
        if edit is None:
            yield Segment(piece.text, start, end)
        elif edit.is_join:
            yield Segment(piece.text, start, end, document.raw_of(edit), False)
        else:
            yield Segment(piece.text, start, end, document.raw_of(edit), True, edit.status.value, edit.applied,
                          edit.call or "", doubt(document, edit), edit.clean, edit.alternatives,
                          edit.steps[-1].reason)


def _readings(item: Item) -> set[str]:
    """The readings of an item that a decision on a reading may be about: the misread part, and the whole."""
    return {item.misreading[0], " ".join(item.base.split())}


def _meet(one: Sequence[Span], other: Sequence[Span]) -> bool:
    a, b, c, d = one[0].start, one[-1].end, other[0].start, other[-1].end
    return (a, b) == (c, d) if a == b or c == d else a < d and c < b
