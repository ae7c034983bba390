"""Turkish: case, and the suffixes behind an apostrophe."""
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrfix.language.morphology import (
    CLASSES,
    NAME_SUFFIXES,
    NUMBER_SUFFIXES,
    noun_chains,
    spell_suffix,
    stem_class,
    stems_of,
    suffixes,
)
from ocrfix.language.turkish import LETTERS, lower, title, upper

CASES = Path(__file__).parent / "cases" / "language" / "suffixes.tsv"
ROWS = [line.split("\t") for line in CASES.read_text("utf-8").splitlines() if not line.startswith("#")]

turkish = st.text(st.sampled_from(sorted(LETTERS)), max_size=20)


@pytest.mark.parametrize(("word", "verdict"), ROWS)
def test_a_suffix_follows_its_stem(word: str, verdict: str) -> None:
    stem, _, suffix = word.partition("'")
    kind = stem_class(stem)
    assert kind is not None
    assert (suffix in suffixes(kind)) == (verdict == "right")


@pytest.mark.parametrize("archetypes", [NAME_SUFFIXES, NUMBER_SUFFIXES])
def test_the_suffixes_of_a_class_are_a_distribution(archetypes: tuple[tuple[str, float], ...]) -> None:
    for stem in range(CLASSES):
        found = suffixes(stem, archetypes)
        assert sum(found.values()) == pytest.approx(1)
        assert all(p > 0 and suffix and lower(suffix) == suffix for suffix, p in found.items())


@settings(max_examples=200)
@given(turkish.filter(lambda w: stem_class(w) is not None),
       st.sampled_from([a for a, _ in NAME_SUFFIXES if "ken" not in a]))          # -ken never changes
def test_a_suffix_is_spelled_by_the_last_vowel_and_the_last_letter(stem: str, archetype: str) -> None:
    kind = stem_class(stem)
    assert kind is not None
    spelled = spell_suffix(archetype, kind)
    assert not set(spelled) & set("()AIDC")                   # no archiphoneme is left
    vowels = [c for c in spelled if c in "aeıioöuü"]
    front = [c for c in lower(stem) if c in "aeıioöuüâîû"][-1] in "eiöüî"
    if vowels:
        assert (vowels[0] in "eiöü") == front


def test_a_stem_without_a_vowel_has_no_class() -> None:
    assert stem_class("TBMM") is None
    assert stem_class("") is None
    assert {stem_class(w) for w in ("Frunze", "FRUNZE", "frunze")} == {3}


@settings(max_examples=200)
@given(turkish)
def test_case_keeps_the_dot(word: str) -> None:
    assert lower(upper(word)) == lower(word)
    assert upper(lower(word)) == upper(word)
    assert len(lower(word)) == len(upper(word)) == len(word)
    assert set(upper(word)).isdisjoint("iı") and set(lower(word)).isdisjoint("Iİ")
    assert title(word) == upper(word[:1]) + lower(word[1:])


@pytest.mark.parametrize(("small", "capital"), [("ışık", "IŞIK"), ("iğne", "İĞNE"), ("diyarbakır", "DİYARBAKIR")])
def test_dotted_and_dotless_i_are_two_letters(small: str, capital: str) -> None:
    assert upper(small) == capital and lower(capital) == small


def stem(word: str, *known: str) -> str | None:
    return next(stems_of(word, set(known).__contains__), None)


def test_a_regular_form_is_told_from_its_noun() -> None:
    assert stem("demliklerimizin", "demlik", "demliğin", "demlikler") == "demlik"
    assert stem("demliğimizden", "demlik", "demlikler") == "demlik"            # softened
    assert stem("rengimizdendi", "renk", "renkler") == "renk"
    assert stem("yağsızsa", "yağ", "yağsız") == "yağsız"                       # a copula may follow any word
    assert stem("kıvrılmasının", "kıvrılma") == "kıvrılma"                     # -ma makes nouns
    assert stem("evlerindekiler", "ev", "evler") is None                       # no further plural behind -ki


def test_no_form_is_regular_against_harmony_or_without_a_noun() -> None:
    assert stem("demliklarımızın", "demlik", "demlikler") is None
    assert stem("kalemden", "kalem") is None                                   # nothing shows that it is a noun
    assert stem("yoğun", "yok", "yoklar") is not None and stem("yogun", "yok", "yoklar") is None
    assert stem("suda", "su", "sular") is None                                 # too short to tell
    assert stem("demlik", "demlik", "demlikler") is None                       # no suffix


def test_the_longest_word_comes_first() -> None:
    known = {"kitap", "kitaplar", "kitapta", "kitaplarım", "kitaplarımlar"}
    assert list(stems_of("kitaplarımda", known.__contains__)) == ["kitaplarım", "kitap"]


@settings(max_examples=50)
@given(st.sampled_from(sorted(set(noun_chains()) - {""})), st.sampled_from(["masa", "kalem", "okul", "göl", "üzüm"]))
def test_every_chain_is_understood(chain: str, noun: str) -> None:
    kind = stem_class(noun)
    assert kind is not None
    form = noun + spell_suffix(chain, kind)
    assert noun in stems_of(form, {noun, noun + spell_suffix("lAr", kind)}.__contains__)
