"""A run over many documents: processes, going on where it was, and stopping without leaving halves."""
from __future__ import annotations

import csv
import errno
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import deadly
from conftest import contents
from ocrfix import cores, workers
from ocrfix.decisions.model import Decision, Place, Scope, Standing
from ocrfix.decisions.store import Store
from ocrfix.document import Status
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.files import replacing
from ocrfix.outputs.summary import SummaryRow, summarize
from ocrfix.pipeline import Pipeline, Stage
from ocrfix.records import RECORD, VERSION, Dependencies, Record, write_recorded
from ocrfix.reports import LOCK
from ocrfix.run import Stopped, document_names, plan, run
from ocrfix.settings import Settings
from ocrfix.stages import ingest
from test_readers import PDF

TEXT = "Türkiye'nin işgali ile başlayan bağım-\nsızlık mücadelesi, Tiirkiye'de ilc ikinci.\n\nNumara {}.\n"
QUICK = Settings(skip=frozenset({"words"}))
COMMAND = [sys.executable, "-m", "ocrfix", "run", "raw", "--skip", "words"]
PATIENCE = 60.0
MANY = [f"d{number}" for number in range(80)]
"""So many documents that a run is not done with them when it is stopped after the first."""


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``raw`` with three small documents in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "raw"
    write_texts(folder, "abc")
    return folder


def write_texts(folder: Path, names: str | list[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.txt").write_text(TEXT.format(name), "utf-8")


def summary(out: Path) -> list[dict[str, str]]:
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def planned(settings: Settings = QUICK, **options: bool) -> list[str]:
    """Why each document would be done now."""
    return [step.message if isinstance(step, SummaryRow) else step[1]
            for step in plan([Path("raw")], Path("reports"), settings, **options)]


def pipeline(*stages: Callable[..., object]) -> Pipeline:
    return Pipeline(tuple(Stage(stage.__name__, stage) for stage in stages))  # type: ignore[arg-type]


# --- the same bytes -------------------------------------------------------------------------------------------------

@pytest.fixture
def turkish_locale(tmp_path: Path) -> dict[str, str]:
    """The environment of a Turkish user; the locale is compiled where there is a compiler."""
    folder = tmp_path / "locales"
    folder.mkdir()
    localedef = shutil.which("localedef")
    if localedef is None:
        pytest.skip("there is no localedef to make a Turkish locale with")
    made = subprocess.run([localedef, "-i", "tr_TR", "-f", "UTF-8", folder / "tr_TR.UTF-8"], check=False,
                          capture_output=True)
    if not (folder / "tr_TR.UTF-8").exists():
        pytest.skip(f"no Turkish locale can be made: {made.stderr.decode()}")
    return {"LOCPATH": str(folder), "LC_ALL": "tr_TR.UTF-8"}


def test_the_bytes_depend_neither_on_jobs_nor_on_hashes_nor_on_the_locale(
        raw: Path, tmp_path: Path, turkish_locale: dict[str, str]) -> None:
    (raw / "ISPARTA ılıca İ.txt").write_text(TEXT.format("ISPARTA"), "utf-8")
    (raw / "sayfa.pdf").write_bytes(PDF)
    Store(tmp_path / "decisions.sqlite").record([decision("a.txt", Scope.DOCUMENT), decision("", Scope.CORPUS)])
    found = []
    for number, (jobs, environment) in enumerate([
            ("1", {"PYTHONHASHSEED": "0", "LC_ALL": "C"}), ("4", {"PYTHONHASHSEED": "7", **turkish_locale})]):
        subprocess.run([sys.executable, "-m", "ocrfix", "run", "raw", "-q", "--jobs", jobs, "--out", f"out{number}",
                        "--to", "tei,conllu,jsonl"],
                       env=os.environ | environment, check=True, timeout=300)
        found.append(contents(tmp_path / f"out{number}"))
    assert found[0] == found[1]
    assert len(found[0]) == 5 * 8 + 3 and "Türkiye'de ila".encode() in found[0]["a/clean.txt"]
    assert b',"edited",' in found[0]["a/corrections.csv"] and b"Son sayfa." in found[0]["sayfa/clean.txt"]


# --- going on where it was ------------------------------------------------------------------------------------------

def test_only_what_changed_is_done_again(raw: Path) -> None:
    out = Path("reports")
    rows = run([raw], out, QUICK)
    first = contents(out)
    assert planned() == ["", "", ""]
    (raw / "a.txt").write_text(TEXT.format("yeni"), "utf-8")
    (out / "b" / "clean.md").unlink()
    (out / "c" / "report.html").write_text("half", "utf-8")
    assert planned() == ["changed: input", "clean.md is missing", "report.html was altered"]
    write_texts(raw, "a")
    assert planned() == ["", "clean.md is missing", "report.html was altered"]
    assert run([raw], out, QUICK) == rows
    assert contents(out) == first and planned() == ["", "", ""]


def test_what_is_up_to_date_is_not_touched_unless_forced(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = run([raw], Path("reports"), QUICK)
    write_texts(raw, "d")
    done = []

    def counted(pipeline: Pipeline, document: object, *rest: object) -> object:
        done.append(document)
        return before(pipeline, document, *rest)  # type: ignore[arg-type]

    before = Pipeline.run
    monkeypatch.setattr(Pipeline, "run", counted)
    assert run([raw], Path("reports"), QUICK)[:3] == rows
    assert len(done) == 1
    run([raw], Path("reports"), QUICK, force=True)
    assert len(done) == 5


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 99}', '{"version": 1, "row": {"x": 1}}', "\xff"])
def test_a_damaged_record_counts_as_none(raw: Path, damage: str) -> None:
    run([raw / "a.txt"], Path("reports"), QUICK)
    (Path("reports") / "a" / RECORD).write_bytes(damage.encode("latin-1"))
    assert Record.read(Path("reports") / "a") is None
    assert planned()[0] == "new"


@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
def test_a_record_of_another_version_counts_as_none(raw: Path, version: int) -> None:
    run([raw / "a.txt"], Path("reports"), QUICK)
    path = Path("reports") / "a" / RECORD
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"version": version}), "utf-8")
    assert planned()[0] == "new"
    run([raw / "a.txt"], Path("reports"), QUICK)
    assert planned()[0] == ""


