"""Encoding: damage by wrong encodings and fonts is mended, and sound text is never mistaken for it."""
from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from ocrfix.document import Document
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.language.damage import ASCII, SPECIAL, Damage, read_tables
from ocrfix.settings import Settings
from ocrfix.stages import encoding, ingest, layout, reflow

CASES = Path(__file__).parent / "cases" / "encoding"
SOUND = (CASES / "sound.txt").read_text("utf-8")
"""Turkish paragraphs, a blank line between."""
FOREIGN = [line for line in (CASES / "foreign.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]


def cases() -> list[list[str]]:
    lines = (CASES / "mended.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def read_as(text: str, codec: str) -> str:
    return text.encode("utf-8").decode(codec)


def apart(text: str, gap: str) -> str:
    chance = random.Random(1)
    return re.sub(r"(?<=\w)(?=[şğŞĞ])", lambda _: gap if chance.random() < 0.6 else "", text)


DAMAGES: dict[str, tuple[Callable[[str], str], float]] = {
    "latin1": (lambda t: t.translate(str.maketrans("ışğİŞĞ", "ýþðÝÞÐ")), 0.0),
    "latin2": (lambda t: t.translate(str.maketrans("ışğİŞĞ", "ýţđÝŢĐ")), 0.0),
    "macroman": (lambda t: t.translate({ord(c): r for c, r in zip("ışğİŞĞ", ["›", "fl", "¤", "‹", "fi", "⁄"],
                                                                strict=True)}), 0.01),
    "dbar": (lambda t: t.replace("İ", "Đ"), 0.0),
    "ascii": (lambda t: t.translate(ASCII), 0.03),
    "dropped": (lambda t: re.sub("[şğŞĞİ]", "", t), 0.05),
    "apart": (lambda t: apart(t, "\n"), 0.01),
    "apart by a space": (lambda t: apart(t, " "), 0.01),
    "UTF-8 as Latin-1": (lambda t: read_as(t, "latin-1"), 0.0),
    "UTF-8 as Windows-1252": (lambda t: read_as(t, "sloppy-windows-1252"), 0.0),
    "UTF-8 as Windows-1254": (lambda t: read_as(t, "sloppy-windows-1254"), 0.0),
    "UTF-8 as Mac Roman": (lambda t: read_as(t, "macroman"), 0.0),
    "UTF-8 as Windows-1252 twice": (lambda t: read_as(read_as(t, "sloppy-windows-1252"), "sloppy-windows-1252"), 0.0),
}
"""Kind -> (what it does to a text, share of words that may be wrong after mending)."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def mended(text: str, knowledge: Knowledge) -> Document:
    document = ingest.read(text.encode("utf-8", "surrogateescape"), "x")
    options = Settings()
    document = reflow.join(layout.classify(document, options, knowledge), options, knowledge)
    return encoding.repair(document, options, knowledge)


def words(document: Document) -> list[str]:
    return " ".join(block.current(document.text) for block in document.printed()).split()


def wrong(found: list[str], truth: list[str]) -> float:
    return Levenshtein.distance(found, truth) / len(truth)


def edits(document: Document) -> list[tuple[str, str]]:
    return [(document.raw_of(edit), edit.clean) for block in document.blocks for edit in block.edits
            if any(step.stage == encoding.STAGE for step in edit.steps)]


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_document_is_mended(kind: str, knowledge: Knowledge) -> None:
    damage, limit = DAMAGES[kind]
    damaged = damage(SOUND)
    document = mended(damaged, knowledge)
    assert document.restore() == damaged.encode()
    assert wrong(words(document), SOUND.split()) <= limit


@pytest.mark.parametrize("kind", DAMAGES)
def test_sound_paragraphs_of_a_damaged_document_stay(kind: str, knowledge: Knowledge) -> None:
    damage, limit = DAMAGES[kind]
    paragraphs = SOUND.split("\n\n")
    mixed = "\n\n".join(damage(p) if k % 2 else p for k, p in enumerate(paragraphs))
    document = mended(mixed, knowledge)
    assert wrong(words(document), SOUND.split()) <= limit
    at = 0
    for k, paragraph in enumerate(paragraphs):
        size = len(damage(paragraph) if k % 2 else paragraph)
        if not k % 2:
            assert not any(at <= edit.start < at + size and encoding.STAGE in {s.stage for s in edit.steps}
                           for block in document.blocks for edit in block.edits)
        at += size + 2


def test_sound_text_is_not_touched(knowledge: Knowledge) -> None:
    assert edits(mended(SOUND, knowledge)) == []


@pytest.mark.parametrize("text", FOREIGN)
def test_another_language_or_a_foreign_name_is_not_touched(text: str, knowledge: Knowledge) -> None:
    assert edits(mended(text, knowledge)) == []


@pytest.mark.parametrize(("text", "truth"), cases())
def test_a_case_is_mended(text: str, truth: str, knowledge: Knowledge) -> None:
    assert " ".join(words(mended(text, knowledge))) == truth


def test_a_word_in_windows_1254_inside_of_utf8_is_mended(knowledge: Knowledge) -> None:
    document = mended("Şu çığlık, bu ağıt ve ya\udcfeam\udcfdn gücü", knowledge)
    assert "yaşamın" in words(document)


def test_mending_twice_changes_nothing_more(knowledge: Knowledge) -> None:
    for damage, _ in DAMAGES.values():
        once = "\n\n".join(block.current(d.text) for d in [mended(damage(SOUND), knowledge)] for block in d.printed())
        assert edits(mended(once, knowledge)) == []


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "damage").mkdir()
    (tmp_path / "damage" / "own.tsv").write_text("ı\n", "utf-8")
    with pytest.raises(OcrfixError, match=r"own\.tsv"):
        read_tables([tmp_path])


def test_a_table_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "damage").mkdir()
    (tmp_path / "damage" / "dbar.tsv").write_text("# mine\nread\ttrue\nÐ\tİ\n", "utf-8")
    tables = {table.name: table for table in read_tables([Path("nowhere"), tmp_path])}
    assert tables["dbar"] == Damage("dbar", (("Ð", "İ"),))
    assert set(SPECIAL) >= {true for table in tables.values() for _, true in table.readings}
