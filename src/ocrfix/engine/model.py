"""The language side of the noisy channel: automaton, bigram model, character model, and the search over them.

:class:`LanguageModel` loads the compiled arrays that ``tools/build_language_model.py`` writes;
:meth:`LanguageModel.decode` finds the best true texts of a stretch of OCR.
"""
from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrfix.engine import decoder
from ocrfix.engine.automaton import LETTERS, NOT_FINAL, SHIPPED_ROOTS, Automaton
from ocrfix.engine.capitals import Capitals
from ocrfix.engine.channel import FOLD, Compiled
from ocrfix.engine.context import ContextModel
from ocrfix.engine.parameters import Parameters
from ocrfix.language.turkish import lower

SENTENCE = 1
"""Identity of the sentence start among the words of the bigram model; 0 is the unknown word."""
USER_ROOT = SHIPPED_ROOTS
"""Root of a document's or a user's own words; 1 to 13 are suffixes behind names and numbers."""
MOST_DECODED = 15_000
"""So many stretches are remembered with what was found for them: a document is read several times over."""
COST_UNIT = 0.08
"""Bigram costs are stored in units of this many nats."""


class Hypothesis(NamedTuple):
    """A true text for a stretch of OCR, its cost in nats, and the decoder's steps to it."""

    text: str
    cost: float
    steps: tuple[int, ...]

    @property
    def segments(self) -> tuple[tuple[int, int, str], ...]:
        """(start, end, true characters) in order; they cover the OCR text."""
        out: list[tuple[int, int, str]] = []
        at = 0
        for step in self.steps:
            out.append((at, at + (step >> 48), _true(step)))
            at = out[-1][1]
        return tuple(out)


class Scratch(threading.local):
    """Arrays that the decoder writes to, a set for each thread: what it has looked up, and its work space."""

    def __init__(self) -> None:
        self.memory = decoder.memory()
        self.workspace = decoder.Workspace()


@dataclass(frozen=True, slots=True)
class Memory:
    """What was asked of a model before, by word: the same words are asked for again and again."""

    accepted: dict[str, bool] = field(default_factory=dict)
    known: dict[str, bool] = field(default_factory=dict)
    proper: dict[str, int] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    capitals: dict[str, float] = field(default_factory=dict)
    links: dict[tuple[int, int], float] = field(default_factory=dict)
    decoded: dict[tuple[object, ...], list[Hypothesis]] = field(default_factory=dict)
    channels: dict[int, Compiled] = field(default_factory=dict)


