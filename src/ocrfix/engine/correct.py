"""Correcting a stretch of text: decoded, cut into units, each with its readings and how sure the choice is.

:func:`correct` is the whole of it.  It knows nothing of documents, edits or layout.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex
from rapidfuzz.distance import Levenshtein

from ocrfix.engine.channel import FOLD, Compiled
from ocrfix.engine.decoder import _bigram
from ocrfix.engine.model import COST_UNIT, SENTENCE, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import NAMES, Ranking
from ocrfix.language.turkish import lower

LONGEST_STRETCH = 500
"""Texts are decoded in stretches of about this many characters, cut at spaces."""
LONGEST_TOKEN = 120
"""A stretch with a longer run of characters than this is left alone."""
SPARSE = 0.15
"""In a text that is less noisy than this, only words that no lexicon has are looked at, and those beside them."""
BESIDE = 2
OPENING = "\"'(["
READINGS = 10
"""So many readings of a unit are weighed."""
DEAREST = 10.0
"""A reading dearer than the cheapest by more nats than this is not weighed, but for the text as it stands."""
TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)?|[^\s\p{L}\p{M}\p{N}]")
WORD = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?")
FIGURES_OR_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)?")
_ODD = regex.compile(r"""[^\p{L}\p{N}\s.,;:!?…"'()\-/]|\p{Ll}\p{Lu}|\p{L}[0-9]|[0-9]\p{L}|\p{L}[^\p{L}\s'\-]+\p{L}""")
_PAIRED = "\"()[]"
_END_MARKS = regex.compile(r"[^\p{L}\p{N}]*$")


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
        known: whether the words of ``raw`` are in the lexicon.
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


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    raw: str
    out: str


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands around a unit."""

    previous: int
    at_start: bool
    following: str
    capital_follows: bool
    small_follows: bool


def cut_units(text: str, segments: Sequence[tuple[int, int, str]]) -> list[_Cut]:
    """Cut a decoded text where the OCR and the true text have the same space."""
    units: list[_Cut] = []
    begin, out = 0, ""
    for start, end, true in segments:
        if end > start and text[end - 1] == " " and true.endswith(" "):
            units.append(_Cut(begin, end - 1, text[begin:end - 1], out + true[:-1]))
            begin, out = end, ""
        else:
            out += true
    units.append(_Cut(begin, len(text), text[begin:], out))
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
    """(start, end) of the words of a text that no lexicon has, or that look odd, with their neighbours."""
    words = [match.span() for match in regex.finditer(r"\S+", text)]
    first = last = -1
    for k, (start, end) in enumerate(words):
        word = text[start:end]
        if not _known(word, model) or _odd(word) or not (word[0].isalnum() or word[0] in OPENING):
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


def tokens(text: str) -> list[str]:
    return [m.group() for m in TOKEN.finditer(text)]


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"')")[-1:] in {".", "!", "?", "…"}


def correct(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters, ranking: Ranking,
            *, sentence_start: bool = True, notes: bool = False, noise: float = 1.0,
            counts: Mapping[str, int] | None = None) -> list[Unit]:
    """The units of a text (white space single) that the decoder changes or doubts, in order.

    Args:
        sentence_start: whether the text begins a sentence.
        notes: whether the text is a note, where citations follow other laws than prose.
        noise: by what the confusions were scaled.
        counts: how often each lower-case word stands in the document.
    """
    return [unit for question in questions(text, model, channel, parameters, sentence_start=sentence_start, notes=notes,
                                           noise=noise, counts=counts)
            if (unit := answer(question, ranking)) is not None]


def answer(question: Question, ranking: Ranking) -> Unit | None:
    """The likeliest change of a unit, with how sure it is; None if nothing but the text as it stands was found."""
    raw = question.raw.translate(FOLD)
    others = [k for k, reading in enumerate(question.readings) if reading != raw]
    if not others:
        return None
    probability = ranking.probabilities(question.rows)[:-1].tolist()
    best = max(others, key=lambda k: probability[k])
    kept = question.readings.index(raw)
    ordered = sorted(range(len(probability)), key=lambda k: (k != best, -probability[k]))
    alternatives = [(question.readings[k], round(probability[k], 4)) for k in ordered
                    if k == best or probability[k] > 0.001]
    words = [FIGURES_OR_WORD.findall(reading) for reading in question.readings]
    sure, as_it_stands = probability[best], probability[kept]
    if words[best] != words[kept]:          # readings that differ in punctuation agree about the words
        sure = sum(p for p, w in zip(probability, words, strict=True) if w == words[best])
        as_it_stands = sum(p for p, w in zip(probability, words, strict=True) if w == words[kept])
    return Unit(question.start, question.end, question.raw, question.readings[best], sure, as_it_stands,
                tuple(alternatives[:5]), question.known, question.costs[kept] - question.costs[best])


def questions(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters,
              *, sentence_start: bool = True, notes: bool = False, noise: float = 1.0,
              counts: Mapping[str, int] | None = None) -> Iterator[Question]:
    """The units of a text that the decoder changes, or whose words no lexicon has, in order; see :func:`correct`."""
    previous, at_start = SENTENCE if sentence_start else 0, sentence_start
    folded, along = text.translate(FOLD), parameters.narrow()
    sparse = noise < SPARSE
    for start, end in doubtful_stretches(folded, model) if sparse else stretches(folded):
        part = folded[start:end]
        if sparse and start:
            before = tokens(folded[max(0, start - LONGEST_TOKEN):start])[-1:]
            at_start = bool(before) and _ends_sentence(folded[:start].rstrip())
            previous = SENTENCE if at_start else model.word_id(before[0]) if before else 0
        if max(map(len, part.split(" "))) > LONGEST_TOKEN:
            previous, at_start = 0, False            # no word: data, or a line without spaces
            continue
        found = model.decode(part, channel, along, previous=previous, sentence_start=at_start)
        if not found:
            previous, at_start = 0, False
            continue
        units = cut_units(part, found[0].segments)
        for k, unit in enumerate(units):
            if unit.raw and (unit.out != unit.raw or not _known(unit.raw, model)):
                after = units[k + 1] if k + 1 < len(units) else None
                context = _Context(previous, at_start, next(iter(tokens(after.out)), "") if after else "",
                                   after is not None and after.raw[:1].isupper(),
                                   after is not None and after.raw[:1].islower())
                readings = _readings(unit, model, channel, parameters, context)
                rows = _features(unit, readings, model, context, float(notes), math.log(noise), counts or {})
                yield Question(start + unit.start, start + unit.end, text[start + unit.start:start + unit.end],
                               tuple(readings), tuple(r.total for r in readings.values()), rows,
                               _known(unit.raw, model))
            last = tokens(unit.out)[-1:]
            if last:
                at_start = _ends_sentence(unit.out)
                previous = SENTENCE if at_start else model.word_id(last[0])


@dataclass(frozen=True, slots=True)
class _Reading:
    """Costs of a reading: the decoder's, and that of the word behind it.  ``missing``: it was not among the best."""

    cost: float
    link: float
    missing: bool = False

    @property
    def total(self) -> float:
        return self.cost + self.link


