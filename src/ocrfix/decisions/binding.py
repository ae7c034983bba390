"""Finding the place of a decision again, in the same input or in one that was edited since.

Start reading at :class:`Anchors`.  A place is its reading with the input before and behind it, white space single, so
that lines may be broken otherwise.  Where the context stands unchanged the place is certain; where it was edited, the
place is the one whose context is most alike, if it is alike enough and no other is nearly so.
"""
from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from rapidfuzz import fuzz

from ocrfix.decisions.model import ONLY, Decision, Place
from ocrfix.document import Span

CONTEXT = 32
"""Characters of the context on either side."""
DIVIDED = "‖"
"""Stands in a reading between the halves of a word that a foot of notes divides."""
ALIKE = 75.0
"""Least likeness of an edited context, in per cent."""
CLEANED = 55.0
"""The same where the context was misread when it was decided, and is read right now."""
APART = 10.0
"""By so much the best context must be more alike than the next."""
_TOKEN = re.compile(r"\S+")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Anchors:
    """The places of a text.  ``text`` is the decoded input.

    A byte of the input that is no character (a lone surrogate of the text) stands as U+FFFD in a place, which can be
    written to a file then.
    """

    def __init__(self, text: str) -> None:
        self.text = _SURROGATE.sub("\ufffd", text)

    @cached_property
    def _flat(self) -> tuple[str, list[int], list[int]]:
        """The text with single spaces; where each token begins in it, and in the input."""
        parts: list[str] = []
        flat_starts: list[int] = []
        starts: list[int] = []
        at = 0
        for match in _TOKEN.finditer(self.text):
            parts.append(match.group())
            flat_starts.append(at)
            starts.append(match.start())
            at += len(match.group()) + 1
        return " ".join(parts), flat_starts, starts

    def place(self, spans: Sequence[Span]) -> Place:
        """The place of a stretch of the input, of two where a word is divided."""
        flat, _, _ = self._flat
        bounds = [self._bounds(span) for span in spans]
        raw = DIVIDED.join(flat[start:end] for start, end in bounds)
        before, after = flat[max(0, bounds[0][0] - CONTEXT):bounds[0][0]], flat[bounds[-1][1]:bounds[-1][1] + CONTEXT]
        place = Place(raw, before, after)
        return Place(raw, before, after, sum(1 for at, _ in self._exact(place) if at < bounds[0][0]))

    def find(self, place: Place, alike: float = ALIKE, apart: float = APART) -> tuple[Span, ...] | None:
        """Where a place is; None if it is not there, or cannot be told from another.

        Args:
            alike: the least likeness of an edited context, in per cent.
            apart: by how much it must be more alike than the next.
        """
        exact = self.exact(place)
        if place.nth == ONLY and len(exact) > 1:
            return None
        if exact:
            return exact[place.nth] if place.nth < len(exact) else None
        first, _, second = place.raw.partition(DIVIDED)
        if second:
            start, end = (self._like(first, place.before, "", alike, apart),
                          self._like(second, "", place.after, alike, apart))
            return (start, end) if start is not None and end is not None and start.end <= end.start else None
        found = self._like(first, place.before, place.after, alike, apart) if first else None
        return None if found is None else (found,)

    def find_decision(self, decision: Decision) -> tuple[Span, ...] | None:
        """Where the place of a decision is, also in a clean text that was made with it.

        There the new text stands, and to take another place with that text for it changes nothing.
        """
        found = self.find(decision.place)
        if found is not None and next(self._exact(decision.place), None) is None:
            return self._grown(found, decision.place.raw, decision.new) or found
        if found is None and decision.new and not (decision.call or decision.old_call or decision.note_number):
            found = self.find(replace(decision.place, raw=decision.new, nth=0), CLEANED, 0.0)
        return found

    def _grown(self, spans: tuple[Span, ...], raw: str, new: str) -> tuple[Span, ...] | None:
        """The place of a new text that holds the reading and stands there already (``istemez.`` for ``istemez``)."""
        at = new.find(raw)
        if at < 0 or len(spans) > 1:
            return None
        start = self._to_flat(spans[0].start) - at
        return (self._span(start, start + len(new)),) if start >= 0 and self._flat[0].startswith(new, start) else None

    def exact(self, place: Place) -> list[tuple[Span, ...]]:
        """Where its reading stands in just its context, in order."""
        return [spans for _, spans in self._exact(place)]

    def _exact(self, place: Place) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """The places with this reading and context, in order: offset in the text with single spaces, spans."""
        first, _, second = place.raw.partition(DIVIDED)
        if not second:
            for at in _occurrences(self._flat[0], place.before + place.raw + place.after):
                start = at + len(place.before)
                yield start, (self._span(start, start + len(place.raw)),)
            return
        ends = [self._span(at, at + len(second)) for at in _occurrences(self._flat[0], second + place.after)]
        for at in _occurrences(self._flat[0], place.before + first):
            start = at + len(place.before)
            half = self._span(start, start + len(first))
            behind = next((end for end in ends if end.start >= half.end), None)
            if behind is not None:
                yield start, (half, behind)

    def _like(self, raw: str, before: str, after: str, alike: float, apart: float) -> Span | None:
        """The one place with this reading whose context is enough like the one given."""
        flat = self._flat[0]
        likeness: list[tuple[float, int]] = []
        for at in _occurrences(flat, raw):
            end = at + len(raw)
            sides = [fuzz.ratio(side, here) for side, here in (
                (before, flat[max(0, at - len(before)):at]), (after, flat[end:end + len(after)])) if side]
            likeness.append((sum(sides) / len(sides) if sides else 0.0, at))
        likeness.sort(reverse=True)
        if not likeness or likeness[0][0] < alike or (len(likeness) > 1 and likeness[0][0] - likeness[1][0] < apart):
            return None
        return self._span(likeness[0][1], likeness[0][1] + len(raw))

    def _bounds(self, span: Span) -> tuple[int, int]:
        """A stretch of the input in the text with single spaces."""
        return self._to_flat(span.start), max(self._to_flat(span.start), self._to_flat(span.end))

    def _to_flat(self, offset: int) -> int:
        flat, flat_starts, starts = self._flat
        k = bisect.bisect_right(starts, offset) - 1
        if k < 0:
            return 0
        size = (flat_starts[k + 1] - 1 if k + 1 < len(starts) else len(flat)) - flat_starts[k]
        return flat_starts[k] + min(offset - starts[k], size + (1 if k + 1 < len(starts) else 0))

    def _span(self, start: int, end: int) -> Span:
        """A stretch of the text with single spaces in the input."""
        return Span(self._from_flat(start), self._from_flat(end)) if end > start else Span(
            self._from_flat(start), self._from_flat(start))

    def _from_flat(self, offset: int) -> int:
        _, flat_starts, starts = self._flat
        k = bisect.bisect_right(flat_starts, offset) - 1
        return 0 if k < 0 else starts[k] + offset - flat_starts[k]


def _occurrences(text: str, part: str) -> Iterator[int]:
    """Offsets of a part of a text, overlapping ones too; an empty part has none."""
    at = text.find(part) if part else -1
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
