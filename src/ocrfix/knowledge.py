"""Everything linguistic that the stages share, loaded once: lexicon, language model, confusion models.

Files come from the shipped ``lexicons/`` folder and then from the user's own (``--lexicons``), which is laid out alike:
``period/*.txt`` and ``*.txt`` word lists, ``confusions/*.tsv`` tables with their ``*.signature`` beside them,
``model/`` the compiled language model (of a user's only ``ranking.tsv`` and ``pairs.tsv``, the word pairs of clean
texts, are read).
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ocrfix import paths
from ocrfix.engine.automaton import SHIPPED_ROOTS
from ocrfix.engine.channel import Channel, Compiled, merged
from ocrfix.engine.kinds import Signature
from ocrfix.engine.model import LanguageModel
from ocrfix.engine.ranking import Ranking
from ocrfix.engine.sharpen import PairCounts, sharpened
from ocrfix.language.foreign import Lists, read_lists
from ocrfix.language.morphology import stem_class, suffixes
from ocrfix.language.turkish import lower
from ocrfix.language.word_lists import read_words

LISTED_WORD_COST = 12.0
"""Cost, in nats, of a word that stands in a word list without a frequency (a word rank of about 20,000)."""
INITIAL_COST = 8.0
"""The same of a single letter: an initial or part of an abbreviation."""
FAMILY_WEIGHT = 10.0
"""A confusion table is smoothed with those of its family as with this many sightings of each segment."""

PRINTED_WEIGHT = 60.0
"""The same for the table of a kind of OCR that was learned from printed and scanned text."""
SHAPES_WEIGHT = 30.0
"""The same for what letters look like in a kind of type."""
SHAPES = {"small": "roman"}
"""Kinds of type that look like another."""

WordCosts = Mapping[str, tuple[float, int]]
"""Lower-case word -> (cost in nats, 0 common word, 1 either, 2 proper name)."""


@dataclass(frozen=True)
class Knowledge:
    """Lexicon, language model and confusion models.

    Attributes:
        model: the language model with the words of the word lists.
        listed: the words of the word lists.
        channels: confusion tables by kind of type and OCR; the part before the first ``-`` is the family.
        general: tables that others are drawn to: of a kind (``tesstur-roman``), or of a type whatever the OCR
            (``roman``).
        signatures: by which the kind of a text is told.
        ranking: the model that tells which reading is right and how sure that is.
        foreign: words of other languages, by which runs of them are told.
    """

    model: LanguageModel
    listed: WordCosts
    channels: Mapping[str, Channel]
    general: Mapping[str, Channel]
    signatures: Mapping[str, Signature]
    ranking: Ranking
    foreign: Lists = field(default_factory=dict)

    @classmethod
    def load(cls, user_lexicons: Path | None = None) -> Knowledge:
        """Load the shipped lexicons and a user's own.

        Raises:
            OcrfixError: a file is damaged.
        """
        shipped = paths.lexicons()
        folders = [shipped] + ([user_lexicons] if user_lexicons is not None else [])
        listed: dict[str, tuple[float, int]] = {}
        channels: dict[str, Channel] = {}
        general: dict[str, Channel] = {}
        signatures: dict[str, Signature] = {}
        base = LanguageModel.load(shipped / "model")
        for path in (folder / "model" / "pairs.tsv" for folder in folders[1:]):
            if path.exists():
                base = replace(base, bigrams=sharpened(base, PairCounts.read(path, base)))
        for folder in folders:
            for path in sorted([*folder.glob("period/*.txt"), *folder.glob("*.txt")]):
                listed.update(read_word_list(path, base))
            for path in sorted(folder.glob("confusions/*.tsv")):
                channels[path.stem] = Channel.read(path)
            for path in sorted(folder.glob("confusions/general/*.tsv")):
                general[path.stem] = Channel.read(path)
            for path in sorted(folder.glob("confusions/*.signature")):
                signatures[path.stem] = Signature.read(path)
        rankings = [path for folder in folders if (path := folder / "model" / "ranking.tsv").exists()]
        return cls(base.with_words(listed), listed, channels, general, signatures,
                   Ranking.read(rankings[-1]) if rankings else Ranking(), read_lists(shipped / "foreign"))

    def accepts(self, word: str) -> bool:
        """Whether a word (any case, apostrophe and suffix allowed) is a known form."""
        return self.model.accepts(word)

    def with_words(self, words: WordCosts) -> Knowledge:
        """The same with a document's own words beside the listed ones."""
        listed = self.model.automaton.without_roots(SHIPPED_ROOTS + bool(self.listed))
        return replace(self, model=replace(self.model, automaton=listed).with_words(words)) if words else self

    def listing(self, words: Iterable[str]) -> Knowledge:
        """The same with words that a user says are right; a capital marks a proper name."""
        base = replace(self.model, automaton=self.model.automaton.without_roots())
        listed = {**self.listed, **listed_words(words, base)}
        return replace(self, model=base.with_words(listed), listed=listed)

    @cached_property
    def every_confusion(self) -> Compiled:
        """The sum of all confusion tables."""
        return merged("all", self.channels.values()).compile()

    @cached_property
    def smoothed(self) -> Mapping[str, Channel]:
        """The confusion tables, each drawn towards its family and what holds for its kind of type in general."""
        return self.smooth(self.channels)

    def smooth(self, channels: Mapping[str, Channel]) -> dict[str, Channel]:
        """Some confusion tables drawn towards their families and the general ones."""
        out: dict[str, Channel] = {}
        for name, channel in channels.items():
            family, _, type_ = name.partition("-")
            relatives = [c for n, c in channels.items() if n.partition("-")[0] == family]
            out[name] = channel.smoothed(merged("family", relatives), FAMILY_WEIGHT)
            for general, weight in ((name, PRINTED_WEIGHT), (SHAPES.get(type_, type_), SHAPES_WEIGHT)):
                if general in self.general:
                    out[name] = out[name].smoothed(self.general[general], weight)
        return out


def read_word_list(path: Path, base: LanguageModel) -> dict[str, tuple[float, int]]:
    """Read a word list (:mod:`ocrfix.language.word_lists`); a capital marks a proper name, capitals an abbreviation.

    Words that the lexicon has as common words keep their own cost and properness there; the list adds to it.

    Raises:
        OcrfixError: a line holds more than one word, or the file is not UTF-8.
    """
    return listed_words(read_words(path), base)


def listed_words(words: Iterable[str], base: LanguageModel) -> dict[str, tuple[float, int]]:
    """The costs of listed words: of a name with its plurals, of a word that the lexicon has its own."""
    listed: dict[str, tuple[float, int]] = {}
    for word in words:
        low = lower(word)
        known = base.automaton.word_cost(low)
        if len(low) == 1:
            listed[low] = (min(known, INITIAL_COST), 2 if word != low else 1)
            continue
        listed[low] = (min(known, LISTED_WORD_COST), 2 if word != low else 0)
        if word[:1] != low[:1] and word[1:] == low[1:]:
            for plural, cost in plurals(low):
                if base.automaton.word_cost(plural) == math.inf:
                    listed.setdefault(plural, (listed[low][0] + cost, 2))
    return listed


def plurals(name: str) -> Iterator[tuple[str, float]]:
    """The plural forms of a name, which take no apostrophe (``Molokanlar``, ``Frunzelerin``), with their costs."""
    stem = stem_class(name)
    if stem is not None:
        for suffix, share in suffixes(stem).items():
            if suffix.startswith(("lar", "ler")):
                yield name + suffix, -math.log(share)