def _readings(unit: _Cut, model: LanguageModel, channel: Compiled, parameters: Parameters,
              context: _Context) -> dict[str, _Reading]:
    """The readings of a unit that are weighed; the path's own and the text as it stands are always among them."""
    following = model.word_id(context.following) if context.following else 0
    out: dict[str, _Reading] = {}
    for found in model.decode(unit.raw, channel, parameters, previous=context.previous,
                              sentence_start=context.at_start, results=READINGS):
        text = found.text.strip()
        reading = _Reading(found.cost, _link_cost(model, found.text, following))
        if text not in out or reading.total < out[text].total:
            out[text] = reading
    path = unit.out.strip()
    low = min((r.total for r in out.values()), default=0.0)
    out = {text: r for text, r in out.items() if r.total < low + DEAREST or text in (path, unit.raw)}
    dearest = max((r.cost for r in out.values()), default=10.0)
    for text, more in ((path, 0.0), (unit.raw, 3.0)):
        if text not in out:
            out[text] = _Reading(dearest + more, _link_cost(model, text, following), True)
    return out


def _features(unit: _Cut, readings: Mapping[str, _Reading], model: LanguageModel, context: _Context, notes: float,
              noise: float, counts: Mapping[str, int]) -> tuple[tuple[float, ...], ...]:
    """The features of each reading and, last, of none of them, by the names of
    :data:`ocrfix.engine.ranking.FEATURES`."""
    raw, path = unit.raw, unit.out.strip()
    ordered = sorted(readings, key=lambda text: readings[text].total)
    low = readings[ordered[0]].total
    raw_words, raw_marks, raw_odd = WORD.findall(raw), _end_marks(raw), _odd(raw)
    raw_known, raw_initial = _known(raw, model), _first_letter(raw)
    raw_lower, raw_plain, raw_size = lower(raw), "".join(raw_words), len(raw.split())
    raw_paired = sum(map(raw.count, _PAIRED))
    rows = []
    best_known = False
    for text, reading in readings.items():
        words, marks, is_raw = WORD.findall(text), _end_marks(text), text == raw
        known, changed = all(model.accepts(w) for w in words), not is_raw
        if text == ordered[0]:
            best_known = known
        more = reading.total - low
        initial, stop, size = _first_letter(text), _ends_sentence(text), len(text.split())
        same_case = changed and lower(text) == raw_lower
        often = _often(words, counts)
        rarity = max((model.word_cost(w) for w in words), default=5.0)
        rows.append(_row({
            "cost": min(more, 20.0), "cost2": min(more, 20.0) ** 2 / 10, "link": min(reading.link, 15.0),
            "path": text == path, "raw": is_raw, "missing": reading.missing, "known": known,
            "raw_known": is_raw and known, "raw_plain": is_raw and not known and not raw_odd,
            "rarity": rarity / 5, "often": often, "raw_often": often if is_raw else 0.0,
            "words_more": max(0, size - raw_size), "words_less": max(0, raw_size - size),
            "only_case": same_case, "only_marks": changed and not same_case and "".join(words) == raw_plain,
            "mark_dropped": bool(raw_marks) and not marks, "mark_added": bool(marks) and not raw_marks,
            "mark_changed": bool(marks) and bool(raw_marks) and marks != raw_marks,
            "apostrophe_more": text.count("'") > raw.count("'"), "apostrophe_less": text.count("'") < raw.count("'"),
            "quotes_less": sum(map(text.count, _PAIRED)) < raw_paired,
            "figures": changed and any(c.isdigit() for c in raw + text), "odd": _odd(text),
            "distance": Levenshtein.normalized_distance(text, raw),
            "capital_more": initial.isupper() and not raw_initial.isupper(),
            "capital_common": changed and not context.at_start and raw_initial.isupper() and initial.isupper() and known
            and bool(words) and not model.is_name(words[0]),
            "stop_upper": stop and context.capital_follows, "stop_lower": stop and context.small_follows,
            "open_upper": not stop and context.capital_follows, "short": changed and len(text) <= 3,
            "no_letters": changed and not words, "length": len(text) / 10, "notes": notes, "noise": noise,
        }))
    gap = readings[ordered[1]].total - low if len(ordered) > 1 else 10.0
    rows.append(_row({
        "notes": notes, "noise": noise, "none": 1.0, "cheapest": min(low / (1 + len(raw)), 12.0), "gap": min(gap, 10.0),
        "odd_raw": raw_odd, "known_raw": raw_known, "known_best": best_known, "kept": path == raw,
        "raw_length": len(raw) / 10,
    }))
    return tuple(rows)


