"""A weighted, minimal automaton of word forms.

It holds a million and a half word forms with their costs in a few megabytes: forms that end alike share their ends.
Costs (negative natural logarithms of probabilities) are pushed towards the start, so the cost of a prefix is that of
the best word that begins so; a beam search can compare unfinished words.  Start reading at :class:`Automaton`.

Method: Daciuk et al., Incremental construction of minimal acyclic finite-state automata (2000); weight pushing as in
Mohri, Weighted automata algorithms (2009).
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyzqwxâîûéáèàäßñ"
"""Letters of Turkish print; a set of letters is a number with one bit for each, in this order."""
OTHER = 1 << 62
"""The bit of all other characters."""
QUANTUM = 0.5
"""Costs are stored in units of this many nats; a coarse unit lets more word ends be shared."""
NOT_FINAL = 255
MOST_WALKED = 500_000
"""So many words are remembered."""
SHIPPED_ROOTS = 14
"""Word forms, twelve classes of suffixes behind names, suffixes behind numbers."""


@dataclass(frozen=True)
class Automaton:
    """Arrays of an acyclic automaton with several roots.

    Attributes:
        first: int32[nodes + 1], the first arc of each node; a node's arcs are sorted by label.
        label: uint16[arcs], Unicode code point.
        target: int32[arcs], the node that an arc leads to.
        cost: uint8[arcs], in QUANTUM nats.
        final: uint8[nodes], cost of ending here in QUANTUM nats, or NOT_FINAL.
        proper: uint8[nodes], 0 common word, 1 either, 2 proper name (written with a capital).
        roots: int32[roots], the start node of each word class.
        root_cost: float32[roots], the cost of the class's best word, in nats.
        walked: the nodes that words lead to from the first root: copies with another root have the same.
    """

    first: NDArray[np.int32]
    label: NDArray[np.uint16]
    target: NDArray[np.int32]
    cost: NDArray[np.uint8]
    final: NDArray[np.uint8]
    proper: NDArray[np.uint8]
    roots: NDArray[np.int32]
    root_cost: NDArray[np.float32]
    walked: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def letters(self) -> NDArray[np.int64]:
        """int64[nodes], the letters that may follow each node, as bits; the bit of other characters is always set."""
        table = np.full(1 << 16, OTHER, np.int64)
        for c in LETTERS:
            table[ord(c)] = letter_bit(c)
        arcs = np.append(table[self.label], 0)
        out: NDArray[np.int64] = np.bitwise_or.reduceat(arcs, self.first[:-1])
        out[self.first[:-1] == self.first[1:]] = 0
        return out | OTHER

    @cached_property
    def nodes(self) -> NDArray[np.int64]:
        """int64[nodes, 2], what the search asks of a node, side by side in memory: its letters; and its first arc (32
        bits), ``final`` (8), ``proper`` (8) and number of arcs."""
        first = self.first.astype(np.int64)
        return np.stack([self.letters, first[:-1] | self.final.astype(np.int64) << 32
                         | self.proper.astype(np.int64) << 40 | np.diff(first) << 48], axis=1)

    @cached_property
    def arcs(self) -> NDArray[np.int64]:
        """int64[arcs], likewise: label (16 bits), cost (8) and target."""
        return self.label | self.cost.astype(np.int64) << 16 | self.target.astype(np.int64) << 24

    @cached_property
    def _views(self) -> tuple[memoryview, memoryview, memoryview, memoryview]:
        """``first``, ``label``, ``target`` and ``cost``, of which Python reads single numbers faster than of arrays."""
        return self.first.data, self.label.data, self.target.data, self.cost.data

    def walk(self, word: str, root: int = 0) -> int:
        """The node that a word leads to, or -1."""
        if root:
            return self._walk(word, root)
        node = self.walked.get(word)
        if node is None:
            if len(self.walked) >= MOST_WALKED:
                self.walked.clear()
            node = self.walked[word] = self._walk(word, 0)
        return node

    def _walk(self, word: str, root: int) -> int:
        first, label, target, _ = self._views
        node = int(self.roots[root])
        for c in word:
            code, hi = ord(c), first[node + 1]
            at = bisect_left(label, code, first[node], hi)
            if at == hi or label[at] != code:
                return -1
            node = target[at]
        return node

    def accepts(self, word: str, root: int = 0) -> bool:
        """Whether the word (lower case) belongs to a class."""
        node = self.walk(word, root)
        return node >= 0 and self.final[node] != NOT_FINAL

    def word_cost(self, word: str, root: int = 0) -> float:
        """Cost of a word in nats; infinite if it is unknown."""
        first, label, target, step = self._views
        node, cost = int(self.roots[root]), float(self.root_cost[root])
        for c in word:
            code, hi = ord(c), first[node + 1]
            at = bisect_left(label, code, first[node], hi)
            if at == hi or label[at] != code:
                return float("inf")
            cost += QUANTUM * step[at]
            node = target[at]
        return cost + QUANTUM * float(self.final[node]) if self.final[node] != NOT_FINAL else float("inf")

    def without_roots(self, keep: int = SHIPPED_ROOTS) -> Automaton:
        """A copy without the roots that :meth:`with_root` added, but for the first so many of all."""
        if len(self.roots) <= keep:
            return self
        return Automaton(self.first, self.label, self.target, self.cost, self.final, self.proper,
                         self.roots[:keep], self.root_cost[:keep], self.walked)

    def with_root(self, words: Mapping[str, tuple[float, int]]) -> Automaton:
        """A copy with one more root, which holds a further (small) set of words."""
        other = build([words])
        nodes, arcs = len(self.final), len(self.label)
        out = Automaton(
            np.concatenate([self.first[:-1], other.first + np.int32(arcs)]),
            np.concatenate([self.label, other.label]), np.concatenate([self.target, other.target + np.int32(nodes)]),
            np.concatenate([self.cost, other.cost]), np.concatenate([self.final, other.final]),
            np.concatenate([self.proper, other.proper]),
            np.concatenate([self.roots, other.roots + np.int32(nodes)]),
            np.concatenate([self.root_cost, other.root_cost]), self.walked)
        out.__dict__["letters"] = np.concatenate([self.letters, other.letters])
        return out


def letter_bit(letter: str) -> int:
    """The bit of a lower-case letter in a set of letters."""
    at = LETTERS.find(letter) if letter else -1
    return 1 << at if at >= 0 else OTHER


def build(classes: Iterable[Mapping[str, tuple[float, int]]]) -> Automaton:
    """The minimal automaton of word classes: each maps a word to (cost in nats, properness 0, 1 or 2)."""
    register: dict[tuple[int, int, tuple[tuple[int, int, int], ...]], int] = {}
    nodes: list[tuple[int, int, tuple[tuple[int, int, int], ...]]] = []

    def seal(final: int, proper: int, arcs: list[tuple[int, int, int]]) -> tuple[int, int]:
        """(node, cost of its best word end) for arcs (label, cost of the best end behind it, node)."""
        best = min([final] * (final >= 0) + [cost for _, cost, _ in arcs])
        key = (final - best if final >= 0 else NOT_FINAL, proper,
               tuple((label, min(cost - best, 254), node) for label, cost, node in arcs))
        node = register.get(key)
        if node is None:
            node = register[key] = len(nodes)
            nodes.append(key)
        return node, best

    roots: list[int] = []
    root_cost: list[float] = []
    for words in classes:
        # a stack of open nodes: [label that led here, final cost, proper, arcs]
        stack: list[tuple[int, list[int], list[tuple[int, int, int]]]] = [(0, [-1, 0], [])]
        previous = ""

        def close(depth: int, stack: list[tuple[int, list[int], list[tuple[int, int, int]]]] = stack) -> None:
            while len(stack) > depth + 1:
                label, (final, proper), arcs = stack.pop()
                node, best = seal(final, proper, arcs)
                stack[-1][2].append((label, best, node))

        for word in sorted(words):
            cost, proper = words[word]
            common = 0
            while common < min(len(word), len(previous)) and word[common] == previous[common]:
                common += 1
            close(common)
            for c in word[common:]:
                stack.append((ord(c), [-1, 0], []))
            stack[-1][1][:] = [min(round(cost / QUANTUM), 10_000), proper]
            previous = word
        close(0)
        if not words:
            stack[0][1][0] = 0
        node, best = seal(stack[0][1][0], stack[0][1][1], stack[0][2])
        roots.append(node)
        root_cost.append(best * QUANTUM)
    counts = [len(arcs) for _, _, arcs in nodes]
    flat = [arc for _, _, arcs in nodes for arc in arcs]
    return Automaton(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        np.array([a[0] for a in flat], np.uint16), np.array([a[2] for a in flat], np.int32),
        np.array([a[1] for a in flat], np.uint8), np.array([min(n[0], NOT_FINAL) for n in nodes], np.uint8),
        np.array([n[1] for n in nodes], np.uint8), np.array(roots, np.int32), np.array(root_cost, np.float32))
