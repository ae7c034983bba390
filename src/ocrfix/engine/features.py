"""What the readings of a unit are judged by: their features, from costs, lexicon, document and context.

:func:`features` makes the rows that :mod:`ocrfix.engine.ranking` weighs; :class:`Line` asks the context model, for all
doubtful units of a stretch at once, how well each reading fits between its neighbours.
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

import regex
from rapidfuzz.distance import Levenshtein

from ocrfix.engine.capitals import surprise
from ocrfix.engine.context import MARKS, REACH, UNKNOWN, Vector
from ocrfix.engine.model import LanguageModel
from ocrfix.engine.ranking import NAMES
from ocrfix.language.turkish import lower, upper

TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)?|[^\s\p{L}\p{M}\p{N}]")
WORD = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?")
_ODD = regex.compile(r"""[^\p{L}\p{N}\s.,;:!?…"'()\-/]|\p{Ll}\p{Lu}|\p{L}[0-9]|[0-9]\p{L}|\p{L}[^\p{L}\s'\-]+\p{L}""")
_PAIRED = "\"()[]"
_OF_READINGS = NAMES.index("none")
"""So many features are those of readings; what follows is asked of the choice of none alone."""
_NOTHING: Mapping[str, float] = dict.fromkeys(NAMES, 0.0)
_BY_NAME, _BY_NAME_OF_READING = itemgetter(*NAMES), itemgetter(*NAMES[:_OF_READINGS])
_NONE_OF_IT = (0.0,) * (len(NAMES) - _OF_READINGS)
_END_MARKS = regex.compile(r"[^\p{L}\p{N}]*$")
LEAST_FIT, BEST_FIT = -10.0, 12.0
UNFIT_MARK = -1.6
"""A mark less probable in its place than this (natural logarithm), or a gap without one, is doubted."""
UNFIT_WORD = -2.5
"""A known word that fits between its neighbours worse than this is doubted."""
UNENDED = frozenset(':"(-')
"""Marks behind which a capital is no surprise though they end no sentence."""
SHORTEST_STOPPED = 3
"""Letters of the shortest word that is doubted for its stop: shorter ones are mostly abbreviations."""
MOST_KNOWN = 100_000
"""So many units are remembered with whether they are known: a worker reads the units of thousands of documents."""
UNFIT_CAPITAL = 2.5
"""Inside of a sentence a capital more surprising than this, in nats, makes the mark before it doubtful."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the text and what the path through the line reads there."""

    start: int
    end: int
    raw: str
    out: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a unit: the word before, whether a sentence begins, the token behind and its case."""

    previous: int
    at_start: bool
    following: str
    capital_follows: bool
    small_follows: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Costs of a reading: the decoder's, and that of the word behind it.  ``missing``: it was not among the best."""

    cost: float
    link: float
    missing: bool = False

    @property
    def total(self) -> float:
        return self.cost + self.link


@dataclass(frozen=True, slots=True)
class Hint:
    """What the notes of a document repeat that a unit may be a misreading of; see :class:`citations.Match`.

    ``cost``: how unlikely it is that they repeat just this here, in nats.  ``page``: it is the number of a page or
    the code of an archive, of which the document has only the manner.
    """

    text: str
    cost: float
    page: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful unit: its number in the stretch, what stands around it, its readings, and what the notes repeat."""

    unit: int
    surroundings: Surroundings
    readings: Mapping[str, Reading]
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a reading fits between its neighbours.

    Attributes:
        words: sum over its words of the natural logarithm of how much likelier each is here than anywhere.
        mark: natural logarithm of the probability of the mark, or of none, behind its last word.
    """

    words: float = 0.0
    mark: float = 0.0


Place = tuple[tuple[str, ...], tuple[str, ...]]


