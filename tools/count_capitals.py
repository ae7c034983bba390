#!/usr/bin/env python3
"""Count which words have a capital inside of a sentence (lexicons/model/capitals.tsv) in clean texts.

    python tools/count_capitals.py TEXT... --out lexicons/model/capitals.tsv

Each TEXT has a paragraph a line.  A word counts behind another word, a comma or a semicolon; what is in capitals does
not.  Beginnings of words are counted as well.  Each rate is drawn towards that of the next shorter beginning, and a
word, or a longer beginning, has a row only where it differs by a nat from what it would inherit.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import click

from ocrfix.engine.capitals import BEGINNING, BEGINNINGS, OTHERWISE
from ocrfix.engine.channel import FOLD
from ocrfix.engine.features import tokens
from ocrfix.language.turkish import lower

LEAST_WORD, LEAST_BEGINNING = 20, 40
"""How often a word, or a beginning, must have been seen."""
PRIOR = 3.0
"""So many sightings a rate is drawn towards that of the shorter beginning."""
STEP, DIFFERENT, MOST = 0.5, 1.0, 5.0
"""Log-odds are rounded to so many nats, written where they differ by so many, and never higher than so many."""


@dataclass
class Sightings:
    """How often words, and beginnings of words, were seen with a capital, and without."""

    capital: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)

    def of(self, key: str) -> int:
        """How often a word or beginning was seen."""
        return self.capital[key] + self.small[key]


def inside(lines: Iterable[str]) -> Iterator[str]:
    """The words inside of sentences, without their suffixes behind apostrophes."""
    for line in lines:
        found = tokens(line.translate(FOLD))
        for before, word in pairwise(found):
            if word[0].isalpha() and (before[-1].isalpha() or before in {",", ";"}):
                yield word.partition("'")[0]


def count(words: Iterable[str]) -> tuple[Sightings, Sightings]:
    """The sightings of words, and those of their beginnings."""
    whole, begun = Sightings(), Sightings()
    for word, n in Counter(words).items():
        low = lower(word)
        if not word.isalpha() or (len(word) > 1 and word.isupper()):
            continue
        for seen, keys in ((whole, (low,)), (begun, [low[:k] for k in BEGINNINGS if len(low) >= k])):
            for key in keys:
                (seen.small if word == low else seen.capital)[key] += n
    return whole, begun


def log_odds(rate: float) -> float:
    """The log-odds of a rate as they are written."""
    bounded = min(max(rate, 1e-4), 1 - 1e-4)
    return max(-MOST, min(MOST, round(math.log(bounded / (1 - bounded)) / STEP) * STEP))


def rate_elsewhere(begun: Sightings, key: str, longest: int, seen: tuple[int, int]) -> float:
    """The rate of capitals on what else begins like a word, up to so many letters; ``seen`` is the word's own share.

    What shares a longer beginning with the word counts for that alone, so that nothing counts twice.
    """
    levels = [(begun.capital[key[:k]], begun.small[key[:k]]) for k in sorted(BEGINNINGS) if k <= min(longest, len(key))]
    rate = 1 / (1 + math.exp(-OTHERWISE))
    for (capital, small), (inner_capital, inner_small) in pairwise([*levels, seen]):
        rate = (capital - inner_capital + PRIOR * rate) / (capital + small - inner_capital - inner_small + PRIOR)
    return rate


def table(whole: Sightings, begun: Sightings) -> dict[str, float]:
    """The rows: beginnings, marked as such, and words, with their log-odds."""
    rows: dict[str, float] = {}

    def consider(seen: Sightings, key: str, longest: int, mark: str) -> None:
        inherited = next((rows[shorter] for k in BEGINNINGS
                          if k <= min(longest, len(key)) and (shorter := key[:k] + BEGINNING) in rows), OTHERWISE)
        own = seen.capital[key], seen.small[key]
        elsewhere = rate_elsewhere(begun, key, longest, own)
        odds = log_odds((own[0] + PRIOR * elsewhere) / (sum(own) + PRIOR))
        if abs(odds - inherited) >= DIFFERENT:
            rows[key + mark] = odds

    for size in sorted(BEGINNINGS):
        for key in sorted(begun.capital.keys() | begun.small.keys()):
            if len(key) == size and begun.of(key) >= LEAST_BEGINNING:
                consider(begun, key, size - 1, BEGINNING)
    for word in sorted(whole.capital.keys() | whole.small.keys()):
        if whole.of(word) >= LEAST_WORD:
            consider(whole, word, len(word), "")
    return rows


@click.command(help=__doc__.partition("\n")[0])
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
def main(texts: tuple[Path, ...], out: Path) -> None:
    """Count which words have a capital inside of a sentence."""
    rows = table(*count(inside(line for path in texts for line in path.open(encoding="utf-8"))))
    head = ("# Log-odds, in nats, of a capital inside of a sentence, by word or beginning of words (-).\n"
            "# Made by tools/count_capitals.py from the texts named in lexicons/README.md.  Licence: CC BY-SA 4.0.\n")
    out.write_text(head + "".join(f"{key}\t{odds:g}\n" for key, odds in sorted(rows.items())), "utf-8")


if __name__ == "__main__":
    main()
