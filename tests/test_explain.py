"""``ocrfix explain``: the numbers are those that the engine decides by."""
from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocrfix import api
from ocrfix.cli import main
from ocrfix.engine.correct import correct
from ocrfix.engine.ranking import Ranking
from ocrfix.explain import NETWORKS_SAY, Models, explain, in_document
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings
from ocrfix.stages.words import decide

SAMPLE = Path(__file__).resolve().parents[1] / "reports" / "sample" / "page-8"
CONTEXT = "Moskova görüşmelerinde küçük serzeıu~ler dışında hiç gündeme getirilmeycn bir konu olarak kaldı."


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def told(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_what_is_explained_is_what_the_words_stage_does(knowledge: Knowledge) -> None:
    settings, models = Settings(), Models.of_text(CONTEXT, knowledge)
    found = list(explain(CONTEXT, models, settings))
    units = correct(CONTEXT, models.model, models.channel, models.parameters, models.ranking)
    assert [one.unit for one in found if one.unit is not None] == units and len(units) >= 2
    for one in found:
        assert sum(reading.probability for reading in one.readings) + one.none == pytest.approx(1)
        assert [reading.probability for reading in one.readings] == sorted(
            (reading.probability for reading in one.readings), reverse=True)
        for reading in one.readings:
            assert reading.misreading + reading.language == pytest.approx(
                one.question.costs[one.question.readings.index(reading.text)])
        if one.unit is not None:
            assert one.change == decide(one.unit, 0, settings, models.kind)


def test_the_reasons_add_up_to_the_odds(knowledge: Knowledge) -> None:
    """All reasons together are the logarithm of the odds of the two readings; without networks the terms alone are."""
    models = Models.of_text(CONTEXT, knowledge)
    linear = replace(models, ranking=Ranking(models.ranking.weights))
    by_networks = []
    for shown in (models, linear):
        for one in explain(CONTEXT, shown, Settings()):
            if one.unit is not None:
                by_text = {reading.text: reading.probability for reading in one.readings}
                odds = math.log(by_text[one.unit.best] / by_text[one.question.raw])
                assert sum(nats for _, nats in one.reasons) == pytest.approx(odds, abs=1e-6)
                by_networks.append((shown is models, dict(one.reasons)[NETWORKS_SAY]))
    assert any(nats != 0 for with_networks, nats in by_networks if with_networks)
    assert all(nats == pytest.approx(0, abs=1e-6) for with_networks, nats in by_networks if not with_networks)


def test_corrections_of_a_document_are_explained_as_its_table_has_them(knowledge: Knowledge) -> None:
    document = api.load(SAMPLE).model
    with (SAMPLE / "corrections.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["stage"] == "words" and row["rule"] == "misread-word"]
    found = [(row, in_document(document, row["id"], knowledge, Settings())) for row in rows[:4]]
    assert len(found) == 4
    for row, one in found:
        assert one is not None and one.unit is not None
        assert (one.question.raw, one.unit.best) == (row["raw"], row["clean"])
        assert one.unit.confidence == pytest.approx(float(row["confidence"]), abs=0.1)


def test_a_word_is_explained_in_a_table() -> None:
    done = told("serzeıu~ler", "--context", CONTEXT, "--type", "article-roman")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0 and lines[0] == "serzeıu~ler: in no lexicon; kind of type article-roman, noise 1.00"
    assert lines[2].split() == ["reading", "misreading", "language", "context", "probability"]
    assert lines[3].startswith("serzenişler ") and any(line.endswith("(as it stands)") for line in lines)
    assert lines[-1].startswith("applied")
    assert "getirilmeyen" not in done.stdout


def test_a_correction_of_a_document_is_explained() -> None:
    done = told("--document", str(SAMPLE), "--id", "c-2")
    assert done.exit_code == 0 and done.stdout.startswith("Dostluk l\\ntlaşmasl'nın: in no lexicon")


def test_a_word_that_nobody_doubts_is_said_to_be_so() -> None:
    done = told("gitti.", "--context", "Dün akşam eve gitti.")
    assert done.exit_code == 0 and done.stdout.startswith("not in doubt")


def test_a_word_is_looked_for_as_a_whole_and_white_space_is_one_space() -> None:
    within = told("küçük  serzeıu~ler", "--context", "küçüksü\nserzeıu~lerle küçük\n serzeıu~ler").stdout
    assert within.startswith("serzeıu~ler:") and within.count("kind of type") == 1
    assert told("serzeıu~ler.", "--context", "küçük serzeıu~ler.Bu").exit_code == 0
    assert told(" serzeıu~ler ").stdout.startswith("serzeıu~ler:")


@pytest.mark.parametrize(("arguments", "said"), [
    ((), "either WORD is needed, or --document with --id"),
    (("ev", "--document", str(SAMPLE), "--id", "1"), "either WORD is needed, or --document with --id"),
    (("--document", str(SAMPLE)), "either WORD is needed, or --document with --id"),
    (("--document", str(SAMPLE), "--id", "c-9999"), "page-8.txt: no correction is called 'c-9999'"),
    (("ev", "--context", "Bahçe güzel."), "--context: 'ev' is not in it"),
    (("ev", "--context", "Bahçeli evden, sevdim."), "--context: 'ev' is not in it"),
    (("",), "WORD is empty"), ((" ", "--context", "Bahçe güzel."), "WORD is empty"),
    (("ev", "--type", "gothic"), "no table of confusions is called 'gothic'; there are "),
])
def test_wrong_usage_is_named(arguments: tuple[str, ...], said: str) -> None:
    done = told(*arguments)
    assert done.exit_code == 2 and done.stderr.startswith(f"ocrfix: {said}")