class Line:
    """A decoded stretch as tokens, and how well words fit into it.

    Args:
        units: of the stretch, in order.
        before, behind: the tokens around the stretch, nearest inside.
    """

    def __init__(self, model: LanguageModel, units: Sequence[Cut], before: Sequence[str],
                 behind: Sequence[str]) -> None:
        self.model = model
        self.tokens: list[str] = []
        self._starts: list[int] = []
        for unit in units:
            self._starts.append(len(self.tokens))
            self.tokens += tokens(unit.out)
        self._starts.append(len(self.tokens))
        self._before = len(before)
        self._shown = tuple(map(self._show, (*before, *self.tokens, *behind)))

    def _show(self, token: str) -> str:
        return UNKNOWN if token[0].isalpha() and not self.model.accepts(token) else token

    def _around(self, unit: int) -> Place:
        low, high = self._before + self._starts[unit], self._before + self._starts[unit + 1]
        return self._shown[max(0, low - REACH):low], self._shown[high:high + REACH]

    def fits(self, doubtful: Sequence[Doubt]) -> list[dict[str, Fit]]:
        """How well each reading of some doubtful units fits."""
        asked: dict[Place, int] = {}
        plans: list[tuple[list[tuple[int, str]], int, int] | None] = []
        for doubt in doubtful:
            left, right = self._around(doubt.unit)
            plans += [self._plan(tokens(text), left, right, asked) for text in doubt.readings]
        if not asked:
            return [{text: Fit() for text in doubt.readings} for doubt in doubtful]
        context = self.model.context
        hidden = context.hidden(list(asked))
        wanted, marks = context.wanted(hidden), context.marks(hidden)
        rest = iter(plans)
        return [{text: _fit(next(rest), wanted, marks, self.model) for text in doubt.readings} for doubt in doubtful]

    def _plan(self, own: Sequence[str], left: Sequence[str], right: Sequence[str],
              asked: dict[Place, int]) -> tuple[list[tuple[int, str]], int, int] | None:
        """(place and token of each known word, place behind the last word, mark there); None without a word."""
        shown = [self._show(token) for token in own]
        words = [k for k, token in enumerate(own) if token[0].isalnum()]
        if not words:
            return None

        def place(k: int, behind: Sequence[str]) -> int:
            key = ((*left, *shown[:k])[-REACH:], (*behind, *right)[:REACH])
            return asked.setdefault(key, len(asked))

        mark = own[words[-1] + 1] if words[-1] + 1 < len(own) else ""
        return ([(place(k, shown[k + 1:]), own[k]) for k in words if shown[k] != UNKNOWN and own[k][0].isalpha()],
                place(words[-1] + 1, ()), MARKS.index(mark) if mark in MARKS else -1)

    def unfit_marks(self) -> set[int]:
        """The units that end a sentence though a small letter follows, or end none though a capital does."""
        return {k for k in range(len(self._starts) - 1) if self._before_capital(k) or self._before_small(k)}

    def _before_capital(self, unit: int) -> bool:
        low, high = self._starts[unit], self._starts[unit + 1]
        return (low < high < len(self.tokens) and self.tokens[high][0].isupper()
                and unended("".join(self.tokens[low:high]), self.tokens[high], self.model))

    def _before_small(self, unit: int) -> bool:
        low, high = self._starts[unit], self._starts[unit + 1]
        return high - low > 1 and high < len(self.tokens) and stops_early(
            "".join(self.tokens[high - 2:high]), self.tokens[high], self.model)

    def unfit(self) -> set[int]:
        """The units of which a known word, or the mark behind it, does not fit."""
        asked: dict[Place, int] = {}
        plans = []
        for k in range(len(self._starts) - 1):
            left, right = self._around(k)
            plans.append(self._plan(self.tokens[self._starts[k]:self._starts[k + 1]], left, right, asked))
        if not asked:
            return set()
        context = self.model.context
        hidden = context.hidden(list(asked))
        wanted, marks = context.wanted(hidden), context.marks(hidden)
        out = set()
        for k, plan in enumerate(plans):
            fit = _fit(plan, wanted, marks, self.model)
            if plan is not None and (fit.mark < UNFIT_MARK or (len(plan[0]) == 1 and fit.words < UNFIT_WORD)
                                     or self._before_capital(k)):
                out.add(k)
        return out


def _fit(plan: tuple[list[tuple[int, str]], int, int] | None, wanted: Vector, marks: Vector,
         model: LanguageModel) -> Fit:
    if plan is None:
        return Fit()
    words, place, mark = plan
    score = sum(min(max(float(wanted[k] @ model.context.vectors(token)[1]), LEAST_FIT), BEST_FIT) for k, token in words)
    return Fit(score, max(float(marks[place, mark]), LEAST_FIT) if mark >= 0 else LEAST_FIT)


