"""Structure: are footnote calls, paragraph breaks and headings at the gold word at which they belong?"""
from __future__ import annotations

import bisect
from dataclasses import dataclass

from ocrfix.evaluation.align import project
from ocrfix.evaluation.transcription import STAR, Transcription

Place = tuple[str, str, int]
"""(page, label of the call or nothing, index of the gold word)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where marks of one sort stand in the clean text (projected to the gold), and where they belong."""

    got: frozenset[Place] = frozenset()
    want: frozenset[Place] = frozenset()

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.got | other.got, self.want | other.want)

    def as_dict(self) -> dict[str, float | int]:
        """Precision, recall and their harmonic mean, four places, and the number of marks in the gold."""
        hits = len(self.got & self.want)
        precision = hits / len(self.got) if self.got else 0.0
        recall = hits / len(self.want) if self.want else 0.0
        f1 = round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "F1": f1, "gold": len(self.want)}


@dataclass(frozen=True, slots=True)
class Structure:
    """The marks of a text: footnote calls, paragraph breaks, headings."""

    calls: Marks = Marks()
    breaks: Marks = Marks()
    headings: Marks = Marks()

    def __or__(self, other: Structure) -> Structure:
        return Structure(self.calls | other.calls, self.breaks | other.breaks, self.headings | other.headings)


def structure(page: str, got: Transcription, want: Transcription) -> Structure:
    """The marks of ``got`` and of the gold ``want``.

    A call stands right if the right number follows the right word; a break or heading if it precedes the right word.
    The break at the very start of a page is not counted, nor is the call of the author's star note.
    """
    offsets = project(got.text, want.text)
    starts = [token.start for token in want.tokens(words_only=True)]

    def word_before(offset: int) -> int:
        return bisect.bisect_left(starts, offset) - 1

    def word_after(offset: int) -> int:
        return bisect.bisect_left(starts, offset)

    return Structure(
        Marks(frozenset((page, label, word_before(offsets[at])) for label, at in got.calls if label != STAR),
              frozenset((page, label, word_before(at)) for label, at in want.calls if label != STAR)),
        Marks(frozenset((page, "", word_after(offsets[at])) for at in got.breaks if offsets[at] > 3),
              frozenset((page, "", word_after(at)) for at in want.breaks if at > 3)),
        Marks(frozenset((page, "", word_after(offsets[at])) for at in got.headings),
              frozenset((page, "", word_after(at)) for at in want.headings)))
