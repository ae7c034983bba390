"""Sharpening the bigram model with clean texts: their word pairs are counted and mixed into it.

The model that ships was counted on text of all sorts.  Text near to what is to be read (the same period, the same
trade) tells better which word follows which: :func:`sharpened` mixes its word pairs in, each first word weighed by how
much the text knows of it.  The vocabulary stays the model's.

Method: linear interpolation of a background and a domain model (Jelinek and Mercer 1980), the domain's pairs with
absolute discounting (Ney, Essen and Kneser 1994).
"""
from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from ocrfix.engine.channel import FOLD
from ocrfix.engine.model import COST_UNIT, SENTENCE, LanguageModel
from ocrfix.language.turkish import lower

WEIGHT = 0.5
"""Share of the texts' pairs behind a word that they know well."""
ENOUGH = 30.0
"""A first word seen so often in the texts gets half of that share."""
DISCOUNT = 0.75
LEAST = 2
"""Pairs seen less often in the texts are left out."""
_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?|\d[\d.,]*(?:'\p{L}+)?|[^\s\p{L}\p{M}\p{N}]")
_ENDS = frozenset(".!?…")


@dataclass(frozen=True)
class PairCounts:
    """Word pairs of some texts.

    Attributes:
        first, second: identities of the two words, in the order of the pairs.
        count: how often each pair stands there.
        tokens: how many words, marks and sentence starts the texts have.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    count: NDArray[np.int64]
    tokens: int


def count_pairs(lines: Iterable[str], model: LanguageModel) -> PairCounts:
    """Count the word pairs of some lines of text; each line begins a sentence."""
    known: dict[str, int] = {}
    identities = array("i")
    for line in lines:
        identities.append(SENTENCE)
        last = ""
        for token in _TOKEN.findall(lower(line.translate(FOLD))):
            if last in _ENDS and token[0].isalpha():
                identities.append(SENTENCE)
            identity = known.get(token)
            if identity is None:
                identity = known[token] = model.word_id(token)
            identities.append(identity)
            last = token
    sequence = np.frombuffer(identities, np.int32).astype(np.int64) if identities else np.zeros(0, np.int64)
    pairs = (sequence[:-1] << 32) | sequence[1:]
    pairs = pairs[(sequence[:-1] > 0) & (sequence[1:] > SENTENCE)]
    keys, count = np.unique(pairs, return_counts=True)
    return PairCounts((keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32), count.astype(np.int64),
                      len(sequence))


def sharpened(model: LanguageModel, pairs: PairCounts, size: int | None = None,
              weight: float = WEIGHT) -> tuple[NDArray[np.generic], ...]:
    """The arrays of a bigram model (:attr:`LanguageModel.bigrams`) with the pairs of some texts mixed in.

    Args:
        size: how many pairs are kept, those that save most against backing off; as many as before if None.
        weight: share of the texts behind words that they know well, 0 to 1.
    """
    first, second, cost, backoff, word_hash, word_id, unigram = model.bigrams
    words = len(unigram)
    followers: NDArray[np.int64] = np.diff(np.asarray(first, np.int64)).astype(np.int64)
    alone = np.exp(-unigram.astype(np.float64))
    old_first = np.repeat(np.arange(words, dtype=np.int64), followers)
    old_key = old_first * words + second.astype(np.int64)
    old = np.exp(-cost.astype(np.float64) * COST_UNIT)

    total = np.bincount(pairs.first, pairs.count, words)
    types = np.bincount(pairs.first, minlength=words).astype(np.float64)
    kept = pairs.count >= LEAST
    new_key = pairs.first[kept].astype(np.int64) * words + pairs.second[kept].astype(np.int64)
    new = (pairs.count[kept] - DISCOUNT) / total[pairs.first[kept]]

    keys = np.union1d(old_key, new_key)
    a, b = keys // words, keys % words
    background = alone[b] * np.exp(-backoff[a].astype(np.float64) * COST_UNIT)
    background[np.searchsorted(keys, old_key)] = old
    share = weight * total / (total + ENOUGH)
    discounted = np.divide(DISCOUNT * types, total, out=np.ones(words), where=total > 0)
    domain = discounted[a] * alone[b]
    domain[np.searchsorted(keys, new_key)] += new
    probability = np.minimum((1 - share[a]) * background + share[a] * domain, 0.999)

    weights = _backoff(a, b, probability, alone)
    saved = probability * np.log(probability / np.maximum(alone[b] * weights[a], 1e-30)) * alone[a]
    size = len(old_key) if size is None else size
    if len(keys) > size:
        best = np.sort(np.argpartition(-saved, size)[:size])
        a, b, probability = a[best], b[best], probability[best]
        weights = _backoff(a, b, probability, alone)
    starts = np.zeros(words + 1, np.int64)
    np.add.at(starts, a + 1, 1)
    return (np.cumsum(starts).astype(first.dtype), b.astype(second.dtype),
            np.clip(np.round(-np.log(probability) / COST_UNIT), 0, 255).astype(cost.dtype),
            np.clip(np.round(-np.log(weights) / COST_UNIT), -127, 127).astype(backoff.dtype),
            word_hash, word_id, unigram)


def _backoff(a: NDArray[np.int64], b: NDArray[np.int64], probability: NDArray[np.float64],
             alone: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left, behind each word, for the words without a pair, against their probability alone."""
    words = len(alone)
    left = 1 - np.bincount(a, probability, words)
    rest = 1 - np.bincount(a, alone[b], words)
    return np.clip(left, 0.01, 1.0) / np.clip(rest, 0.01, 1.0)
