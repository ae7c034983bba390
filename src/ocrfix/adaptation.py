"""Adapting the models to the document at hand, without truth.

Three things are learned from the document itself: which kind of type each part is set in; how noisy it is, which
scales the confusion model (text without errors must find none); and its own words, the names that no lexicon has.
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import regex
from symspellpy import SymSpell, Verbosity

from ocrfix import cores
from ocrfix.engine.automaton import QUANTUM
from ocrfix.engine.channel import FOLD, Channel, Compiled
from ocrfix.engine.citations import collect
from ocrfix.engine.correct import LONGEST_TOKEN, SPARSE, Evidence, cut_units, paths, stretches
from ocrfix.engine.kinds import trigrams
from ocrfix.engine.model import USER_ROOT, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import Ranking
from ocrfix.knowledge import Knowledge
from ocrfix.language.morphology import stems_of
from ocrfix.language.turkish import lower, title

NOTES_SUFFIX = "small"
"""The kind of type of notes ends so."""
SAMPLE = 4000
"""Characters of each kind of type that the noise is estimated from."""
ROUNDS = 4
FIRST_SCALE = 0.05
"""The estimate starts low: noisy text drives it up, text without errors gives it no reason to rise."""
TRUST = 1 / 5
"""How far the estimate is believed, in logarithms, against the noise of the table's own pages: the decoder misses many
misreadings, more of some kinds of OCR than of others.  Text with hardly an error is not in doubt."""
MIN_SCALE = 0.003
QUICK = Parameters(beam_size=30.0, beam_width=7.0)
"""For looking over the document before it is corrected."""
OWN_WORD = regex.compile(r"""(?<![^\s("-])[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?(?![^\s.,;:!?)"-])""")
FAR_COMMONER = 3
HARD = 6.0
"""How unlikely, in nats, a misreading must be so that the spelling can be a word of the document's own."""
UNLIKELY = 24.0
"""How unlikely, in nats, it must be that all sightings of a word are misreadings of another."""
REGULAR = 4.0
"""By how much a regular form that no lexicon lists is dearer than the word that it is a form of, in nats."""
SHORTEST_STEM = 5
"""Letters of the shortest stem that words are told to share."""
MOST_ELSEWHERE = 500_000
"""The other parts of a large document count as so many words, those of the largest text that is not divided: in a
hundred times as much text every misreading is seen as often as a name in a book."""
LEAST_SIGHTINGS = 3
"""How often an unknown word must stand in the document, spelled alike, to be one of its words."""


@dataclass(frozen=True)
class Adapted:
    """Models for one document.

    ``kinds`` has the kind of type of each block given to :func:`adapt`, in order; ``words`` are the document's own,
    which ``model`` has; ``compiled`` the confusion models, each with the probabilities multiplied by its ``scales``;
    ``evidence`` is what the document says of itself, as the OCR left it.
    """

    model: LanguageModel
    words: Mapping[str, tuple[float, int]]
    compiled: Mapping[str, Compiled]
    scales: Mapping[str, float]
    ranking: Ranking
    kinds: tuple[str, ...]
    evidence: Evidence
    statistics: tuple[tuple[str, float], ...]

    def parameters(self, kind: str) -> Parameters:
        """The decoder's constants for a kind of type."""
        return Parameters().scaled(self.scales.get(kind, 1.0))

    def channel(self, kind: str) -> Compiled:
        """The compiled confusion model of a kind of type."""
        return self.compiled[kind]


def adapt(blocks: Sequence[tuple[bool, Sequence[str]]], knowledge: Knowledge, *, noise: bool = True,
          before: Adapted | None = None, as_noisy: bool = False, as_read: Sequence[str] | None = None,
          elsewhere: Elsewhere | None = None) -> Adapted:
    """Adapt to a document, given for each block whether it is a note, and its runs of text.

    Args:
        noise: whether to estimate how noisy the document is; without, it is taken for as noisy as the tables' pages.
        before: the adaptation to an earlier state of the document, of which is kept what is the same.
        as_noisy: whether the document is still taken for what it was: as noisy, of those kinds, with those words.
        as_read: the text of each block as the OCR left it, where a person mended some: it tells of noise and type.
        elsewhere: the words of the other parts, if the document is a part of a larger one.
    """
    kept = before if as_noisy else None
    read = blocks if as_read is None else [(is_note, [text])
                                           for (is_note, _), text in zip(blocks, as_read, strict=True)]
    kinds = kept.kinds if kept else tell_kinds(read, knowledge)
    words = kept.words if kept else own_words([run for _, runs in blocks for run in runs], knowledge, elsewhere)
    model = before.model if before and words == before.words else knowledge.with_words(words).model
    scales: dict[str, float] = {}
    compiled: dict[str, Compiled] = {}
    for kind in sorted(set(kinds)):
        channel = knowledge.smoothed[kind]
        if kept:
            scales[kind] = kept.scales[kind]
        else:
            texts = [run.strip() for k, (_, runs) in zip(kinds, read, strict=True) if k == kind for run in runs]
            scales[kind] = noise_scale(texts, model, channel) if noise else 1.0
        same = before is not None and before.scales.get(kind) == scales[kind]
        compiled[kind] = before.compiled[kind] if before and same else channel.compile(scale=scales[kind])
    statistics = tuple((f"noise {kind}", round(scale, 4)) for kind, scale in sorted(scales.items()))
    cited = collect(paths(" ".join(runs).strip(), model, compiled[kind], Parameters().scaled(scales[kind]))
                    for kind, (is_note, runs) in zip(kinds, blocks, strict=True) if is_note)
    return Adapted(model, words, compiled, scales, knowledge.ranking, kinds,
                   Evidence.of([run for _, runs in blocks for run in runs], cited),
                   (*statistics, ("own words", float(len(words)))))


def tell_kinds(blocks: Sequence[tuple[bool, Sequence[str]]], knowledge: Knowledge) -> tuple[str, ...]:
    """The kind of type of each block: the family from the whole document, then the type from the block itself.

    A short block tells little, so its neighbours' evidence is added to its own.
    """
    names = sorted(knowledge.signatures)
    costs: list[dict[str, float]] = []
    for is_note, runs in blocks:
        grams = trigrams(" ".join(runs))
        costs.append({n: knowledge.signatures[n].cost(grams) for n in names if n.endswith(NOTES_SUFFIX) == is_note})
    families: defaultdict[str, float] = defaultdict(float)
    for row in costs:
        for name in {n.split("-")[0] for n in names}:
            known = [c for n, c in row.items() if n.split("-")[0] == name]
            families[name] += min(known) if known else min(row.values(), default=0.0)
    family = min(sorted(families), key=lambda f: families[f]) if families else ""
    out = []
    for i, (is_note, _) in enumerate(blocks):
        members = [n for n in costs[i] if n.split("-")[0] == family] or sorted(costs[i])
        near = [costs[j] for j in range(max(0, i - 3), min(len(blocks), i + 4)) if blocks[j][0] == is_note and j != i]
        out.append(min(members, key=lambda n: costs[i][n] + 0.3 * sum(row[n] for row in near)))
    return tuple(out)


@dataclass
class Sightings:
    """How often words stand in a text: by the stem before the apostrophe, in lower case, of four letters or more.

    Attributes:
        count: stem -> sightings.
        capital: stem -> those of them that are not written in lower case.
        total: all words, short ones too.
    """

    count: Counter[str] = field(default_factory=Counter)
    capital: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def add(self, texts: Iterable[str]) -> None:
        """Count the words of some texts too."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(OWN_WORD.findall(text.translate(FOLD)))
        for word, n in seen.items():
            stem = word.partition("'")[0]
            self.total += n
            if len(stem) >= 4:
                self.count[lower(stem)] += n
                self.capital[lower(stem)] += n * (stem != lower(stem))

    def forget(self, most: int) -> None:
        """Of more than so many stems keep half of that, those seen most often; the others are counted anew if seen.

        A bound on memory in the manner of lossy counting (Manku and Motwani 2002).
        """
        if len(self.count) <= most:
            return
        kept = sorted(self.count, key=lambda stem: (-self.count[stem], stem))[:most // 2]
        self.count = Counter({stem: self.count[stem] for stem in kept})
        self.capital = Counter({stem: self.capital[stem] for stem in kept})


@dataclass(frozen=True)
class Elsewhere:
    """The words of a large document in all parts but one.

    Attributes:
        whole: the words of all parts, as the OCR left them.
        here: those of the part at hand, likewise.
        costs: what :func:`own_words` reckoned of a word is the same in each part, and kept here.
    """

    whole: Sightings
    here: Sightings
    costs: dict[str, float]

    def counted_with(self, words: Sightings) -> Sightings:
        """The words of the part at hand, as they are by now, counted through the whole."""
        others = self.whole.total - self.here.total
        share = min(1.0, MOST_ELSEWHERE / max(1, others))

        def through(whole: Counter[str], here: Counter[str], now: Counter[str]) -> Counter[str]:
            return Counter({stem: n + int(share * max(0, whole[stem] - here[stem])) for stem, n in now.items()})

        return Sightings(through(self.whole.count, self.here.count, words.count),
                         through(self.whole.capital, self.here.capital, words.capital),
                         words.total + int(share * others))


def own_words(texts: Sequence[str], knowledge: Knowledge, elsewhere: Elsewhere | None = None,
              ) -> dict[str, tuple[float, int]]:
    """Words of the document that no lexicon has, with their costs.

    An unknown spelling that stands there often, free of stray signs, is one of the document's words if it is hard to
    read any known word so (``bafka`` is ``başka``, ``Abilov`` is a name).  A spelling at most two letters away from a
    known word that is ``FAR_COMMONER`` times as frequent in the document is a misreading of it all the same.  A regular
    form of a known word (:func:`ocrfix.language.morphology.stems_of`) is one of them if it stands there but once.

    Where the texts are a part of a larger document, their words are counted through the whole of it.
    """
    seen = Sightings()
    seen.add(texts)
    if elsewhere is not None:
        seen = elsewhere.counted_with(seen)
    count = seen.count
    costs = elsewhere.costs if elsewhere is not None else {}
    common = SymSpell(max_dictionary_edit_distance=2)
    for word, n in count.items():
        if n >= FAR_COMMONER * LEAST_SIGHTINGS and knowledge.model.accepts(word):
            common.create_dictionary_entry(word, n)

    def misread(word: str, n: int) -> bool:
        return any(near.count >= FAR_COMMONER * n for near in common.lookup(word, Verbosity.ALL, max_edit_distance=2))

    words: dict[str, tuple[float, int]] = {}
    support = stem_counts({word: n for word, n in count.items() if not knowledge.model.accepts(word)}, knowledge.model)
    for word, n in sorted(support.items()):
        if n < LEAST_SIGHTINGS:
            continue
        if misread(word, n):
            continue
        share = seen.capital[word] / count[word]
        shown = title(word) if share > 0.5 else word
        if shown not in costs:
            costs[shown] = _misreadings_cost(shown, knowledge.every_confusion, knowledge.model)
        once = costs[shown]
        if once > HARD and once * n > UNLIKELY:
            cost = math.log(seen.total / count[word]) + 0.5
            cost = QUANTUM * round(max(4.0, cost) / QUANTUM)     # as the automaton stores it
            words[word] = (cost, 2 if share > 0.9 else 1 if share > 0.3 else 0)
    for word in sorted(support.keys() - words.keys()):
        stems = () if seen.capital[word] else stems_of(word, knowledge.model.accepts)
        cost = min(map(knowledge.model.word_cost, stems), default=math.inf)
        if cost < math.inf and not misread(word, count[word]):
            words[word] = (QUANTUM * round((cost + REGULAR) / QUANTUM), 0)
    return words


def stem_counts(count: Mapping[str, int], model: LanguageModel) -> dict[str, int]:
    """How often the stem of each word stands among some words, the word itself counting as a stem too.

    ``Molakanlar`` and ``Molakanların`` speak for each other.
    """
    automaton = model.automaton
    stems: Counter[str] = Counter()
    found: dict[str, list[str]] = {}
    for word, n in count.items():
        found[word] = [word] + [word[:k] for k in range(SHORTEST_STEM, len(word))
                                if any(automaton.accepts(word[k:], root) for root in range(1, USER_ROOT - 1))]
        for stem in found[word]:
            stems[stem] += n
    return {word: max(stems[stem] for stem in found[word]) for word in count}


def _misreadings_cost(word: str, channel: Compiled, model: LanguageModel) -> float:
    """What it costs, in nats, that the likeliest known word is misread so once."""
    found = model.decode(word, channel, Parameters(), previous=0, sentence_start=True)
    if not found:
        return math.inf
    printed = model.decode(found[0].text, channel, Parameters(), previous=0, sentence_start=True)
    return found[0].cost - printed[0].cost


def sampled(texts: Sequence[str], size: int) -> list[str]:
    """Stretches of some texts, evenly spread, of about ``size`` characters together; folded."""
    parts = [text[start:end].translate(FOLD) for text in texts for start, end in stretches(text)]
    parts = [part for part in parts if max(map(len, part.split(" "))) <= LONGEST_TOKEN]
    total = sum(map(len, parts))
    if total <= size:
        return parts
    out, seen, taken = [], 0, 0
    for part in parts:
        seen += len(part)
        if taken * total < seen * size:
            out.append(part)
            taken += len(part)
    return out


def noise_scale(texts: Sequence[str], model: LanguageModel, channel: Channel) -> float:
    """By what the confusion probabilities of a table are to be multiplied for these texts.

    A sample is decoded; the share of its characters that the decoder finds misread, against the share that the table
    expects, gives the scale, and so on for a few rounds.  Text without errors drives the scale towards nothing.  Only
    confusions that the table knows count: a name that no lexicon has takes unheard-of ones to become a word.
    """
    sample = sampled(texts, SAMPLE)
    size = sum(map(len, sample))
    if not size:
        return 1.0
    expected = channel.error_rate
    scale = FIRST_SCALE
    for _ in range(ROUNDS):
        compiled, parameters = channel.compile(scale=scale), QUICK.scaled(scale)

        def misread(text: str, compiled: Compiled = compiled, parameters: Parameters = parameters) -> int:
            found = model.decode(text, compiled, parameters, previous=0, sentence_start=True)
            wrong = 0
            for unit in cut_units(text, found[0].segments) if found else []:
                if unit.out.replace("'", "") != unit.raw.replace("'", ""):
                    edits = [(t, text[i:j]) for i, j, t in found[0].segments
                             if unit.start <= i < unit.end and text[i:j] != t]
                    wrong += len(edits) if all(edit in channel.count for edit in edits) else 0
            return wrong

        with ThreadPoolExecutor(max_workers=cores.threads()) as threads:
            rate = sum(threads.map(misread, sample)) / size
        new = min(1.5, max(MIN_SCALE, rate / expected))
        settled = abs(new - scale) < 0.1 * scale
        scale = new
        if settled:
            break
    return scale if scale < SPARSE else scale ** TRUST