def decision(document: str, scope: Scope, **more: bool) -> Decision:
    return Decision("1", "1", "2026-01-01", "ayşe", document, scope, Status.EDITED, Place("ilc"), "ile", "ila", **more)


@pytest.mark.parametrize(("decisions", "expected"), [
    ([decision("a.txt", Scope.DOCUMENT)], ["changed: decisions", "", ""]),
    ([decision("", Scope.CORPUS)], ["changed: decisions"] * 3),
    ([decision("b.txt", Scope.DOCUMENT, word=True)], ["changed: decisions"] * 3),
    ([decision("elsewhere.txt", Scope.PLACE)], ["", "", ""]),
], ids=["document", "corpus", "word", "elsewhere"])
def test_a_decision_concerns_its_document_or_all(raw: Path, decisions: list[Decision], expected: list[str]) -> None:
    run([raw], Path("reports"), QUICK)
    assert planned(replace(QUICK, decisions=Standing.of(decisions))) == expected


def test_options_and_lexicons_concern_all(raw: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "period").mkdir(parents=True)
    (mine / "words.txt").write_text("Molokan\n", "utf-8")
    settings = replace(QUICK, lexicons=mine)
    run([raw], Path("reports"), settings)
    assert planned(settings) == [""] * 3
    assert planned(replace(settings, strictness=4.0)) == ["changed: settings"] * 3
    assert planned(replace(settings, skip=frozenset({"words", "calls"}))) == ["changed: settings"] * 3
    assert planned(replace(settings, to=frozenset({"tei", "jsonl"}))) == ["changed: settings"] * 3
    assert planned(replace(settings, to=frozenset({"jsonl"}))) == [""] * 3             # of the corpus, made each time
    assert planned(QUICK) == ["changed: lexicons"] * 3
    (mine / "notes.pdf").write_text("nothing that is read", "utf-8")
    shutil.copytree(mine, tmp_path / "moved")
    assert planned(replace(settings, lexicons=tmp_path / "moved")) == [""] * 3        # the content counts
    (mine / "period" / "more.txt").write_text("Duhobor\n", "utf-8")
    assert planned(settings) == ["changed: lexicons"] * 3


