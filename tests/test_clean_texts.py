"""Words and word pairs learned from a user's own clean texts."""
from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ocrfix.clean_texts import learn_from_texts, paragraphs, text_files
from ocrfix.cli import main
from ocrfix.errors import InputError
from ocrfix.knowledge import Knowledge

TEXT = "Eski Zığancık yolu karla örtülmüştü.\n"
"""Zığancık stands in no lexicon."""
KNOWLEDGE = Knowledge.load()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_run_takes_what_was_learned(tmp_path: Path) -> None:
    for n in range(3):
        write(tmp_path / "texts" / f"{n}.txt", f"{TEXT.strip()} Bu {n}. metin.\n")
    done = CliRunner().invoke(main, ["learn", "--from-texts", str(tmp_path / "texts"), "--out", str(tmp_path / "own")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "own" / "words-of-texts.txt").read_text("utf-8").endswith("0.txt, 1.txt, 2.txt\nZığancık\n")
    assert "\nyolu\tkarla\t3\n" in (tmp_path / "own" / "model" / "pairs.tsv").read_text("utf-8")
    own = Knowledge.load(tmp_path / "own")
    assert own.accepts("Zığancık'ta") and not KNOWLEDGE.accepts("Zığancık'ta")
    pair = KNOWLEDGE.model.word_id("yolu"), KNOWLEDGE.model.word_id("karla")
    assert own.model.link_cost(*pair) < KNOWLEDGE.model.link_cost(*pair) - 1


def test_what_is_seen_twice_is_not_listed_and_copies_count_once(tmp_path: Path) -> None:
    copies = [write(tmp_path / f"{n}.txt", TEXT) for n in range(5)]
    pairs, words = learn_from_texts(copies, KNOWLEDGE)
    assert words == [] and not len(pairs.first) and pairs.once.sum() > 0
    for n, path in enumerate(copies[:2]):
        write(path, f"{TEXT.strip()} {n}")
    assert learn_from_texts(copies[:2], KNOWLEDGE)[1] == []


def test_a_common_word_is_listed_small(tmp_path: Path) -> None:
    text = write(tmp_path / "text.txt", "Bu çırpıldak ne? O çırpıldak bu. Çırpıldak durdu. Şu çırpıldak.")
    assert learn_from_texts([text], KNOWLEDGE)[1] == ["çırpıldak"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_joined_to_paragraphs(tmp_path: Path, end: str) -> None:
    lines = ["\ufeffBir yolun so-", "nunda ev", "var.", "", "", "Türk-", "Sovyet ilişkileri", ""]
    text = tmp_path / "text.txt"
    text.write_bytes(end.join(lines).encode())
    assert list(paragraphs(text)) == ["Bir yolun sonunda ev var.", "Türk- Sovyet ilişkileri"]


def test_without_blank_lines_a_line_is_a_paragraph(tmp_path: Path) -> None:
    text = write(tmp_path / "text.txt", "Birinci bölüm\nYol uzun.\n")
    assert list(paragraphs(text)) == ["Birinci bölüm", "Yol uzun."]


def test_texts_are_read_as_documents_are(tmp_path: Path) -> None:
    text = write(tmp_path / "text.md", "# Baş\n\n*Vakit* gazetesi[^1] çıktı.\n\n[^1]: Kaya, *Irmak*.\n")
    assert list(paragraphs(text))[:2] == ["Baş", "Vakit gazetesi1 çıktı."]
    (tmp_path / "latin.txt").write_bytes("Çok ışık gördük.".encode("iso-8859-9"))
    assert list(paragraphs(tmp_path / "latin.txt")) == ["Çok ışık gördük."]


def test_texts_are_found_in_folders_and_files_are_taken_as_they_are(tmp_path: Path) -> None:
    found = [write(tmp_path / "in" / "deep" / "b.md", "b"), write(tmp_path / "in" / "a.txt", "a")]
    write(tmp_path / "in" / "c.pdf", "c")
    own = write(tmp_path / "d.text", "d")
    assert text_files([tmp_path / "in", own, own]) == sorted([*found, own])


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.txt: the file is empty"):
        list(paragraphs(write(tmp_path / "nothing.txt", "")))
    (tmp_path / "empty").mkdir()
    for arguments, said in ((["--from-texts", str(tmp_path / "empty")], "empty: no text in it"),
                            (["--from-texts", str(tmp_path), "--from-decisions", "x"], "do not go together"),
                            ([str(tmp_path), str(tmp_path), "--from-texts", str(tmp_path)], "do not go together")):
        done = CliRunner().invoke(main, ["learn", *arguments])
        assert done.exit_code == 2 and said in done.stderr
