"""The confusion model: how probable it is that a stretch of print is read as a stretch of OCR.

A table is a TSV file of segments of up to three characters on either side (``true``, ``ocr``, ``count``, ``seen``): how
often the true segment was read so, of how often it stood in print.  A person can read and edit it.  :class:`Channel`
is a table in memory, :meth:`Channel.compile` turns it into the arrays of the decoder.
"""
from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfix.engine.automaton import OTHER, letter_bit
from ocrfix.engine.decoder import Rules, is_letter
from ocrfix.errors import OcrfixError
from ocrfix.language.turkish import lower

FOLD = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
                      "–": "-", "—": "-", "−": "-", "\u00a0": " "})
"""Shapes of quotes and dashes that the engine does not tell apart."""

LONGEST = 3
"""Longest segment on either side, in characters."""

DOUBT, LONG_DOUBT = 1.0, 10.0
"""Sightings added to those of a letter, and of a longer segment, which discount rare confusions."""
MOST = 0.97
"""Highest probability of a confusion."""

COLUMNS = ("true", "ocr", "count", "seen")
"""Of a table; their names may stand above them."""

Segment = tuple[str, str]
"""(true, OCR)."""


@dataclass(frozen=True)
class Compiled:
    """A confusion model as the decoder wants it."""

    rule_key: NDArray[np.int64]
    rule_first: NDArray[np.int64]
    rule_true: NDArray[np.int64]
    rule_cost: NDArray[np.float64]
    rule_bit: NDArray[np.int64]
    rule_letters: NDArray[np.int8]
    identity: NDArray[np.float64]

    def rules(self) -> Rules:
        return Rules(self.rule_key, self.rule_first, self.rule_true, self.rule_cost, self.rule_bit, self.rule_letters,
                     self.identity)

    @cached_property
    def _costs(self) -> dict[tuple[int, int], float]:
        """Cost of each confusion by its packed OCR and true segments."""
        ocr = np.repeat(self.rule_key, np.diff(self.rule_first)).tolist()
        return dict(zip(zip(ocr, self.rule_true.tolist(), strict=True), self.rule_cost.tolist(), strict=True))

    def cost(self, true: str, ocr: str, *, substitution: float, insertion: float, deletion: float) -> float:
        """The least cost, in nats, of reading a true text as an OCR text; the prices are those of unseen confusions.

        Dynamic programming over the segments on both sides; the decoder's channel for two given texts.
        """
        best = np.full((len(true) + 1, len(ocr) + 1), np.inf)
        best[0, 0] = 0.0
        costs, identity = self._costs, self.identity
        for i in range(len(true) + 1):
            for j in range(len(ocr) + 1):
                here = float(best[i, j])
                if here == math.inf:
                    continue
                for a in range(min(LONGEST, len(true) - i) + 1):
                    for b in range(min(LONGEST, len(ocr) - j) + 1):
                        if not a and not b:
                            continue
                        t, o = true[i:i + a], ocr[j:j + b]
                        if t == o and a == 1:
                            step = float(identity[ord(t)]) if ord(t) < len(identity) else 0.05
                        else:
                            step = costs.get((_key(o), _pack(t)), math.inf)
                        if (a, b) == (1, 1):
                            step = min(step, substitution)
                        elif (a, b) == (0, 1):
                            step = min(step, insertion)
                        elif (a, b) == (1, 0):
                            step = min(step, deletion)
                        if here + step < best[i + a, j + b]:
                            best[i + a, j + b] = here + step
        return float(best[-1, -1])


