"""Which of the possible places are the calls of the notes: every way to assign them in order, summed.

Start at :func:`assign`.  Forward and backward sums over all monotone assignments give each place its probability of
being the call of each note.  How this document's calls are read (as figures, as which sign, not at all) is learned from
these probabilities in a few rounds of EM.  Of all assignments the one is taken of which most calls are expected to be
right: where one of six calls left no trace, nobody knows which, and the numbers in the middle are the safest guess.
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from ocrfix.stages._call_places import QUOTES, Place
from ocrfix.stages._numbers import Figures, plain_signs

DROP = -9.0
"""Log-odds of a note that is not called on its page."""
MOST_DROPPED = 3
"""So many notes in a row may be called nowhere."""
ROUNDS = 4
SEVERAL, LEGIBLE, NOTHING = "signs", "figures", ""
"""What is left of a call, beside single signs."""
PRINTED: Mapping[tuple[str, bool], float] = {("?", False): 0.04, ("!", False): 0.004, ("'", False): 0.005}
"""How often words end in a sign, without a stop, that is printed there: sentences that ask or exclaim, and dirt."""
STOPS_READ: Mapping[str, tuple[float, float, float]] = {
    ".": (0.87, 0.84, 0.56), ",": (0.04, 0.08, 0.05), "": (0.09, 0.08, 0.39)}
"""Share of sentences whose stop is read so: where no call stands, at a call, and at a call that left no trace.

Counted on 2,829 sentences of printed and scanned articles (``tools/scan_documents.py stops``).
"""
SIGHTINGS = 10
"""What is believed before this document is counted is worth so many sightings."""
FIGURE_SIGHTINGS = 50
"""The same of figures within a sentence."""
READINGS = 20
"""How calls are read elsewhere is worth so many calls of this document."""
CLOSED = 0.05
"""Share of paragraphs that end with a quotation mark whose opening was not read."""
FIGURES: Mapping[tuple[bool, bool], float] = {
    (True, True): 0.01, (False, True): 0.02, (True, False): 0.03, (False, False): 0.0001}
"""(figures alone, fused to the word): how often words end so without a call, before this document is counted."""

ONCE, AGAIN = 3.0, 0.5
"""Log-odds against a number that is read as another note's of the page: where that is read once, or again and again."""
SIZES = (0.6, 0.3, 0.1)
"""The shares of one, two and three figures or more among figures that are no call."""

BEAM = 60.0
"""Log-odds by which a number of notes done may fall behind the best, before it is left out.

With half as many, an assignment that begins badly and ends well is lost in one of ten unlikely sequences of signs."""
SMALL = 100_000
"""Pages of fewer words times notes are looked at whole."""

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Key = tuple[str, bool, bool, bool]


