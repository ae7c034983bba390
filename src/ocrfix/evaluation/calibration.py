"""Are probabilities honest?  Expected calibration error, Brier score and the table of a reliability diagram.

Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (AAAI 2015), here with
bins of equal mass, which have no empty bins where probabilities crowd near one; Brier (1950).
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bin:
    """Some forecasts of about the same probability: how many, their mean, and the share that came true."""

    count: int
    low: float
    high: float
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """``expected_error`` and ``brier`` lie between 0 (best) and 1; both are 0 where there is no forecast."""

    count: int
    expected_error: float
    brier: float
    bins: tuple[Bin, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "count": self.count, "ECE": round(self.expected_error, 4), "Brier": round(self.brier, 4),
            "bins": [{"count": b.count, "low": round(b.low, 4), "high": round(b.high, 4),
                      "confidence": round(b.confidence, 4), "accuracy": round(b.accuracy, 4)} for b in self.bins],
        }


def calibration(forecasts: Iterable[tuple[float, bool]], bins: int = 10) -> Calibration:
    """Judge pairs of (probability, came true).

    The forecasts, in the order of their probability, are cut into ``bins`` of equal size (the sizes differ by one at
    most); a run of equal probabilities is spread by its mean outcome, so that the order of the input does not matter.

    >>> calibration([(0.9, True)] * 9 + [(0.9, False)]).expected_error < 1e-9
    True
    """
    ordered = sorted(forecasts)
    if not ordered:
        return Calibration(0, 0.0, 0.0, ())
    outcomes: list[float] = []
    start = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end][0] != ordered[start][0]:
            right = sum(1 for _, came_true in ordered[start:end] if came_true)
            outcomes += [right / (end - start)] * (end - start)
            start = end
    total = len(ordered)
    table = []
    for k in range(min(bins, total)):
        low, high = k * total // min(bins, total), (k + 1) * total // min(bins, total)
        probabilities = [p for p, _ in ordered[low:high]]
        table.append(Bin(high - low, probabilities[0], probabilities[-1], sum(probabilities) / (high - low),
                         sum(outcomes[low:high]) / (high - low)))
    error = sum(b.count * abs(b.confidence - b.accuracy) for b in table) / total
    brier = sum((p - came_true) ** 2 for p, came_true in ordered) / total
    return Calibration(total, error, brier, tuple(table))