@dataclass(frozen=True)
class Channel:
    """Counts of a confusion model.

    Attributes:
        name: the kind of type and OCR that it was learned from.
        count: how often a true segment was read as an OCR segment.
        seen: how often a true segment stood in print.
    """

    name: str
    count: Mapping[Segment, float] = field(default_factory=dict)
    seen: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Channel:
        """Read a table.

        Raises:
            OcrfixError: the file is not a confusion table.
            OSError: it cannot be read.
        """
        count: dict[Segment, float] = {}
        seen: dict[str, float] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            row: Sequence[str] = ()
            number = 0
            try:
                for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                    if number == 1 and tuple(row) == COLUMNS:
                        continue
                    true, ocr, n, total = row
                    count[_unescape(true), _unescape(ocr)] = float(n)
                    seen[_unescape(true)] = float(total)
            except UnicodeDecodeError as error:
                raise OcrfixError(f"{path}: not a confusion table: no UTF-8") from error
            except (ValueError, csv.Error) as error:
                raise OcrfixError(f"{path}: row {number} is not '{', '.join(COLUMNS)}': {row!r}") from error
        return cls(path.stem, count, seen)

    def write(self, path: Path, comment: str) -> None:
        """Write the table, commonest confusions first, with a comment that says what it was made from."""
        with path.open("w", encoding="utf-8", newline="") as file:
            for line in comment.splitlines():
                file.write(f"# {line}\n")
            file.write("\t".join(COLUMNS) + "\n")
            for (true, ocr), n in sorted(self.count.items(), key=lambda x: (-x[1], x[0])):
                file.write(f"{_escape(true)}\t{_escape(ocr)}\t{n:g}\t{self.seen.get(true, n):g}\n")

    def smoothed(self, generic: Channel | None, weight: float) -> Channel:
        """The table drawn towards a more general one, which counts like ``weight`` sightings of each true segment."""
        if generic is None or weight <= 0:
            return self
        count: dict[Segment, float] = dict(self.count)
        seen: dict[str, float] = dict(self.seen)
        for true, total in generic.seen.items():
            seen[true] = seen.get(true, 0.0) + min(weight, total)
        for (true, ocr), n in generic.count.items():
            total = generic.seen[true]
            count[true, ocr] = count.get((true, ocr), 0.0) + n * min(weight, total) / total
        return Channel(self.name, count, seen)

    @property
    def error_rate(self) -> float:
        """Misread characters per character of print, as the table has it."""
        letters = {t: n for t, n in self.seen.items() if len(t) == 1}
        total = sum(letters.values()) or 1.0
        return max(sum(n for (t, o), n in self.count.items() if len(t) <= 1 and t != o) / total, 1e-4)

    def compile(self, *, scale: float = 1.0) -> Compiled:
        """Arrays for the decoder.

        Args:
            scale: multiplies the probability of every confusion (the noise of the text at hand).
        """
        keys, first, true, probability, bits, sizes, letters, wrong = self._segments
        share = np.minimum(probability * scale, MOST)
        identity = np.full(0x2100, 0.02)
        lost = np.bincount(letters, np.minimum(wrong * scale, MOST), 0x2100)[:0x2100]
        seen = np.bincount(letters, minlength=0x2100)[:0x2100] > 0
        identity[seen] = -np.log(np.maximum(1 - lost[seen], 0.02))
        return Compiled(keys, first, true, -np.log(share), bits, sizes, identity)

    @cached_property
    def _segments(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64],
                                 NDArray[np.int64], NDArray[np.int8], NDArray[np.int64], NDArray[np.float64]]:
        """The confusions sorted by OCR segment and probability, and those of single letters by letter.

        A confusion is discounted by sightings that are added below the line, for segments of several letters, which are
        many and rare, more than for others.
        """
        rules: dict[int, list[tuple[float, int]]] = defaultdict(list)
        letters: list[int] = []
        wrong: list[float] = []
        for (true, ocr), n in self.count.items():
            if true == ocr or n <= 0:
                continue
            probability = n / (self.seen.get(true, n) + (DOUBT if len(true) < 2 else LONG_DOUBT))
            if len(true) == 1 and ord(true) < 0x2100:
                letters.append(ord(true))
                wrong.append(probability)
            if len(true) <= LONGEST and len(ocr) <= LONGEST:
                rules[_key(ocr)].append((-probability, _pack(true)))
        keys = sorted(rules)
        flat = [rule for key in keys for rule in sorted(rules[key])]
        first = np.cumsum([0, *(len(rules[key]) for key in keys)])
        bits = [letter_bit(lower(chr(t & 0xFFFF))) if t else OTHER for _, t in flat]
        sizes = [_letters(t) for _, t in flat]
        return (np.array(keys, np.int64), first.astype(np.int64), np.array([t for _, t in flat], np.int64),
                np.array([-p for p, _ in flat], np.float64), np.array(bits, np.int64), np.array(sizes, np.int8),
                np.array(letters, np.int64), np.array(wrong, np.float64))


def merged(name: str, channels: Iterable[Channel]) -> Channel:
    """The sum of several tables."""
    count: dict[Segment, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for channel in channels:
        for segment, n in channel.count.items():
            count[segment] += n
        for true, n in channel.seen.items():
            seen[true] += n
    return Channel(name, dict(count), dict(seen))


def _key(ocr: str) -> int:
    return sum(min(ord(c), 0xFFFF) << (16 * i) for i, c in enumerate(ocr))


_pack = _key


_LETTERS = frozenset(filter(is_letter.py_func, range(0x180)))


def _letters(true: int) -> int:
    """How many letters a packed segment consists of; 0 if it has other characters, or none."""
    codes = [true >> shift & 0xFFFF for shift in (0, 16, 32) if true >> shift]
    return len(codes) if _LETTERS.issuperset(codes) else 0


_ESCAPES = str.maketrans({"\\": "\\\\", " ": "␣", "\t": "\\t", "\n": "\\n", "\r": "\\r", "#": "\\h",
                          "␣": "\\␣", "∅": "\\∅"})


def _escape(text: str) -> str:
    return text.translate(_ESCAPES) or "∅"


def _unescape(text: str) -> str:
    if text == "∅":
        return ""
    out, i = [], 0
    while i < len(text):
        if text[i] == "\\" and i + 1 < len(text):
            out.append({"t": "\t", "n": "\n", "r": "\r", "h": "#"}.get(text[i + 1], text[i + 1]))
            i += 2
        else:
            out.append(" " if text[i] == "␣" else text[i])
            i += 1
    return "".join(out)
