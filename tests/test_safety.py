"""What hostile names and texts cannot do."""
from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

import ocrfix
from ocrfix.document import Kind
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.run import document_names, run
from ocrfix.settings import Settings
from synthetic import Maker, change

QUICK = Settings(skip=frozenset({"words"}))
TEXT = "Türkiye'nin işgali ile başlayan mücadele.\n"
NAMES = ["..txt", "...txt", "a\nb.txt", "index.html.txt", "summary.csv.txt", ".. .txt", "~.txt", "\x1b[2J.txt",
         "-rf.txt", "a'b\"c<d>.txt", "CON.txt", "aux.txt", "NUL.tar.txt", "nokta..txt", "iki: nokta?.txt",
         "boşluk .txt"]
WINDOWS = frozenset('<>:"|?*\\/')


def test_no_name_leads_out_of_the_reports_or_over_its_files(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / "raw" / "sub").mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / name).write_text(TEXT, "utf-8")
    rows = run([tmp_path / "raw" / ".." / "raw"], tmp_path / "out", QUICK)
    inputs = {path.name for path in (tmp_path / "raw").iterdir() if path.is_file() and not path.name.startswith(".")}
    assert len(rows) == len(inputs) and {row.status for row in rows} == {"done"}
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "out"}
    for row in rows:
        assert (tmp_path / "out" / row.document).resolve().parent == (tmp_path / "out").resolve()
        assert (tmp_path / "out" / row.document / "clean.txt").read_text("utf-8") == TEXT
    assert (tmp_path / "out" / "index.html").is_file() and (tmp_path / "out" / "summary.csv").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_may_have_the_name_of_its_document_on_windows(name: str) -> None:
    (found,) = document_names([Path("/x") / name])
    assert not set(found) & WINDOWS and all(ord(c) >= 32 for c in found)
    assert not found.endswith((".", " ")) and found.partition(".")[0].upper().rstrip() not in {"CON", "AUX", "NUL"}


def test_names_that_become_one_are_still_different() -> None:
    found = document_names([Path("/x/a:b.txt"), Path("/x/a?b.txt"), Path("/x/a_b.txt")])
    assert len(set(found)) == 3


def test_a_name_that_is_no_utf8_is_a_document_as_any_other(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"\xfe\xff.txt")
    Path(os.fsdecode(path)).write_text(TEXT, "utf-8")
    (row,) = run([Path(os.fsdecode(path))], tmp_path / "out", QUICK)
    assert row.status == "done" and (tmp_path / "out" / row.document / "clean.txt").read_text("utf-8") == TEXT
    assert run([Path(os.fsdecode(path))], tmp_path / "out", QUICK) == [row]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_a_formula_is_the_same_text_in_the_table(text: str, tmp_path: Path) -> None:
    made = Maker()
    made.block(Kind.PARAGRAPH, "a ", change("x", text), " b")
    (tmp_path / "c.csv").write_bytes(corrections_csv(made.document()))
    table = pd.read_csv(tmp_path / "c.csv", dtype=ocrfix.DTYPES, keep_default_na=False)
    assert list(table["clean"]) == [text]
