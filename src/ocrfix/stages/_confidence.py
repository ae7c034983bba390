"""How sure the OCR was of its words, as a prior for their correction, where the input says so.

Start at :meth:`Trust.of`.  Each engine has its own idea of confidence: 0.9 of Tesseract is a doubtful word, 0.6 of
another a good one.  So the figures are not believed but compared with the lexicon: of the words of a document that the
engine was so sure of, how many are known?  Where hardly one is, the text as it stands is less to be trusted than in the
document at large, and where all are, more.
"""
from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from ocrfix.document import Block, Document, Span
from ocrfix.engine.correct import Unit
from ocrfix.engine.features import WORD
from ocrfix.readers import extract_of

FEWEST_WORDS = 200
"""Fewer words do not tell what an engine's confidence is worth."""
BIN = 40
"""At least so many words are put together ..."""
MOST_BINS = 12
LARGEST = log(20.0)
"""Nats: no confidence says more than this."""
WEIGHT = 1.0
"""How much of it counts: the lexicon, which judged the confidence, has judged the word as well."""


@dataclass(frozen=True)
class Trust:
    """The log-odds of a word being right by the OCR's confidence in it, beside the words of the document at large.

    ``levels``: the lowest confidence of each bin, rising; ``worth``: nats of each bin; ``tokens``: (start, end,
    confidence) of the words of the input, in order.
    """

    levels: tuple[float, ...]
    worth: tuple[float, ...]
    tokens: tuple[tuple[int, int, float], ...]

    @classmethod
    def of(cls, document: Document, accepts: Callable[[str], bool]) -> Trust | None:
        """What the confidence in a document is worth; None if the input has none, or always the same."""
        taken = extract_of(document)
        if taken is None:
            return None
        tokens = tuple((token.span.start, token.span.end, token.confidence) for token in taken.tokens
                       if token.confidence is not None)
        judged = sorted((confidence, accepts(words[0])) for start, end, confidence in tokens
                        if len(words := WORD.findall(taken.text[start:end])) == 1 and len(words[0]) > 2)
        if len(judged) < FEWEST_WORDS or judged[0][0] == judged[-1][0]:
            return None
        at_large = _log_odds(sum(known for _, known in judged), len(judged))
        bins = _rising(list(_bins(judged)))
        worth = tuple(max(-LARGEST, min(LARGEST, _log_odds(known, count) - at_large)) for _, known, count in bins)
        return cls(tuple(level for level, _, _ in bins), worth, tokens)

    def of_spans(self, spans: Sequence[Span]) -> float:
        """Nats for the text as it stands in some spans: those of its worst word."""
        found = [self._worth(confidence) for span in spans for confidence in self._within(span)]
        return min(found, default=0.0)

    def _within(self, span: Span) -> Iterator[float]:
        at = max(0, bisect.bisect_right(self.tokens, (span.start, 0, 0.0)) - 1)
        while at < len(self.tokens) and self.tokens[at][0] < span.end:
            if self.tokens[at][1] > span.start:
                yield self.tokens[at][2]
            at += 1

    def _worth(self, confidence: float) -> float:
        return self.worth[max(0, bisect.bisect_right(self.levels, confidence) - 1)]


def _log_odds(known: int, count: int) -> float:
    return log((known + 1) / (count - known + 1))


def _bins(judged: Sequence[tuple[float, bool]]) -> Iterator[tuple[float, int, int]]:
    """(lowest confidence, known words, words) of about equal numbers of words; the same confidence is never parted."""
    size = max(BIN, len(judged) // MOST_BINS)
    first = 0
    while first < len(judged):
        last = min(first + size, len(judged))
        while last < len(judged) and judged[last][0] == judged[last - 1][0]:
            last += 1
        if len(judged) - last < BIN:
            last = len(judged)
        yield judged[first][0], sum(known for _, known in judged[first:last]), last - first
        first = last


def _rising(bins: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Bins with those put together that would say that less confidence is better (pool adjacent violators)."""
    out: list[tuple[float, int, int]] = []
    for bin_ in bins:
        out.append(bin_)
        while len(out) > 1 and _log_odds(*out[-2][1:]) >= _log_odds(*out[-1][1:]):
            (level, known, count), (_, more, others) = out[-2], out[-1]
            out[-2:] = [(level, known + more, count + others)]
    return out


class Places:
    """The spans of the input under a block's current text, as far as no stage has changed its words."""

    def __init__(self, block: Block, text: str) -> None:
        self._starts: list[int] = []
        self._pieces = block.pieces(text)
        at = 0
        for piece in self._pieces:
            self._starts.append(at)
            at += len(piece.text)

    def spans(self, start: int, end: int) -> list[Span] | None:
        """The spans under ``start:end``; None if an edit has changed what stands there."""
        out: list[Span] = []
        at = max(0, bisect.bisect_right(self._starts, start) - 1)
        while at < len(self._pieces) and self._starts[at] < end:
            piece, here = self._pieces[at], self._starts[at]
            if piece.edit is not None and piece.edit.applied and not piece.edit.is_join:
                if here + len(piece.text) > start:
                    return None
            elif piece.edit is not None:
                out += piece.spans
            else:
                base = piece.spans[0].start - here
                out.append(Span(base + max(start, here), base + min(end, here + len(piece.text))))
            at += 1
        return out


def weighed(unit: Unit, nats: float) -> Unit:
    """A unit with the text as it stands more (or less) probable by so many nats, the other readings in proportion.

    >>> unit = Unit(0, 3, "ilc", "ile", 0.5, 0.5, (("ile", 0.5), ("ilc", 0.5)), False, 0.0)
    >>> (out := weighed(unit, log(4.0))).kept, out.confidence
    (0.8, 0.19999999999999996)
    """
    if not nats or not 0.0 < unit.kept < 1.0:
        return unit
    factor = exp(WEIGHT * nats)
    kept = unit.kept * factor / (unit.kept * factor + 1.0 - unit.kept)
    share = (1.0 - kept) / (1.0 - unit.kept)
    alternatives = tuple((text, round(p * (kept / unit.kept if text == unit.raw else share), 4))
                         for text, p in unit.alternatives)
    return replace(unit, kept=kept, confidence=unit.confidence * share, alternatives=alternatives)
