"""A little of what ``tools/fuzz`` throws, always the same: what is not refused holds the laws."""
from __future__ import annotations

import runpy
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings

import fuzzing
from conftest import ROOT
from fuzzing import TARGETS, Target
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


@pytest.mark.parametrize("data", [b"one", b"another"])
def test_a_finding_of_atheris_is_thrown_again_by_its_name(data: bytes, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """What atheris itself does is put in the place of its process."""
    def broken(data: bytes) -> bool:
        raise ZeroDivisionError(data)

    def atheris(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        (tmp_path / "atheris-crash-5ae9").write_bytes(data)
        story = f"ZeroDivisionError\nTest unit written to {tmp_path}/atheris-crash-5ae9\n"
        return subprocess.CompletedProcess([], 77, "", f"{story}stat::number_of_executed_units: 12\n")

    monkeypatch.setitem(TARGETS, "hocr", Target(TARGETS["hocr"].inputs, broken, [b"seed"]))
    command = runpy.run_path(str(ROOT / "tools" / "fuzz"))["main"]
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", atheris)
        done = CliRunner().invoke(command, ["--engine", "atheris", "--state", str(tmp_path), "hocr"])
    name = next(tmp_path.glob("finding-*.bin")).stem
    assert done.exit_code == 1 and f"hocr: {name}" in done.output and "ZeroDivisionError" in (
        tmp_path / f"{name}.txt").read_text("utf-8")
    again = CliRunner().invoke(command, ["--state", str(tmp_path), "--again", name])
    assert isinstance(again.exception, ZeroDivisionError) and again.exception.args == (data,)
