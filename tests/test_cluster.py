"""A run on a dask cluster: a scheduler and two workers, each a process of its own, and an S3 server."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from distributed import Client
from moto.server import ThreadedMotoServer

import deadly
from conftest import contents
from ocrfix import cluster
from ocrfix.cluster import PROCESS, SHARED, Crew, Dask, Stranger, Worker, complaint, do
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.job import Input, Job, Outcome
from ocrfix.pipeline import Pipeline
from ocrfix.places import Url
from ocrfix.records import Dependencies
from ocrfix.run import run
from ocrfix.settings import Settings
from test_remote import put, stored
from test_scale import PATIENCE, QUICK, TEXT, pipeline, summary, write_texts

NAMES = [f"d{number}" for number in range(30)]


@pytest.fixture(scope="module")
def s3() -> Iterator[Url]:
    """A bucket of an S3 server, which this process and those that it starts know by the environment."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "x",
                            "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}.items():
            patch.setenv(name, value)
        bucket = Url("s3://archive")
        bucket.system().mkdir("archive")
        yield bucket
    server.stop()


@pytest.fixture(scope="module")
def scheduler(s3: Url, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, started as a user starts them; they can import what tests can."""
    folder = tmp_path_factory.mktemp("dask")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes: list[subprocess.Popen[bytes]] = []

    def start(program: str, *arguments: str) -> None:
        processes.append(subprocess.Popen([sys.executable, "-m", f"distributed.cli.{program}", *arguments], cwd=folder,
                                          env=environment, stderr=subprocess.DEVNULL))

    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0",
              "--scheduler-file", "scheduler.json")
        limit = time.monotonic() + PATIENCE
        while not (folder / "scheduler.json").exists():
            assert processes[0].poll() is None and time.monotonic() < limit
            time.sleep(0.05)
        address = str(json.loads((folder / "scheduler.json").read_text())["address"])
        start("dask_worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard")
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``raw`` with many small documents in the working directory, which is not that of the workers."""
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "raw", NAMES)
    return Path("raw")


def after(count: int, act: Callable[[], None]) -> Callable[[Iterable[Outcome], int], Iterator[Outcome]]:
    """A progress that does something when so many documents are done."""
    def progress(outcomes: Iterable[Outcome], _length: int) -> Iterator[Outcome]:
        for number, outcome in enumerate(outcomes, 1):
            if number == count:
                act()
            yield outcome
    return progress


def test_a_worker_that_is_killed_costs_no_document_and_no_byte(raw: Path, scheduler: str) -> None:
    expected = run([raw], Path("reports"), QUICK)
    first = contents(Path("reports"))
    with Client(scheduler, set_as_default=False) as client:
        pids = client.run(os.getpid)
        rows = run([raw], Path("reports"), QUICK, force=True, engine=Dask(scheduler), progress=after(
            5, lambda: os.kill(min(pids.values()), signal.SIGKILL)))
        client.wait_for_workers(2, timeout=PATIENCE)
        assert min(pids.values()) not in client.run(os.getpid).values()
    assert rows == expected and contents(Path("reports")) == first


def test_a_poisonous_document_fails_alone(raw: Path, scheduler: str, tmp_path: Path) -> None:
    (raw / "d3.txt").write_text(f"always {Path('reports/d3/.writing-1').absolute()}", "utf-8")
    (raw / "d4.txt").write_text(f"once {tmp_path / 'marker'}", "utf-8")
    rows = run([raw], Path("reports"), Settings(), pipeline(deadly.kill_always, deadly.kill_once),
               engine=Dask(scheduler))
    failed = [row for row in rows if row.status == "failed"]
    assert [row.document for row in failed] == ["d3"] and len(rows) == len(NAMES)
    assert failed[0].message.startswith("a worker process died of it, and so did a second one (tcp://127.0.0.1:")
    assert (tmp_path / "marker").exists() and list(Path("reports").rglob(".writing-*")) == []
    assert [row["document"] for row in summary(Path("reports")) if row["status"] == "failed"] == ["d3"]


