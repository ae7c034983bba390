"""Which of a unit's readings is right, and how sure that is: a model that ranks the decoder's best readings.

The decoder's costs alone are overconfident (its models are not independent) and blind to much that a reader sees: that
a sentence goes on behind a comma, that the document has the word elsewhere, that the raw reading holds signs which no
print has.  The model weighs such features, and one more choice, that none of the readings is right, takes its share of
the probability, so the probabilities can be believed.

A score is log-linear in the terms, which a person can read, and a few small networks add to it what depends on several
terms at once (an unknown word is no misreading *if* it has a capital, is long and little else is odd).  Each network
makes its own probabilities; their mean counts, which is surer than any of them.  Both are in one file,
``lexicons/model/ranking.tsv``, made by ``ocrfix cross-validate --fit-ranking``.

Method: conditional log-linear re-ranking of n-best lists (Collins and Koo 2005), fitted by Newton's method; networks of
one hidden layer fitted to what it leaves over by Adam (Kingma and Ba 2015), and averaged (Hansen and Salamon 1990).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfix.errors import OcrfixError

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
    "page": "1 if it is the number of a page with the sign that the notes use, or the code of an archive",
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
    "capital_common": "how surprising its capitals inside of a sentence are, in nats (capitals.py)",
    "small_name": "how surprising its words without one are, in nats",
    "small_start": "1 if a sentence begins and it begins with a small letter",
    "open_common": "in the body, if it ends without a mark and a capital follows: how surprising that is, in nats",
    "comma_common": "the same, if it ends with a comma or semicolon",
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

_NOTES = NAMES.index("notes")
_LEFT = np.array([NAMES.index(term.partition("*")[0]) for term in TERMS])
_RIGHT = np.array([NAMES.index(term.partition("*")[2]) if "*" in term else len(NAMES) for term in TERMS])


def design(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """The terms of some readings, a row each, from their features in the order of :data:`NAMES`."""
    values = np.ones((len(rows), len(NAMES) + 1))
    values[:, :-1] = rows
    return values[:, _LEFT] * values[:, _RIGHT]


NETWORKS, UNITS = 6, 16
"""How many networks there are, and the hidden units of each."""
BIAS, OUT = "(bias)", "(out)"
"""Rows of the file, beside those of the terms: what a hidden unit starts from, and its weight in the score."""


@dataclass(frozen=True)
class Ranking:
    """The weights of the model.

    Attributes:
        weights: of the log-linear part, by term.
        hidden: by term, :data:`BIAS` and :data:`OUT`, the weights of all hidden units, one network behind the other;
            empty if there are none.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: {"cost": -0.5})
    hidden: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @cached_property
    def _vector(self) -> NDArray[np.float64]:
        return np.array([self.weights.get(term, 0.0) for term in TERMS])

    @cached_property
    def _layers(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """(weights of the terms, bias, weight in the score) of the hidden units."""
        nothing = (0.0,) * len(self.hidden[OUT])
        return (np.array([self.hidden.get(term, nothing) for term in TERMS]), np.array(self.hidden.get(BIAS, nothing)),
                np.array(self.hidden[OUT]))

    def probabilities(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """Probability of each reading of a unit, from their features; the last row is the choice of none.

        In notes the log-linear part judges alone: of notes there is too little for the networks to learn from.
        """
        terms = design(rows)
        score = (terms @ self._vector)[:, None]
        if self.hidden and not rows[0][_NOTES]:
            inside, bias, out = self._layers
            score = score + (np.tanh(terms @ inside + bias) * out).reshape(len(rows), NETWORKS, -1).sum(axis=2)
        weight = np.exp(score - score.max(axis=0))
        return np.asarray((weight / weight.sum(axis=0)).mean(axis=1))

    def sharpened(self, factor: float) -> Ranking:
        """The same ranking with all scores multiplied."""
        return Ranking({term: weight * factor for term, weight in self.weights.items()},
                       {row: tuple(weight * factor for weight in units) if row == OUT else units
                        for row, units in self.hidden.items()})

    @classmethod
    def read(cls, path: Path) -> Ranking:
        """Read a file that :meth:`write` made.  Terms that it does not have weigh nothing.

        Raises:
            OcrfixError: it is none, or has terms that are not known here.
            OSError: it cannot be read.
        """
        weights: dict[str, float] = {}
        hidden: dict[str, tuple[float, ...]] = {}
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise OcrfixError(f"{path}: not a ranking: no UTF-8") from error
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            try:
                name, first, *units = line.split("\t")
                weights[name] = float(first or 0.0)
                hidden[name] = tuple(map(float, units))
            except ValueError as error:
                raise OcrfixError(f"{path}: not a row of a ranking: {line[:60]!r}") from error
        sizes = {len(units) for units in hidden.values()}
        if len(sizes) != 1 or (sizes != {0} and (min(sizes) % NETWORKS or OUT not in hidden)):
            raise OcrfixError(f"{path}: not a ranking: its rows do not have the same number of hidden units")
        unknown = sorted(weights.keys() - {*TERMS, BIAS, OUT})
        if unknown:
            raise OcrfixError(f"{path}: was made by another version of ocrfix: it weighs {unknown[0]!r}, which is not "
                              "known here")
        if sizes == {0}:
            return cls(weights)
        return cls({name: weight for name, weight in weights.items() if name not in (BIAS, OUT)}, hidden)

    def write(self, path: Path, comment: str) -> None:
        """Write a row for each term: its name, its weight, and what it is worth to each hidden unit."""
        lines = [f"# {line}" for line in comment.splitlines()]
        for name in dict.fromkeys([*self.weights, *self.hidden]):
            units = (f"{weight:.4g}" for weight in self.hidden.get(name, ()))
            first = "" if name in (BIAS, OUT) else f"{self.weights.get(name, 0.0):.4f}"
            lines.append("\t".join((name, first, *units)))
        path.write_text("\n".join(lines) + "\n", "utf-8")


Sample = tuple[Sequence[Sequence[float]], int]
"""(the features of a unit's readings, none of them last; which row is right)."""


REPEATED = frozenset({"cited", "cited_known", "page"})
"""What the notes repeat: a few pages with truth have little of that."""
EXPECTED: Mapping[str, float] = {"cited": 3.5, "cited_known": -1.5, "page": 4.0, "comma_common": -1.0}
"""What weights are drawn to instead of nothing: what the notes repeat is rare, and a surprise is a probability."""
RARE = 0.1
"""A feature that varies less than this over the readings is too rare for its weight to be believed far."""


HIDDEN_PENALTY = 20.0
ROUNDS, RATE = 300, 0.02
"""Of the networks' fitting: rounds over all samples, and the step at first."""


@dataclass(frozen=True, slots=True)
class _Design:
    """Samples as one table: the normed terms of all readings, and which belong together.

    ``deviation`` is what the terms were divided by; ``starts`` and ``sizes`` are those of the samples, ``right`` the
    rows that are right.
    """

    terms: NDArray[np.float64]
    deviation: NDArray[np.float64]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    right: NDArray[np.intp]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> _Design:
        sizes = np.array([len(rows) for rows, _ in samples])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        terms = np.concatenate([design(rows) for rows, _ in samples])
        deviation = np.maximum(terms.std(axis=0), RARE)
        return cls(terms / deviation, deviation, starts, sizes, starts + np.array([k for _, k in samples]))

    def shares(self, score: NDArray[np.floating]) -> NDArray[np.floating]:
        """The probability of each reading among those of its sample, by their scores."""
        share = np.exp(score - np.repeat(np.maximum.reduceat(score, self.starts), self.sizes))
        return np.asarray(share / np.repeat(np.add.reduceat(share, self.starts), self.sizes))


def fit(samples: Sequence[Sample], penalty: float = 8.0, networks: int = NETWORKS) -> Ranking:
    """Fit the weights: the log-linear part first, then the networks to what it leaves over.

    Args:
        penalty: of the squared weights of the normed terms, as they differ from :data:`EXPECTED`.
        networks: none, for the log-linear part alone, or :data:`NETWORKS`.
    """
    table = _Design.of(samples)
    weights = _fit_weights(table, penalty)
    linear = {term: float(w) for term, w in zip(TERMS, weights / table.deviation, strict=True)}
    if not networks:
        return Ranking(linear)
    single = table.terms.astype(np.float32)
    single[:, [term in REPEATED for term in TERMS]] = 0.0      # what few pages have the networks would learn by heart
    layers = [_fit_network(table, single, (table.terms @ weights).astype(np.float32), np.random.default_rng(seed))
              for seed in range(networks)]
    inside, bias, out = (np.concatenate(parts, axis=-1) for parts in zip(*layers, strict=True))
    rows = {term: tuple(map(float, row)) for term, row in zip(TERMS, inside / table.deviation[:, None], strict=True)}
    return Ranking(linear, {**rows, BIAS: tuple(map(float, bias)), OUT: tuple(map(float, out))})


def _fit_weights(table: _Design, penalty: float, rounds: int = 30) -> NDArray[np.float64]:
    """The weights of the normed terms, by Newton's method with a ridge penalty."""
    x, starts = table.terms, table.starts
    expected = np.array([EXPECTED.get(term, 0.0) for term in TERMS]) * table.deviation
    weights = expected.copy()
    ridge = np.eye(len(weights)) * penalty
    for _ in range(rounds):
        share = table.shares(x @ weights)
        mean = np.add.reduceat(share[:, None] * x, starts)
        gradient = x[table.right].sum(axis=0) - mean.sum(axis=0) - ridge @ (weights - expected)
        hessian = (x * share[:, None]).T @ x - mean.T @ mean + ridge
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-9))
        if np.abs(step).max() < 1e-6:
            break
    return weights


