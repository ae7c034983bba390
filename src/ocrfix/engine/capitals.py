"""Which words have a capital inside of a sentence: how often each word, or its beginning, was seen with one.

``lexicons/model/capitals.tsv`` is made by ``tools/count_capitals.py``.
"""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ocrfix.errors import OcrfixError

BEGINNINGS = (7, 6, 5, 4)
"""Letters of the beginnings that stand for words seldom seen, the longest first."""
BEGINNING = "-"
"""Behind a beginning in the table."""
OTHERWISE, NAME = -0.5, 4.0
"""Log-odds of a capital on a word of which nothing is known, and on a name."""


@dataclass(frozen=True)
class Capitals:
    """Log-odds, in nats, of a capital inside of a sentence, by lower-case word or beginning of words (``ankar-``)."""

    odds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Capitals:
        """Read a table.

        Raises:
            OcrfixError: it is none.
            OSError: it cannot be read.
        """
        try:
            rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
            return cls({word: float(odds) for word, odds in rows})
        except ValueError as error:
            raise OcrfixError(f"{path}: not a table of capitals: {error}") from error

    def of(self, word: str, *, name: bool = False) -> float:
        """The log-odds of a capital on a lower-case word without suffix.

        Args:
            name: whether a lexicon has the word as a proper name, which counts where the word was seldom seen.
        """
        if word in self.odds:
            return self.odds[word]
        if name:
            return NAME
        keys = (word[:k] + BEGINNING for k in BEGINNINGS if len(word) >= k)
        return next((self.odds[key] for key in keys if key in self.odds), OTHERWISE)


def surprise(odds: float, *, capital: bool) -> float:
    """How surprising a capital, or a small letter, is where a capital has these log-odds, in nats."""
    return math.log1p(math.exp(-odds if capital else odds))
