"""The estimated error rate: doubt over words, page by page."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

import ocrfix
from conftest import documents
from ocrfix.document import Document, Kind, Status
from ocrfix.estimates import UNSEEN, UNSEEN_IN_NOTES, Estimate, document_estimate, doubt, is_estimated, page_estimates
from synthetic import Maker, change


@pytest.fixture
def document() -> Document:
    made = Maker()
    made.page()
    made.block(Kind.PARAGRAPH, "bir ", change("ikl", "iki", confidence=0.9), " üç ",
               change("dort", "dört", confidence=0.3, applied=False, status=Status.REVIEW,
                      alternatives=(("dört", 0.3), ("dort", 0.6))), " beş")
    made.page()
    made.block(Kind.PARAGRAPH, "altı ", change("yedl", "yedi", status=Status.ACCEPTED), " sekiz dokuz")
    made.block(Kind.NOTE, "on ", change("onbır", "onbir", confidence=0.5), label="1")
    return made.document()


def noisy(document: Document) -> Document:
    """The same, told to be as noisy as the tables' pages."""
    return replace(document, blocks=tuple(replace(block, type="kind") for block in document.blocks),
                   statistics=(("noise kind", 1.0),))


def test_doubt_is_what_the_probabilities_leave(document: Document) -> None:
    edits = [edit for block in document.printed() for edit in block.edits]
    assert [round(doubt(document, edit), 6) for edit in edits] == [0.1, 0.4, 0.0, 0.5]


def test_each_page_has_its_own_rate(document: Document) -> None:
    assert {page: (e.words, round(e.wrong, 6)) for page, e in page_estimates(document).items()} == {
        1: (5, 0.5), 2: (6, 0.5)}
    assert {page: e.words for page, e in page_estimates(document, document.body()).items()} == {1: 5, 2: 4}


def test_noise_tells_of_errors_that_nothing_was_proposed_for(document: Document) -> None:
    first, second = page_estimates(noisy(document)).values()
    assert first.wrong == pytest.approx(0.5 + 5 * UNSEEN)
    assert second.wrong == pytest.approx(0.5 + 4 * UNSEEN + 2 * UNSEEN_IN_NOTES)
    assert (is_estimated(document), is_estimated(noisy(document))) == (False, True)


def test_the_rates_are_a_table(document: Document) -> None:
    table = ocrfix.Document(noisy(document)).error_rates()
    assert table["page"].tolist() == [1, 2]
    assert table["words"].tolist() == [5, 6]
    assert table["error_rate"].tolist() == [e.rate for e in page_estimates(noisy(document)).values()]
    assert table["body_error_rate"][1] == pytest.approx(UNSEEN)
    assert ocrfix.Document(document).error_rates()["error_rate"].isna().all()


def test_a_page_without_words_has_no_rate_and_no_rate_is_above_one() -> None:
    assert Estimate().rate is None
    assert Estimate(2, 5.0).rate == 1.0
    assert (Estimate(2, 1.0) + Estimate(2, 0.0)).rate == 0.25


@settings(max_examples=300)
@given(documents())
def test_every_printed_word_is_counted_once(document: Document) -> None:
    whole = sum(len(block.current(document.text).split()) for block in document.printed())
    assert document_estimate(document).words == whole
