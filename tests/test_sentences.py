"""Sentences and tokens: the cases, and what holds of any text."""
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from ocrfix.language.sentences import sentences

CASES = [line for line in (ROOT / "tests" / "cases" / "sentences.txt").read_text("utf-8").splitlines()
         if not line.startswith("#")]


def cut(text: str) -> list[list[str]]:
    return [[text[token.start:token.end] for token in sentence] for sentence in sentences(text)]


@pytest.mark.parametrize("case", CASES)
def test_sentences_and_tokens(case: str) -> None:
    text = case.replace("¦", "").replace(" ‖ ", " ")
    assert cut(text) == [[token for token in re.split("[ ¦]", sentence) if token] for sentence in case.split(" ‖ ")]


@given(st.one_of(st.text(max_size=80), st.text(alphabet="aA1. '\"(?\n…", max_size=80)))
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    found = [token for sentence in sentences(text) for token in sentence]
    assert all(sentences(text))
    between = [text[a:b] for a, b in zip([0, *(t.end for t in found)], [*(t.start for t in found), len(text)],
                                         strict=True)]
    assert all(not part or part.isspace() for part in between)
    assert all(token.start < token.end and not text[token.start].isspace() for token in found)
