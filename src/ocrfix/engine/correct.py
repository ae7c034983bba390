"""Correcting a stretch of text: decoded, cut into units, each with its alternatives and how sure the choice is.

:func:`correct` is the whole of it.  It knows nothing of documents, edits or layout.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from ocrfix.engine.channel import FOLD, Compiled
from ocrfix.engine.confidence import Confidence, Features
from ocrfix.engine.decoder import _bigram
from ocrfix.engine.model import COST_UNIT, SENTENCE, Hypothesis, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.language.turkish import lower

LONGEST_STRETCH = 500
"""Texts are decoded in stretches of about this many characters, cut at spaces."""
LONGEST_TOKEN = 120
"""A stretch with a longer run of characters than this is left alone."""
ALTERNATIVES = 8
TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)?|[^\s\p{L}\p{M}\p{N}]")
WORD = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the text that is corrected as one: mostly a word with its punctuation.

    ``alternatives`` are (text, probability), best first, the raw reading among them where it is possible at all.
    """

    start: int
    end: int
    raw: str
    best: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    features: Features


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    raw: str
    out: str


def cut_units(text: str, best: Hypothesis) -> list[_Cut]:
    """Cut a decoded text where the OCR and the true text have the same space."""
    units: list[_Cut] = []
    begin, out = 0, ""
    for start, end, true in best.segments:
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


def tokens(text: str) -> list[str]:
    return [m.group() for m in TOKEN.finditer(text)]


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"')") [-1:] in {".", "!", "?", "…"}


def correct(text: str, model: LanguageModel, channel: Compiled, parameters: Parameters, confidence: Confidence,
            *, sentence_start: bool = True, notes: bool = False, noise: float = 1.0,
            counts: Mapping[str, int] | None = None) -> list[Unit]:
    """The units of a text (white space single) that the decoder changes or doubts, in order.

    Args:
        sentence_start: whether the text begins a sentence.
        notes: whether the text is a note, where citations follow other laws than prose (a feature of the confidence).
        noise: by what the confusions were scaled (likewise).
        counts: how often each lower-case word stands in the document (likewise).
    """
    out: list[Unit] = []
    previous, at_start = SENTENCE if sentence_start else 0, sentence_start
    folded = text.translate(FOLD)
    for start, end in stretches(folded):
        part = folded[start:end]
        if max(map(len, part.split(" "))) > LONGEST_TOKEN:
            previous, at_start = 0, False            # no word: data, or a line without spaces
            continue
        found = model.decode(part, channel, parameters, previous=previous, sentence_start=at_start)
        if not found:
            previous, at_start = 0, False
            continue
        units = cut_units(part, found[0])
        for k, unit in enumerate(units):
            following = next((t for u in units[k + 1:k + 2] for t in tokens(u.out)[:1]), "")
            if unit.out != unit.raw or not _known(unit.raw, model):
                judged = _judge(unit, model, channel, parameters, confidence, previous, at_start, following, notes,
                                math.log(noise), counts or {})
                if judged is not None:
                    out.append(Unit(start + unit.start, start + unit.end, text[start + unit.start:start + unit.end],
                                    judged[0], judged[1], judged[2], judged[3]))
            last = tokens(unit.out)[-1:]
            if last:
                at_start = _ends_sentence(unit.out)
                previous = SENTENCE if at_start else model.word_id(last[0])
    return out


def _known(raw: str, model: LanguageModel) -> bool:
    """Whether every word of a raw unit is in the lexicon (numbers and punctuation count as known)."""
    words = WORD.findall(raw)
    return all(model.accepts(w) for w in words)


def _judge(unit: _Cut, model: LanguageModel, channel: Compiled, parameters: Parameters, confidence: Confidence,
           previous: int, at_start: bool, following: str, notes: bool, noise: float,
           counts: Mapping[str, int],
           ) -> tuple[str, float, tuple[tuple[str, float], ...], Features] | None:
    """(best text, its probability, alternatives, features) of a unit, by its n best readings in context."""
    found = model.decode(unit.raw, channel, parameters, previous=previous, sentence_start=at_start,
                         results=ALTERNATIVES) if unit.raw else []
    next_id = model.word_id(following) if following else 0
    scored: dict[str, float] = {}
    for h in found:
        cost = h.cost + parameters.language_model * _link_cost(model, h.text, next_id)
        reading = h.text.strip()
        if reading not in scored or cost < scored[reading]:
            scored[reading] = cost
    if unit.out.strip() not in scored:
        scored[unit.out.strip()] = min(scored.values(), default=0.0)
    ranked = sorted(scored.items(), key=lambda x: x[1])
    best = ranked[0][0]
    low = ranked[0][1]
    weights = {t: math.exp(-(c - low)) for t, c in ranked}
    total = sum(weights.values())
    posterior = {t: w / total for t, w in weights.items()}
    literal = scored.get(unit.raw, low + 15.0)
    changed = best if best != unit.raw else next((t for t, _ in ranked if t != unit.raw), "")
    if not changed:
        return None
    others = [c for t, c in ranked if t not in (changed, unit.raw)]
    features = Features(
        literal_margin=min(literal - scored[changed], 15.0),
        rival_margin=min((min(others) if others else scored[changed] + 10.0) - scored[changed], 10.0),
        posterior=posterior[changed],
        literal_known=float(_known(unit.raw, model)),
        best_known=float(_known(changed, model)),
        length=math.log(1 + len(changed)),
        words=float(abs(len(changed.split()) - len(unit.raw.split()))),
        figures=float(any(c.isdigit() for c in unit.raw + changed)),
        only_case=float(lower(changed) == lower(unit.raw)),
        only_marks=float("".join(WORD.findall(changed)) == "".join(WORD.findall(unit.raw))),
        notes=float(notes),
        letters=float(len(WORD.findall(changed)) > 0),
        apostrophe=float(changed.count("'") != unit.raw.count("'")),
        short=float(len(changed) <= 3),
        cost=min(scored[changed] / (1 + len(changed)), 15.0),
        rarity=max((model.word_cost(w) for w in WORD.findall(changed)), default=5.0),
        often=_often(changed, counts),
        literal_often=_often(unit.raw, counts),
        noise=noise,
    )
    probability = confidence.probability(features)
    share = probability / max(posterior[changed], 1e-9)
    rest = 1 - posterior[changed]
    others_share = (1 - probability) / rest if rest > 1e-9 else share
    alternatives = tuple((t, round(probability if t == changed else posterior[t] * others_share, 4))
                         for t, _ in ranked if t == changed or posterior[t] > 0.001)
    return changed, probability, tuple(sorted(alternatives, key=lambda a: -a[1]))[:5], features


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each lower-case word stands in some texts."""
    return Counter(lower(word) for text in texts for word in WORD.findall(text.translate(FOLD)))


def _often(text: str, counts: Mapping[str, int]) -> float:
    return math.log1p(min((counts.get(lower(w), 0) for w in WORD.findall(text)), default=0))


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


def apply_units(text: str, units: Sequence[Unit], threshold: float = 0.5) -> str:
    """The text with all units applied that are at least so probable: for measuring."""
    out, pos = [], 0
    for unit in units:
        if unit.confidence >= threshold:
            out += [text[pos:unit.start], unit.best]
            pos = unit.end
    return "".join([*out, text[pos:]])
