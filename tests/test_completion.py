"""Completion in the shell: click's own, and the names that only ocrfix knows."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from ocrfix.cli import main
from ocrfix.localized import localized


def completed(line: str) -> list[str]:
    """What the last word of a line is completed to."""
    *arguments, incomplete = line.split(" ")
    found = ShellComplete(localized(main), {}, "ocrfix", "_OCRFIX_COMPLETE").get_completions(arguments, incomplete)
    return [item.value for item in found if item.type == "plain"]


@pytest.mark.parametrize(("line", "words"), [
    ("ex", ["explain"]),
    ("run --str", ["--strictness"]),
    ("run x --skip c", ["characters", "calls"]),
    ("run x --skip calls,c", ["calls,characters"]),
    ("run x --to tei,do", ["tei,docx"]),
    ("run x --format ho", ["hocr"]),
    ("init --profile b", ["book"]),
    ("--lang ", ["en", "tr"]),
    ("run --lang t", ["tr"]),
    ("explain ev --type article-r", ["article-roman"]),
    ("decisions ex", ["export"]),
    ("learn --only b", ["body", "both"]),
])
def test_names_are_completed(line: str, words: list[str]) -> None:
    assert completed(line) == words


def test_documents_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("kitap", "makale"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        (tmp_path / "reports" / name / "document.json").write_text("{}")
    assert completed("restore reports/m") == ["reports/makale/document.json"]
    assert completed("explain --document ") == ["reports/kitap/document.json", "reports/makale/document.json"]
    assert completed("restore elsewhere/") == []                                   # files are left to the shell


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(shell: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "ocrfix"], capture_output=True, text=True, timeout=60, check=True,
                          env={"_OCRFIX_COMPLETE": f"{shell}_source", "PATH": "/usr/bin:/bin",
                               "PYTHONPATH": ":".join(sys.path)})
    assert "_OCRFIX_COMPLETE" in done.stdout
