"""The knowledge that the stages share: shipped lexicons, and a user's own beside them."""
from __future__ import annotations

from pathlib import Path

import pytest

from ocrfix import paths
from ocrfix.engine.channel import Channel
from ocrfix.engine.kinds import Signature
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import LISTED_WORD_COST, Knowledge, read_word_list
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
    assert {w: proper for w, (_, proper) in words.items()} == {
        "kırıtepelioğullu": 2, "iğdak": 2, "zilyonluk": 0, "sonra": 0}
    assert words["zilyonluk"][0] == LISTED_WORD_COST
    assert words["sonra"][0] < LISTED_WORD_COST               # a common word stays as common as it is


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