def _row(features: Mapping[str, float]) -> tuple[float, ...]:
    """Features by name as a row of numbers; those that are not named are 0."""
    return tuple(float(features.get(name, 0.0)) for name in NAMES)


def _known(raw: str, model: LanguageModel) -> bool:
    """Whether every word of a raw unit is in the lexicon (numbers and punctuation count as known)."""
    return all(model.accepts(w) for w in WORD.findall(raw))


def _odd(text: str) -> bool:
    return _ODD.search(text) is not None


def _end_marks(text: str) -> str:
    found = _END_MARKS.search(text)
    return found.group() if found else ""


def _first_letter(text: str) -> str:
    return text.lstrip("\"(-'")[:1]


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each lower-case word stands in some texts."""
    return Counter(lower(word) for text in texts for word in WORD.findall(text.translate(FOLD)))


def _often(words: Sequence[str], counts: Mapping[str, int]) -> float:
    return math.log1p(min((counts.get(lower(w), 0) for w in words), default=0))


def _link_cost(model: LanguageModel, text: str, following: int) -> float:
    """Cost of the next word behind a reading, in nats, relative to backing off."""
    if following == 0:
        return 0.0
    last = tokens(text)[-1:]
    if not last:
        return 0.0
    word = SENTENCE if _ends_sentence(text) else model.word_id(last[0])
    first, words, costs, backoff, _, _, unigram = model.bigrams
    backed = float(unigram[following]) + (float(backoff[word]) * COST_UNIT if word > 0 else 0.0)
    found = float(_bigram(first, words, costs, word, following)) if word > 0 else -1.0
    return -math.log(0.95 * math.exp(-found) + 0.05 * math.exp(-float(unigram[following]))) if found >= 0 else backed


def apply_units(text: str, units: Sequence[Unit], strictness: float = 1.0) -> str:
    """The text with all units applied whose correction is so many times likelier than the text as it stands."""
    out, pos = [], 0
    for unit in units:
        if unit.confidence > strictness * unit.kept:
            out += [text[pos:unit.start], unit.best]
            pos = unit.end
    return "".join([*out, text[pos:]])