def test_at_urls_the_same_bytes_come_out_and_nothing_is_done_again(s3: Url, scheduler: str) -> None:
    put(s3 / "raw", {f"{name}.txt": TEXT.format(name).encode() for name in "abc"})
    here = run([s3 / "raw"], s3 / "here", QUICK)
    there = run([s3 / "raw"], s3 / "there", QUICK, engine=Dask(scheduler))
    assert there == here and stored(s3 / "there") == stored(s3 / "here") and len(stored(s3 / "there")) == 3 * 6 + 2
    outcomes: list[Outcome] = []

    def noted(ready: Iterable[Outcome], _length: int) -> Iterator[Outcome]:
        for outcome in ready:
            outcomes.append(outcome)
            yield outcome

    assert run([s3 / "raw"], s3 / "there", QUICK, engine=Dask(scheduler), progress=noted) == here
    assert [outcome.why for outcome in outcomes] == ["", "", ""]


def test_two_runs_at_once_do_not_disturb_each_other_and_are_forgotten(raw: Path, scheduler: str) -> None:
    with ThreadPoolExecutor(2) as both:
        one, two = both.map(lambda out: run([raw], Path(out), QUICK, engine=Dask(scheduler)), ["one", "two"])
    assert one == two and [row.status for row in one] == ["done"] * len(NAMES)
    assert contents(Path("one")) == contents(Path("two"))
    with Client(scheduler, set_as_default=False) as client:
        assert list(client.run(deadly.known_jobs).values()) == [0, 0]


def test_a_worker_that_has_forgotten_the_job_is_told_again(raw: Path, scheduler: str) -> None:
    with Client(scheduler, set_as_default=False) as client:
        rows = run([raw], Path("reports"), QUICK, engine=Dask(scheduler), progress=after(
            5, lambda: client.run(deadly.forget_jobs)))
    assert [row.status for row in rows] == ["done"] * len(NAMES)


def test_a_run_that_is_interrupted_says_so_and_leaves_the_cluster_to_others(raw: Path, scheduler: str) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(OcrfixError, match=r"^interrupted; 6 documents done, 24 not reached"):
        run([raw], Path("reports"), QUICK, engine=Dask(scheduler), progress=after(6, interrupt))
    assert len(run([raw], Path("reports"), QUICK, engine=Dask(scheduler))) == len(NAMES)