class Chances:
    """How probable residues are where a call stands, and where none does, in one document.

    Args:
        figures: the reading of figures.
        places: all places of the document where a call may stand.
        numbers: the numbers of its notes.
    """

    def __init__(self, figures: Figures, places: Collection[Place], numbers: Sequence[int]) -> None:
        self.figures = figures
        self.numbers = numbers
        self._likelihoods: dict[tuple[str, int], float] = {}
        self.around = Counter((place.stopped, place.final) for place in places if not place.read)
        self.repeated = Counter(place.read for place in places if place.read.isdigit() and place.fused)
        self.seen = Counter(_key(place) for place in _longest(places))
        stops = Counter(place.stop for place in places if not place.read and place.stop is not None)
        self._usual_stop = {stop: (stops[stop] + SIGHTINGS * usual) / (sum(stops.values()) + SIGHTINGS)
                            for stop, (usual, _, _) in STOPS_READ.items()}
        self._stop = {stop: (log(called), log(untraced)) for stop, (_, called, untraced) in STOPS_READ.items()}
        signs = {_class(place.read) for place in places} - {LEGIBLE, SEVERAL}
        self._prior: dict[str, float] = {kind: self._usual(kind) for kind in sorted(signs | {NOTHING})}
        self._prior[SEVERAL] = self._usual("**")
        self._prior[LEGIBLE] = max(0.05, 1.0 - sum(self._prior.values()))
        self._kept: dict[str, float] = dict(self._prior)
        final = {key: n for key, n in self.seen.items() if key[3] and not key[1]}
        share = min(1.0, len(numbers) / max(1, sum(final.values())))
        self._calls: dict[Key, float] = {key: n * share for key, n in final.items()}
        self._reading: dict[tuple[str, int], float] = {}
        self._without: dict[tuple[Key, bool, bool], float] = {}

    def learn(self, called: Iterable[tuple[Place, float]]) -> None:
        """Take over how the calls of this document are read: places with their probabilities of being a call."""
        calls: defaultdict[Key, float] = defaultdict(float)
        left: defaultdict[str, float] = defaultdict(float)
        stops: defaultdict[str, float] = defaultdict(float)
        for place, sure in called:
            left[_class(place.read)] += sure
            if place.read:
                calls[_key(place)] += sure
                if place.stop is not None:
                    stops[place.stop] += sure
        self._calls = calls
        total = sum(left.values()) + READINGS
        self._kept = {kind: (left[kind] + READINGS * prior) / total for kind, prior in self._prior.items()}
        total = sum(stops.values()) + SIGHTINGS
        touched = {stop: (stops[stop] + SIGHTINGS * usual) / total for stop, (_, usual, _) in STOPS_READ.items()}
        untraced = {stop: rate * touched[stop] / usual for stop, (_, usual, rate) in STOPS_READ.items()}
        self._stop = {stop: (log(touched[stop]), log(untraced[stop] / sum(untraced.values()))) for stop in STOPS_READ}
        self._reading, self._without = {}, {}

    def _usual(self, read: str) -> float:
        """The probability that a call is read so, over the numbers of the notes."""
        return sum(exp(self._likelihood(read, number)) for number in self.numbers) / max(1, len(self.numbers))

    def _likelihood(self, read: str, number: int) -> float:
        found = self._likelihoods.get((read, number))
        if found is None:
            found = self._likelihoods[read, number] = self.figures.likelihood(read, number)
        return found

    def reading(self, read: str, number: int) -> float:
        """Log-probability that the call of a note is read so."""
        if (read, number) not in self._reading:
            kind = _class(read)
            usual = self._prior[LEGIBLE] if kind == LEGIBLE else self._usual(read)
            share = log(self._kept.get(kind, 1e-4)) - log(usual)
            self._reading[read, number] = share + self._likelihood(read, number)
        return self._reading[read, number]

    def without(self, place: Place) -> float:
        """Log-probability of a word ending so where no call stands."""
        read = place.read
        if not read:
            return 0.0
        if read.isalpha():
            return log(0.01) if not place.fused else (log(0.0007) if read[0].isupper() else -2.0 * len(read))
        key = _key(place)
        quotes = all(c in QUOTES for c in read)
        held = (key, place.fused, place.last and quotes)
        if held not in self._without:
            self._without[held] = self._rate(key, place.fused, place.last and quotes)
        return self._without[held] + (0.0 if read.isdigit() and not place.fused else _figures_alike(read))

    def _rate(self, key: Key, fused: bool, closes: bool) -> float:
        if key[1]:
            return log(0.3)                           # a quotation that was opened is closed
        left = max(0.0, self.seen[key] - self._calls.get(key, 0.0))
        if key[0] in (LEGIBLE, "mixed"):
            usual = FIGURES[key[0] == LEGIBLE, fused]
            if key[3] or not fused:
                return log(usual)                     # at the end of a sentence most of them will be calls
            return log((left + FIGURE_SIGHTINGS * usual) / (self.around[key[2:]] + FIGURE_SIGHTINGS))
        share = max(0.5, left) / (self.around[key[2:]] + SIGHTINGS) + PRINTED.get((key[0], key[2]), 0.0)
        return log(max(share, CLOSED) if closes else share)

    def fixed(self, place: Place) -> float:
        """Log-odds of a call at a place, of whichever note, without the reading of its number."""
        score = place.base - self.without(place)
        if place.stop is not None:
            score += self._stop[place.stop][not place.read] - log(self._usual_stop[place.stop])
        return score

    def readings(self, read: str, numbers: Sequence[int]) -> Vector:
        """Log-probability of the call of each of a page's notes being read so."""
        out = np.array([self.reading(read, number) for number in numbers])
        if read.isdigit() and int(read) in numbers:       # another note of the page
            out[np.array(numbers) != int(read)] -= ONCE if self.repeated[read] <= 1 else AGAIN
        return out


def _figures_alike(read: str) -> float:
    """Log-probability of just these figures, or signs among letters, where some stand that are no call."""
    if not any(c.isalnum() for c in read):
        return 0.0
    size = log(SIZES[min(len(read), 3) - 1])
    return size + sum(log(0.3 if c == "1" else 0.08 if c.isdigit() else 0.05 if c.isalpha() else 0.1) for c in read)


