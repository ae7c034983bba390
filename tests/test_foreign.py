"""Runs of words in other languages, which are left to their own lexicons."""
from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrfix.engine.correct import Unit, correct
from ocrfix.engine.parameters import Parameters
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.language.foreign import SWITCH, UNKNOWN, languages, read_lists, runs
from ocrfix.stages.words import not_foreign

KNOWLEDGE = Knowledge.load()
COST = KNOWLEDGE.model.word_cost
FOREIGN = KNOWLEDGE.foreign
CITATIONS = [
    ("Bkz. Bernard Lewis, The Emergence of Modern Turkey, s. 239 ve devamı.", "en", "The Emergence of Modern Turkey"),
    ("Bkz. Les relations de la Turquie et de la Russie, s. 12.", "fr", "Les relations de la Turquie et de la"),
    ("Ayrıca Die Welt des Islams adlı dergide yayınlanan yazı.", "de", "Die Welt des"),
    ("Belgeler için bkz. Dokumentı vneşney politiki SSSR, s. 597.", "ru", "Dokumentı vneşney politiki SSSR"),
]


@pytest.mark.parametrize(("text", "language", "title"), CITATIONS)
def test_a_foreign_title_in_a_turkish_note_is_a_run(text: str, language: str, title: str) -> None:
    [run] = runs(text, COST, FOREIGN)
    assert run.language == language and title in text[run.start:run.end]


@pytest.mark.parametrize("text", [
    "Mustafa Kemal Paşa, Londra Konferansı'ndan sonra Ankara'ya döndü ve Meclis'te bir konuşma yaptı.",
    "Bu film on dakika sürdü; en son o gün de bir adam daha geldi.",
    "Frunze ile Lenin arasındaki telgraf Moskova Üniversitesi arşivindedir.",
    "a.g.e., s. 12; TBMM ZC, D.I, C.1, s. 197-198; Op. 1, D. 68, L. 10-11.", "", "1921"])
def test_turkish_prose_with_names_has_no_run(text: str) -> None:
    assert runs(text, COST, FOREIGN) == []


def test_words_of_a_run_are_left_alone_and_misread_ones_are_not() -> None:
    text = "Richard Pipes, The Formation of the Soviet Union: Communism and Nationalism, Univcrsity Press, s. 230."
    channel = KNOWLEDGE.smoothed["article-small"].compile()
    found = correct(text, KNOWLEDGE.model, channel, Parameters(), KNOWLEDGE.ranking, notes=True)
    assert "Communism" in {unit.raw for unit in found}                     # which Turkish does not have
    left = {unit.raw for unit in not_foreign(found, text, COST, FOREIGN)}
    assert "Communism" not in left and "Univcrsity" in left
    assert not_foreign(found, text, lambda word: 0.0, FOREIGN) == found         # to whom all of it is Turkish


def test_a_space_inside_of_a_foreign_word_may_go() -> None:
    text = "Dokumentı vneşney politiki v yanvar ya SSSR"
    start = text.index("yanvar ya")
    joined, other = (Unit(start, start + 9, "yanvar ya", best, 0.9, 0.1, (), True, 1.0)
                     for best in ("yanvarya", "yanar"))
    assert not_foreign([joined, other], text, COST, FOREIGN) == [joined]


def test_the_cheapest_way_through_the_languages_is_taken() -> None:
    turkish = {"bir": 3.0, "ile": 4.0}
    lists = {"en": {"of": 3.0, "the": 2.5, "bir": 9.0}, "fr": {"le": 3.0}}

    def cost(word: str) -> float:
        return turkish.get(word, 25.0)

    assert languages(["bir", "of", "xx", "the", "ile"], cost, lists) == ["tr", "en", "en", "en", "tr"]
    assert languages(["bir", "bir", "le", "ile"], lambda w: turkish.get(w, 3.0 + SWITCH), lists) == ["tr"] * 4
    assert languages([], cost, lists) == [] and languages(["qq"], cost, lists) == ["tr"]


@given(st.lists(st.sampled_from(["of", "the", "le", "bir", "x"]), max_size=7))
def test_no_other_way_is_cheaper(words: list[str]) -> None:
    lists = {"en": {"of": 3.0, "the": 2.5, "bir": 9.0}, "fr": {"le": 3.0, "the": 8.0}}
    turkish = {"bir": 3.0, "le": 12.0}

    def price(told: tuple[str, ...]) -> float:
        switches = sum(a != b for a, b in zip(("tr", *told), told, strict=False))
        return SWITCH * switches + sum(
            min(UNKNOWN, turkish.get(w, 25.0)) if n == "tr" else lists[n].get(w, UNKNOWN)
            for w, n in zip(words, told, strict=True))

    told = tuple(languages(words, lambda w: turkish.get(w, 25.0), lists))
    assert price(told) == min(price(way) for way in product(("tr", "en", "fr"), repeat=len(words)))


def test_word_lists_are_read_by_rank(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("# source\nthe\nof\n", "utf-8")
    lists = read_lists(tmp_path)
    assert list(lists) == ["en"] and lists["en"]["the"] < lists["en"]["of"]
    (tmp_path / "fr.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(OcrfixError, match=r"fr\.txt: not a readable UTF-8 word list"):
        read_lists(tmp_path)
