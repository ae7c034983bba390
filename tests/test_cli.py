"""The commands as a user runs them: files, exit statuses, what goes to which stream."""
from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner

from ocrfix.cli import main
from ocrfix.document import Document
from ocrfix.knowledge import Knowledge
from ocrfix.pipeline import Pipeline, Stage
from ocrfix.reports import LOCK
from ocrfix.run import document_names, run
from ocrfix.settings import Settings

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
TEXT = "Türkiye'nin işgali ile başlayan bağım-\nsızlık mücadelesi.\n\nİkinci paragraf.\n".encode()
FILES = ["clean.md", "clean.txt", "corrections.csv", "document.json", "report.html"]
RECORDED = [".ocrfix.json", *FILES]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


def summary(out: Path) -> list[dict[str, str]]:
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_writes_everything_and_prints_nothing_on_standard_output(ocrfix: Command, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "yazı bir.txt").write_bytes(TEXT)
    done = ocrfix("run", "raw/")
    assert (done.returncode, done.stdout) == (0, b"")
    assert names(tmp_path / "reports") == ["index.html", "summary.csv", "yazı bir"]
    assert names(tmp_path / "reports" / "yazı bir") == RECORDED
    (row,) = summary(tmp_path / "reports")
    assert list(row) == ["document", "source", "status", "message", "pages", "words", "corrections", "review", "notes",
                         "error_rate_estimate"]
    assert (row["document"], row["source"], row["pages"]) == ("yazı bir", "raw/yazı bir.txt", "1")
    back = ocrfix("restore", "reports/yazı bir/document.json")
    assert (back.returncode, back.stdout) == (0, TEXT)


