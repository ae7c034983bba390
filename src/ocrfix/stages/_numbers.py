"""How the OCR reads a note number: a superscript or small figure is the first thing that it gets wrong.

Start at :class:`Figures`.  What a figure is read as was counted on pages with truth (the confusion tables hold
superscript figures and what the OCR made of them) and is smoothed with the shapes that look alike in any type
(``lexicons/figures.tsv``).  A string is scored as in a segment model: the cheapest way to cut it into what is left of
each figure (dynamic programming); or the whole number is a blot, a sign or two that tell nothing of its figures.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from pathlib import Path

from ocrfix import paths
from ocrfix.engine.channel import Channel
from ocrfix.engine.kinds import best_kind
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge

SYMBOLS = frozenset("*•°™®§†‡^~\"“”„‘’'`´!?<>{}|\\_=+#@&$¢£«»¹²³")
"""Signs that stand where a small figure stood, when nothing of it is legible."""
RAISED_SIGNS = frozenset("*\"'°!?®™")
"""The small and raised ones among them, which any OCR sees in a small figure first."""
STARS = frozenset("*•∗⁎†")
"""Signs that print an author's note."""
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
_STOPS = ".,;:"

SHAPES_WEIGHT = 20.0
"""The shapes count like so many sightings of each figure."""
SAME, ALIKE, GONE, TWO = 0.55, 0.25, 0.04, 0.01
"""Share of figures that are read right, as a shape that looks alike, not at all, as two signs, before any counting."""
OTHER_FIGURE, OTHER_LETTER, OTHER_SIGN = 0.004, 0.0006, 0.003
"""Chance of one particular other figure, letter or sign."""
STRAY_SIGN, STRAY_LETTER = 0.05, 0.001
"""Chance of one particular sign or letter that stands for no figure."""
ENOUGH_TEXT = 200_000
"""So many characters tell which OCR a text comes from."""
STRANGER = 0.1
"""A sighting of another OCR is worth so many of its own."""
BLOT_WEIGHT = 10.0
BLOT = (0.04, 0.08, 0.04, 0.005)
"""The shares of numbers that leave nothing, one sign, two or three, and how many sightings this is worth."""
LETTER = 0.0007
"""Chance of one particular letter being read for a whole number."""
GARBLED = 0.005
"""Share of numbers that are read as figures with signs, of which the number cannot be told."""
UNIT = 8.0
"""Negative log-likelihood (nats a figure) at which nothing of a number is left."""


@cache
def read_shapes(path: Path) -> Mapping[str, tuple[str, ...]]:
    """For each figure what looks like it.

    Raises:
        OcrfixError: the file is not a table of shapes.
    """
    out: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith(("#", "figure")) or not line.strip():
            continue
        figure, _, shapes = line.partition("\t")
        if len(figure) != 1 or not figure.isdigit() or not shapes.split():
            raise OcrfixError(f"{path}, line {number}: not a figure and its shapes: {line!r}")
        out[figure] = tuple(shapes.split())
    return out


def _sightings(channel: Channel) -> Iterator[tuple[str, str, float]]:
    """(number, what the OCR made of it, how often) of the superscript numbers of a table.

    A number that was counted together with the stop or letter beside it is taken from there only where it was not
    counted alone.
    """
    alone = {true for true, _ in channel.count if true and _RAISED.issuperset(true)}
    for (true, ocr), n in channel.count.items():
        number, read = true, ocr
        if number[-1:] in (".", ",", " ") and number[:-1] not in alone:
            number, read = number[:-1], read.rstrip(number[-1] + _STOPS)
        elif number[:1] and number[0] not in _RAISED and number[0] == read[:1] and number[1:] not in alone:
            number, read = number[1:], read[1:]
        if number and _RAISED.issuperset(number):
            yield number.translate(SUPERSCRIPTS), read.replace(" ", ""), n


