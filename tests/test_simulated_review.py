"""A review simulated: the gold answers the queue, and errors go away in the order of the doubts."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocrfix.decisions.model import Scope
from ocrfix.document import Document, Kind, Status
from ocrfix.evaluation.review import Review, Sheaf, Simulation, picture, simulate, word_errors
from ocrfix.evaluation.transcription import Gold, read_gold
from synthetic import Maker, change

TRUTH = ("Ali Fuat Paşa dün Ankara'ya geldi. Kâzım Paşa ise orada uzun süre kaldı ve dostları ile görüştü. "
         "Sonra Paşa Moskova'ya döndü, fakat heyet Kars'ta beklemeye devam etti.")


@pytest.fixture
def document() -> Document:
    made = Maker()
    made.page()
    made.block(
        Kind.PARAGRAPH, "Ali Fuat ", change("Pafa", "Pafta", confidence=0.4, status=Status.REVIEW),
        " dün Ankara'ya geldi. Kâzım ", change("Pafa", "Pafta", confidence=0.45, status=Status.REVIEW),
        " ise orada uzun süre kaldı ve ", change("dostlan", "dostlar", confidence=0.7, status=Status.REVIEW),
        " ile görüştü. Sonra ", change("Pafa", "Paşa", confidence=0.8, status=Status.REVIEW), " Moskova'ya ",
        change("donda", "döndü", confidence=0.97), ", fakat heyet ",
        change("Karsta", "Kars'ta", confidence=0.3, status=Status.REVIEW, applied=False), " beklemeye devam etti.")
    return made.document()


@pytest.fixture
def gold(tmp_path: Path) -> Gold:
    (tmp_path / "p01.md").write_text(TRUTH + "\n", "utf-8")
    return read_gold(tmp_path, ["p01"])


def test_the_gold_answers_a_series_as_one(document: Document, gold: Gold) -> None:
    review = Review([Sheaf("made", document, gold)])
    first = review.asked[0]
    assert (first.raw, first.clean, len(first.items)) == ("Pafa", "Pafta", 2)
    said, apart = review.answer(first)
    assert [(d.verdict, d.new, d.scope) for _, d in said] == [(Status.EDITED, "Paşa", Scope.PLACE)] * 2
    assert apart == []


def test_answers_remove_the_errors(document: Document, gold: Gold) -> None:
    sheaf = Sheaf("made", document, gold)
    assert word_errors(document, gold) == 4
    review = Review([sheaf])
    left, decisions = review.ask(review.asked, 10)
    assert left == [4.0, 0.0]
    assert {d.new: d.verdict for d in decisions["made"]} == {
        "Paşa": Status.ACCEPTED, "dostları": Status.EDITED, "Kars'ta": Status.ACCEPTED, "döndü": Status.ACCEPTED}


def test_places_for_which_the_answer_is_wrong_are_asked_about_again(document: Document, gold: Gold) -> None:
    sheaf = Sheaf("made", document, gold)
    one = Review([sheaf]).asked[0]
    sheaf.truth = {key: "Pafta" if key == one.items[0].key else text for key, text in sheaf.truth.items()}
    said, apart = Review([sheaf]).answer(one)
    assert [d.verdict for _, d in said] == [Status.ACCEPTED]
    assert [item.key for item in apart] == [one.items[1].key]


def test_the_oracle_knows_best(document: Document, gold: Gold) -> None:
    review = Review([Sheaf("made", document, gold)])
    assert review.oracle(10) == [4.0, 0.0]
    lonely = Review([Sheaf("made", document.with_blocks(replace(b, edits=()) for b in document.blocks), gold)])
    assert lonely.asked == []
    assert lonely.oracle(10)[-1] == 0.0               # every error that nobody is asked about counts by itself
    assert lonely.ask(lonely.asked, 10)[0] == [6.0, 6.0]


def test_the_curves_are_drawn_and_counted(document: Document, gold: Gold) -> None:
    one = simulate("made", [Sheaf("made", document, gold)])
    assert one.as_dict()["removed"] == 4.0
    assert one == simulate("made", [Sheaf("made", document, gold)])
    assert Simulation("x", (10.0, 4.0), (10.0, 8.0), (10.0, 2.0)).as_dict() == {
        "errors": 10.0, "removed": 6.0, "in random order": 2.0, "oracle": 8.0, "of oracle": 0.75,
        "against random": 3.0}
    svg = picture([one])
    assert svg.count("<polyline") == 3
    assert svg.count(">queue<") == 1
