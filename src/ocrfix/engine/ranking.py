"""Which of a unit's readings is right, and how sure that is: a log-linear model over the decoder's best readings.

The decoder's costs alone are overconfident (its models are not independent) and blind to much that a reader sees: that
a sentence goes on behind a comma, that the document has the word elsewhere, that the raw reading holds signs which no
print has.  The model weighs such features, and one more choice, that none of the readings is right, takes its share of
the probability, so the probabilities can be believed.  The weights are a file that a person can read:
``lexicons/model/ranking.tsv``, made by ``ocrfix cross-validate --fit-ranking``.

Method: conditional log-linear re-ranking of n-best lists (Collins and Koo 2005), fitted by Newton's method.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FEATURES: Mapping[str, str] = {
    "cost": "by how much the reading is dearer than the cheapest one, in nats, at most 20",
    "cost2": "its square, a tenth of it",
    "link": "cost of the word behind the unit after this reading, in nats, at most 15",
    "path": "1 if the best path through the whole line has this reading",
    "raw": "1 if it is the text as it stands",
    "missing": "1 if the decoder did not find it among its best: it is the text as it stands, or the path's",
    "known": "1 if all its words are in the lexicon",
    "raw_known": "1 if it is the text as it stands and all its words are in the lexicon",
    "raw_plain": "1 if it is the text as it stands, its words are unknown, but nothing else is odd about it",
    "fit": "by how much its words are likelier between their neighbours than anywhere, in nats (context.py)",
    "mark_fit": "log of the probability of the mark, or of none, behind its last word (context.py)",
    "cited": "1 if it is a name or title that the notes repeat",
    "cited_known": "the same, if the words of the text as it stands are in the lexicon",
    "page": "1 if it is the number of a page with the sign before it that the notes use",
    "apart": "how many more spaces it has behind points, times the log of how often initials have one to how often not",
    "rarity": "unigram cost of its rarest word, a fifth of it",
    "often": "log of 1 + how often its least frequent word stands in the document, as the OCR left it",
    "raw_often": "the same, if it is the text as it stands",
    "words_more": "how many words it has more than the text as it stands",
    "words_less": "how many fewer",
    "only_case": "1 if it differs in capitals alone",
    "only_marks": "1 if it differs in punctuation alone",
    "mark_dropped": "1 if the text as it stands ends with a mark and the reading does not",
    "mark_added": "1 if the reading ends with a mark and the text as it stands does not",
    "mark_changed": "1 if both end with marks, but not the same",
    "apostrophe_more": "1 if it has more apostrophes",
    "apostrophe_less": "1 if it has fewer",
    "quotes_less": "1 if it has fewer quotes and brackets",
    "figures": "1 if it changes a text with figures, or into one",
    "odd": "1 if it has signs or a mixture of signs that print does not have inside of words",
    "distance": "edit distance from the text as it stands, as a share of the longer one",
    "capital_more": "1 if it begins with a capital and the text as it stands does not",
    "capital_common": "how many common words it has with a capital inside of a sentence",
    "small_name": "how many proper names without a capital",
    "stop_upper": "1 if it ends a sentence and a capital follows",
    "stop_lower": "1 if it ends a sentence and a small letter follows",
    "open_upper": "1 if it does not end a sentence and a capital follows",
    "short": "1 if it changes the text and has at most three characters",
    "no_letters": "1 if it changes the text and has no word at all",
    "length": "a tenth of its length in characters",
    "notes": "1 in a note",
    "noise": "log of how noisy the text is, against the text that its confusions were learned from",
    "none": "1 for the choice that none of the readings is right",
    "cheapest": "cost of the cheapest reading for each character, at most 12; of that choice alone, as what follows",
    "gap": "cost from the cheapest reading to the next, at most 10",
    "odd_raw": "1 if the text as it stands is odd",
    "known_raw": "1 if its words are in the lexicon",
    "known_best": "1 if those of the cheapest reading are",
    "kept": "1 if the best path leaves the text as it stands",
    "best_fit": "the best fit of any reading",
    "raw_length": "a tenth of its length",
}
"""The features of a reading and what they say."""

NAMES = tuple(FEATURES)
TERMS = (*(name for name in NAMES if name not in ("notes", "noise")),
         "cost*notes", "raw*notes", "known*notes", "none*notes", "raw*noise", "raw_known*noise", "cost*noise",
         "mark_dropped*noise", "mark_changed*noise", "only_case*noise", "none*noise", "known*rarity",
         "raw_known*rarity", "raw*length", "raw_known*length", "capital_common*notes", "fit*notes", "mark_fit*notes",
         "fit*noise", "mark_fit*noise")
"""The terms of the model: features, and products of two."""

_LEFT = np.array([NAMES.index(term.partition("*")[0]) for term in TERMS])
_RIGHT = np.array([NAMES.index(term.partition("*")[2]) if "*" in term else len(NAMES) for term in TERMS])


def design(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """The terms of some readings, a row each, from their features in the order of :data:`NAMES`."""
    values = np.ones((len(rows), len(NAMES) + 1))
    values[:, :-1] = rows
    return values[:, _LEFT] * values[:, _RIGHT]


@dataclass(frozen=True)
class Ranking:
    """Weights of the log-linear model, by term."""

    weights: Mapping[str, float] = field(default_factory=lambda: {"cost": -0.5})

    @cached_property
    def _vector(self) -> NDArray[np.float64]:
        return np.array([self.weights.get(term, 0.0) for term in TERMS])

    def probabilities(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """Probability of each reading of a unit, from their features; the last row is the choice of none."""
        score = design(rows) @ self._vector
        weight = np.exp(score - score.max())
        return np.asarray(weight / weight.sum())

    @classmethod
    def read(cls, path: Path) -> Ranking:
        rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
        return cls({name: float(weight) for name, weight in rows})

    def write(self, path: Path, comment: str) -> None:
        lines = [f"# {line}" for line in comment.splitlines()] + [f"{n}\t{w:.4f}" for n, w in self.weights.items()]
        path.write_text("\n".join(lines) + "\n", "utf-8")


Sample = tuple[Sequence[Sequence[float]], int]
"""(the features of a unit's readings, none of them last; which row is right)."""


EXPECTED: Mapping[str, float] = {"cited": 3.5, "cited_known": -1.5, "page": 4.0}
"""What weights are drawn to instead of nothing: a few pages with truth have few citations that repeat each other."""
RARE = 0.1
"""A feature that varies less than this over the readings is too rare for its weight to be believed far."""


def fit(samples: Sequence[Sample], penalty: float = 2.0, rounds: int = 30) -> Ranking:
    """Fit the weights by Newton's method with a ridge penalty on normed terms, towards :data:`EXPECTED`."""
    sizes = np.array([len(rows) for rows, _ in samples])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    x = np.concatenate([design(rows) for rows, _ in samples])
    deviation = x.std(axis=0)
    deviation = np.maximum(deviation, RARE)
    x /= deviation
    right = starts + np.array([k for _, k in samples])
    expected = np.array([EXPECTED.get(term, 0.0) for term in TERMS]) * deviation
    weights = expected.copy()
    ridge = np.eye(len(weights)) * penalty
    for _ in range(rounds):
        score = x @ weights
        share = np.exp(score - np.repeat(np.maximum.reduceat(score, starts), sizes))
        share /= np.repeat(np.add.reduceat(share, starts), sizes)
        mean = np.add.reduceat(share[:, None] * x, starts)
        gradient = x[right].sum(axis=0) - mean.sum(axis=0) - ridge @ (weights - expected)
        hessian = (x * share[:, None]).T @ x - mean.T @ mean + ridge
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-9))
        if np.abs(step).max() < 1e-6:
            break
    return Ranking({term: float(w) for term, w in zip(TERMS, weights / deviation, strict=True)})
