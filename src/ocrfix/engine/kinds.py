"""Which confusion model a text calls for, told from the text itself.

Every kind of type and OCR leaves its own signature: the italic of one scanner is full of ``J`` and ``f``, an OCR
without Turkish knows no ``ş``.  A signature is the counts of character trigrams in OCR text of the kind; the kind of a
new text is that whose signature makes it most probable (naive Bayes, Cavnar and Trenkle 1994 in spirit).
"""
from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import mul
from pathlib import Path

import regex

_SPACE = regex.compile(r"\s+")
_DIGIT = regex.compile(r"\d")


def trigrams(text: str) -> Counter[str]:
    """Character trigrams of a text, white space single, figures all alike."""
    text = " " + _DIGIT.sub("0", _SPACE.sub(" ", text)).strip() + " "
    return Counter(text[i:i + 3] for i in range(len(text) - 2))


@dataclass(frozen=True)
class Signature:
    """Trigram counts of OCR text of one kind."""

    name: str
    counts: Mapping[str, float]

    @cached_property
    def total(self) -> float:
        return sum(self.counts.values())

    @classmethod
    def read(cls, path: Path) -> Signature:
        """Read ``trigram <TAB> count`` rows; ``␣`` is a space."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader((x for x in file if not x.startswith("# ")), delimiter="\t", quoting=csv.QUOTE_NONE)
            counts = {row[0].replace("␣", " "): float(row[1]) for row in rows if len(row) == 2}
            return cls(path.name.split(".")[0], counts)

    def write(self, path: Path, comment: str) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"# {line}\n" for line in comment.splitlines())
            for gram, n in sorted(self.counts.items(), key=lambda x: (-x[1], x[0])):
                if "\t" not in gram and "\n" not in gram and "\r" not in gram:
                    file.write(f"{gram.replace(' ', '␣')}\t{n:g}\n")

    @cached_property
    def _costs(self) -> tuple[dict[str, float], float]:
        """Cost of each trigram, and of one that was never seen."""
        floor = 0.1
        size = math.log(self.total + floor * 50_000)
        return {gram: size - math.log(n + floor) for gram, n in self.counts.items()}, size - math.log(floor)

    def cost(self, grams: Mapping[str, int]) -> float:
        """Negative log probability, in nats, of the trigrams of a text."""
        costs, unseen = self._costs
        total: float = sum(map(mul, grams.values(), map(costs.get, grams, repeat(unseen))))
        return total


def best_kind(text: str, signatures: Mapping[str, Signature], among: tuple[str, ...]) -> tuple[str, float]:
    """(the likeliest kind, by how many nats it leads the next)."""
    grams = trigrams(text)
    costs = sorted((signatures[name].cost(grams), name) for name in among)
    return costs[0][1], costs[1][0] - costs[0][0] if len(costs) > 1 else math.inf
