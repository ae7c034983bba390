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


def test_every_text_file_is_opened_with_an_encoding() -> None:
    """The default is another one on Windows."""
    wrong = []
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            given = {keyword.arg for keyword in node.keywords}
            match node.func.attr:
                case "read_text":
                    named = bool(node.args)
                case "write_text":
                    named = len(node.args) > 1
                case "open" if "file" in ast.unparse(node.func.value) or "path" in ast.unparse(node.func.value):
                    named = len(node.args) > 1 or "b" in "".join(map(ast.unparse, node.args))
                case _:
                    continue
            if not named and "encoding" not in given:
                wrong.append(f"{path.name}:{node.lineno}")
    assert not wrong


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
