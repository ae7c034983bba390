"""Inputs and outputs by URL, with the object store that fsspec has in memory."""
from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import pytest
from fsspec import AbstractFileSystem

from conftest import contents
from ocrfix import places
from ocrfix.api import read_input
from ocrfix.cli import main
from ocrfix.decisions.model import Decision, Place, Scope
from ocrfix.decisions.store import Store
from ocrfix.document import Status
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.job import Input
from ocrfix.outputs.summary import SummaryRow
from ocrfix.places import Url
from ocrfix.records import RECORD
from ocrfix.run import decisions_beside, find_documents, plan, run
from ocrfix.settings import Settings
from test_scale import QUICK, TEXT, write_texts

RAW, OUT = Url("memory://archive/raw"), Url("memory://archive/reports")
RUN = ["run", "memory://archive/raw", "--out", "memory://archive/reports", "--skip", "words", "--jobs", "1"]


@pytest.fixture
def store() -> Iterator[None]:
    """An empty store with three small documents in ``memory://archive/raw``."""
    put(RAW, {f"{name}.txt": TEXT.format(name).encode() for name in "abc"})
    yield
    RAW.system().rm("memory://archive", recursive=True)


def put(folder: Url, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        folder.system().pipe_file(str(folder / name), data)


def stored(folder: Url) -> dict[str, bytes]:
    """What lies below a URL, as :func:`contents` has it of a folder."""
    system = folder.system()
    start = system._strip_protocol(str(folder))
    return {path[len(start):].strip("/"): system.cat_file(path) for path in sorted(system.find(str(folder)))}


def held(item: Input) -> bytes:
    with places.fetched(item.path) as path:
        return read_input(path)


def planned() -> list[str]:
    return planned_with(QUICK)


def planned_with(settings: Settings) -> list[str]:
    return [step.message if isinstance(step, SummaryRow) else step[1] for step in plan([RAW], OUT, settings)]


def test_what_comes_out_at_a_url_is_what_comes_out_in_a_folder(store: None, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "raw", "abc")
    settings = replace(QUICK, to=frozenset({"jsonl", "tei"}))
    here = run([Path("raw")], Path("reports"), settings)
    there = run([RAW], OUT, settings)
    assert [replace(row, source="") for row in there] == [replace(row, source="") for row in here]
    assert [row.source for row in there] == [f"memory://archive/raw/{name}.txt" for name in "abc"]
    local, remote = contents(tmp_path / "reports"), stored(OUT)
    assert local.keys() == remote.keys() and len(local) == 3 * 7 + 3
    of_run = {"summary.csv", "index.html", *(f"{name}/{RECORD}" for name in "abc")}             # these name the source
    assert {name for name in local if local[name] != remote[name]} == of_run


def test_a_large_text_is_cleaned_in_parts_too(store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                              caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(TEXT.format(f"kitap {k}") for k in range(400)).encode()
    write_texts(tmp_path / "raw", "abc")
    (tmp_path / "raw" / "book [1].txt").write_bytes(text)
    put(RAW, {"book [1].txt": text})
    settings = replace(QUICK, to=frozenset({"jsonl"}), divide_above=len(text) // 2)
    run([Path("raw")], Path("reports"), settings)
    copied: list[str] = []
    fetch = RAW.system().get_file

    def noted(url: str, path: str) -> None:
        copied.append(url)
        fetch(url, path)

    with monkeypatch.context() as patch:
        patch.setattr(RAW.system(), "get_file", noted)
        with caplog.at_level("INFO", "ocrfix"):
            run([RAW], OUT, settings)
    assert "memory://archive/raw/book [1].txt: part 1 of 8" in caplog.messages
    assert {url.rpartition("/")[2] for url in copied if str(OUT) in url} == {"document.json"}
    local, remote = contents(tmp_path / "reports"), stored(OUT)
    assert "book [1]/parts/0002/clean.txt" in local
    differ = {name for name in local.keys() | remote.keys() if local.get(name) != remote.get(name)}
    assert {Path(name).name for name in differ} == {"summary.csv", "index.html", RECORD}      # these name the source
    assert planned_with(settings) == ["", "", "", ""]
    OUT.system().rm_file(str(OUT / "book [1]" / "parts" / "0001" / "clean.md"))
    assert planned_with(settings)[-2:] == ["parts/0001/clean.md is missing", ""]
    run([RAW], OUT, replace(settings, divide_above=2 * len(text)))
    assert [name for name in stored(OUT) if "parts" in name] == []


def test_files_and_folders_are_found_as_on_disk(store: None, tmp_path: Path) -> None:
    page = b"<html><body><div class='ocr_page'><span class='ocrx_word'>Ordu</span></div></body></html>"
    put(RAW, {".hidden.txt": b"x", "deep/er/a.txt": b"x", "deep/.git/d.txt": b"x", "notes.xml": b"<notes/>",
              "book/1.hocr": page, "book/2.hocr": page, "old/clean.txt": b"x", "old/document.json": b"{}",
              "reports/new.txt": b"x"})
    for name, data in stored(RAW).items():
        (tmp_path / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / name).write_bytes(data)
    here, _ = find_documents([tmp_path / "raw"], tmp_path / "raw" / "reports")
    there, _ = find_documents([Url(str(RAW), folder=True), RAW / "a.txt"], RAW / "reports")
    assert [(item.name, item.source[len(str(RAW)):], held(item)) for item in there] == [
        (item.name, item.source[len(str(tmp_path / "raw")):], held(item)) for item in here]
    assert [item.name for item in there] == ["raw-a.txt", "b", "c", "book", "er-a.txt"]
    assert [found for found, _ in (find_documents([tmp_path / "raw"], tmp_path / "raw"),
                                   find_documents([Url(str(RAW), folder=True)], RAW))] == [[], []]


def test_only_what_changed_is_done_again(store: None) -> None:
    rows = run([RAW], OUT, QUICK)
    first = stored(OUT)
    assert planned() == ["", "", ""]
    put(RAW, {"a.txt": b"Ordu geldi.\n"})
    OUT.system().rm_file(str(OUT / "b" / "clean.md"))
    put(OUT / "c", {RECORD: b"{"})
    assert planned() == ["changed: input", "clean.md is missing", "new"]
    put(RAW, {"a.txt": TEXT.format("a").encode()})
    assert run([RAW], OUT, QUICK) == rows and stored(OUT) == first


def test_what_others_wrote_is_seen_where_listings_are_cached(store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As most clients of object stores have it."""
    kind = type(RAW.system())
    listings: dict[tuple[str, bool], list[object]] = {}
    fresh = kind.ls

    def listed(system: object, path: str, detail: bool = True, **options: object) -> list[object]:
        if (path, detail) not in listings:
            listings[path, detail] = fresh(system, path, detail, **options)
        return listings[path, detail]

    def forget(system: AbstractFileSystem, path: str | None = None) -> None:
        for known in list(listings):
            if path is None or f"{system._strip_protocol(path)}/".startswith(f"{known[0]}/"):
                del listings[known]

    monkeypatch.setattr(kind, "ls", listed)
    for name in ("find", "walk"):                            # by listings, as in most; in memory it has its own
        monkeypatch.setattr(kind, name, getattr(AbstractFileSystem, name))
    monkeypatch.setattr(kind, "invalidate_cache", forget)
    run([RAW], OUT, QUICK)
    listings.clear()
    assert planned() == ["", "", ""]
    before = dict(listings)
    put(RAW, {"d.txt": b"Ordu geldi.\n"})
    listings.update(before)
    assert planned() == ["", "", "", "new"]
    OUT.system().rm_file(str(OUT / "a" / "clean.md"))
    assert [step[1] for step in plan([RAW / "a.txt"], OUT, QUICK)] == ["clean.md is missing"]


def test_a_record_never_vouches_for_a_mixture(store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is lost when two files of a document have replaced older ones."""
    run([RAW], OUT, QUICK)
    system, sent = RAW.system(), []

    def failing(path: str, url: str) -> None:
        if len(sent) == 2:
            raise ConnectionResetError(104, "Connection reset by peer")
        sent.append(url)
        send(path, url)

    send = system.put_file
    with monkeypatch.context() as patch:
        patch.setattr(system, "put_file", failing)
        with pytest.raises(OcrfixError, match="cannot be written: Connection reset by peer"):
            run([RAW], OUT, replace(QUICK, page_marks=True))
    assert sent == [str(OUT / "a" / name) for name in ("clean.md", "clean.txt")]
    assert planned() == ["new", "", ""]


def test_an_input_that_cannot_be_read_costs_its_document(store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    system = RAW.system()

    def refusing(url: str, path: str) -> None:
        if url.endswith("b.txt"):
            raise PermissionError(13, "Access Denied")
        fetch(url, path)

    fetch = system.get_file
    with monkeypatch.context() as patch:
        patch.setattr(system, "get_file", refusing)
        rows = run([RAW], OUT, QUICK)
    assert [row.status for row in rows] == ["done", "failed", "done"]
    assert rows[1].message == "memory://archive/raw/b.txt: cannot be read: Access Denied"
    assert planned() == ["", "new", ""]


def test_a_full_scratch_disk_is_not_blamed_on_the_store(store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    says = f"{gettempdir()}: scratch files cannot be written: No space left on device"
    with monkeypatch.context() as patch:
        patch.setattr(RAW.system(), "get_file", full)
        assert [row.message for row in run([RAW], OUT, QUICK)] == [says] * 3
    for name in ("ocrfix.job.write_recorded", "ocrfix.run.write_summary"):
        with monkeypatch.context() as patch:
            patch.setattr(name, full)
            with pytest.raises(OcrfixError, match=f"^{re.escape(says)}"):
                run([RAW], OUT, QUICK)
    monkeypatch.setattr(RAW.system(), "put_file", full)
    with pytest.raises(OcrfixError, match=r"^memory://archive/reports: cannot be written: No space left"):
        run([RAW], OUT, QUICK, force=True)


def test_decisions_beside_the_reports_hold(store: None, tmp_path: Path) -> None:
    assert decisions_beside(OUT).words == () and decisions_beside(Url("memory://reports")).words == ()
    decision = Decision("1", "1", "2026-01-01", "ayşe", "a.txt", Scope.DOCUMENT, Status.EDITED, Place("ilc"), "ile",
                        "ila")
    Store(tmp_path / "decisions.sqlite").record([decision])
    put(OUT.parent, {"decisions.sqlite": (tmp_path / "decisions.sqlite").read_bytes()})
    standing = decisions_beside(OUT)
    assert standing.of_document == {"a.txt": (decision,)}
    run([RAW], OUT, replace(QUICK, decisions=standing))
    assert b"ila ikinci" in stored(OUT)["a/clean.txt"] and b"ila ikinci" not in stored(OUT)["b/clean.txt"]


def test_nothing_is_left_in_the_scratch_place(store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run([RAW], OUT, replace(QUICK, to=frozenset({"jsonl"})))
    assert list(tmp_path.iterdir()) == []


def test_the_command_takes_urls(store: None, capsys: pytest.CaptureFixture[str]) -> None:
    for expected in ("new", "up to date"):
        with pytest.raises(SystemExit) as ended:
            main([*RUN, "--dry-run"])
        assert ended.value.code == 0
        assert capsys.readouterr().out.splitlines() == [
            f"memory://archive/raw/{name}.txt -> memory://archive/reports/{name}: {expected}" for name in "abc"]
        main(RUN, standalone_mode=False)
        assert capsys.readouterr().err == (
            "3 of 3 done, 0 corrections, 0 to review: memory://archive/reports/index.html\n")


def test_a_file_url_is_a_path(tmp_path: Path, ocrfix: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    write_texts(tmp_path / "raw folder", "a")
    done = ocrfix("run", f"file://{tmp_path}/raw%20folder", "--out", f"file://{tmp_path}/out", "--skip", "words")
    assert done.returncode == 0 and (tmp_path / "out" / "a" / RECORD).exists()


@pytest.mark.parametrize(("url", "message"), [
    ("nowhere://x/y", "nowhere://x/y: Protocol not known: nowhere"),
    ("memory://archive/none", "memory://archive/none: no such file or folder"),
])
def test_a_url_that_leads_nowhere_is_wrong_usage(ocrfix: Callable[..., subprocess.CompletedProcess[bytes]], url: str,
                                                 message: str) -> None:
    done = ocrfix("run", url)
    assert (done.returncode, done.stderr.decode()) == (2, f"ocrfix: {message}\n")


def test_without_fsspec_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"^s3://a/b: .* pip install 'ocrfix\[remote\]'$"):
        places.place("s3://a/b")


def test_reports_that_cannot_be_reached_are_no_new_ones(store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(url: str) -> bytes:
        raise TimeoutError("the store does not answer")

    run([RAW], OUT, QUICK)
    monkeypatch.setattr(RAW.system(), "cat_file", fail)
    with pytest.raises(OcrfixError, match="reports: cannot be read: the store does not answer"):
        run([RAW], OUT, QUICK)
