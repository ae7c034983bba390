"""Work is bounded by the length of a text, whatever stands in it."""
from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest

import adversarial
from conftest import ROOT
from ocrfix import cores
from ocrfix.document import Document
from ocrfix.engine.correct import LONGEST_STRETCH, SEARCH, Unit, Work, correct
from ocrfix.engine.parameters import Parameters
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_txt
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest, words

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyz"


def test_texts_of_one_unit_are_done() -> None:
    done = subprocess.run([sys.executable, adversarial.__file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout.splitlines()[-1:]}: {done.stderr[-500:]}"
    assert done.stdout.splitlines() == [*adversarial.UNITS,
                                        *map(ascii, [*adversarial.CHARACTERS, *adversarial.ENCODINGS]),
                                        *(f"sentences of {unit}" for unit in adversarial.SENTENCES)]


def at_random(signs: str, length: int, behind: str, size: int = 50_000) -> str:
    chance = random.Random(1)
    return "".join("".join(chance.choices(signs, k=length)) + behind for _ in range(size // (length + len(behind))))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What each text that is corrected costs, in states."""
    costs: list[float] = []

    def counted(*arguments: Any, work: Work, **options: Any) -> list[Unit]:
        units = correct(*arguments, work=work, **options)
        costs.append(work.done)
        return units

    monkeypatch.setattr(words, "correct", counted)
    return costs


def cleaned(text: str, knowledge: Knowledge) -> Document:
    return Pipeline().run(ingest.read(text.encode(), "a.txt"), Settings(), knowledge)


@pytest.mark.parametrize("text", [
    at_random(LETTERS, 8, " "), at_random(LETTERS, 1, " "), at_random(LETTERS, 8, ".\n\n"),
    at_random(".,;:-'()", 6, " ")], ids=["words", "letters apart", "paragraphs", "marks"])
def test_words_of_letters_at_random_cost_no_more_than_the_limit_on_any_number_of_threads(
        text: str, spent: list[float], knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fortieth of the limit, to be quick."""
    monkeypatch.setattr(words, "STATES", 100)
    monkeypatch.setattr(words, "BATCH", 1000)
    dearest = sum(SEARCH + parameters.beam_size for parameters in (Parameters().narrow(), *Parameters().wider()))
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(cores, "threads", lambda threads=threads: threads)
        spent.clear()
        document = cleaned(text, knowledge)
        assert 0 < sum(spent) < 100 * (len(text) + words.SHORT) + dearest * (1000 + LONGEST_STRETCH)
        found.append((clean_txt(document), document.messages))
    assert found[0] == found[1]
    assert [said.partition(":")[0] for said in found[0][1]] == ["too unlike text"]


@pytest.mark.parametrize("text", [
    at_random(LETTERS, 50_000, ""), at_random("0123456789", 50_000, ""), at_random("0123456789", 5, " "),
    "kelime " * 7000, "keliıne " * 6000, "iiiiii " * 7000],
    ids=["one line", "digits", "numbers", "one word", "one misread word", "strokes"])
def test_other_texts_that_no_press_printed_stay_below_the_limit(text: str, spent: list[float],
                                                                knowledge: Knowledge) -> None:
    """A word that is repeated counts each time, though what was found is remembered."""
    assert cleaned(text, knowledge).messages == ()
    assert sum(spent) < words.STATES * len(text)


def test_bad_ocr_costs_less_than_half_of_the_limit(spent: list[float], knowledge: Knowledge) -> None:
    text = (ROOT / "raw" / "frunze-gorusmeleri.txt").read_text("utf-8")[:12_000]
    assert cleaned(text, knowledge).messages == ()
    assert words.STATES / 8 * len(text) < sum(spent) < words.STATES / 2 * len(text)