def features(unit: Cut, doubt: Doubt, fits: Mapping[str, Fit], model: LanguageModel, notes: float, noise: float,
             counts: Mapping[str, int], apart: float) -> tuple[tuple[float, ...], ...]:
    """The features of each reading and, last, of none of them, by the names of
    :data:`ocrfix.engine.ranking.FEATURES`."""
    raw, path = unit.raw, unit.out.strip()
    readings, surroundings, hint = doubt.readings, doubt.surroundings, doubt.hint
    ordered = sorted(readings, key=lambda text: readings[text].total)
    low = readings[ordered[0]].total
    raw_words, raw_marks, raw_odd = WORD.findall(raw), _end_marks(raw), is_odd(raw)
    raw_known, raw_initial = known(raw, model), _first_letter(raw)
    raw_lower, raw_plain, raw_size = lower(raw), "".join(raw_words), len(raw.split())
    raw_paired = sum(map(raw.count, _PAIRED))
    following = 0.0 if notes else surprising_capital(raw_words[-1:], surroundings.following, model)  # notes have titles
    rows = []
    best_known = False
    for text, reading in readings.items():
        words, marks, is_raw = WORD.findall(text), _end_marks(text), text == raw
        all_known, changed = all(model.accepts(w) for w in words), not is_raw
        if text == ordered[0]:
            best_known = all_known
        more = reading.total - low
        initial, size = _first_letter(text), len(text.split())
        stop = ends_sentence(text) if text else surroundings.at_start     # of nothing, what stands before it
        same_case = changed and lower(text) == raw_lower
        often = _often(words, counts)
        capitals, small_names = _case(words, surroundings.at_start, model)
        rarity = max((model.word_cost(w) for w in words), default=5.0)
        rows.append((*map(float, _BY_NAME_OF_READING({
            "cost": min(more, 20.0), "cost2": min(more, 20.0) ** 2 / 10, "link": min(reading.link, 15.0),
            "path": text == path, "raw": is_raw, "missing": reading.missing, "known": all_known,
            "raw_known": is_raw and all_known, "raw_plain": is_raw and not all_known and not raw_odd,
            "fit": fits[text].words, "mark_fit": fits[text].mark,
            "cited": hint is not None and not hint.page and text == hint.text,
            "cited_known": hint is not None and not hint.page and text == hint.text and raw_known,
            "page": hint is not None and hint.page and text == hint.text,
            "apart": apart * (text.count(". ") - raw.count(". ")) if apart > 0 else 0.0,
            "rarity": rarity / 5, "often": often, "raw_often": often if is_raw else 0.0,
            "words_more": max(0, size - raw_size), "words_less": max(0, raw_size - size),
            "only_case": same_case, "only_marks": changed and not same_case and "".join(words) == raw_plain,
            "mark_dropped": bool(raw_marks) and not marks, "mark_added": bool(marks) and not raw_marks,
            "mark_changed": bool(marks) and bool(raw_marks) and marks != raw_marks,
            "apostrophe_more": text.count("'") > raw.count("'"), "apostrophe_less": text.count("'") < raw.count("'"),
            "quotes_less": sum(map(text.count, _PAIRED)) < raw_paired,
            "figures": changed and any(c.isdigit() for c in raw + text), "odd": is_odd(text),
            "distance": Levenshtein.normalized_distance(text, raw),
            "capital_more": initial.isupper() and not raw_initial.isupper(),
            "capital_common": capitals, "small_name": small_names,
            "small_start": surroundings.at_start and initial.islower(),
            "open_common": following if not marks and surroundings.capital_follows else 0.0,
            "comma_common": following if marks[-1:] in {",", ";"} and surroundings.capital_follows else 0.0,
            "stop_upper": stop and surroundings.capital_follows, "stop_lower": stop and surroundings.small_follows,
            "open_upper": not stop and surroundings.capital_follows, "short": changed and len(text) <= 3,
            "no_letters": changed and not words, "length": len(text) / 10, "notes": notes, "noise": noise,
        })), *_NONE_OF_IT))
    gap = readings[ordered[1]].total - low if len(ordered) > 1 else 10.0
    rows.append(tuple(map(float, _BY_NAME({
        **_NOTHING, "notes": notes, "noise": noise, "none": 1.0,
        "cheapest": min(low / (1 + len(raw)), 12.0), "gap": min(gap, 10.0),
        "odd_raw": raw_odd, "known_raw": raw_known, "known_best": best_known, "kept": path == raw,
        "best_fit": max(fit.words for fit in fits.values()), "raw_length": len(raw) / 10,
    }))))
    return tuple(rows)


