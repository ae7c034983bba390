"""The decisions on a large text: in which of its parts each of them holds.

Start reading at :func:`of_parts`.  A decision on a place bears the name of the part that it was taken on.  It may have
been taken when the text was held whole or cut elsewhere, so a place that is not in the part of that name is looked for
in all of them.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ocrfix.decisions.binding import Anchors
from ocrfix.decisions.model import ONLY, Decision, Scope, Standing
from ocrfix.document import Span
from ocrfix.large.division import Part
from ocrfix.large.source import LargeText

MARGIN = 1000
"""Characters of the parts beside it with which a part is searched: the context of what stands at its edges."""


def of_parts(source: LargeText, parts: Sequence[Part], standing: Standing) -> tuple[Standing, list[Decision]]:
    """What holds for the parts, each under its own name, and the decisions whose place is in none of them.

    A decision on a reading, wherever in the text it was taken, holds in all of them.
    """
    whole = source.path.name
    own = {d.id: d for part in parts for d in _own(source, part, standing)}
    sought = [_Sought(d) for d in standing.places(whole) if d.id not in own]
    if sought:
        for part, before, text, after in _with_margins(source, parts):
            place = _Part(part.name(whole), before, text, after)
            for one in sought:
                one.look(place)
    found = Standing.of([*own.values(), *(one.found for one in sought if one.found is not None)])
    return (replace(standing, of_document=found.of_document, of_corpus=standing.everywhere(whole)),
            [one.decision for one in sought if one.found is None])


def _own(source: LargeText, part: Part, standing: Standing) -> Iterator[Decision]:
    """The decisions on places that were taken on a part of this name and are in it."""
    taken = [d for d in standing.of_document.get(part.name(source.path.name), ()) if d.scope is Scope.PLACE]
    if taken:
        anchors = Anchors(_text(source, part))
        yield from (d for d in taken if anchors.find_decision(d) is not None)


def _with_margins(source: LargeText, parts: Sequence[Part]) -> Iterator[tuple[Part, str, str, str]]:
    """The parts, each with the text before it, its own and that behind it."""
    before, text = "", _text(source, parts[0])
    for number, part in enumerate(parts, 1):
        after = _text(source, parts[number]) if number < len(parts) else ""
        yield part, before[-MARGIN:], text, after[:MARGIN]
        before, text = text, after


def _text(source: LargeText, part: Part) -> str:
    return source.part("", part.start, part.end).text


class _Part:
    """A part in which places are looked for."""

    def __init__(self, name: str, before: str, text: str, after: str) -> None:
        self.name = name
        self.wide = Anchors(before + text + after)
        self._narrow = Anchors(text)
        self._start, self._end = len(before), len(before) + len(text)

    def holds(self, spans: Sequence[Span]) -> bool:
        """Whether a place lies in the part and not in what stands beside it."""
        return self._start <= spans[0].start < self._end and spans[-1].end <= self._end

    def taken_here(self, decision: Decision, spans: Sequence[Span]) -> Decision:
        """The decision as if it had been taken on the part, at this place."""
        own = [Span(span.start - self._start, span.end - self._start) for span in spans]
        return replace(decision, document=self.name, place=self._narrow.place(own))


@dataclass(slots=True)
class _Sought:
    """A decision whose part is looked for.

    Attributes:
        decision: as it was taken.
        same: how many places with its reading and context were seen so far.
        alike: how many parts have a place whose context is alike.
        exact, like: what it is for the part with its place.
    """

    decision: Decision
    same: int = 0
    alike: int = 0
    exact: Decision | None = None
    like: Decision | None = None

    def look(self, part: _Part) -> None:
        """Look for it in the next part."""
        place = self.decision.place
        here = [spans for spans in part.wide.exact(place) if part.holds(spans)]
        nth = max(place.nth, 0) - self.same
        if 0 <= nth < len(here):
            self.exact = part.taken_here(self.decision, here[nth])
        self.same += len(here)
        spans = None if self.same else part.wide.find_decision(self.decision)
        if spans is not None and part.holds(spans):
            self.like = part.taken_here(self.decision, spans)
            self.alike += 1

    @property
    def found(self) -> Decision | None:
        """What it is for the part with its place; None if that is nowhere, or cannot be told from another."""
        if self.same:
            return None if self.decision.place.nth == ONLY and self.same > 1 else self.exact
        return self.like if self.alike == 1 else None
