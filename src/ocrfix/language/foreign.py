"""Runs of words in another language: titles and quotations in English, French, German or transliterated Russian.

Which words a run may have is told by lists of the languages' most frequent words (``lexicons/foreign``).  Each word
costs what it costs in Turkish or by its rank in a list, another language begins and ends at a price, and the cheapest
way through the text is taken (Viterbi).  So a foreign name among Turkish words stays Turkish, and a misread word, which
no language has, belongs to what stands around it.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import regex

from ocrfix.language.word_lists import read_words

WORD = regex.compile(r"[\p{L}\p{M}]{2,}")
"""A single letter tells nothing."""
TURKISH = "tr"
UNKNOWN = 14.0
"""Cost, in nats, of a word that a language does not have."""
SWITCH = 4.0
"""Cost of the border between two languages."""
FIRST_RANK = 2.3
"""Cost of the most frequent word of a language; that of the others grows with the logarithm of their rank (Zipf)."""
LEAST = 3
"""A run has so many words that its language has."""

Lists = Mapping[str, Mapping[str, float]]
"""Language -> lower-case word -> cost in nats."""


def read_lists(folder: Path) -> dict[str, dict[str, float]]:
    """The word lists of a folder, a language a file, the most frequent word first.

    Raises:
        OcrfixError: a file is no word list.
    """
    return {path.stem: {word: FIRST_RANK + math.log(rank) for rank, word in enumerate(read_words(path), 1)}
            for path in sorted(folder.glob("*.txt"))}


def languages(words: Sequence[str], turkish: Callable[[str], float], lists: Lists) -> list[str]:
    """The language of each word of a text.

    Args:
        turkish: the cost of a word in Turkish, in nats.
    """
    costs = [{TURKISH: min(UNKNOWN, turkish(word))} | {name: known.get(word.lower(), UNKNOWN)
                                                       for name, known in lists.items()} for word in words]
    best = {name: SWITCH * (name != TURKISH) for name in (TURKISH, *lists)}
    back: list[dict[str, str]] = []
    for cost in costs:
        cheapest = min(best, key=best.__getitem__)
        came = {name: name if best[name] <= best[cheapest] + SWITCH else cheapest for name in best}
        best = {name: best[came[name]] + SWITCH * (came[name] != name) + cost[name] for name in best}
        back.append(came)
    if not words:
        return []
    out = [min(best, key=best.__getitem__)]
    for came in reversed(back[1:]):
        out.append(came[out[-1]])
    return out[::-1]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text that is in another language than Turkish."""

    start: int
    end: int
    language: str


def runs(text: str, turkish: Callable[[str], float], lists: Lists) -> list[Run]:
    """The runs of a text that are in another language, in order."""
    words = list(WORD.finditer(text))
    told = zip(words, languages([word[0] for word in words], turkish, lists), strict=True)
    grouped = ((name, [word for word, _ in group]) for name, group in groupby(told, key=itemgetter(1)))
    return [Run(group[0].start(), group[-1].end(), name) for name, group in grouped
            if name != TURKISH and sum(word[0].lower() in lists[name] for word in group) >= LEAST]
