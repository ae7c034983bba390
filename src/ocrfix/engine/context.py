"""What fits into a place: a small neural model of words and marks between five tokens on either side.

The bigrams see one word back.  This model sees both sides: :meth:`ContextModel.wanted` tells how much likelier a token
is in its place than anywhere, :meth:`ContextModel.marks` which mark, or none, stands between two words.  A token is the
sum of the vectors of the word itself (if it is frequent), of its beginnings and of its endings, so inflected forms that
no text had are understood by their parts.

Method: a feed-forward model over a window (Bengio et al. 2003) of subword sums (Bojanowski et al. 2017), trained to
tell the true token from others by contrast (Gutmann and Hyvärinen 2010; van den Oord et al. 2018), among them words
that look like it.  ``lexicons/model/context.npz`` is made by ``tools/train_context_model.py``.
"""
from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from ocrfix.language.turkish import lower

REACH = 5
"""Tokens on either side that are seen."""
BUCKETS = 1 << 16
"""Rows that the beginnings and endings of words share."""
BEGINNINGS, ENDINGS = (3, 4, 5, 6), (2, 3, 4, 5)
MARKS = ("", ".", ",", ";", ":", "!", "?", '"', "'", "(", ")", "-", "…", "/")
"""The marks that :meth:`ContextModel.marks` tells apart; the first is none at all."""
EDGE, UNKNOWN = "<s>", "<unk>"
"""The start or end of a paragraph, and a token of which nothing is known."""
_DIGIT = regex.compile(r"\d")

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class ContextModel:
    """The arrays of the model.

    Attributes:
        words: row of each frequent word (lower case, figures as 0).
        rows: int8[words + BUCKETS + 1, size], the vectors; the last one is the unknown token's.
        scale: float32[rows], by which each row is multiplied.
        case_in, case_out: float32[4, size], added for: no letter, small, capital, capitals.
        layers: weights and biases of the two hidden layers, the vector that is compared, and the marks.
        sharpness: by which the comparison is multiplied.
    """

    words: dict[str, int]
    rows: NDArray[np.int8]
    scale: Vector
    case_in: Vector
    case_out: Vector
    layers: tuple[tuple[Vector, Vector], ...]
    sharpness: float
    memory: dict[str, tuple[Vector, Vector]] = field(default_factory=dict, compare=False)

    @classmethod
    def load(cls, path: Path) -> ContextModel:
        """Load the model from its file.

        Raises:
            OSError: it cannot be read.
        """
        with np.load(path) as a:
            words = {word: k for k, word in enumerate(bytes(a["words"]).decode("utf-8").split("\n"))}
            layers = tuple((a[f"weight{k}"].astype(np.float32), a[f"bias{k}"].astype(np.float32)) for k in range(4))
            return cls(words, a["rows"], a["scale"].astype(np.float32), a["case_in"].astype(np.float32),
                       a["case_out"].astype(np.float32), layers, float(a["sharpness"]))

    @classmethod
    def silent(cls, size: int = 1) -> ContextModel:
        """A model that finds everything equally likely everywhere."""
        none = np.zeros((4, size), np.float32)
        layers = tuple((np.zeros(shape, np.float32), np.zeros(shape[1], np.float32))
                       for shape in ((2 * REACH * size, 1), (1, 1), (1, size), (1, len(MARKS))))
        rows, scale = np.zeros((BUCKETS + 1, size), np.int8), np.ones(BUCKETS + 1, np.float32)
        return cls({}, rows, scale, none, none, layers, 1.0)

    @cached_property
    def _unknown(self) -> int:
        return len(self.rows) - 1

    def parts(self, token: str) -> list[int]:
        """The rows whose vectors make a token (lower case, figures as 0)."""
        return [self._unknown] if token == UNKNOWN else parts_of(token, self.words.get(token), len(self.words))

    def vectors(self, token: str) -> tuple[Vector, Vector]:
        """The vectors of a token as part of a context, and as what stands in the place."""
        found = self.memory.get(token)
        if found is None:
            parts = self.parts(token if token in (EDGE, UNKNOWN) else _DIGIT.sub("0", lower(token)))
            vector = (self.rows[parts].astype(np.float32) * self.scale[parts, None]).sum(axis=0)
            case = 1 if token == UNKNOWN else case_of(token)
            found = self.memory[token] = vector + self.case_in[case], vector + self.case_out[case]
        return found

    def hidden(self, places: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Vector:
        """float32[places, hidden] for places, given the tokens before and behind each, the nearest ones inside.

        Fewer tokens than :data:`REACH` mean that the paragraph begins or ends there.
        """
        seen: dict[str, int] = {}
        window = [[seen.setdefault(t, len(seen)) for t in (*_left(before), *_right(behind))]
                  for before, behind in places]
        vectors = np.stack([self.vectors(t)[0] for t in seen])
        (w1, b1), (w2, b2) = self.layers[:2]
        h = _gelu(vectors[window].reshape(len(places), -1) @ w1 + b1)
        return np.asarray(h + _gelu(h @ w2 + b2), np.float32)

    def wanted(self, hidden: Vector) -> Vector:
        """float32[places, size]: what :meth:`vectors` of the token in each place are compared with."""
        weight, bias = self.layers[2]
        return np.asarray((hidden @ weight + bias) * self.sharpness, np.float32)

    def marks(self, hidden: Vector) -> Vector:
        """float32[places, marks]: natural logarithm of the probability of each of :data:`MARKS` in each place."""
        weight, bias = self.layers[3]
        score = hidden @ weight + bias
        score = score - score.max(axis=1, keepdims=True)
        return np.asarray(score - np.log(np.exp(score).sum(axis=1, keepdims=True)), np.float32)


def parts_of(token: str, word: int | None, words: int) -> list[int]:
    """The rows of a token (lower case, figures as 0) that has the row ``word``, or none, of its own, of ``words``."""
    out = [] if word is None else [word]
    if token == EDGE or not any(c.isalpha() for c in token):
        return out or [words + bucket("#" + token[:6] if token != EDGE else token)]
    stem = token.partition("'")[0]
    out += [words + bucket("^" + stem[:k]) for k in BEGINNINGS if len(stem) > k or k == BEGINNINGS[0]]
    return out + [words + bucket(token[-k:] + "$") for k in ENDINGS if len(token) > k or k == ENDINGS[0]]


def bucket(part: str) -> int:
    """The row, among :data:`BUCKETS`, of a beginning or ending."""
    return zlib.crc32(part.encode()) & (BUCKETS - 1)


def _left(before: Sequence[str]) -> Sequence[str]:
    if len(before) >= REACH:
        return before[-REACH:]
    return [*[UNKNOWN] * (REACH - 1 - len(before)), EDGE, *before]


def _right(behind: Sequence[str]) -> Sequence[str]:
    if len(behind) >= REACH:
        return behind[:REACH]
    return [*behind, EDGE, *[UNKNOWN] * (REACH - 1 - len(behind))]


def case_of(token: str) -> int:
    """0 for a token that begins with no letter, 1 with a small one, 2 with a capital, 3 in capitals."""
    if not token[0].isalpha():
        return 0
    return 1 if token[0].islower() else 3 if len(token) > 1 and token.isupper() else 2


def _gelu(x: Vector) -> Vector:
    return np.asarray(0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x))), np.float32)
