"""Which reading is right: the log-linear model, the questions it is asked, and what becomes of its answers."""
from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrfix import paths
from ocrfix.cli import main
from ocrfix.document import Status
from ocrfix.engine.channel import FOLD, Channel
from ocrfix.engine.citations import Citations
from ocrfix.engine.correct import (
    GLUED_INITIAL,
    LONGEST_STRETCH,
    SPARSE,
    WORDS_ALONE,
    Evidence,
    Question,
    Unit,
    answer,
    apply_units,
    correct,
    doubtful_stretches,
    in_figures,
    questions,
)
from ocrfix.engine.learn import MASK
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import (
    BIAS,
    EXPECTED,
    FEATURES,
    NAMES,
    NETWORKS,
    OUT,
    TERMS,
    UNITS,
    Ranking,
    Sample,
    design,
    fit,
)
from ocrfix.engine.training import aligned_offsets, lost_stretches, text_samples
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings
from ocrfix.stages.words import decide

HOOKS = Channel("x", {("ş", "f"): 90.0}, {"ş": 300.0})
"""A table by which ş is read f."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def row(**features: float) -> tuple[float, ...]:
    """The features of a reading; those not named are 0."""
    assert set(features) <= set(NAMES)
    return tuple(features.get(name, 0.0) for name in NAMES)


def shown(features: Sequence[float]) -> dict[str, float]:
    return dict(zip(NAMES, features, strict=True))


# --- the model -------------------------------------------------------------------------------------------------------

def test_terms_are_features_and_products_of_two() -> None:
    assert len(set(TERMS)) == len(TERMS)
    assert {name for term in TERMS for name in term.split("*")} == set(FEATURES)
    terms = dict(zip(TERMS, design([row(cost=3.0, noise=-2.0, notes=1.0, raw=1.0, length=0.7)])[0], strict=True))
    present = {term: value for term, value in terms.items() if value}
    assert present == {"cost": 3.0, "raw": 1.0, "length": 0.7, "cost*notes": 3.0, "raw*notes": 1.0, "raw*noise": -2.0,
                       "cost*noise": -6.0, "raw*length": 0.7}


weights_of_terms = st.dictionaries(st.sampled_from(TERMS), st.floats(-50, 50), max_size=12).map(Ranking)
features_of_readings = st.lists(st.lists(st.floats(-20, 20), min_size=len(NAMES), max_size=len(NAMES)), min_size=1,
                                max_size=6)


@settings(max_examples=100)
@given(weights_of_terms, features_of_readings)
def test_the_choices_of_a_unit_share_one_probability(ranking: Ranking, rows: list[list[float]]) -> None:
    probability = ranking.probabilities(rows)
    assert len(probability) == len(rows)
    assert probability.sum() == pytest.approx(1) and (probability >= 0).all()
    turned = ranking.probabilities(rows[::-1])
    assert turned[::-1] == pytest.approx(probability)         # the order of the readings is of no matter


def test_a_weight_is_the_logarithm_of_an_odds_ratio() -> None:
    ranking = Ranking({"cost": -0.5, "known*rarity": 2.0, "none": math.log(3)})
    rows = [row(), row(cost=4.0), row(known=1.0, rarity=1.5), row(rarity=1.5), row(none=1.0)]
    probability = ranking.probabilities(rows)
    assert np.log(probability / probability[0]) == pytest.approx([0.0, -2.0, 3.0, 0.0, math.log(3)])


PLANTED = {"cost": -0.6, "raw": 1.0, "known": 1.5, "none": -2.0, "cost*notes": 0.3}


def random_unit(chance: random.Random) -> list[tuple[float, ...]]:
    """The features of a unit with a few readings, by chance."""
    notes = float(chance.random() < 0.5)
    rows = [row(cost=chance.uniform(0, 8), raw=float(k == 0), known=float(chance.random() < 0.5), notes=notes)
            for k in range(chance.randint(2, 4))]
    return [*rows, row(none=1.0, notes=notes)]


def asked(count: int, ranking: Ranking, seed: int) -> list[Sample]:
    """Units whose right reading is drawn as the ranking has it."""
    chance = random.Random(seed)
    out: list[Sample] = []
    for _ in range(count):
        rows = random_unit(chance)
        out.append((rows, chance.choices(range(len(rows)), ranking.probabilities(rows).tolist())[0]))
    return out


def test_the_weights_that_were_planted_are_found_again() -> None:
    truth = Ranking(PLANTED)
    samples = asked(5000, truth, 7)
    fitted = fit(samples, networks=0)
    assert set(fitted.weights) == set(TERMS)
    for term in TERMS:
        assert fitted.weights[term] == pytest.approx(PLANTED.get(term, EXPECTED.get(term, 0.0)), abs=0.25), term
    chance = random.Random(8)
    fresh = [random_unit(chance) for _ in range(300)]
    away = [np.abs(fitted.probabilities(rows) - truth.probabilities(rows)).max() for rows in fresh]
    assert max(away) < 0.06 and float(np.mean(away)) < 0.02
    assert fit(samples, networks=0) == fitted    # the same samples, the same weights


def test_a_strong_penalty_draws_the_weights_to_what_is_expected() -> None:
    samples = asked(400, Ranking(PLANTED), 3)
    free, bound = fit(samples, networks=0), fit(samples, penalty=1e5, networks=0)
    away = [abs(weight - EXPECTED.get(term, 0.0)) for term, weight in bound.weights.items()]
    assert max(away) < 0.05 < abs(free.weights["known"])


def test_a_ranking_is_read_as_it_was_written(tmp_path: Path) -> None:
    ranking = Ranking({"cost": -0.5, "none*noise": 1.25, "known": 0.0, "raw": -12.0625})
    path = tmp_path / "ranking.tsv"
    ranking.write(path, "made by a test\nin two lines")
    assert Ranking.read(path) == ranking
    assert path.read_text("utf-8").startswith("# made by a test\n# in two lines\ncost\t-0.5")


def entangled(count: int, seed: int) -> list[Sample]:
    """Units of two readings and none, of which the known one is right if it is short, else the unknown one."""
    chance = random.Random(seed)
    out: list[Sample] = []
    for _ in range(count):
        rows = [row(known=float(chance.random() < 0.5), short=float(chance.random() < 0.5)) for _ in range(2)]
        fits = [shown(r)["known"] == shown(r)["short"] for r in rows]
        if sum(fits) == 1:
            out.append(([*rows, row(none=1.0)], fits.index(True)))
    return out


def test_the_networks_know_what_depends_on_two_terms_at_once() -> None:
    samples, fresh = entangled(1200, 1), entangled(400, 2)
    linear, whole = fit(samples, networks=0), fit(samples)
    chances = [[float(ranking.probabilities(rows)[k]) for rows, k in fresh] for ranking in (linear, whole)]
    assert np.mean(chances[0]) < 0.6 and np.mean(chances[1]) > 0.9
    assert fit(samples) == whole                              # the same samples, the same weights


def test_probabilities_are_the_mean_of_those_of_the_networks() -> None:
    units = [[0.0] * UNITS for _ in range(NETWORKS)]
    units[0][0] = units[1][5] = 10.0                          # a step at two of the networks
    out = [[math.log(3)] * UNITS, [math.log(9)] * UNITS, *([[0.0] * UNITS] * (NETWORKS - 2))]
    ranking = Ranking({"none": -50.0}, {"known": tuple(itertools.chain(*units)), OUT: tuple(itertools.chain(*out))})
    found = ranking.probabilities([row(known=1.0), row(), row(none=1.0)])
    assert found[0] == pytest.approx((3 / 4 + 9 / 10 + (NETWORKS - 2) / 2) / NETWORKS)
    sharper = ranking.sharpened(2.0).probabilities([row(known=1.0), row(), row(none=1.0)])
    assert sharper[0] == pytest.approx((9 / 10 + 81 / 82 + (NETWORKS - 2) / 2) / NETWORKS)
    in_a_note = ranking.probabilities([row(known=1.0, notes=1.0), row(notes=1.0), row(none=1.0, notes=1.0)])
    assert in_a_note[0] == pytest.approx(1 / 2)               # where the networks say nothing


def test_networks_are_read_as_they_were_written(tmp_path: Path) -> None:
    hidden = {"known": tuple(k % 16 / 8 for k in range(NETWORKS * UNITS)), BIAS: (1.5,) * (NETWORKS * UNITS),
              OUT: (-0.25,) * (NETWORKS * UNITS)}
    ranking = Ranking({"cost": -0.5, "known": 2.0}, {**{"cost": (0.0,) * (NETWORKS * UNITS)}, **hidden})
    path = tmp_path / "ranking.tsv"
    ranking.write(path, "made by a test")
    assert Ranking.read(path) == ranking


@pytest.mark.parametrize(("text", "says"), [
    ("cost\tabc\n", "not a row"), ("cost\n", "not a row"), ("", "not a ranking"), ("cost\t1\t2\n", "hidden units"),
    ("cost\t1\t2\nraw\t1\n", "hidden units"), ("cost\t1" + "\t2" * NETWORKS + "\n", "hidden units"),
    ("cost\t1\ntomorrow\t1\n", "another version of ocrfix: it weighs 'tomorrow'"), ("cost\t1\n\udce4", "no UTF-8"),
])
def test_a_damaged_ranking_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "ranking.tsv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(OcrfixError, match=f"ranking.tsv: .*{says}"):
        Ranking.read(path)


def test_terms_that_a_ranking_does_not_have_weigh_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ranking.tsv"
    path.write_text("cost\t-0.5\n", "utf-8")
    rows = [row(cost=1.0, known=1.0), row(cost=1.0), row(none=1.0)]
    first, second, _ = Ranking.read(path).probabilities(rows)
    assert first == second > 0


def test_the_shipped_ranking_weighs_every_term() -> None:
    shipped = Ranking.read(paths.lexicons() / "model" / "ranking.tsv")
    assert set(shipped.weights) == set(TERMS) and set(shipped.hidden) == {*TERMS, BIAS, OUT}
    assert {len(units) for units in shipped.hidden.values()} == {NETWORKS * UNITS}
    assert shipped.weights["cost"] < 0 < shipped.weights["known"]


# --- questions -------------------------------------------------------------------------------------------------------

def ask(text: str, knowledge: Knowledge, noise: float = 1.0, **options: bool) -> list[Question]:
    return list(questions(text, knowledge.model, HOOKS.compile(scale=noise), Parameters().scaled(noise), noise=noise,
                          evidence=Evidence.of([text], Citations()), **options))


def test_a_question_has_the_text_as_it_stands_among_its_readings_and_a_row_for_each(knowledge: Knowledge) -> None:
    text = "Dün “bafka” bir fehre gittik ve köyün halkı ile konuftuk."
    found = ask(text, knowledge, notes=True)
    assert {"“bafka”", "fehre", "konuftuk."} <= {q.raw for q in found}
    assert [q.start for q in found] == sorted(q.start for q in found)
    for q in found:
        assert text[q.start:q.end] == q.raw
        assert len(set(q.readings)) == len(q.readings) == len(q.costs) == len(q.rows) - 1
        assert q.raw.translate(FOLD) in q.readings
        assert {len(r) for r in q.rows} == {len(NAMES)}
        rows = [shown(r) for r in q.rows]
        assert [r["none"] for r in rows] == [0.0] * len(q.readings) + [1.0]
        assert [bool(r["raw"]) for r in rows[:-1]] == [reading == q.raw.translate(FOLD) for reading in q.readings]
        assert sum(r["path"] for r in rows) == 1 and min(r["cost"] for r in rows[:-1]) == 0
        assert {r["notes"] for r in rows} == {1.0} and {r["noise"] for r in rows} == {0.0}
    assert {q.raw for q in found if not q.known} == {"“bafka”", "fehre", "konuftuk."}


def test_the_features_say_what_they_are_said_to_say(knowledge: Knowledge) -> None:
    text = "Dün fehre gittik. Bu şehre, eski şehre döndük."
    q, = [q for q in ask(text, knowledge) if q.raw == "fehre"]
    rows = {reading: shown(r) for reading, r in zip(q.readings, q.rows, strict=False)}
    right, raw, none = rows["şehre"], rows["fehre"], shown(q.rows[-1])
    assert right["known"] and not right["raw"] and right["path"] and right["cost"] == 0
    assert right["often"] == pytest.approx(math.log(3)) and raw["often"] == pytest.approx(math.log(2))
    assert raw["raw"] and not raw["known"] and raw["raw_plain"] and not raw["raw_known"]
    assert raw["raw_often"] == raw["often"] and right["raw_often"] == 0
    assert right["distance"] == pytest.approx(1 / 5) and right["length"] == 0.5
    assert (none["known_raw"], none["known_best"], none["kept"], none["raw_length"]) == (0, 1, 0, 0.5)
    assert right["link"] > 0                                  # a word follows, behind the last one none
    assert {shown(r)["link"] for r in ask("Bu fehre", knowledge)[-1].rows} == {0.0}
    assert all(right[name] == 0 for name in ("words_more", "words_less", "only_case", "only_marks", "figures", "odd"))


def test_known_words_that_the_decoder_keeps_are_no_question(knowledge: Knowledge) -> None:
    text = "Sonbaharda köyün yolları çamur olduğu için öğrenciler okula geç kalıyordu."
    assert ask(text, knowledge) == [] and ask(text, knowledge, noise=SPARSE / 2) == []


def test_text_with_few_errors_is_asked_about_where_it_is_doubtful(knowledge: Knowledge) -> None:
    filler = "Sonbaharda köyün yolları çamur olduğu için öğrenciler okula geç kalıyordu. " * 12
    text = f"{filler}Dün fehre gittik. {filler}Akşam eve konuftuk. {filler.strip()}"
    found = ask(text, knowledge, noise=SPARSE / 2)
    assert [q.raw for q in found] == ["fehre", "konuftuk."]
    assert all(text[q.start:q.end] == q.raw for q in found)
    for q, right in zip(found, ("şehre", "konuştuk."), strict=True):
        assert right in q.readings


DOUBTFUL = ["qxzv", "ilifkileri", "ka€r", "yol2u", "*", "«köy", "evMi", "qx" * 40, "qx" * 300]
PLAIN = ["köy", "yolu", "uzun", "okula", "geldi!", "(Ankara'nın)", "1923", "ve,"]
words_of_a_text = st.lists(st.one_of(st.sampled_from(PLAIN), st.sampled_from(PLAIN), st.sampled_from(DOUBTFUL)),
                           max_size=150)


@settings(max_examples=150)
@given(words_of_a_text)
def test_every_doubtful_word_stands_in_a_stretch_with_its_neighbours(knowledge: Knowledge, words: list[str]) -> None:
    text = " ".join(words)
    places = [match.span() for match in regex.finditer(r"\S+", text)]
    found = list(doubtful_stretches(text, knowledge.model))
    assert all(start < end for start, end in found)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(found))             # in order, and no two overlap
    assert {start for start, _ in found} <= {start for start, _ in places}
    assert {end for _, end in found} <= {end for _, end in places}
    for k, word in enumerate(words):
        if word in DOUBTFUL:
            for start, end in places[max(0, k - 2):k + 3]:
                assert any(a <= start and end <= b for a, b in found)
    if not set(words) & set(DOUBTFUL):
        assert found == []
    if max(map(len, words), default=0) <= LONGEST_STRETCH // 5:
        assert all(end - start <= LONGEST_STRETCH for start, end in found)


def test_text_far_from_any_doubt_is_in_no_stretch(knowledge: Knowledge) -> None:
    text = " ".join(["köy"] * 10 + ["qxzv"] + ["yolu"] * 10)
    (start, end), = doubtful_stretches(text, knowledge.model)
    assert text[start:end] == "köy köy qxzv yolu yolu"


# --- answers ---------------------------------------------------------------------------------------------------------

def question(raw: str, costs: dict[str, float], none: float = 1.0) -> Question:
    """A question whose readings are told apart by cost alone."""
    low = min(costs.values())
    rows = [row(cost=cost - low, raw=float(text == raw)) for text, cost in costs.items()]
    return Question(3, 3 + len(raw), raw, tuple(costs), tuple(costs.values()), (*rows, row(none=none)), False)


@settings(max_examples=150)
@given(st.dictionaries(st.text("abş", min_size=1, max_size=3), st.floats(0, 15), max_size=12), st.floats(0, 15),
       st.floats(-3, 3), st.floats(-2, 2))
def test_an_answer_is_a_change_with_its_probability(costs: dict[str, float], kept: float, raw: float,
                                                    none: float) -> None:
    ranking = Ranking({"cost": -0.7, "raw": raw, "none": none})
    q = question("ab", {**costs, "ab": kept})
    unit = answer(q, ranking)
    if not set(costs) - {"ab"}:
        assert unit is None
        return
    assert unit is not None
    *shares, left = ranking.probabilities(q.rows).tolist()
    probability = dict(zip(q.readings, shares, strict=True))
    assert (unit.start, unit.end, unit.raw, unit.known) == (q.start, q.end, q.raw, q.known)
    assert unit.best != "ab" and unit.best in costs
    assert probability[unit.best] == max(p for text, p in probability.items() if text != "ab")
    assert unit.confidence == probability[unit.best] + WORDS_ALONE * left and unit.kept == probability["ab"]
    assert unit.confidence + unit.kept < 1                    # none of them has its share
    texts = [text for text, _ in unit.alternatives]
    assert texts[0] == unit.best and len(set(texts)) == len(texts) <= 5
    assert all(p == pytest.approx(probability[text], abs=1e-4) for text, p in unit.alternatives)
    rest = [p for _, p in unit.alternatives[1:]]
    assert rest == sorted(rest, reverse=True) and all(p > 0 for p in rest)
    assert unit.margin == pytest.approx(kept - q.costs[q.readings.index(unit.best)])


def test_the_shape_of_a_quote_is_no_change() -> None:
    q = question('"ab"', {'"ab"': 1.0})
    typographic = Question(q.start, q.end, "“ab”", q.readings, q.costs, q.rows, q.known)
    assert answer(typographic, Ranking()) is None


def test_the_text_as_it_stands_has_its_own_quotes_among_the_alternatives() -> None:
    q = question("Muş'la", {"Muş'la": 1.0, "Muş'ta": 0.5})
    unit = answer(Question(q.start, q.end, "Muş’la", q.readings, q.costs, q.rows, q.known), Ranking())
    assert unit is not None
    assert [text for text, _ in unit.alternatives] == ["Muş'ta", "Muş’la"]


def test_units_name_their_place_and_their_alternatives(knowledge: Knowledge) -> None:
    text = "Dün “bafka” bir fehre gittik."
    units = correct(text, knowledge.model, HOOKS.compile(), Parameters(), Ranking({"cost": -0.5, "none": -3.0}))
    assert [u.raw for u in units if not u.known] == ["“bafka”", "fehre"]
    assert apply_units(text, units).count("başka") == 1 and "şehre" in apply_units(text, units)
    for unit in units:
        assert text[unit.start:unit.end] == unit.raw and unit.best != unit.raw.translate(FOLD)
        alternatives = dict(unit.alternatives)
        assert 0 < alternatives[unit.best] <= unit.confidence + 1e-3   # punctuation counts here
        assert sum(alternatives.values()) <= 1 + 1e-3


def unit_of(confidence: float, kept: float, start: int = 0) -> Unit:
    return Unit(start, start + 2, "ab", "cd", confidence, kept, (("cd", confidence),), False, 1.0)


def test_a_unit_is_applied_where_it_is_so_many_times_likelier_than_the_text_as_it_stands() -> None:
    units = [unit_of(0.6, 0.3), unit_of(0.7, 0.2, 3), unit_of(0.2, 0.01, 6)]
    assert apply_units("ab ab ab", units, 1.0) == "cd cd cd"
    assert apply_units("ab ab ab", units, 3.0) == "ab cd cd"
    assert apply_units("ab ab ab", units, 10.0) == "ab ab cd"
    assert apply_units("ab ab ab", units, 100.0) == "ab ab ab"


@pytest.mark.parametrize(("confidence", "kept", "strictness", "applied", "status"), [
    (0.95, 0.02, 3.0, True, Status.AUTO),
    (0.85, 0.02, 3.0, True, Status.REVIEW),                   # applied, and asked about
    (0.61, 0.20, 3.0, True, Status.REVIEW),
    (0.59, 0.20, 3.0, False, Status.REVIEW),                  # only asked about
    (0.59, 0.20, 2.0, True, Status.REVIEW),
    (0.95, 0.04, 30.0, False, Status.REVIEW),
    (0.26, 0.05, 3.0, True, Status.REVIEW),                   # unsure, but the text as it stands is hardly right
    (0.26, 0.05, 4.0, False, Status.REVIEW),                  # too unsure: it may be a name, or another language
    (0.10, 0.00, 0.0, True, Status.REVIEW),
])
def test_what_becomes_of_a_correction(confidence: float, kept: float, strictness: float, applied: bool,
                                      status: Status) -> None:
    change = decide(unit_of(confidence, kept), 10, Settings(strictness=strictness), "x-roman")
    assert change is not None
    assert (change.start, change.end, change.after) == (10, 12, "cd")
    assert (change.applied, change.status, change.confidence) == (applied, status, confidence)


def test_a_figure_may_be_misread_whatever_the_context_says() -> None:
    channel = Channel("test", {("4", "1"): 10.0}, {"4": 100.0, "a": 100.0, "1": 100.0}).compile()
    unit = replace(unit_of(0.9, 0.05), raw="5,4", best="s.4", alternatives=(("s.4", 0.9), ("a", 0.01)))
    sure = in_figures(unit, channel)
    assert 0.75 < sure.confidence < 0.85
    assert sure.kept < unit.kept
    assert [text for text, _ in sure.alternatives] == ["s.4", "a"]
    assert sure.alternatives[0][1] == round(sure.confidence, 4)
    assert sure.alternatives[1] == ("a", 0.01)
    assert in_figures(unit_of(0.9, 0.05), channel) == unit_of(0.9, 0.05)


def test_where_the_text_is_hardly_right_it_is_shown_though_nothing_better_is_known() -> None:
    shown = decide(unit_of(0.2, 0.4), 0, Settings(), "x-roman")
    assert shown is not None
    assert (shown.applied, shown.status) == (False, Status.REVIEW)
    assert decide(unit_of(0.2, 0.6), 0, Settings(), "x-roman") is None


def test_a_guess_at_a_word_of_which_nothing_is_left_is_not_made() -> None:
    odd = replace(unit_of(0.02, 0.0), raw="c~^d", best="cd")
    assert [change.applied for confidence in (0.02, 0.005)
            if (change := decide(replace(odd, confidence=confidence), 0, Settings(), "x-roman"))] == [True, False]


def test_what_cannot_have_been_printed_is_corrected_however_unsure_it_is() -> None:
    unit = Unit(0, 3, "a~b", "cd", 0.1, 0.001, (("cd", 0.1),), False, 1.0)
    change = decide(unit, 0, Settings(), "x-roman")
    assert change is not None and change.applied and change.status is Status.REVIEW


@pytest.mark.parametrize(("raw", "best", "status"), [
    ("s.l96", "s.196", Status.REVIEW), ("kalınıştı 9", "kalmıştı.", Status.REVIEW),
    ("00,15,1.1", "Doğu", Status.REVIEW),
    ("olmadığ1l1ı", "olmadığını", Status.AUTO), ("1\\ nkara", "Ankara", Status.AUTO)])
def test_a_number_never_goes_without_being_asked_about(raw: str, best: str, status: Status) -> None:
    unit = Unit(0, len(raw), raw, best, 0.99, 0.001, ((best, 0.99),), False, 1.0)
    change = decide(unit, 0, Settings(), "x-small")
    assert change is not None and change.applied and change.status is status


@pytest.mark.parametrize(("text", "spaced"), [
    ("M.Frunze", "M. Frunze"), ("M.V.Frunze", "M. V. Frunze"), ("(M.V.", "(M. V."), ("İ.Abilov'un", "İ. Abilov'un"),
    ("T.B.M.M.", "T.B.M.M."), ("M. Frunze", "M. Frunze"), ("s.12", "s.12"), ("etti.Bu", "etti.Bu"),
])
def test_an_initial_is_told_from_an_abbreviation(text: str, spaced: str) -> None:
    assert GLUED_INITIAL.sub(r"\g<0> ", GLUED_INITIAL.sub(r"\g<0> ", text)) == spaced


def test_the_habit_of_initials_is_the_documents() -> None:
    apart = ["M. Frunze geldi."] * 8 + ["M.Frunze gitti."]
    assert Evidence.of(apart, Citations()).apart == pytest.approx(math.log(9 / 2))
    assert Evidence.of(["M.Frunze gitti."] * 8, Citations()).apart == 0


def test_two_given_texts_cost_what_the_decoder_pays_for_the_misreading() -> None:
    channel = Channel("x", {("m", "rn"): 30.0}, {"m": 99.0}).compile()
    prices = {"substitution": 8.0, "insertion": 10.0, "deletion": 7.0}
    kept = 0.02
    assert channel.cost("ab", "ab", **prices) == pytest.approx(2 * kept)
    assert channel.cost("am", "arn", **prices) == pytest.approx(kept - math.log(0.3))
    assert channel.cost("ab", "ac", **prices) == pytest.approx(kept + 8)
    assert channel.cost("ab", "a", **prices) == pytest.approx(kept + 7)
    assert channel.cost("a", "ab", **prices) == pytest.approx(kept + 10)


def test_marks_need_less_than_words() -> None:
    word = Unit(0, 3, "ab,", "cd,", 0.5, 0.3, (("cd,", 0.5),), False, 1.0)
    mark = Unit(0, 3, "ab,", "ab.", 0.5, 0.3, (("ab.", 0.5),), True, 1.0)
    changes = [decide(unit, 0, Settings(), "x-roman") for unit in (word, mark)]
    assert [change is not None and change.applied for change in changes] == [False, True]


def test_an_unlikely_correction_is_not_even_shown() -> None:
    assert decide(unit_of(0.2, 0.5), 0, Settings(), "x-roman") is None
    assert decide(unit_of(0.2, 0.5), 0, Settings(suggest_above=0.1), "x-roman") is not None


def test_the_command_is_as_strict_as_the_settings() -> None:
    option, = [p for command in main.commands.values() for p in command.params if p.name == "strictness"]
    assert option.default == Settings().strictness == 3.0


# --- what the ranking is fitted on -----------------------------------------------------------------------------------

def samples_of(ocr: str, true: str, knowledge: Knowledge) -> list[Sample]:
    """The questions about words that no lexicon has, with their answers."""
    every = text_samples(ocr, true, knowledge, HOOKS, 1.0, False, Evidence.of([ocr], Citations()))
    return [(rows, k) for rows, k in every if not shown(rows[-1])["known_raw"]]


def test_the_truth_says_which_row_is_right(knowledge: Knowledge) -> None:
    ocr = "Dün bafka bir köye, oradan Pertekmezov ile qxzvwqxzv kadar gittik."
    true = "Dün başka bir köye, oradan Pertekmezov ile mandalina kadar gittik."
    found = samples_of(ocr, true, knowledge)
    right = [shown(rows[k]) for rows, k in found]
    assert len(found) == 3, [q.raw for q in ask(ocr, knowledge)]
    assert right[0]["known"] and not right[0]["raw"]          # başka
    assert right[1]["raw"] and not right[1]["known"]          # a name that no lexicon has
    assert right[2]["none"] == 1.0                            # nobody can read this
    assert all(0 <= k < len(rows) for rows, k in found)


def test_the_truth_may_be_longer_than_its_reading(knowledge: Knowledge) -> None:
    (rows, k), = samples_of("Çocuklar bugün okua gittiler.", "Çocuklar bugün okula gittiler.", knowledge)
    right = shown(rows[k])
    assert right["known"] and not right["raw"] and right["length"] == 0.5


def test_nothing_is_asked_where_the_truth_is_not_known(knowledge: Knowledge) -> None:
    ocr = "Dün bafka bir fehre gittik."
    assert len(samples_of(ocr, "Dün başka bir şehre gittik.", knowledge)) == 2
    assert len(samples_of(ocr, f"Dün {MASK * 5} bir şehre gittik.", knowledge)) == 1


def test_text_that_aligns_with_nothing_is_lost_with_its_neighbours() -> None:
    words = ["bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz", "on"]
    true = " ".join(words)
    assert lost_stretches(true, aligned_offsets(true, true)) == []
    ocr = " ".join([*words[:5], "qqqqqqqqqqqq", *words[5:]])
    found = lost_stretches(ocr, aligned_offsets(ocr, true))
    assert [ocr[start:end] for start, end in found] == ["üç dört beş qqqqqqqqqqqq altı yedi sekiz"]