@dataclass
class Figures:
    """The reading of figures: build it with :meth:`learned`.

    Attributes:
        shapes: for each figure what looks like it.
        count: (figure, what was read) -> sightings.
        seen: figure -> sightings.
        blots: (number of figures, signs that were read for all of them) -> sightings.
        signs: sign -> sightings in blots.
        numbers: number of figures -> sightings.
    """

    shapes: Mapping[str, tuple[str, ...]]
    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    blots: Counter[tuple[int, str]] = field(default_factory=Counter)
    signs: Counter[str] = field(default_factory=Counter)
    numbers: Counter[int] = field(default_factory=Counter)
    _likeness: dict[tuple[str, int], float] = field(default_factory=dict)
    _logs: dict[tuple[str, str], float] = field(default_factory=dict)
    _legible: dict[tuple[str, int], float] = field(default_factory=dict)

    @classmethod
    def learned(cls, channels: Iterable[Channel] = (), strangers: Iterable[Channel] = (), shapes: Path | None = None,
                ) -> Figures:
        """The reading of figures that confusion tables teach; those of ``strangers``, other kinds of OCR, little."""
        out = cls(read_shapes(shapes or paths.lexicons() / "figures.tsv"))
        for weight, tables in ((1.0, channels), (STRANGER, strangers)):
            for channel in tables:
                for number, read, n in _sightings(channel):
                    out._count(number, plain_signs(read), round(n) * weight)
        return out

    def _count(self, number: str, read: str, n: float) -> None:
        size = min(len(number), 3)
        legible = any(c.isalnum() for c in read)
        self.numbers[size] += n                       # type: ignore[assignment]
        if len(read) == len(number):
            for figure, c in zip(number, read, strict=True):
                self.count[figure, c] += n            # type: ignore[assignment]
                self.seen[figure] += n                # type: ignore[assignment]
        elif len(number) == 1 and legible:
            self.count[number, read] += n             # type: ignore[assignment]
            self.seen[number] += n                    # type: ignore[assignment]
        if not legible:
            self.blots[size, read] += n               # type: ignore[assignment]
            for c in read:
                self.signs[c] += n                    # type: ignore[assignment]

    @classmethod
    def of(cls, text: str, knowledge: Knowledge) -> Figures:
        """The reading of figures of the OCR that a text comes from, as far as its signature tells."""
        signatures = knowledge.signatures
        own = best_kind(text[:ENOUGH_TEXT], signatures, tuple(sorted(signatures)))[0] if signatures else ""
        family = own.partition("-")[0]
        tables = [(name, table) for part in (knowledge.channels, knowledge.general) for name, table in part.items()]
        return cls.learned([table for name, table in tables if name.partition("-")[0] == family],
                           [table for name, table in tables if name.partition("-")[0] != family])

    def probability(self, figure: str, read: str) -> float:
        """The probability that a figure is read so (0 to 2 characters)."""
        shapes = self.shapes.get(figure, ())
        if not read:
            prior = GONE
        elif len(read) > 1:
            prior = ALIKE / 4 if read in shapes else TWO * OTHER_SIGN
        elif read == figure:
            prior = SAME
        elif read in shapes:
            prior = ALIKE / len(shapes)
        elif read.isdigit():
            prior = OTHER_FIGURE
        else:
            prior = OTHER_LETTER if read.isalpha() else OTHER_SIGN
        return (self.count[figure, read] + SHAPES_WEIGHT * prior) / (self.seen[figure] + SHAPES_WEIGHT)

    def legible(self, read: str, number: int) -> float:
        """Log-likelihood (nats) of ``read`` as the figures of ``number``, cut into a piece for each of them."""
        key = (read, number)
        found = self._legible.get(key)
        if found is None:
            found = self._legible[key] = self._cut(read, number)
        return found

    def _log(self, figure: str, read: str) -> float:
        key = (figure, read)
        found = self._logs.get(key)
        if found is None:
            found = self._logs[key] = log(self.probability(figure, read))
        return found

    def _cut(self, read: str, number: int) -> float:
        figures = str(number)
        stray = [log(STRAY_LETTER if c.isalnum() else STRAY_SIGN) for c in read]
        best = [sum(stray[:i]) for i in range(len(read) + 1)]
        for figure in figures:
            row = [-1e9] * (len(read) + 1)
            for end in range(len(read) + 1):
                for size in range(min(2, end) + 1):
                    if best[end - size] > -1e8:
                        row[end] = max(row[end], best[end - size] + self._log(figure, read[end - size:end]))
            for end in range(1, len(read) + 1):
                row[end] = max(row[end], row[end - 1] + stray[end - 1])
            best = row
        return best[-1]

    def blot(self, read: str, number: int) -> float:
        """Log-likelihood (nats) of signs, of a letter, or of nothing, as all that is left of a number."""
        if any(c.isalnum() for c in read):
            if read.isalpha():
                return log(LETTER) * len(read)
            garbled = any(c.isdigit() for c in read) and any(c in SYMBOLS for c in read)
            return log(GARBLED) if garbled and not any(c.isalpha() for c in read) else -1e9
        size = min(len(str(number)), 3)
        total = self.numbers[size] + BLOT_WEIGHT
        length = sum(n for (k, signs), n in self.blots.items() if k == size and len(signs) == len(read))
        out = log((length + BLOT_WEIGHT * BLOT[min(len(read), 3)]) / total)
        if len(read) > 1:
            return out                               # which signs they are tells nothing more
        signs = sum(self.signs.values()) + BLOT_WEIGHT
        return out + sum(log((self.signs[c] + BLOT_WEIGHT * _usual(c)) / signs) for c in plain_signs(read))

    def likelihood(self, read: str, number: int) -> float:
        """Log-likelihood (nats) of a call or note number being read so."""
        read = read.translate(SUPERSCRIPTS).replace(" ", "")
        a, b = self.legible(read, number), self.blot(read, number)
        return max(a, b) + log(1.0 + exp(-abs(a - b)))

    def likeness(self, read: str, number: int) -> float:
        """How far ``read`` may be the printed ``number``: 1 for the figures themselves, 0 for nothing in common.

        >>> figures = Figures.learned()
        >>> figures.likeness("12", 12), figures.likeness("l2", 12) > 0.7, figures.likeness("Bu", 12) < 0.3
        (1.0, True, True)
        """
        key = (read, number)
        if key not in self._likeness:
            self._likeness[key] = self._near(read.translate(SUPERSCRIPTS).replace(" ", ""), number)
        return self._likeness[key]

    def _near(self, read: str, number: int) -> float:
        printed = str(number)
        if not read or len(read) > 2 * len(printed) + 2:
            return 0.0
        if read == printed:
            return 1.0
        loss = sum(log(self.probability(f, f)) for f in printed) - self.legible(read, number)
        return max(0.0, min(0.99, 1.0 - loss / (UNIT * len(printed))))


def _usual(sign: str) -> float:
    """The chance of a sign being what a number leaves, before any counting."""
    return 0.5 / len(SYMBOLS) + (0.5 / len(RAISED_SIGNS) if sign in RAISED_SIGNS else 0.0)


def plain_signs(read: str) -> str:
    """Signs with the shapes of quotes folded."""
    return "".join("\"" if c in "“”„«»" else "'" if c in "‘’`´" else c for c in read)
