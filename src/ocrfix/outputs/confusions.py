"""What the OCR read for what: the segments in which corrected words differ, with how often each was seen.

Start reading at :func:`confusions`.  These are counts of what was corrected here, for a person to look at; the
probabilities that a correction is reckoned with come from the lexicons (``ocrfix learn``).
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocrfix.document import Edit

STAGES = frozenset({"characters", "words"})
"""The stages that repair what the OCR misread; what others change (calls, lines) is no confusion of characters."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A segment as the OCR has it and as it should be, how often it was corrected, and the first such correction.

    Either segment may be empty: the OCR lost a character, or added one.  ``first`` counts the corrections from 1.
    """

    ocr: str
    true: str
    count: int
    first: int


def segments(ocr: str, true: str) -> list[tuple[str, str]]:
    """The stretches in which two readings of a word differ, by Levenshtein alignment; neighbouring edits are one.

    >>> segments("Frun7.e'nın", "Frunze'nin"), segments("Olağanüstüyetkili", "Olağanüstü yetkili")
    ([('7.', 'z'), ('ı', 'i')], [('', ' ')])
    """
    out: list[tuple[str, str]] = []
    joined = False                               # whether the last segment goes on
    for op in Levenshtein.opcodes(ocr, true):
        if op.tag != "equal":
            pair = ocr[op.src_start:op.src_end], true[op.dest_start:op.dest_end]
            if joined:
                pair = out[-1][0] + pair[0], out.pop()[1] + pair[1]
            out.append(pair)
        joined = op.tag != "equal"
    return out


def confusions(edits: Iterable[Edit]) -> list[Confusion]:
    """The confusions of the applied corrections, the commonest first, those as common in the order of the text.

    They are taken from the steps of a correction, so that the joining of a divided word is not among them.
    """
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], int] = {}
    for number, edit in enumerate(edits, 1):
        for step in edit.steps if edit.applied else ():
            for pair in segments(step.before, step.after) if step.stage in STAGES else ():
                counts[pair] = counts.get(pair, 0) + 1
                first.setdefault(pair, number)
    found = [Confusion(*pair, count, first[pair]) for pair, count in counts.items()]
    return sorted(found, key=lambda confusion: -confusion.count)
