"""Correcting a stretch of text: decoded, cut into units, each with its readings and how sure the choice is.

:func:`correct` is the whole of it.  It knows nothing of documents, edits or layout.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import regex

from ocrfix.engine.channel import FOLD, Compiled
from ocrfix.engine.citations import Citations, archive_code, page_reference, plain, slices
from ocrfix.engine.context import REACH
from ocrfix.engine.features import (
    WORD,
    Cut,
    Doubt,
    Hint,
    Line,
    Reading,
    Surroundings,
    case_variants,
    ends_sentence,
    features,
    is_odd,
    known,
    stops_early,
    tokens,
    unended,
)
from ocrfix.engine.model import SENTENCE, Hypothesis, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import Ranking
from ocrfix.language.turkish import lower

LONGEST_STRETCH = 500
"""Texts are decoded in stretches of about this many characters, cut at spaces."""
LONGEST_TOKEN = 120
"""A stretch with a longer run of characters than this is left alone."""
SPARSE = 0.15
"""In a text that is less noisy than this, only words that no lexicon has are looked at, and those beside them."""
BESIDE = 2
ENOUGH = (1.5, 2.3, math.inf)
"""Nats for each character, and three more, that a reading may cost so that no wider search is made for better ones."""
NEXT_WORD = 1.0
"""Cost, in nats, of each further word of a name or title that the notes repeat."""
ENOUGH_INITIALS = 5
"""So many initials with a space behind them are a habit."""
RECASED, OTHER_CASE = 2, 4.5
"""So many of the best readings are weighed with a word in its usual case too; what that costs, in nats."""
LOST_SPACE = 1.0
"""Cost, in nats, of a space behind an initial that left no trace."""
GLUED_INITIAL = regex.compile(r"(?<![\p{L}\p{N}.])\p{Lu}\.(?=\p{Lu}(?:[\p{L}']{2}|\.(?:\s|$|\p{Lu}\p{Ll})))")
"""An initial that stands right before a name or another initial (``M.Frunze``, ``M.V. Frunze``)."""
SPACED_INITIAL = regex.compile(r"(?<![\p{L}\p{N}.])\p{Lu}\. (?=\p{Lu}[\p{L}']{2})")
AFTER = ",.;"
"""Marks before the number of a page; a point may be a comma misread."""
OPENING = "\"'(["
SEARCH = 6000
"""States that cost as much time as what is done about any search: calling it, and weighing what it found."""
READINGS = 10
"""So many readings of a unit are weighed."""
DEAREST = 10.0
"""A reading dearer than the cheapest by more nats than this is not weighed, but for the text as it stands."""
WORDS_ALONE = 0.085
"""Where none of the readings is right with its punctuation, the best has the right words all the same so often: 38 of
449 times on the pages that the ranking is fitted on."""
FIGURES_OR_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the text that is corrected as one: mostly a word with its punctuation.

    Attributes:
        start, end: its place in the text.
        raw: the text as it stands.
        best: the likeliest other reading.
        confidence: the probability that ``best`` is right: its words, if it changes words, else its punctuation.
        kept: the probability that ``raw`` is, likewise.
        alternatives: (text, probability, punctuation counted) of the likeliest readings, best first; the text as it
            stands may be among them.
        known: whether the words of ``raw`` are in the lexicon, and no odd sign is among them.
        margin: by how many nats ``best`` fits confusions and context better than ``raw``.
    """

    start: int
    end: int
    raw: str
    best: str
    confidence: float
    kept: float
    alternatives: tuple[tuple[str, float], ...]
    known: bool
    margin: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a document says of itself.

    Attributes:
        counts: how often each lower-case word stands in it.
        cited: what its notes repeat.
        apart: log of how many times as often a space stands behind an initial as none.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    cited: Citations = field(default_factory=Citations)
    apart: float = 0.0

    @classmethod
    def of(cls, texts: Sequence[str], cited: Citations) -> Evidence:
        """The evidence of some texts, as the OCR left them."""
        folded = [text.translate(FOLD) for text in texts]
        spaced, glued = (sum(len(pattern.findall(text)) for text in folded)
                         for pattern in (SPACED_INITIAL, GLUED_INITIAL))
        habit = math.log((spaced + 1) / (glued + 1)) if spaced >= ENOUGH_INITIALS else 0.0
        return cls(word_counts(texts), cited, habit)


