"""What would break on Windows or macOS and can be seen here: encodings, byte order marks, names that differ in case."""
from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ocrfix.configuration import FILE
from ocrfix.engine.channel import Channel
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.formats import pandoc
from ocrfix.settings import Settings

SOURCES = Path(__file__).resolve().parents[1] / "src" / "ocrfix"
BOM = b"\xef\xbb\xbf"


def test_what_goes_into_a_pipe_is_utf8_whatever_the_locale_says(tmp_path: Path) -> None:
    """Else `decisions export > decisions.csv` could not be imported again on Windows."""
    environment = {"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "cp1252", "LANGUAGE": "tr", "PATH": ""}
    done = subprocess.run([sys.executable, "-m", "ocrfix", "--help"], capture_output=True, env=environment,
                          cwd=tmp_path, timeout=60, check=True)
    assert "Türkçe basılı düzyazının" in done.stdout.decode("utf-8") and b"\r" not in done.stdout


def test_files_that_a_windows_editor_wrote_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte order mark and \\r\\n at the ends of lines."""
    (tmp_path / "words.txt").write_bytes(BOM + "zırtapoz\r\nFrunzeoğlu\r\n".encode())
    (tmp_path / "settings.toml").write_bytes(BOM + b"ask_below = 0.7\r\n")
    (tmp_path / "confusions").mkdir()
    table = b"# mine\r\ntrue\tocr\tcount\tseen\r\nm\trn\t3\t10\r\n"
    (tmp_path / "confusions" / "own-roman.tsv").write_bytes(BOM + table)
    assert set(Knowledge.load(tmp_path).listed) >= {"zırtapoz", "frunzeoğlu"}
    assert Settings(lexicons=tmp_path).as_learned().ask_below == 0.7
    assert Channel.read(tmp_path / "confusions" / "own-roman.tsv").count == {("m", "rn"): 3}
    from click.testing import CliRunner

    from ocrfix.cli import main
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILE).write_bytes(BOM + b'out = "elsewhere"\r\n')
    (tmp_path / "a.txt").write_text("bir\n", "utf-8")
    assert "elsewhere" in CliRunner().invoke(main, ["run", "a.txt", "--dry-run"]).stdout


NOT_FILES = frozenset({"self._zip.open", "LargeText.open", "Image.open"})
"""What is called ``open`` and opens no file, or no text."""
PASSED_ON = frozenset({"self.system().open"})
"""What hands on the mode that it was given."""


def without_encoding(source: str) -> list[int]:
    """The lines of a source on which a text file is opened, read or written in the encoding of the system."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or any(keyword.arg == "encoding" for keyword in node.keywords):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        first = 1 if isinstance(node.func, ast.Name) else 0      # open(file, mode), but file.open(mode)
        modes = [*node.args[first:], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
        binary = any(isinstance(mode, ast.Constant) and isinstance(mode.value, str) and "b" in mode.value
                     and set(mode.value) <= set("rwaxb+") for mode in modes)
        named = {"open": binary or ast.unparse(node.func) in NOT_FILES | PASSED_ON,
                 "read_text": bool(node.args), "write_text": len(node.args) > 1}
        if not named.get(name, True):
            lines.append(node.lineno)
    return lines


def test_every_text_file_is_opened_with_an_encoding() -> None:
    """The default is another one on Windows."""
    tools = [path for path in (SOURCES.parents[1] / "tools").iterdir() if path.is_file()]
    programs = [path for path in tools if path.suffix == ".py" or b"python3" in path.read_bytes().splitlines()[0]]
    assert {"fuzz", "benchmark", "messages.py"} <= {path.name for path in programs}
    assert [f"{path.name}:{line}" for path in [*SOURCES.rglob("*.py"), *programs]
            for line in without_encoding(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(("source", "found"), [
    ("open(a)", True), ("open('b')", True), ("x.open()", True), ("(a / 'b').open('r')", True),
    ("x.open(mode='w')", True), ("x.read_text()", True), ("x.write_text('b')", True), ("open(a, 'rb')", False),
    ("x.open(mode='wb')", False),
    ("x.open('r', encoding='utf-8')", False), ("x.read_text('utf-8')", False), ("x.write_text(a, 'utf-8')", False)])
def test_what_is_opened_without_an_encoding_is_found(source: str, found: bool) -> None:
    assert without_encoding(source) == [1] * found


def test_pandoc_of_the_package_is_found_by_the_rules_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows it is called pandoc.exe, which only ``which`` knows."""
    asked: list[tuple[str, str | None]] = []
    monkeypatch.setattr("shutil.which", lambda name, path=None: asked.append((name, path)) or "C:/pandoc.exe")
    pandoc.program.cache_clear()
    try:
        assert pandoc.program() == "C:/pandoc.exe"
        assert asked[0][0] == "pandoc"
    finally:
        pandoc.program.cache_clear()
