"""Notes: is each gold note there, under its number, and how well does it read?"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from ocrfix.evaluation.rates import Rates, rates, surplus
from ocrfix.evaluation.transcription import STAR, Transcription

_LONG = 25
"""Characters from which on a note is long enough to be recognized where it leaked into the body."""


@dataclass(frozen=True, slots=True)
class NoteScore:
    """Error rates over all notes; how many were found under their number, and how many only under another."""

    rates: Rates = field(default_factory=Rates)
    found: int = 0
    misnumbered: int = 0
    gold: int = 0

    def __add__(self, other: NoteScore) -> NoteScore:
        return NoteScore(self.rates + other.rates, self.found + other.found, self.misnumbered + other.misnumbered,
                         self.gold + other.gold)


def score_notes(got: Mapping[str, Transcription], want: Mapping[str, Transcription], continued: Set[str],
                *, count_surplus: bool) -> NoteScore:
    """Compare notes by their numbers, then those left over by their text.

    ``continued`` are gold notes of which the page may hold a part.  With ``count_surplus`` the gold holds all notes,
    and one that belongs to none of them is error as a whole (the star note excepted).
    """
    total = Rates()
    used: set[str] = set()
    missed: list[Transcription] = []
    found = misnumbered = 0
    for label, note in want.items():
        mine = got.get(label)
        if mine is None:
            missed.append(note)
            continue
        score = rates(mine, note)
        if label in continued and len(mine) > len(note):
            place = fuzz.partial_ratio_alignment(mine.text, note.text)
            part = rates(mine.cut(place.src_start, place.src_end) if place else mine, note)
            if part.characters.rate < score.characters.rate:
                score = part
        if score.characters.rate > 0.6:                 # another note stands under this number
            missed.append(note)
            continue
        used.add(label)
        found += score.characters.rate < 0.5
        total += score
    for note in missed:
        rest = [label for label in got if label not in used and (count_surplus or label not in want)]
        best = max(rest, key=lambda label: fuzz.ratio(got[label].text, note.text), default=None)
        alike = best is not None and fuzz.ratio(got[best].text, note.text) > 50
        score = rates(got[best] if best is not None and alike else Transcription(), note)
        if best is not None and score.characters.rate <= 0.6:
            used.add(best)
            misnumbered += 1
        total += score
    if count_surplus:
        for label, mine in got.items():
            if label not in used and label != STAR:
                total += surplus(mine)
    return NoteScore(total, found, misnumbered, len(want))


def count_leaks(notes: Iterable[Transcription], body: str) -> int:
    """How many gold notes stand in the body text instead of among the notes."""
    return sum(1 for note in notes if len(note) >= _LONG and fuzz.partial_ratio(note.text, body) > 80)