@dataclass(slots=True)
class Work:
    """What searches cost, counted in states: the characters read times the states kept at each, and :data:`SEARCH`.

    Attributes:
        most: so many states may be searched; then the text is left alone from the next stretch on.
        done: so many were.
        left: so many characters were left alone.
    """

    most: float = math.inf
    done: float = 0.0
    left: int = 0

    def add(self, characters: int, parameters: Parameters) -> None:
        """Count a search.  One whose result is remembered counts too, so that the text alone decides."""
        self.done += SEARCH + characters * parameters.beam_size


@dataclass(frozen=True, slots=True)
class Question:
    """A unit whose reading is in doubt: what there is to choose from, and the features of each choice.

    ``rows`` are the features (:data:`ocrfix.engine.ranking.FEATURES`) of the ``readings`` and, last, of none of them.
    """

    start: int
    end: int
    raw: str
    readings: tuple[str, ...]
    costs: tuple[float, ...]
    rows: tuple[tuple[float, ...], ...]
    known: bool


def cut_units(text: str, segments: Sequence[tuple[int, int, str]]) -> list[Cut]:
    """Cut a decoded text where the OCR and the true text have the same space."""
    units: list[Cut] = []
    begin, out = 0, ""
    for start, end, true in segments:
        if end > start and text[end - 1] == " " and true.endswith(" "):
            units.append(Cut(begin, end - 1, text[begin:end - 1], out + true[:-1]))
            begin, out = end, ""
        else:
            out += true
    units.append(Cut(begin, len(text), text[begin:], out))
    return units


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the stretches in which a text is decoded; a space between two belongs to neither."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > LONGEST_STRETCH:
            end = text.rfind(" ", start + LONGEST_STRETCH // 2, start + LONGEST_STRETCH)
            if end < 0:
                end = start + LONGEST_STRETCH
        yield start, end
        start = end + 1 if end < len(text) and text[end] == " " else end


def doubtful_stretches(text: str, model: LanguageModel) -> Iterator[tuple[int, int]]:
    """(start, end) of the words of a text that look misread, with their neighbours.

    Those are words that no lexicon has, or that look odd, and those whose mark, or none, does not fit the case of the
    next word.
    """
    words = [match.span() for match in regex.finditer(r"\S+", text)]
    first = last = -1
    for k, (word, following) in enumerate(pairwise([*(text[start:end] for start, end in words), ""])):
        if (not known(word, model) or is_odd(word) or not (word[0].isalnum() or word[0] in OPENING)
                or stops_early(word, following, model)
                or (following[:1].isupper() and unended(word, tokens(following)[0], model))):
            low, high = max(0, k - BESIDE), min(len(words) - 1, k + BESIDE)
            if first < 0:
                first, last = low, high
            elif high == last or (low <= last + 1 and words[high][1] - words[first][0] <= LONGEST_STRETCH):
                last = high
            else:
                yield words[first][0], words[last][1]
                first, last = max(low, last + 1), high
    if first >= 0:
        yield words[first][0], words[last][1]


def correct(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters, ranking: Ranking,
            *, sentence_start: bool = True, notes: bool = False, noise: float = 1.0,
            evidence: Evidence | None = None, work: Work | None = None) -> list[Unit]:
    """The units of a text (white space single) that the decoder changes or doubts, in order.

    Args:
        sentence_start: whether the text begins a sentence.
        notes: whether the text is a note, where citations follow other laws than prose.
        noise: by what the confusions were scaled.
        evidence: what the document says of itself.
        work: bounds and counts what this costs.
    """
    return [in_figures(unit, channel)
            for question in questions(text, model, channel, parameters, sentence_start=sentence_start, notes=notes,
                                      noise=noise, evidence=evidence, work=work)
            if (unit := answer(question, ranking)) is not None]


def in_figures(unit: Unit, channel: Compiled) -> Unit:
    """A unit, its probabilities lowered by the chance that a figure was misread: no context tells of that."""
    if not any(map(str.isdigit, unit.raw + unit.best)):
        return unit

    def trust(reading: str) -> float:
        return math.exp(-sum(float(channel.identity[ord(c)]) for c in reading if c in "0123456789"))

    return replace(unit, confidence=unit.confidence * trust(unit.best), kept=unit.kept * trust(unit.raw),
                   alternatives=tuple((reading, round(p * trust(reading), 4)) for reading, p in unit.alternatives))


def answer(question: Question, ranking: Ranking) -> Unit | None:
    """The likeliest change of a unit, with how sure it is; None if nothing but the text as it stands was found."""
    raw = question.raw.translate(FOLD)
    others = [k for k, reading in enumerate(question.readings) if reading != raw]
    if not others:
        return None
    *probability, none = ranking.probabilities(question.rows).tolist()
    best = max(others, key=lambda k: probability[k])
    kept = question.readings.index(raw)
    ordered = sorted(range(len(probability)), key=lambda k: (k != best, -probability[k]))
    alternatives = [(question.raw if k == kept else question.readings[k], round(probability[k], 4)) for k in ordered
                    if k == best or probability[k] > 0.001]
    words = [FIGURES_OR_WORD.findall(reading) for reading in question.readings]
    sure, as_it_stands = probability[best], probability[kept]
    if words[best] != words[kept]:          # readings that differ in punctuation agree about the words
        sure = sum(p for p, w in zip(probability, words, strict=True) if w == words[best]) + WORDS_ALONE * none
        as_it_stands = sum(p for p, w in zip(probability, words, strict=True) if w == words[kept])
    return Unit(question.start, question.end, question.raw, question.readings[best], sure, as_it_stands,
                tuple(alternatives[:5]), question.known, question.costs[kept] - question.costs[best])


def questions(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters,
              *, sentence_start: bool = True, notes: bool = False, noise: float = 1.0,
              evidence: Evidence | None = None, work: Work | None = None) -> Iterator[Question]:
    """The units of a text that are in doubt, in order; see :func:`correct`.

    In doubt is what the decoder changes, what no lexicon has, what does not fit between its neighbours, and what is
    like something that the notes repeat.
    """
    evidence, work = evidence or Evidence(), work or Work()
    previous, at_start = SENTENCE if sentence_start else 0, sentence_start
    folded, along = text.translate(FOLD), parameters.narrow()
    sparse = noise < SPARSE
    behind: Sequence[str] = ()
    decoded = 0                                      # behind this offset ``behind`` holds the last tokens
    for start, end in doubtful_stretches(folded, model) if sparse else stretches(folded):
        if work.done >= work.most:
            work.left = len(text) - start
            return
        part = folded[start:end]
        work.add(len(part), along)
        if start != decoded:
            behind = tokens(folded[max(0, start - LONGEST_TOKEN):start])[-REACH:]
        if sparse and start:
            at_start = bool(behind) and ends_sentence(folded[:start].rstrip())
            previous = SENTENCE if at_start else model.word_id(behind[-1]) if behind else 0
        found = [] if max(map(len, part.split(" "))) > LONGEST_TOKEN else model.decode(
            part, channel, along, previous=previous, sentence_start=at_start)
        if not found:
            previous, at_start = 0, False            # no word: data, or a line without spaces
            continue
        units = cut_units(part, found[0].segments)
        line = Line(model, units, behind, tokens(folded[end:end + LONGEST_TOKEN])[:REACH])
        unfit = line.unfit_marks() if sparse else line.unfit()
        hints = hinted(units, part, evidence.cited, model) if notes else {}
        doubtful: list[Doubt] = []
        for k, unit in enumerate(units):
            if unit.raw and (unit.out != unit.raw or k in unfit or k in hints or is_odd(unit.raw)
                             or not known(unit.raw, model)
                             or (evidence.apart > 0 and not sparse and GLUED_INITIAL.search(unit.raw))):
                after = units[k + 1] if k + 1 < len(units) else None
                surroundings = Surroundings(previous, at_start, next(iter(tokens(after.out)), "") if after else "",
                                            after is not None and after.raw[:1].isupper(),
                                            after is not None and after.raw[:1].islower())
                hint = hints.get(k)
                doubtful.append(Doubt(k, surroundings, _readings(
                    unit, model, channel, parameters, surroundings, work, hint,
                    apart=evidence.apart > 0 and not sparse), hint))
            last = tokens(unit.out)[-1:]
            if last:
                at_start = ends_sentence(unit.out)
                previous = SENTENCE if at_start else model.word_id(last[0])
        for doubt, fits in zip(doubtful, line.fits(doubtful), strict=True):
            unit, readings = units[doubt.unit], doubt.readings
            rows = features(unit, doubt, fits, model, float(notes), math.log(noise), evidence.counts, evidence.apart)
            yield Question(start + unit.start, start + unit.end, text[start + unit.start:start + unit.end],
                           tuple(readings), tuple(r.total for r in readings.values()), rows,
                           known(unit.raw, model) and not is_odd(unit.raw))
        behind = [*behind, *line.tokens][-REACH:]
        decoded = end + 1 if folded[end:end + 1] == " " else end


def _readings(unit: Cut, model: LanguageModel, channel: Compiled, parameters: Parameters,
              surroundings: Surroundings, work: Work, hint: Hint | None = None, *,
              apart: bool = False) -> dict[str, Reading]:
    """The readings of a unit that are weighed; the path's own and the text as it stands are always among them."""
    following = model.word_id(surroundings.following) if surroundings.following else 0
    out: dict[str, Reading] = {}
    for found in _search(unit.raw, model, channel, parameters, surroundings, work):
        text = found.text.strip()
        reading = Reading(found.cost, _link_cost(model, found.text, following))
        if text not in out or reading.total < out[text].total:
            out[text] = reading
    if hint is not None and hint.text not in out:
        misread = channel.cost(hint.text, unit.raw, substitution=parameters.substitution,
                               insertion=parameters.insertion, deletion=parameters.deletion)
        out[hint.text] = Reading(hint.cost + misread, _link_cost(model, hint.text, following))
    if apart:
        for text, reading in list(out.items()):
            spaced = GLUED_INITIAL.sub(r"\g<0> ", GLUED_INITIAL.sub(r"\g<0> ", text))
            if spaced not in out:
                out[spaced] = replace(reading, cost=reading.cost + LOST_SPACE)
    for text in sorted(out, key=lambda text: out[text].total)[:RECASED]:
        for other in case_variants(text, surroundings.at_start, model):
            if other not in out:
                out[other] = replace(out[text], cost=out[text].cost + OTHER_CASE)
    path = unit.out.strip()
    low = min((r.total for r in out.values()), default=0.0)
    out = {text: r for text, r in out.items() if r.total < low + DEAREST or text in (path, unit.raw)}
    dearest = max((r.cost for r in out.values()), default=10.0)
    for text, more in ((path, 0.0), (unit.raw, 3.0)):
        if text not in out:
            out[text] = Reading(dearest + more, _link_cost(model, text, following), True)
    return out


def _search(raw: str, model: LanguageModel, channel: Compiled, parameters: Parameters,
            surroundings: Surroundings, work: Work) -> list[Hypothesis]:
    """The best true texts of a unit, searched for the more widely, the less is left of it."""
    found: list[Hypothesis] = []
    for enough, constants in zip(ENOUGH, parameters.wider(), strict=True):
        work.add(len(raw), constants)
        found += model.decode(raw, channel, constants, previous=surroundings.previous,
                              sentence_start=surroundings.at_start, results=READINGS)
        if found and min(hypothesis.cost for hypothesis in found) <= enough * (len(raw) + 3):
            break
    return found


def hinted(units: Sequence[Cut], text: str, cited: Citations, model: LanguageModel) -> dict[int, Hint]:
    """What the fields that the notes repeat say of the units of a text, by the number of the unit."""
    out: dict[int, Hint] = {}
    for k, unit in enumerate(units[1:], 1):
        ends = unit.raw[-1:] == ")" or k + 1 == len(units)
        page = page_reference(unit.raw, cited.page, ends=ends) if units[k - 1].raw[-1:] in AFTER else None
        figures = page or archive_code(unit.raw)
        if figures is not None:
            out[k] = Hint(figures, NEXT_WORD, True)
    for match in cited.like(text):
        for k, unit in enumerate(units):
            reading = slices(unit.start, unit.end, text, match)
            if reading is None or reading == unit.raw:
                continue
            if plain(reading) != plain(unit.raw) or not known(unit.raw, model):     # Milli is not Millî misread
                cost = match.cost if unit.start <= match.start else NEXT_WORD
                out[k] = Hint(reading, cost)
    return out


def paths(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters) -> list[Cut]:
    """The units of a text as a narrow search reads them."""
    folded, along = text.translate(FOLD), parameters.narrow()
    out: list[Cut] = []
    for start, end in stretches(folded):
        part = folded[start:end]
        if max(map(len, part.split(" "))) <= LONGEST_TOKEN:
            found = model.decode(part, channel, along, previous=0, sentence_start=start == 0)
            out += cut_units(part, found[0].segments) if found else []
    return out


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each lower-case word stands in some texts."""
    return Counter(lower(word) for text in texts for word in WORD.findall(text.translate(FOLD)))


def _link_cost(model: LanguageModel, text: str, following: int) -> float:
    """Cost of the next word behind a reading, in nats, relative to backing off."""
    if following == 0:
        return 0.0
    last = tokens(text)[-1:]
    if not last:
        return 0.0
    return model.link_cost(SENTENCE if ends_sentence(text) else model.word_id(last[0]), following)


def apply_units(text: str, units: Sequence[Unit], strictness: float = 1.0) -> str:
    """The text with all units applied whose correction is so many times likelier than the text as it stands."""
    out, pos = [], 0
    for unit in units:
        if unit.confidence > strictness * unit.kept:
            out += [text[pos:unit.start], unit.best]
            pos = unit.end
    return "".join([*out, text[pos:]])