def test_bad_inputs_are_named_and_cost_only_themselves(ocrfix: Command, tmp_path: Path) -> None:
    bad = {"empty.txt": b"", "blank.txt": b" \n\n", "nul.txt": b"a\0b\0\0c", "pdf.txt": b"%PDF-1.4",
           "zip.txt": b"PK\x03\x04"}
    good = {"good.txt": TEXT, "tail.txt": TEXT + b"\xc5", "control.txt": TEXT + b"\x01\x02\x7f",
            "surrogate.txt": TEXT + b"\xed\xa0\x80", "utf16.txt": TEXT.decode().encode("utf-16"),
            "latin5.txt": TEXT.decode().encode("iso8859-9"), "ğ ş.txt": TEXT,
            "english.txt": b"The problems occurring in it."}
    for name, data in (bad | good).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "no texts").mkdir()
    done = ocrfix("run", *bad, "no texts", *good, "--out", "out")
    errors = done.stderr.decode().splitlines()
    assert done.returncode == 1
    for name in [*bad, "no texts"]:
        assert sum(line.startswith(f"ocrfix: {name}: ") for line in errors) == 1
    assert len(errors) == len(bad) + 1 + 1 and "Traceback" not in done.stderr.decode()
    for name, data in good.items():
        folder = tmp_path / "out" / Path(name).stem
        assert names(folder) == RECORDED
        assert ocrfix("restore", folder / "document.json").stdout == data
    assert sorted(row["source"] for row in summary(tmp_path / "out") if row["status"] == "failed") == sorted(
        [*bad, "no texts"])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read every file, so the refusal is made here."""
    (tmp_path / "a.txt").write_bytes(TEXT)

    usual = Path.open

    def refuse(self: Path, *arguments: str, **options: str) -> IO[Any]:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied", "a.txt")
        return usual(self, *arguments, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["run", "a.txt"])
    assert done.exit_code == 1
    assert "ocrfix: a.txt: cannot be read: Permission denied" in done.stderr


def test_a_stage_that_breaks_is_one_line_that_names_the_document(tmp_path: Path,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    (tmp_path / "b.txt").write_bytes(TEXT)
    calls = []

    def broken(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
        calls.append(document)
        if len(calls) == 1:
            raise ValueError("two\nlines")
        return document

    rows = run([tmp_path], tmp_path / "out", Settings(), Pipeline((Stage("broken", broken),)))
    assert [(row.document, row.status) for row in rows] == [("a", "failed"), ("b", "done")]
    assert rows[0].message == "unexpected ValueError: two lines"
    assert names(tmp_path / "out" / "b") == FILES and not (tmp_path / "out" / "a").exists()


@pytest.mark.parametrize("arguments", [
    ("run",), ("run", "nothing.txt"), ("run", "a.txt", "nothing"), ("run", "a.txt", "--strictness", "-1"),
    ("run", "a.txt", "--strictness", "nan"), ("run", "a.txt", "--skip", "stage"),
    ("run", "a.txt", "--lexicons", "nowhere"), ("run", "a.txt", "-q", "-v"), ("restore", "nothing.json"), ("unknown",),
    ("run", "a.txt", "--unknown"),
], ids=" ".join)
def test_wrong_usage_is_status_2_before_any_work(ocrfix: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    done = ocrfix(*arguments)
    assert done.returncode == 2
    assert done.stdout == b"" and done.stderr and b"Traceback" not in done.stderr
    assert names(tmp_path) == ["a.txt"]


def test_a_damaged_or_newer_document_is_not_restored(ocrfix: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    ocrfix("run", "a.txt", "-q")
    path = tmp_path / "reports" / "a" / "document.json"
    good = path.read_text("utf-8")
    newer = good.replace('"version": 2', '"version": 99')
    for bad in (good.replace("paragraf", "paragrav"), good[:-20], newer, "[]"):
        assert bad != good
        path.write_text(bad, "utf-8")
        done = ocrfix("restore", path)
        assert (done.returncode, done.stdout) == (1, b"")
        assert len(done.stderr.decode().splitlines()) == 1 and str(path) in done.stderr.decode()


def test_quiet_prints_errors_only(ocrfix: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    assert ocrfix("run", "a.txt", "-q").stderr == b""


def test_a_second_run_gives_the_same_bytes_and_leaves_nothing_else(ocrfix: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    ocrfix("run", ".", "-q")
    first = {path: path.read_bytes() for path in (tmp_path / "reports").rglob("*") if path.is_file()}
    ocrfix("run", ".", "-q")                            # the reports are not taken for inputs
    assert {path: path.read_bytes() for path in (tmp_path / "reports").rglob("*") if path.is_file()} == first


def test_every_command_has_help_with_an_example(ocrfix: Command) -> None:
    for command in ([], ["run"], ["restore"], ["eval"], ["learn"]):
        done = ocrfix(*command, "--help")
        assert done.returncode == 0 and b"Example" in done.stdout, command
    assert ocrfix("--version").stdout.startswith(b"ocrfix, version ")


def test_help_loads_nothing_that_takes_long() -> None:
    program = ("import sys, ocrfix; from ocrfix.cli import main; main(['run', '--help'], standalone_mode=False); "
               "print({'flask', 'lxml', 'numba', 'numpy', 'pandas', 'rapidfuzz', 'regex'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "--strictness" in done.stdout and done.stdout.splitlines()[-1] == "set()"


def test_what_is_loaded_when_it_is_used_is_there() -> None:
    import ocrfix
    assert set(ocrfix.__all__) <= set(dir(ocrfix))
    assert all(getattr(ocrfix, name) for name in ocrfix.__all__)


@pytest.mark.parametrize(("paths", "expected"), [
    (["/x/a.txt", "/x/b.txt"], ["a", "b"]),
    (["/x/a.txt", "/x/a.pdf"], ["a.txt", "a.pdf"]),
    (["/x/a.txt", "/y/a.txt", "/y/b.txt"], ["x-a.txt", "y-a.txt", "b"]),
    (["/p/x/a.txt", "/q/x/a.txt"], ["p-x-a.txt", "q-x-a.txt"]),
    (["/x/a.txt", "/x/a.pdf", "/x/a.txt.txt"], ["x-a.txt", "a.pdf", "a.txt.txt"]),
    (["/x/A.txt", "/y/a.txt", "/x/Kış.txt", "/y/Kis\u0327.txt"], ["x-A.txt", "y-a.txt", "Kış", "Kis\u0327"]),
    (["/x/ş.txt", "/y/s\u0327.txt"], ["x-ş.txt", "y-s\u0327.txt"]),
    (["/x/index.html.txt", "/x/summary.csv.md", "/x/...txt"], ["index.html.txt", "summary.csv.md", "...txt"]),
])
def test_documents_are_named_after_their_files(paths: list[str], expected: list[str]) -> None:
    assert document_names([Path(path) for path in paths]) == expected


def test_names_that_no_folder_tells_apart_are_still_different() -> None:
    found = document_names([Path("/a-b/c.txt"), Path("/a/b-c.txt"), Path("/z/a-b/c.txt"), Path("/a/b/c.txt")])
    assert len(set(found)) == 4


def test_the_json_is_one_document_a_program_can_read(ocrfix: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    ocrfix("run", "a.txt", "-q")
    top = json.loads((tmp_path / "reports" / "a" / "document.json").read_text("utf-8"))
    assert (top["format"], top["version"]) == ("ocrfix-document", 2)
    spans = sorted((span["start"], span["text"]) for block in top["blocks"] for span in block["spans"])
    assert "".join(text for _, text in spans).encode() == TEXT