@dataclass(frozen=True)
class LanguageModel:
    """The arrays of the language model; see the modules that define them."""

    automaton: Automaton
    bigrams: tuple[NDArray[np.generic], ...]
    char_costs: NDArray[np.uint8]
    char_code: NDArray[np.int64]
    punctuation: NDArray[np.int64]
    context: ContextModel
    scratch: Scratch
    capitals: Capitals = field(default_factory=Capitals)
    memory: Memory = field(default_factory=Memory, compare=False)

    @classmethod
    def load(cls, folder: Path) -> LanguageModel:
        """Load the compiled model from a folder."""
        with np.load(folder / "automaton.npz") as a:
            automaton = Automaton(**{name: a[name] for name in a.files})
        with np.load(folder / "bigrams.npz") as b:
            bigrams = tuple(b[k] for k in ("first", "word", "cost", "backoff", "word_hash", "word_id", "unigram"))
            punctuation = b["punctuation"]
        with np.load(folder / "characters.npz") as c:
            table = c["costs"]
        size = len(LETTERS) + 1
        code = np.zeros(512, np.int64)
        for i, letter in enumerate(LETTERS):
            code[ord(letter)] = i + 1
        return cls(automaton, bigrams, table.reshape(size * size * size, size), code, punctuation,
                   ContextModel.load(folder / "context.npz"), Scratch(), Capitals.read(folder / "capitals.tsv"))

    def with_words(self, words: Mapping[str, tuple[float, int]]) -> LanguageModel:
        """The model with a document's or a user's own words: lower-case word -> (cost, properness)."""
        return replace(self, automaton=self.automaton.with_root(words), memory=Memory()) if words else self

    def word_id(self, word: str) -> int:
        """Identity of a token (any case) in the bigram model; 0 if unknown."""
        found = self.memory.ids.get(word)
        if found is None:
            found = self.memory.ids[word] = self._word_id(word)
        return found

    def _word_id(self, word: str) -> int:
        if len(word) == 1 and ord(word) < len(self.punctuation) and self.punctuation[ord(word)]:
            return int(self.punctuation[ord(word)])
        hashes, ids = self.bigrams[4], self.bigrams[5]
        value = hash_word(lower(word))
        at = int(np.searchsorted(hashes, value))
        return int(ids[at]) if at < len(hashes) and hashes[at] == value else 0

    def link_cost(self, word: int, following: int) -> float:
        """Cost, in nats, of a word behind a word, both given by their identity; that behind may not be unknown."""
        found = self.memory.links.get((word, following))
        if found is None:
            found = self.memory.links[word, following] = self._link_cost(word, following)
        return found

    def _link_cost(self, word: int, following: int) -> float:
        first, words, costs, backoff, _, _, unigram = self.bigrams
        alone = float(unigram[following])
        if word == 0:
            return alone
        lo, hi = int(first[word]), int(first[word + 1])
        at = lo + int(np.searchsorted(words[lo:hi], following))
        if at < hi and words[at] == following:
            return -math.log(0.95 * math.exp(-COST_UNIT * float(costs[at])) + 0.05 * math.exp(-alone))
        return alone + COST_UNIT * float(backoff[word])

    def accepts(self, word: str) -> bool:
        """Whether a word (any case, with apostrophe and suffix) is a form of the lexicon or of the user's words."""
        accepted = self.memory.accepted.get(word)
        if accepted is None:
            accepted = self.memory.accepted[word] = self._accepts(word)
        return accepted

    def _accepts(self, word: str) -> bool:
        stem, _, suffix = lower(word.replace("’", "'")).partition("'")
        roots = [0, *range(USER_ROOT, len(self.automaton.roots))]
        if not any(self.automaton.accepts(stem, root) for root in roots):
            return False
        if not suffix:
            return True
        return any(self.automaton.accepts(suffix, root) for root in range(1, USER_ROOT))

    def word_cost(self, word: str) -> float:
        """Unigram cost of a word (any case) in nats, without its suffix behind an apostrophe; 25 if it is unknown."""
        cost = self.memory.costs.get(word)
        if cost is None:
            stem = lower(word.replace("’", "'")).partition("'")[0]
            roots = (0, *range(USER_ROOT, len(self.automaton.roots)))
            cost = self.memory.costs[word] = min(25.0, *(self.automaton.word_cost(stem, root) for root in roots))
        return cost

    def proper(self, word: str) -> int:
        """0 for a common word, 1 for one that is sometimes a proper name, 2 for a name, -1 for an unknown one."""
        found = self.memory.proper.get(word)
        if found is None:
            stem = lower(word.replace("’", "'")).partition("'")[0]
            nodes = [node for root in (0, *range(USER_ROOT, len(self.automaton.roots)))
                     if (node := self.automaton.walk(stem, root)) >= 0 and self.automaton.final[node] != NOT_FINAL]
            found = self.memory.proper[word] = min((int(self.automaton.proper[node]) for node in nodes), default=-1)
        return found

    def capital(self, word: str) -> float:
        """Log-odds, in nats, that a word (any case, with suffix) has a capital inside of a sentence."""
        found = self.memory.capitals.get(word)
        if found is None:
            stem = lower(word.replace("’", "'")).partition("'")[0]
            found = self.memory.capitals[word] = self.capitals.of(stem, name=self.proper(word) == 2)
        return found

    def decode(self, ocr: str, channel: Compiled, parameters: Parameters, *, previous: int = SENTENCE,
               sentence_start: bool = True, results: int = 1) -> list[Hypothesis]:
        """The best true texts of an OCR text (white space single, no line breaks), best first."""
        key = (ocr, id(channel), parameters, previous, sentence_start, results)
        found = self.memory.decoded.get(key)
        if found is None:
            if len(self.memory.decoded) >= MOST_DECODED:
                self.memory.decoded.clear()
                self.memory.channels.clear()
            self.memory.channels[id(channel)] = channel      # or another might get its identity
            found = self.memory.decoded[key] = self._decode(ocr, channel, parameters, previous, sentence_start, results)
        return found

    def _decode(self, ocr: str, channel: Compiled, parameters: Parameters, previous: int, sentence_start: bool,
                results: int) -> list[Hypothesis]:
        obs = np.frombuffer(ocr.translate(FOLD).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        np.minimum(obs, 0xFFFF, out=obs)
        a = self.automaton
        lexicon = decoder.Lexicon._make((
            a.nodes, a.arcs, a.roots, a.root_cost, *self.bigrams,
            *self.scratch.memory, self.char_costs, self.char_code, self.punctuation))
        found = decoder.search(obs, channel.rules(), parameters.array(), lexicon, previous, int(sentence_start),
                               results, self.scratch.workspace)
        return [Hypothesis("".join(map(_true, steps)), cost, tuple(steps)) for cost, steps in found]


@lru_cache(maxsize=65536)
def _true(step: int) -> str:
    """The true characters of a step of the decoder."""
    true, text = step & 0xFFFFFFFFFFFF, ""
    while true:
        text += chr(true & 0xFFFF)
        true >>= 16
    return text


@lru_cache(maxsize=65536)
def hash_word(word: str) -> int:
    """The 64-bit hash by which the decoder finds a lower-case word (signed)."""
    value = 0
    for i, c in enumerate(word):
        code = 40 if c == "'" else ord(c) + 1
        value = code if i == 0 else (value * 1000003 & 0xFFFFFFFFFFFFFFFF) ^ code
    return value - (1 << 64) if value >= 1 << 63 else value