def test_another_program_or_another_name_is_something_new() -> None:
    known = Dependencies.of(QUICK)
    assert set(known.hashes) == {"program", "lexicons", "settings"}
    one = known.of_document("a", "a.txt", b"x")
    assert known.of_document("a", "a.txt", b"x") == one
    assert {name for name, value in known.of_document("z-a.txt", "a.txt", b"y").items() if one[name] != value} == {
        "names", "input"}
    other = Dependencies(QUICK, {**known.hashes, "program": "0"}).of_document("a", "a.txt", b"x")
    assert {name for name in one if one[name] != other[name]} == {"program"}


def test_the_hashes_are_the_same_in_every_process() -> None:
    program = ("from ocrfix.records import Dependencies; from ocrfix.settings import Settings; print(Dependencies.of("
               "Settings(skip=frozenset({'words', 'calls', 'tidy'}), to=frozenset({'tei', 'html', 'conllu'}))).hashes)")
    found = {subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, check=True,
                            capture_output=True, timeout=PATIENCE).stdout for seed in "123"}
    assert len(found) == 1 and b"settings" in found.pop()


def test_a_document_whose_input_is_gone_is_kept_but_not_summed_up(raw: Path) -> None:
    run([raw], Path("reports"), QUICK)
    before = contents(Path("reports") / "a")
    (raw / "a.txt").unlink()
    assert [row.document for row in run([raw], Path("reports"), QUICK)] == ["b", "c"]
    assert contents(Path("reports") / "a") == before
    assert [row["document"] for row in summary(Path("reports"))] == ["b", "c"]


