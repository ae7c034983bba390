"""A little of what ``tools/fuzz`` throws, always the same: what is not refused holds the laws."""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import fuzzing
from fuzzing import TARGETS
from ocrfix.document import Document
from ocrfix.outputs.text import clean_txt

FEW = {"text": 120, "outputs": 30, "words": 25}
"""Inputs for the targets that are slow; 300 for the others."""


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_thrown_is_refused_or_holds_the_laws(target: str) -> None:
    accepted = []

    @settings(max_examples=FEW.get(target, 300), phases=[Phase.generate, Phase.shrink], database=None,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(TARGETS[target].inputs)
    def throw(data: bytes) -> None:
        accepted.append(TARGETS[target].laws(data))

    throw()
    assert True in accepted and (target in ("text", "outputs", "words") or False in accepted)


@pytest.mark.parametrize(("text", "other"), [
    ("Ordu geri çekildi.", "geri Ordu çekildi."), ("Ordu geri.", "Ordu Ordu geri."),
    ("Ordu.\n\n* * *\n\n1. Bkz. s. 5.", "Ordu.\n\n* * *\n\n1. s. Bkz. 5.")])
def test_words_that_change_places_or_stand_twice_break_the_law(text: str, other: str,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(document: Document) -> str:
        assert text in clean_txt(document)
        return clean_txt(document).replace(text, other)

    assert TARGETS["text"].laws(text.encode())
    monkeypatch.setattr(fuzzing, "clean_txt", elsewhere)
    with pytest.raises(AssertionError, match="words of the blocks"):
        TARGETS["text"].laws(text.encode())