def _class(read: str) -> str:
    """What is left of a call: a sign, :data:`SEVERAL`, :data:`LEGIBLE` or :data:`NOTHING`."""
    if any(c.isalnum() for c in read):
        return LEGIBLE
    return plain_signs(read) if len(read) <= 1 else SEVERAL


def _key(place: Place) -> Key:
    """(what is left, whether it closes a quotation, whether a stop follows, whether a sentence may begin behind it)."""
    kind = _class(place.read)
    if kind == LEGIBLE and not place.read.isdigit():
        kind = "mixed"
    closing = place.opened and all(c in QUOTES for c in place.read.lstrip("?!"))
    return kind, closing, place.stopped, place.final


def _longest(places: Iterable[Place]) -> Iterable[Place]:
    """Of the residues of each word the one to count: figures alone if there are any, and the longest."""
    out: dict[tuple[int, int], Place] = {}
    for place in places:
        if not place.read or place.read.isalpha():
            continue
        held = out.get((place.block, place.end))
        if held is None or (place.read.isdigit(), len(place.read)) > (held.read.isdigit(), len(held.read)):
            out[place.block, place.end] = place
    return out.values()


Notes = Mapping[int, Sequence[int]]
"""The numbers of the notes of each page."""


def assign(figures: Figures, notes: Notes, places: Mapping[int, Sequence[Place]],
           ) -> dict[int, list[tuple[int, Place, float]]]:
    """For each page (index of the note, its place, its probability), in order; a note may stay without a place."""
    chances = Chances(figures, [place for found in places.values() for place in found],
                      [number for listed in notes.values() for number in listed])
    words = {page: _words(found) for page, found in places.items()}
    for _ in range(ROUNDS):
        chance = {page: _Trellis(chances, groups, notes[page]).posterior() for page, groups in words.items()}
        chances.learn((place, float(sure)) for page, groups in words.items()
                      for group, (_, rows) in zip(groups, chance[page], strict=True)
                      for place, sure in zip(group, rows.sum(axis=1), strict=True))
    return {page: _best(groups, chance[page], len(notes[page])) for page, groups in words.items()}


def _words(places: Sequence[Place]) -> list[list[Place]]:
    """The places in reading order, those of one word, which exclude each other, together."""
    groups: list[list[Place]] = []
    for place in sorted(places, key=lambda p: (p.block, p.start, p.end)):
        if groups and groups[-1][-1].block == place.block and place.start <= groups[-1][-1].end:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


Window = tuple[int, Vector]
"""Log-sums by number of notes done, from the first of a window of numbers; those outside have no chance."""
Rows = tuple[int, Matrix]
"""A row a place, a column a note, from the first of a window of notes."""


class _Trellis:
    """All ways to assign the notes of a page to its words, in order; hopeless numbers of notes done are left out."""

    def __init__(self, chances: Chances, words: Sequence[Sequence[Place]], numbers: Sequence[int]) -> None:
        self.words = words
        self.notes = len(numbers)
        readings = {read: chances.readings(read, numbers) for read in {p.read for group in words for p in group}}
        self.readings = [[readings[place.read] for place in group] for group in words]
        self.fixed = [np.array([chances.fixed(place) for place in group]) for group in words]
        self.small = len(words) * self.notes <= SMALL

    @cached_property
    def rows(self) -> list[Matrix]:
        """:meth:`worth` of all notes, for each word of a page that has few."""
        return [self._worth(g, 0, self.notes) for g in range(len(self.words))] if self.small else []

    def worth(self, g: int, low: int, high: int) -> Matrix:
        """Log-odds of the places of a word (rows) being the call of notes ``low:high`` (columns)."""
        return self.rows[g][:, low:high] if self.rows else self._worth(g, low, high)

    def _worth(self, g: int, low: int, high: int) -> Matrix:
        rows: Matrix = np.stack([row[low:high] for row in self.readings[g]]) + self.fixed[g][:, None]
        return rows

    def posterior(self) -> list[Rows]:
        """The probability of each note being called at each place, for each word."""
        ahead = self._ahead(math.inf if self.small else BEAM)
        low, last = ahead[-1]
        if low + len(last) - 1 < self.notes:              # the last notes fell out of the windows
            ahead = self._ahead(math.inf)
            low, last = ahead[-1]
        total = last[-1]
        behind: Window = (self.notes, np.zeros(1))
        out: list[Rows] = []
        for g in range(len(self.words) - 1, -1, -1):
            low, state = ahead[g]
            high = min(self.notes, low + len(state))      # notes low:high can be called here
            after = _part(_dropped(behind, -1, self.notes), low + 1, high + 1)
            rows = self.worth(g, low, high)
            out.append((low, np.exp(state[:high - low] + rows + after - total)))
            took = np.logaddexp.reduce(rows, axis=0) + after
            behind = low, np.logaddexp(_part(behind, low, low + len(state)), _part((low, took), low, low + len(state)))
        return out[::-1]

    def _ahead(self, beam: float) -> list[Window]:
        state = _dropped((0, np.zeros(1)), 1, self.notes)
        out = [state]
        for g in range(len(self.words)):
            low, sums = state
            high = min(self.notes, low + len(sums))
            took = sums[:high - low] + np.logaddexp.reduce(self.worth(g, low, high), axis=0)
            first, more = _dropped((low + 1, took), 1, self.notes) if len(took) else (low, sums)
            end = max(low + len(sums), first + len(more))
            joined = np.logaddexp(_part(state, low, end), _part((first, more), low, end)) if len(took) else sums
            good = np.flatnonzero(joined > joined.max() - beam)
            state = low + int(good[0]), joined[good[0]:good[-1] + 1]
            out.append(state)
        return out