Layers = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""(weights of the normed terms, float32[terms, units]; bias; weight in the score) of a network."""


def _fit_network(table: _Design, x: NDArray[np.float32], linear: NDArray[np.float32],
                 chance: np.random.Generator) -> Layers:
    """A network that adds to the ``linear`` scores of all readings, fitted by Adam with a ridge penalty."""
    layers = [chance.normal(scale=scale, size=size).astype(np.float32)
              for scale, size in ((0.1, (x.shape[1], UNITS)), (0.3, UNITS), (0.1, UNITS))]
    mean, square = ([np.zeros_like(layer) for layer in layers] for _ in range(2))
    for number in range(1, ROUNDS + 1):
        inside, bias, out = layers
        units = np.tanh(x @ inside + bias)
        wrong = table.shares(linear + units @ out).astype(np.float32)
        wrong[table.right] -= 1
        back = (wrong[:, None] * out) * (1 - units * units)
        gradients = (x.T @ back + HIDDEN_PENALTY * inside, back.sum(axis=0), units.T @ wrong + HIDDEN_PENALTY * out)
        rate = np.float32(RATE * min(1.0, 4 * (ROUNDS - number) / ROUNDS + 0.05))
        for k, gradient in enumerate(gradients):
            mean[k] = 0.9 * mean[k] + 0.1 * gradient
            square[k] = 0.98 * square[k] + 0.02 * gradient * gradient
            step = (mean[k] / (1 - 0.9 ** number)) / (np.sqrt(square[k] / (1 - 0.98 ** number)) + 1e-6)
            layers[k] = (layers[k] - rate * step).astype(np.float32)
    return layers[0], layers[1], layers[2]
