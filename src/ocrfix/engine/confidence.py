"""How sure a correction is: a logistic model over a few features of the decoder's choice.

The decoder's own posterior is overconfident (its models are not independent), so the probability that a correction is
right is fitted on pages with truth (Platt scaling with more features; Platt 1999).  The weights are a file that a
person can read: ``lexicons/model/confidence.tsv``, made by ``ocrfix learn --confidence``.
"""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a correction; costs in nats.

    Attributes:
        literal_margin: by how much the correction is cheaper than the reading as it stands (at most 15).
        rival_margin: by how much it is cheaper than the next other reading (at most 10).
        posterior: its share of the probability of all readings found.
        literal_known: 1 if all words of the raw reading are in the lexicon.
        best_known: 1 if all words of the correction are.
        length: log of 1 + its characters.
        words: how many words more or fewer it has.
        figures: 1 if figures are involved.
        only_case: 1 if only capitals change.
        only_marks: 1 if only punctuation changes.
        notes: 1 in a note.
        letters: 1 if the correction has a word at all.
        apostrophe: 1 if it gains or loses an apostrophe.
        short: 1 if it has at most three characters.
        cost: the correction's cost for each of its characters.
        rarity: unigram cost of its rarest word.
        often: log of 1 + how often its least frequent word stands in the document, as the OCR left it.
        literal_often: the same of the raw reading.
        noise: log of how noisy the text is, against the text that its confusions were learned from.
    """

    literal_margin: float
    rival_margin: float
    posterior: float
    literal_known: float
    best_known: float
    length: float
    words: float
    figures: float
    only_case: float
    only_marks: float
    notes: float
    letters: float
    apostrophe: float
    short: float
    cost: float
    rarity: float
    often: float
    literal_often: float
    noise: float


NAMES = tuple(f.name for f in fields(Features))


@dataclass(frozen=True)
class Confidence:
    """Weights of the logistic model; ``scale`` entries are (mean, deviation) by which features are normed."""

    weights: Mapping[str, float] = field(default_factory=lambda: {"bias": 0.0, "literal_margin": 0.3, "posterior": 2.0})

    def probability(self, features: Features) -> float:
        """Probability that the correction is right."""
        values = dict(zip(NAMES, astuple(features), strict=True))
        z = self.weights.get("bias", 0.0)
        for name, weight in self.weights.items():
            if name == "bias":
                continue
            left, _, right = name.partition("*")
            z += weight * values[left] * (values[right] if right else 1.0)
        return 1 / (1 + math.exp(-max(min(z, 12.0), -12.0)))

    @classmethod
    def read(cls, path: Path) -> Confidence:
        rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
        return cls({name: float(weight) for name, weight in rows})

    def write(self, path: Path, comment: str) -> None:
        lines = [f"# {line}" for line in comment.splitlines()] + [f"{n}\t{w:.4f}" for n, w in self.weights.items()]
        path.write_text("\n".join(lines) + "\n", "utf-8")


TERMS = ("bias", *NAMES, "literal_margin*literal_known", "literal_margin*notes", "posterior*literal_known",
         "rival_margin*notes", "only_marks*literal_margin", "only_case*literal_margin", "figures*literal_margin",
         "literal_margin*literal_margin", "rival_margin*posterior", "noise*literal_known", "noise*literal_margin",
         "noise*posterior", "often*literal_known", "literal_often*literal_known", "rarity*literal_known",
         "cost*posterior")
"""The terms of the model: features and some of their products."""


def fit(samples: list[tuple[Features, bool]], penalty: float = 2.0, rounds: int = 50) -> Confidence:
    """Fit the weights by Newton's method with a ridge penalty (on normed terms); deterministic."""
    x, y = design(samples), np.array([float(right) for _, right in samples])
    deviation = x.std(axis=0)
    deviation[deviation == 0] = 1.0
    deviation[0] = 1.0
    z = x / deviation
    w = np.zeros(z.shape[1])
    ridge = np.eye(len(w)) * penalty
    ridge[0, 0] = 1e-3
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -12, 12)))
        gradient = z.T @ (y - p) - ridge @ w
        hessian = (z * (p * (1 - p))[:, None]).T @ z + ridge
        step = np.linalg.solve(hessian, gradient)
        w = w + step
        if np.abs(step).max() < 1e-8:
            break
    return Confidence({name: float(v) for name, v in zip(TERMS, w / deviation, strict=True)})


def design(samples: list[tuple[Features, bool]]) -> NDArray[np.float64]:
    """The matrix of terms, a row a sample."""
    rows = []
    for features, _ in samples:
        values = dict(zip(NAMES, astuple(features), strict=True))
        row = []
        for term in TERMS:
            left, _, right = term.partition("*")
            row.append(1.0 if term == "bias" else values[left] * (values[right] if right else 1.0))
        rows.append(row)
    return np.array(rows, np.float64)