def _part(window: Window, low: int, high: int) -> Vector:
    """A window's numbers from ``low`` to ``high``, without chance where the window has none."""
    first, sums = window
    if first == low and first + len(sums) == high:
        return sums
    out: Vector = np.full(max(0, high - low), -np.inf)
    a, b = max(low, first), min(high, first + len(sums))
    if a < b:
        out[a - low:b - low] = sums[a - first:b - first]
    return out


def _dropped(window: Window, way: int, notes: int) -> Window:
    """The log-sums with up to :data:`MOST_DROPPED` notes dropped after (``way`` 1) or before (-1) those of a window."""
    first, sums = window
    low = first if way > 0 else max(0, first - MOST_DROPPED)
    high = min(notes, first + len(sums) - 1 + MOST_DROPPED) + 1 if way > 0 else first + len(sums)
    padded = np.full(high - low + MOST_DROPPED, -np.inf)
    at = MOST_DROPPED if way > 0 else first - low
    padded[at:at + len(sums)] = sums
    return low, np.logaddexp.reduce(padded[_shifted(high - low)] + _DROPS[::-way], axis=1)


_DROPS = DROP * np.arange(MOST_DROPPED + 1)


@lru_cache(maxsize=256)
def _shifted(size: int) -> NDArray[np.int64]:
    """Row k: k, k + 1 ... k + :data:`MOST_DROPPED`."""
    return np.arange(size)[:, None] + np.arange(MOST_DROPPED + 1)


def _best(words: Sequence[Sequence[Place]], chance: Sequence[Rows], notes: int) -> list[tuple[int, Place, float]]:
    """The monotone assignment whose probabilities have the largest sum, without notes that rather have no call."""
    best = np.zeros(notes + 1)
    called = np.zeros(notes)
    back: list[tuple[int, NDArray[np.int8]]] = []
    for low, rows in chance:
        high = low + rows.shape[1]
        called[low:high] += rows.sum(axis=0)
        taken = np.full(high - low, -1, np.int8)
        if high > low:
            value = best[low:high] + rows.max(axis=0)
            better = value > best[low + 1:high + 1]
            taken[better] = rows.argmax(axis=0)[better]
            new = np.where(better, value, best[low + 1:high + 1])
            best[low + 1:high + 1] = new
            best[low + 1:] = np.maximum.accumulate(np.maximum(best[low + 1:], best[low]))
            taken[best[low + 1:high + 1] > new] = -2      # rather one note less
        back.append((low, taken))
    out: list[tuple[int, Place, float]] = []
    j, g = notes, len(words) - 1
    while g >= 0 and j > 0:
        low, taken = back[g]
        i = int(taken[j - 1 - low]) if low < j <= low + len(taken) else -2 if j > low + len(taken) else -1
        if i == -2:
            j -= 1
            continue
        if i >= 0:
            out.append((j - 1, words[g][i], float(chance[g][1][i, j - 1 - low])))
            j -= 1
        g -= 1
    return [(note, place, sure) for note, place, sure in reversed(out) if called[note] > 0.5]
