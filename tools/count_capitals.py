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
STEP, DIFFERENT, MOST = 0.5, 1.0, 6.0
"""Log-odds are rounded to so many nats, written where they differ by so many, and never higher than so many."""


@dataclass
class Sightings:
    """How often words, and beginnings of words, were seen with a capital, and without."""

    capital: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)

    def of(self, key: str) -> int:
        """How often a word or beginning was seen."""
        return self.capital[key] + self.small[key]

    def rate(self, key: str, shorter: float) -> float:
        """The share of the sightings with a capital, drawn towards the rate of the shorter beginning."""
        return (self.capital[key] + PRIOR * shorter) / (self.of(key) + PRIOR)


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


def table(whole: Sightings, begun: Sightings) -> dict[str, float]:
    """The rows: beginnings, marked as such, and words, with their log-odds."""
    rates: dict[str, float] = {"": 1 / (1 + math.exp(-OTHERWISE))}
    rows: dict[str, float] = {}

    def inherited(word: str, longest: int) -> float:
        keys = (word[:k] + BEGINNING for k in BEGINNINGS if k <= longest)
        return next((rows[key] for key in keys if key in rows), OTHERWISE)

    def rate_below(word: str, longest: int) -> float:
        return next(rates[word[:k]] for k in (*BEGINNINGS, 0) if k <= longest and word[:k] in rates)

    for size in sorted(BEGINNINGS):
        for key in sorted(begun.capital.keys() | begun.small.keys()):
            if len(key) == size and begun.of(key) >= LEAST_BEGINNING:
                rates[key] = begun.rate(key, rate_below(key, size - 1))
                odds = log_odds(rates[key])
                if abs(odds - inherited(key, size - 1)) >= DIFFERENT:
                    rows[key + BEGINNING] = odds
    for word in sorted(whole.capital.keys() | whole.small.keys()):
        if whole.of(word) >= LEAST_WORD:
            odds = log_odds(whole.rate(word, rate_below(word, len(word))))
            if abs(odds - inherited(word, len(word))) >= DIFFERENT:
                rows[word] = odds
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
