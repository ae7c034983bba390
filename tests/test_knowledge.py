"""The knowledge that the stages share: shipped lexicons, and a user's own beside them."""
from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from ocrfix import paths
from ocrfix.engine.channel import Channel
from ocrfix.engine.kinds import Signature
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import INITIAL_COST, LISTED_WORD_COST, Knowledge, plurals, read_word_list
from ocrfix.language.turkish import lower


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.mark.parametrize("word", ["sonra", "ilişkileri", "İLİŞKİLERİ", "Işığın", "Moskova'ya", "Moskova’da",
                                  "Frunze'nin", "görüşmelerden", "antlaşması"])
def test_words_of_the_language_are_accepted(knowledge: Knowledge, word: str) -> None:
    assert knowledge.accepts(word)


@pytest.mark.parametrize("word", ["sonrx", "ilifkileri", "Moskova'xq", "qwertzx'in", "ilı kileri", ""])
def test_other_strings_are_not(knowledge: Knowledge, word: str) -> None:
    assert not knowledge.accepts(word)


def test_every_listed_word_is_a_word(knowledge: Knowledge) -> None:
    lists = sorted((paths.lexicons() / "period").glob("*.txt"))
    assert lists
    for path in lists:
        for line in path.read_text("utf-8").splitlines():
            word = line.partition("#")[0].strip()
            assert not word or knowledge.accepts(word), f"{path.name}: {word}"


def test_every_table_has_a_signature_and_a_family(knowledge: Knowledge) -> None:
    assert set(knowledge.channels) == set(knowledge.signatures) == set(knowledge.smoothed)
    for name, channel in knowledge.channels.items():
        assert "-" in name and channel.count
        assert all(n > 0 for n in channel.count.values())


