"""Sharpening the bigram model with clean texts: their word pairs are counted and mixed into it.

The model that ships was counted on text of all sorts.  Text near to what is to be read (the same period, the same
trade) tells better which word follows which: :func:`sharpened` mixes its word pairs in, each first word weighed by how
much the text knows of it.  The vocabulary stays the model's.

Method: linear interpolation of a background and a domain model (Jelinek and Mercer 1980), the domain's pairs with
absolute discounting (Ney, Essen and Kneser 1994).
"""
from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from ocrfix.engine.channel import FOLD
from ocrfix.engine.model import COST_UNIT, SENTENCE, LanguageModel
from ocrfix.errors import OcrfixError
from ocrfix.language.turkish import lower

WEIGHT = 0.5
"""Share of the texts' pairs behind a word that they know well."""
ENOUGH = 30.0
"""A first word seen so often in the texts gets half of that share."""
DISCOUNT = 0.75
LEAST = 2
"""Pairs seen less often in the texts are not told apart."""
START = "<s>"
"""What stands for the start of a sentence in a file."""
_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?|\d[\d.,]*(?:'\p{L}+)?|[^\s\p{L}\p{M}\p{N}]")
_ENDS = frozenset(".!?…")


@dataclass(frozen=True)
class PairCounts:
    """Word pairs of some texts.

    Attributes:
        first, second: identities of the two words, int32[pairs].
        count: how often each pair stands there, at least :data:`LEAST` times, int64[pairs].
        once: how many pairs each first word has that stand there but once, int64[words].
        names: the words, by their identity.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    count: NDArray[np.int64]
    once: NDArray[np.int64]
    names: Mapping[int, str]

    def write(self, path: Path, comment: str) -> None:
        """Write a row for each pair: first word, second word, count; ``<s>`` is the start of a sentence.

        A row without a second word counts the pairs that stand there but once.
        """
        pairs = zip(self.first.tolist(), self.second.tolist(), self.count.tolist(), strict=True)
        rows = [(self.names[a], self.names[b], n) for a, b, n in pairs]
        rows += [(self.names[a], "", int(self.once[a])) for a in np.flatnonzero(self.once).tolist()]
        lines = [*(f"# {line}" for line in comment.splitlines()), *(f"{a}\t{b}\t{n}" for a, b, n in sorted(rows))]
        path.write_text("\n".join(lines) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path, model: LanguageModel) -> PairCounts:
        """Read a file that :meth:`write` made; pairs of words that the model does not have are left out.

        Raises:
            OcrfixError: it is none, or cannot be read.
        """
        rows: dict[tuple[int, int], int] = {}
        once = np.zeros(len(model.bigrams[-1]), np.int64)
        names: dict[int, str] = {}
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise OcrfixError(f"{path}: not a readable UTF-8 table of word pairs ({error})") from error
        for number, line in enumerate(lines, 1):
            if not line or line.startswith("# "):
                continue
            try:
                first, second, count = line.split("\t")
                seen = int(count)
            except ValueError as error:
                raise OcrfixError(f"{path}, line {number}: not a row of word pairs: {line[:60]!r}") from error
            a, b = (SENTENCE if word == START else model.word_id(word) for word in (first, second))
            names |= {a: first, b: second}
            if not second:
                once[a] += max(0, seen) * (a > 0)
            elif a > 0 and b > SENTENCE and seen >= LEAST:
                rows[a, b] = rows.get((a, b), 0) + seen
        keys = np.array(sorted(rows), np.int32).reshape(-1, 2)
        return cls(keys[:, 0], keys[:, 1], np.array([rows[a, b] for a, b in keys.tolist()], np.int64), once, names)


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
    first = keys >> 32
    often = count >= LEAST
    return PairCounts(first[often].astype(np.int32), (keys[often] & 0xFFFFFFFF).astype(np.int32),
                      count[often].astype(np.int64),
                      np.bincount(first[~often], minlength=len(model.bigrams[-1])).astype(np.int64),
                      {SENTENCE: START} | {identity: token for token, identity in known.items() if identity > SENTENCE})


def sharpened(model: LanguageModel, pairs: PairCounts, size: int | None = None,
              weight: float = WEIGHT) -> tuple[NDArray[np.generic], ...]:
    """The arrays of a bigram model (:attr:`LanguageModel.bigrams`) with the pairs of some texts mixed in.

    Args:
        size: how many pairs are kept, those that save most against backing off; all if None.
        weight: share of the texts behind words that they know well, 0 to 1.
    """
    first, second, cost, backoff, word_hash, word_id, unigram = model.bigrams
    words = len(unigram)
    alone = np.exp(-unigram.astype(np.float64)).astype(np.float32)
    followers: NDArray[np.int64] = np.diff(np.asarray(first, np.int64)).astype(np.int64)
    a = np.repeat(np.arange(words, dtype=np.int64), followers)
    keys = a * words + second.astype(np.int64)
    probability = np.exp(-np.arange(256) * COST_UNIT).astype(np.float32)[np.asarray(cost)]

    total = np.bincount(pairs.first, pairs.count, words) + pairs.once
    types = np.bincount(pairs.first, minlength=words) + pairs.once
    share = weight * total / (total + ENOUGH)
    discounted = np.divide(DISCOUNT * types, total, out=np.ones(words), where=total > 0)
    rest, spread = (1 - share).astype(np.float32), (share * discounted).astype(np.float32)
    new_keys = pairs.first.astype(np.int64) * words + pairs.second
    order = np.argsort(new_keys)
    new_keys, x, y = new_keys[order], pairs.first[order], pairs.second[order]
    new = ((pairs.count[order] - DISCOUNT) / total[x] * share[x]).astype(np.float32)
    at = np.searchsorted(keys, new_keys)
    held = np.zeros(len(new_keys), bool)
    held[at < len(keys)] = keys[at[at < len(keys)]] == new_keys[at < len(keys)]

    probability = probability * rest[a] + spread[a] * alone[second]
    probability[at[held]] += new[held]
    at, x, y, new = at[~held], x[~held], y[~held], new[~held]
    background = alone[y] * np.exp(-backoff[x].astype(np.float64) * COST_UNIT).astype(np.float32)
    a, b = np.insert(a, at, x), np.insert(second, at, y)
    probability = np.minimum(np.insert(probability, at, rest[x] * background + spread[x] * alone[y] + new), 0.999)

    weights = _backoff(a, b, probability, alone)
    if size is not None and len(a) > size:
        saved = probability * np.log(probability / np.maximum(alone[b] * weights[a], 1e-30)) * alone[a]
        best = np.sort(np.argpartition(-saved, size)[:size])
        a, b, probability = a[best], b[best], probability[best]
        weights = _backoff(a, b, probability, alone)
    starts = np.searchsorted(a, np.arange(words + 1))
    return (starts.astype(first.dtype), b.astype(second.dtype),
            np.clip(np.round(-np.log(probability) / COST_UNIT), 0, 255).astype(cost.dtype),
            np.clip(np.round(-np.log(weights) / COST_UNIT), -127, 127).astype(backoff.dtype),
            word_hash, word_id, unigram)


def _backoff(a: NDArray[np.int64], b: NDArray[np.generic], probability: NDArray[np.float32],
             alone: NDArray[np.float32]) -> NDArray[np.float64]:
    """What is left, behind each word, for the words without a pair, against their probability alone."""
    words = len(alone)
    left = 1 - np.bincount(a, probability, words)
    rest = 1 - np.bincount(a, alone[b], words)
    return np.clip(left, 0.01, 1.0) / np.clip(rest, 0.01, 1.0)
