"""The confidence of the OCR is judged by the lexicon, and counts where the text stands as it was read."""
from __future__ import annotations

from math import exp

import pytest

from ocrfix.document import Block, Change, Document, Kind, Span, apply_changes
from ocrfix.engine.correct import Unit
from ocrfix.stages import ingest
from ocrfix.stages._confidence import FEWEST_WORDS, Places, Trust, weighed


def hocr(words: list[tuple[str, int]]) -> Document:
    """A document of words with their confidence in hundredths, one a line."""
    lines = "".join(f"<span class='ocr_line'><span class='ocrx_word' title='x_wconf {confidence}'>{word}</span></span>"
                    for word, confidence in words)
    return ingest.read(f"<html><div class='ocr_page'>{lines}</div></html>".encode(), "x.hocr")


def accepts(word: str) -> bool:
    return word == "ordu"


def trust_of(words: list[tuple[str, int]]) -> Trust:
    trust = Trust.of(hocr(words), accepts)
    assert trust is not None
    return trust


GOOD = [("ordu", 90), ("ordu", 92), ("ordu", 95)] * 100
BAD = [("0rdv", 40), ("ordu", 50)] * 60


def test_words_of_a_confidence_that_the_lexicon_bears_out_are_trusted() -> None:
    trust = trust_of(GOOD + BAD)
    assert trust.of_spans([Span(0, 4)]) > 0 > trust.of_spans([Span(5 * len(GOOD), 5 * len(GOOD) + 4)])
    assert list(trust.worth) == sorted(trust.worth)


def test_what_a_figure_means_is_told_from_the_document() -> None:
    """An engine that is 0.6 sure of its good words and 0.5 of its bad ones is worth the same."""
    shifted = [(word, 60 if confidence >= 90 else 50) for word, confidence in GOOD + BAD]
    trust = trust_of(shifted)
    assert trust.of_spans([Span(0, 4)]) > 0 > trust.of_spans([Span(5 * len(GOOD), 5 * len(GOOD) + 4)])


def test_the_worst_word_of_a_stretch_counts() -> None:
    trust = trust_of(GOOD + BAD)
    at = 5 * len(GOOD)
    assert trust.of_spans([Span(at - 5, at + 4)]) == trust.of_spans([Span(at, at + 4)])


@pytest.mark.parametrize("words", [GOOD[:FEWEST_WORDS // 2], [("ordu", 90)] * 400], ids=["few", "all the same"])
def test_too_little_says_nothing(words: list[tuple[str, int]]) -> None:
    assert Trust.of(hocr(words), accepts) is None


def test_plain_text_has_no_confidence() -> None:
    assert Trust.of(ingest.read(b"ordu " * 500, "x"), accepts) is None


def test_what_a_stage_has_changed_is_no_longer_what_the_ocr_read() -> None:
    text = "ilc or-\ndu geldi"
    block = Block(Kind.PARAGRAPH, (Span(0, len(text)),), "t", "t")
    block = apply_changes(block, text, [Change(6, 8, "", "line-hyphen", "")], "reflow")
    block = apply_changes(block, text, [Change(0, 3, "ile", "misread-word", "")], "words")
    places = Places(block, text)
    assert block.current(text) == "ile ordu geldi"
    assert places.spans(0, 3) is None
    assert places.spans(4, 8) == [Span(4, 6), Span(6, 8), Span(8, 10)]
    assert places.spans(9, 14) == [Span(11, 16)]


def test_readings_share_what_the_text_as_it_stands_gains_or_loses() -> None:
    unit = Unit(0, 3, "ilc", "ile", 0.5, 0.3, (("ile", 0.5), ("ilc", 0.3), ("ila", 0.2)), False, 0.0)
    for nats in (-2.0, 0.0, 1.0):
        out = weighed(unit, nats)
        assert sum(p for _, p in out.alternatives) == pytest.approx(1.0, abs=1e-3)
        assert out.confidence / unit.confidence == pytest.approx((1 - out.kept) / (1 - unit.kept))
        assert (out.kept > unit.kept) == (nats > 0) or exp(nats) == 1.0
