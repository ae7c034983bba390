"""Counting errors: Levenshtein distance over a sequence, with pardon for what the gold itself is unsure of."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors found in a gold text of ``length`` characters or words (the unsure ones are not counted)."""

    count: int = 0
    length: int = 0

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.count + other.count, self.length + other.length)

    @property
    def rate(self) -> float:
        """Errors per gold item; of an empty gold the number of errors itself."""
        return self.count / max(self.length, 1)

    @property
    def rounded(self) -> float | None:
        """The rate as it is reported: four places, None where the gold is empty."""
        return round(self.count / self.length, 4) if self.length else None


def count_errors(got: Sequence[str], want: Sequence[str], unsure: Sequence[bool]) -> Errors:
    """Insertions, deletions and substitutions that turn ``got`` into ``want``.

    A stretch of unsure items forgives as many errors as it is long, and one more.
    """
    stretch = _stretches(unsure)
    pardons: dict[int, int] = {}
    for first in stretch:
        if first is not None:
            pardons[first] = pardons.get(first, 1) + 1
    count = 0
    for op in Levenshtein.editops(got, want):
        # what is deleted stands between two items of the gold: either of them may pardon it
        places = (op.dest_pos, op.dest_pos - 1) if op.tag == "delete" else (op.dest_pos,)
        first = next((stretch[i] for i in places if 0 <= i < len(want) and stretch[i] is not None), None)
        if first is not None and pardons[first] > 0:
            pardons[first] -= 1
        else:
            count += 1
    return Errors(count, sum(1 for u in unsure if not u))


def _stretches(unsure: Sequence[bool]) -> list[int | None]:
    """For each item the first item of the unsure stretch that it belongs to."""
    out: list[int | None] = []
    first: int | None = None
    for i, flag in enumerate(unsure):
        first = (i if first is None else first) if flag else None
        out.append(first)
    return out
