"""Characters: what is wrong whatever the word is, and what only looks so."""
from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, documents
from ocrfix.document import PRINTED, Document, Kind
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings
from ocrfix.stages import ingest
from ocrfix.stages.characters import RULES, repair, repaired

CASES = Path(__file__).parent / "cases" / "characters"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def unescaped(text: str) -> str:
    return re.sub(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([nt]))",
                  lambda m: {"n": "\n", "t": "\t"}[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), text)


def rows(name: str) -> list[list[str]]:
    lines = (CASES / name).read_text("utf-8").splitlines()
    return [[unescaped(cell) for cell in line.split("\t")] for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.mark.parametrize(("text", "mended"), rows("mended.tsv"))
def test_a_defect_is_mended(text: str, mended: str) -> None:
    assert repaired(text) == mended


@pytest.mark.parametrize("text", [row[0] for row in rows("left_alone.tsv")])
def test_a_near_miss_is_left_alone(text: str) -> None:
    assert repaired(text) == text


ODD = "aıiİşğA1 '’`.,:;()[]\"\n\r\t\u0307\u0327\u0301\u00a0\u200b\u200d\u00ad\x01\x85аοșﬁ\udce4"
nasty = st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters()), max_size=60)


@settings(max_examples=600)
@given(nasty)
def test_what_was_mended_stays(text: str) -> None:
    once = repaired(text)
    assert repaired(once) == once


@settings(max_examples=600)
@given(nasty)
def test_the_changes_of_a_rule_are_in_order_and_change_something(text: str) -> None:
    for rule in RULES:
        changes = rule.find(text)
        assert all(a.end <= b.start for a, b in pairwise(changes))
        assert all(text[c.start:c.end] != c.after and c.reason for c in changes)


@settings(max_examples=200)
@given(documents(changes=0))
def test_the_text_of_every_printed_block_is_sound_afterwards(document: Document) -> None:
    knowledge = None
    mended = repair(document, Settings(), knowledge)  # type: ignore[arg-type]  # the rules know no words
    assert mended.restore() == document.restore()
    for block in mended.blocks:
        text = block.current(mended.text)
        if block.kind in PRINTED:
            assert unicodedata.is_normalized("NFC", text)
            assert not CONTROL.search(text)
            assert block.kind is Kind.LINES or "\n" not in text


def test_english_keeps_its_own_spacing() -> None:
    text = "It was the end of the war , and of the old order : so they said at the time in 1921 'de"
    document = ingest.read(text.encode(), "x")
    document = document.with_blocks(type(b)(b.kind, b.spans, b.stage, b.rule, language="en") for b in document.blocks)
    assert repair(document, Settings(), None).blocks[0].edits == ()  # type: ignore[arg-type]


def test_clean_turkish_is_unchanged() -> None:
    text = (ROOT / "tests" / "cases" / "characters" / "clean.txt").read_text("utf-8")
    for paragraph in text.splitlines():
        assert repaired(paragraph) == paragraph