def test_a_worker_that_cannot_do_the_job_stops_the_run(raw: Path, scheduler: str,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    of = Dependencies.of

    def other(settings: Settings) -> Dependencies:
        return replace(of(settings), hashes={**of(settings).hashes, "program": "0"})

    monkeypatch.setattr(Dependencies, "of", other)
    with pytest.raises(OcrfixError, match=r"^worker tcp://127.0.0.1:\d+: has another program than this machine"):
        run([raw], Path("reports"), QUICK, engine=Dask(scheduler))


def test_an_input_that_leads_nowhere_fails_alone_though_it_is_the_first(raw: Path, scheduler: str) -> None:
    (raw / "a.txt").symlink_to("nowhere")
    for inputs in ([raw / "a.txt", raw / "d1.txt"], [raw / "a.txt"]):
        rows = run(inputs, Path("reports"), QUICK, engine=Dask(scheduler))
        assert [row.status for row in rows] == ["failed", "done"][:len(inputs)]
        assert (rows[0].source, rows[0].message) == ("raw/a.txt", "cannot be read: No such file or directory")


def test_local_paths_must_be_those_of_all(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, item = Job(tmp_path, QUICK, Pipeline()), raw / "d1.txt"
    (tmp_path / "sign").touch()
    assert complaint(job, item, "sign") == complaint(job, None, "sign") == ""
    nowhere = tmp_path / "nowhere"
    for wrong in [(replace(job, out=nowhere), item), (job, nowhere),
                  (replace(job, settings=replace(QUICK, lexicons=nowhere)), item)]:
        assert complaint(*wrong, "sign") == f"does not see {nowhere}; {SHARED}"
    assert complaint(job, item, "another") == f"has a {tmp_path} of its own; {SHARED}"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert complaint(job, item, "sign") == f"may not write to {tmp_path}"


def test_a_worker_with_a_disk_of_its_own_is_found_out(raw: Path, scheduler: str,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the reports folder of the workers were another one of the same name."""
    Path("other").mkdir()
    monkeypatch.setattr(cluster, "_shipped", lambda job: replace(job, out=Path("other").absolute()))
    with pytest.raises(OcrfixError, match=r"^worker tcp://127.0.0.1:\d+: has a /.*/other of its own; local files "):
        run([raw], Path("reports"), QUICK, engine=Dask(scheduler))


def test_a_process_that_was_not_greeted_refuses(raw: Path) -> None:
    """So a worker that was started again at the same address does not do unseen what the first one died of."""
    item = Input(raw / "d1.txt", "d1", "raw/d1.txt")
    assert do("run", PROCESS, item) == Stranger(PROCESS)
    cluster._jobs["run"] = Job(Path("reports"), QUICK, Pipeline())
    assert do("run", "another", item) == Stranger(PROCESS)
    cluster._jobs.clear()


def test_without_a_scheduler_the_run_says_so(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECTING", 0.5)
    with pytest.raises(OcrfixError, match=r"^tcp://127.0.0.1:9: no dask scheduler answers there: "):
        run([raw], Path("reports"), QUICK, engine=Dask("tcp://127.0.0.1:9"))


def test_without_workers_the_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        def nthreads(self) -> dict[str, int]:
            return {}

    crew = Crew(Nobody(), Job(Path("reports"), QUICK, Pipeline()), [Input(Path("a"), "a", "a")], "sign")  # type: ignore[arg-type]
    assert list(crew.look()) == []
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    with pytest.raises(OcrfixError, match=r"^the cluster has had no worker for 0 seconds"):
        list(crew.look())


@pytest.mark.parametrize(("address", "left"), [(None, []), ("tcp://127.0.0.1:9", [".writing-1"])],
                         ids=["started", "there before"])
def test_what_the_workers_of_a_cluster_of_its_own_left_half_written_is_removed(
        raw: Path, monkeypatch: pytest.MonkeyPatch, address: str | None, left: list[str]) -> None:
    """Workers of another cluster go on with what they have."""
    class Interrupted(Crew):
        def work(self) -> Iterator[tuple[int, Outcome]]:
            task = self.tasks.next()
            assert task is not None
            self.workers["tcp://127.0.0.1:1"] = Worker("tcp://127.0.0.1:1", task=task)
            folder = Path("reports") / task.item.name
            folder.mkdir()
            (folder / ".writing-1").touch()
            raise KeyboardInterrupt
            yield

    Path("reports").mkdir()
    monkeypatch.setattr(cluster, "Crew", Interrupted)
    monkeypatch.setattr(Dask, "_connected", lambda *_: Mock())
    job = Job(Path("reports"), QUICK, Pipeline())
    with pytest.raises(KeyboardInterrupt):
        list(Dask(address)(job, [Input(raw / "d1.txt", "d1", "raw/d1.txt")], 1))
    assert [path.name for path in Path("reports").rglob(".writing-*")] == left


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'ocrfix\[dask\]'$"):
        Dask()


@pytest.mark.parametrize("options", [("--scheduler", "tcp://x:1"),
                                     ("--engine", "dask", "--scheduler", "tcp://x:1", "--jobs", "2")])
def test_options_that_do_not_go_together_are_wrong_usage(
        raw: Path, ocrfix: Callable[..., subprocess.CompletedProcess[bytes]], options: tuple[str, ...]) -> None:
    done = ocrfix("run", "raw", *options)
    assert done.returncode == 2 and done.stderr.startswith(b"ocrfix: --scheduler is for --engine dask, without --jobs")
