"""The context model: which word and which mark fits between its neighbours."""
from __future__ import annotations

import numpy as np
import pytest

from ocrfix.engine.context import EDGE, MARKS, REACH, UNKNOWN, ContextModel
from ocrfix.knowledge import Knowledge


@pytest.fixture(scope="module")
def context() -> ContextModel:
    return Knowledge.load().model.context


def fit(context: ContextModel, before: str, word: str, behind: str) -> float:
    wanted = context.wanted(context.hidden([(before.split(), behind.split())]))[0]
    return float(wanted @ context.vectors(word)[1])


@pytest.mark.parametrize(("before", "right", "wrong", "behind"), [
    ("Bu konuda alınan", "kararı", "karan", "kabul etmiştir ."),
    ("iki gün", "sonra", "soma", "Ankara'ya geldi ."),
    ("bütün bu", "sorunları", "sorunlan", "çözmek için"),
    ("Türkiye Büyük Millet", "Meclisi", "Mecbur", "Hükümeti ,"),
])
def test_the_right_word_fits_better_than_one_that_looks_like_it(context: ContextModel, before: str, right: str,
                                                                wrong: str, behind: str) -> None:
    assert fit(context, before, right, behind) > fit(context, before, wrong, behind) + 1


def test_a_sentence_ends_before_a_capital_and_not_within_a_phrase(context: ContextModel) -> None:
    hidden = context.hidden([(["bu", "karar", "kabul", "edilmiştir"], ["Bunun", "üzerine", "hükümet", "toplandı", "."]),
                             (["Türkiye", "Büyük", "Millet"], ["Meclisi", "bu", "kararı", "kabul", "etti", "."])])
    ends, goes_on = context.marks(hidden)
    assert MARKS[int(ends.argmax())] == "." and MARKS[int(goes_on.argmax())] == ""
    assert np.exp(ends).sum() == pytest.approx(1, abs=1e-4)


def test_short_surroundings_are_the_edges_of_a_paragraph(context: ContextModel) -> None:
    unknown = [UNKNOWN] * (REACH - 1)
    near = context.hidden([([], []), ([*unknown, EDGE], [EDGE, *unknown])])
    assert np.array_equal(near[0], near[1])


def test_forms_that_no_text_had_are_understood_by_their_parts(context: ContextModel) -> None:
    token = "görüşmelerindekilerden"
    assert token not in context.words
    assert fit(context, "Moskova", token, "biri de budur .") > fit(context, "Moskova", "zxqvw", "biri de budur .")


def test_figures_are_all_alike_and_case_is_not(context: ContextModel) -> None:
    assert np.array_equal(context.vectors("1921'de")[0], context.vectors("1848'de")[0])
    assert not np.array_equal(context.vectors("Mart")[0], context.vectors("mart")[0])