def test_a_dry_run_says_what_and_why_and_writes_nothing(ocrfix: Callable[..., subprocess.CompletedProcess[bytes]],
                                                        raw: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = ocrfix("run", "raw", "empty", "--dry-run")
    assert (done.returncode, done.stdout.decode().splitlines()) == (1, [
        f"raw/{name}.txt -> reports/{name}: new" for name in "abc"])
    assert done.stderr == b"ocrfix: empty: the folder holds no text (*.txt, *.pdf ...)\n"
    assert not (tmp_path / "reports").exists()
    ocrfix("run", "raw/a.txt", "--skip", "words")
    before = contents(tmp_path)
    done = ocrfix("run", "raw", "--skip", "words", "--dry-run")
    assert (done.returncode, done.stderr) == (0, b"")
    assert [line.partition(": ")[2] for line in done.stdout.decode().splitlines()] == ["up to date", "new", "new"]
    assert contents(tmp_path) == before


# --- workers --------------------------------------------------------------------------------------------------------

def test_a_worker_that_dies_costs_a_retry_and_one_that_dies_again_the_document(raw: Path, tmp_path: Path) -> None:
    half = Path("reports") / "b" / ".writing-1"
    (raw / "b.txt").write_text(f"always {half.absolute()}", "utf-8")
    (raw / "c.txt").write_text(f"once {tmp_path / 'marker'}", "utf-8")
    rows = run([raw], Path("reports"), Settings(), pipeline(deadly.kill_always, deadly.kill_once), jobs=2)
    assert [(row.document, row.status) for row in rows] == [("a", "done"), ("b", "failed"), ("c", "done")]
    assert rows[1].message == "a worker process died of it, and so did a second one (signal 9)"
    assert (tmp_path / "marker").exists() and summary(Path("reports"))[1]["status"] == "failed"
    assert list(half.parent.iterdir()) == []


def test_processes_times_threads_are_the_cores(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "available", lambda: 7)
    for jobs, threads in ((1, "7"), (2, "3")):
        rows = run([raw], Path("reports"), Settings(), pipeline(deadly.say_threads), jobs=jobs)
        assert [row.message for row in rows] == [threads] * 3


def test_one_document_or_one_job_makes_no_process(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Worker", None)
    assert len(run([raw / "a.txt"], Path("reports"), QUICK, jobs=4)) == 1
    assert len(run([raw], Path("reports"), QUICK, jobs=1)) == 3
    with pytest.raises(TypeError):
        run([raw], Path("reports"), QUICK, jobs=2)


def test_what_meets_every_document_stops_the_workers_and_the_run(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "words.txt").write_text("two words\n", "utf-8")
    with pytest.raises(OcrfixError, match=r"words\.txt, line 1: more than one word"):
        run([raw], Path("reports"), replace(QUICK, lexicons=tmp_path / "mine"), jobs=2)


def test_the_progress_on_a_terminal_counts_and_has_a_rate(raw: Path) -> None:
    """The time left, which click reckons, is shown from the second second on."""
    terminal, theirs = pty.openpty()
    subprocess.run([*COMMAND, "--jobs", "1"], stderr=theirs, check=True, timeout=PATIENCE)
    os.close(theirs)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "2/3" in shown and "/s b" in shown


# --- stopping -------------------------------------------------------------------------------------------------------

def halves(folder: Path) -> list[Path]:
    """Files that are half written, and documents of which some files are there and others not."""
    return [*folder.rglob(".writing-*"), *(path for path in folder.iterdir() if path.is_dir()
                                           and len(list(path.iterdir())) not in (0, 6))]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a group of its own, as a shell starts it, that has done some documents and has more to do."""
    process = subprocess.Popen([*COMMAND, *options], stderr=subprocess.PIPE, start_new_session=True)
    limit = time.monotonic() + PATIENCE
    while len(list(Path("reports").glob(f"*/{RECORD}"))) < 4:           # of some, the run has heard
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.01)
    try:
        yield process
    finally:
        while not group_is_gone(process.pid):
            assert time.monotonic() < limit, "processes are left"
            time.sleep(0.05)


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """What a terminal does when somebody presses Ctrl-C, twice."""
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize(("jobs", "engine", "stop"), [
    ("1", "processes", interrupt), ("1", "processes", subprocess.Popen.terminate),
    ("2", "processes", interrupt), ("2", "processes", subprocess.Popen.terminate), ("2", "dask", interrupt)])
def test_a_run_that_is_stopped_leaves_no_half_and_goes_on(raw: Path, jobs: str, engine: str,
                                                          stop: Callable[[subprocess.Popen[bytes]], None]) -> None:
    write_texts(raw, MANY)
    with running("--jobs", jobs, "--engine", engine) as process:
        stop(process)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    (line,) = errors.decode().splitlines()
    assert line.startswith("ocrfix: interrupted; ") and line.endswith(": the same command goes on from there")
    assert halves(Path("reports")) == []
    done = {path.parent.name for path in Path("reports").glob(f"*/{RECORD}")}
    listed = {row["document"] for row in summary(Path("reports"))}
    assert listed and listed <= done and len(done) < 3 + len(MANY)
    assert planned().count("") == len(done)


def test_a_run_that_was_killed_leaves_no_process_and_goes_on(raw: Path) -> None:
    write_texts(raw, MANY)
    with running("--jobs", "2") as process:
        process.kill()
        process.communicate(timeout=PATIENCE)
    done = planned().count("")
    assert 0 < done < 3 + len(MANY) and not (Path("reports") / "summary.csv").exists()
    rows = run([raw], Path("reports"), QUICK)
    assert len(rows) == 3 + len(MANY) and halves(Path("reports")) == [] and planned().count("") == 3 + len(MANY)


def test_a_second_run_into_the_same_reports_is_refused_until_the_first_has_ended(raw: Path) -> None:
    write_texts(raw, MANY)
    with running("--jobs", "2") as process:
        process.send_signal(signal.SIGSTOP)                 # it has the reports, and comes to no end
        again, dry, elsewhere = (subprocess.run([*COMMAND, "--jobs", "1", *options], capture_output=True, check=False,
                                                timeout=PATIENCE)
                                 for options in ([], ["--dry-run"], ["--out", "others"]))
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert (again.returncode, again.stdout, again.stderr) == (
        1, b"", b"ocrfix: reports: another run is writing there: wait for its end, or choose another folder (--out)\n")
    assert dry.returncode == elsewhere.returncode == 0
    assert not (Path("reports") / "summary.csv").exists() and len(summary(Path("others"))) == 3 + len(MANY)
    assert len(run([raw], Path("reports"), QUICK)) == 3 + len(MANY)


def test_no_document_is_called_like_the_lock() -> None:
    assert document_names([Path(f"/x/{LOCK}.txt")]) == [f"{LOCK}.txt"]


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, number: int, document: str) -> Iterator[None]:
    """Half of what is written into a document's folder gets to the disk, then the system refuses to write more."""
    write = Path.write_bytes

    def half(path: Path, data: bytes) -> int:
        if path.parent.name == document:
            write(path, data[:len(data) // 2])
            raise OSError(number, os.strerror(number), str(path))
        return write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        yield


def test_a_full_disk_stops_the_run_and_keeps_what_was_there(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run([raw], Path("reports"), QUICK)
    before = contents(Path("reports") / "b")
    with refusing(monkeypatch, errno.ENOSPC, "b"), pytest.raises(Stopped) as caught:
        run([raw], Path("reports"), replace(QUICK, page_marks=True))
    assert str(caught.value) == ("reports: cannot be written: No space left on device; 1 documents done, 2 not "
                                 "reached: the same command goes on from there")
    assert contents(Path("reports") / "b") == before and halves(Path("reports")) == []
    assert [row["document"] for row in summary(Path("reports"))] == ["a"]
    assert planned(replace(QUICK, page_marks=True)) == ["", "changed: settings", "changed: settings"]


def test_a_folder_that_may_not_be_written_costs_its_document_and_the_reports_the_run(
        raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(monkeypatch, errno.EACCES, "b"):
        rows = run([raw], Path("reports"), QUICK)
        assert [row.status for row in rows] == ["done", "failed", "done"]
        assert rows[1].message.startswith("Permission denied: ") and halves(Path("reports")) == []
        monkeypatch.setattr(os, "access", lambda path, mode: path != Path("reports"))
        with pytest.raises(Stopped, match=r"^reports: cannot be written: Permission denied; 1 documents done"):
            run([raw], Path("reports"), QUICK)


def test_a_write_that_the_system_cuts_short_leaves_nothing(raw: Path) -> None:
    """The report is larger than the files that this process may write."""
    done = subprocess.run([*COMMAND, "--jobs", "2"], capture_output=True, check=False, timeout=PATIENCE, preexec_fn=(
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))))
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1 and [line.split(":")[2] for line in lines[:3]] == [" File too large"] * 3
    assert set(contents(Path("reports"))) <= {"summary.csv", "index.html"}


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before", "utf-8")
    with pytest.raises(KeyboardInterrupt), replacing(path) as beside:
        beside.write_text("half", "utf-8")
        raise KeyboardInterrupt
    assert contents(tmp_path) == {"a.txt": b"before"}


def test_the_record_is_not_part_of_the_outputs_of_python(raw: Path) -> None:
    import ocrfix
    ocrfix.clean(raw / "a.txt", settings=QUICK).save("saved")
    assert not (Path("saved") / RECORD).exists()
    run([raw / "a.txt"], Path("reports"), QUICK)
    record = json.loads((Path("reports") / "a" / RECORD).read_text("utf-8"))
    assert sorted(record["files"]) == sorted(path.name for path in Path("saved").iterdir())


def test_beyond_its_budget_of_work_a_text_is_left_alone_and_says_so() -> None:
    import ocrfix
    text = "Türkiye ilc Rusya arasında imzalanan anlaşma.\n\n" * 3
    once = len("Türkiye ilc Rusya arasında imzalanan anlaşma.")
    knowledge = Knowledge.load()
    for most, wrong, messages in [(3 * once, 0, ()), (3 * once - 1, 1, (f"{once} characters",)),
                                  (0, 3, (f"{3 * once} characters",))]:
        document = ocrfix.clean(text, settings=Settings(most_characters=most), knowledge=knowledge)
        assert document.text.count("ilc") == wrong
        assert [message.endswith(end) for message, end in zip(document.model.messages, messages, strict=True)] == [
            True] * len(messages)


def test_files_and_their_record_take_their_places_all_of_them_before_a_stop(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path.replace

    def stopped(path: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGTERM)                   # comes while the first file takes its place
        return place(path, target)

    monkeypatch.setattr(Path, "replace", stopped)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        document = ingest.read(b"Bir metin.", "a.txt")
        with pytest.raises(SystemExit):
            write_recorded(document, tmp_path, summarize(document, "a", "a.txt"), Settings(), {"input": "x"})
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(list(tmp_path.iterdir())) == 6 and not list(tmp_path.glob(".writing-*"))
    assert Record.read(tmp_path) is not None