def stops_early(word: str, following: str, model: LanguageModel) -> bool:
    """Whether a known word, too long for an abbreviation, ends with a stop though a small letter follows."""
    core = word[:-1]
    return (word[-1:] == "." and following[:1].islower() and len(core) >= SHORTEST_STOPPED
            and core.replace("'", "").isalpha() and model.accepts(core))


def unended(word: str, following: str, model: LanguageModel) -> bool:
    """Whether a word ends no sentence though a capital follows that is seldom one inside of a sentence."""
    return (word[-1:] not in UNENDED and not ends_sentence(word)
            and surprising_capital(WORD.findall(word)[-1:], following, model) > UNFIT_CAPITAL)


def surprising_capital(last: Sequence[str], following: str, model: LanguageModel) -> float:
    """How surprising it is, in nats, that the word behind a unit has a capital inside of a sentence.

    It is not in capitals, or in a title, where the unit's last word has a capital that is as surprising.
    """
    if not following[:1].isupper() or (len(following) > 1 and following.isupper()):
        return 0.0
    in_title = any(word[0].isupper() and model.capital(word) < 0 for word in last)
    return 0.0 if in_title else surprise(model.capital(following), capital=True)


def _case(words: Sequence[str], at_start: bool, model: LanguageModel) -> tuple[float, float]:
    """How surprising the capitals inside of a sentence are, and the small letters, in nats."""
    capitals = small = 0.0
    for k, word in enumerate(words):
        if word[0].islower():
            small += surprise(model.capital(word), capital=False)
        elif not (at_start and k == 0) and len(word) > 1 and not word.isupper():
            capitals += surprise(model.capital(word), capital=True)
    return capitals, small


def case_variants(text: str, at_start: bool, model: LanguageModel) -> Iterator[str]:
    """A reading with one word in the other case, where that is the word's usual one."""
    for k, m in enumerate(WORD.finditer(text)):
        word, other = m.group(), ""
        starts = at_start and k == 0
        if word[0].isupper() and not starts and len(word) > 1 and model.capital(word) <= 0:
            other = lower(word)
        elif word[0].islower() and (starts or (len(word) > 1 and model.capital(word) > 0)):
            other = upper(word[0]) + word[1:]
        if other:
            yield text[:m.start()] + other + text[m.end():]


@lru_cache(maxsize=1 << 14)
def tokens(text: str) -> tuple[str, ...]:
    """The words, with their suffixes behind apostrophes, numbers and marks of a text."""
    return tuple(TOKEN.findall(text))


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the mark of a sentence's end."""
    return text.rstrip("\"')")[-1:] in {".", "!", "?", "…"}


def known(raw: str, model: LanguageModel) -> bool:
    """Whether every word of a raw unit is in the lexicon (numbers and punctuation count as known)."""
    found = model.memory.known.get(raw)
    if found is None:
        if len(model.memory.known) >= MOST_KNOWN:
            model.memory.known.clear()
        found = model.memory.known[raw] = all(model.accepts(w) for w in WORD.findall(raw))
    return found


@lru_cache(maxsize=1 << 14)
def is_odd(text: str) -> bool:
    """Whether a text has signs, or a mixture of signs, that print does not have inside of words."""
    return _ODD.search(text) is not None


def _end_marks(text: str) -> str:
    found = _END_MARKS.search(text)
    return found.group() if found else ""


def _first_letter(text: str) -> str:
    return text.lstrip("\"(-'")[:1]


def _often(words: Sequence[str], counts: Mapping[str, int]) -> float:
    return math.log1p(min((counts.get(lower(w), 0) for w in words), default=0))