def test_a_users_lexicons_are_read_beside_the_shipped_ones(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("# my names\nKırıtepelioğullu\nzilyonluk  # a measure\n\n", "utf-8")
    (tmp_path / "confusions").mkdir()
    Channel("mine-roman", {("m", "rn"): 3.0}, {"m": 30.0}).write(tmp_path / "confusions" / "mine-roman.tsv", "mine")
    Signature("mine-roman", {"abc": 2.0}).write(tmp_path / "confusions" / "mine-roman.signature", "mine")
    mine = Knowledge.load(tmp_path)
    for word in ("Kırıtepelioğullu", "Kırıtepelioğullu'nun", "zilyonluk", "sonra"):
        assert mine.accepts(word)
    assert not knowledge.accepts("zilyonluk")
    assert mine.channels["mine-roman"].count == {("m", "rn"): 3.0}
    assert set(mine.channels) == {*knowledge.channels, "mine-roman"}
    assert "mine-roman" in mine.signatures


def test_a_capital_marks_a_proper_name(knowledge: Knowledge, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("Kırıtepelioğullu\nİĞDAK\nzilyonluk\nsonra\n", "utf-8")
    words = read_word_list(path, knowledge.model)
    plain = {w: proper for w, (_, proper) in words.items() if not w.startswith("kırıtepelioğullul")}
    assert plain == {"kırıtepelioğullu": 2, "iğdak": 2, "zilyonluk": 0, "sonra": 0}
    assert words["zilyonluk"][0] == LISTED_WORD_COST
    assert words["sonra"][0] < LISTED_WORD_COST               # a common word stays as common as it is


def test_names_have_plurals_without_an_apostrophe(knowledge: Knowledge, tmp_path: Path) -> None:
    assert {"Frunzeler", "Frunzelerin", "Frunzelerden"} <= {form for form, _ in plurals("Frunze")}
    assert {"Yusuflar", "Yusufların"} <= {form for form, _ in plurals("Yusuf")}
    assert list(plurals("TBMM")) == []                        # nobody can tell its harmony
    for name in ("Frunze", "Molokan"):
        forms = dict(plurals(name))
        assert all(form.startswith((f"{name}lar", f"{name}ler")) and cost > 0 for form, cost in forms.items())
        assert sum(math.exp(-cost) for cost in forms.values()) < 0.1          # they are rare beside ``Frunze'nin``
    (tmp_path / "names.txt").write_text("Kırıtepelioğullu\nzilyonluk\nİĞDAK\n", "utf-8")
    words = read_word_list(tmp_path / "names.txt", knowledge.model)
    stem = words["kırıtepelioğullu"][0]
    own = {word: found for word, found in words.items() if "lular" in word}
    assert own and all(cost > stem and proper == 2 for cost, proper in own.values())
    mine = Knowledge.load(tmp_path)
    assert mine.accepts("Kırıtepelioğullulardan") and mine.accepts("Kırıtepelioğullular")
    for word in ("Kırıtepelioğulluler", "zilyonluklar", "iğdaklar"):          # harmony, no name, an abbreviation
        assert not mine.accepts(word)


def test_a_letter_alone_is_an_initial(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("W\nq\n", "utf-8")
    words = read_word_list(tmp_path / "letters.txt", knowledge.model)
    assert {word: proper for word, (_, proper) in words.items()} == {"w": 2, "q": 1}
    assert all(cost <= INITIAL_COST < LISTED_WORD_COST for cost, _ in words.values())


def test_a_table_is_drawn_towards_its_family_and_its_type(knowledge: Knowledge) -> None:
    own = {name: Channel(name, {("m", "rn"): 5.0}, {"m": 100.0, "s": 100.0})
           for name in ("mine-roman", "mine-small", "mine-italic")}
    own["other-roman"] = Channel("other-roman", {("k", "h"): 9.0}, {"k": 90.0})
    general = {"roman": Channel("roman", {("s", "J"): 40.0}, {"s": 100.0}),
               "mine-italic": Channel("mine-italic", {("ğ", "g"): 50.0}, {"ğ": 100.0})}
    smoothed = replace(knowledge, general=general).smooth(own)
    assert set(smoothed) == set(own)
    for name in ("mine-roman", "mine-small"):                 # notes look like the roman that they are set in
        rate = smoothed[name].count["s", "J"] / smoothed[name].seen["s"]
        assert 0 < rate < 0.4
        assert ("ğ", "g") not in smoothed[name].count
    assert ("s", "J") not in smoothed["mine-italic"].count
    assert smoothed["mine-italic"].count["ğ", "g"] / smoothed["mine-italic"].seen["ğ"] == pytest.approx(0.5)
    assert all(("k", "h") not in smoothed[name].count for name in own if name != "other-roman")
    assert smoothed["mine-roman"].count["m", "rn"] / smoothed["mine-roman"].seen["m"] == pytest.approx(0.05)
    alone = replace(knowledge, general={}).smooth(own)
    assert all(("s", "J") not in channel.count for channel in alone.values())


def test_the_general_tables_of_a_user_are_read(tmp_path: Path, knowledge: Knowledge) -> None:
    folder = tmp_path / "confusions" / "general"
    folder.mkdir(parents=True)
    Channel("mine-roman", {("m", "rn"): 3.0}, {"m": 30.0}).write(folder / "mine-roman.tsv", "mine")
    mine = Knowledge.load(tmp_path)
    assert set(mine.general) == {*knowledge.general, "mine-roman"} and set(mine.channels) == set(knowledge.channels)
    assert mine.general["mine-roman"].count == {("m", "rn"): 3.0}


@pytest.mark.parametrize(("data", "message"), [
    (b"Ankara\nMustafa Kemal\n", r"names\.txt, line 2: more than one word: 'Mustafa Kemal'"),
    (b"\xdeahin\n", r"names\.txt: not a readable UTF-8 word list"),
])
def test_a_broken_word_list_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "names.txt").write_bytes(data)
    with pytest.raises(OcrfixError, match=message):
        Knowledge.load(tmp_path)


def test_a_documents_words_stand_beside_the_listed_ones(knowledge: Knowledge) -> None:
    listed = next(w for w in sorted(knowledge.listed) if not knowledge.model.automaton.accepts(w, 0))
    more = knowledge.with_words({"zekriyazov": (9.0, 2)})
    assert more.accepts("Zekriyazov'un") and more.accepts(listed)
    assert not knowledge.accepts("Zekriyazov")
    again = more.with_words({"pertekmezov": (9.0, 2)})        # of another document
    assert again.accepts("Pertekmezov") and not again.accepts("Zekriyazov")
    assert knowledge.with_words({}) is knowledge


def test_the_word_lists_say_where_they_come_from_and_have_no_doubles() -> None:
    for path in sorted((paths.lexicons() / "period").glob("*.txt")):
        text = path.read_text("utf-8")
        assert "# Source:" in text and "CC0" in text, path.name
        words = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert len(words) == len(set(words)), path.name
        assert all(lower(w) for w in words)
