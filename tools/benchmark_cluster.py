#!/usr/bin/env python3
"""What a dask cluster costs beside the documents themselves.

    tools/benchmark_cluster.py raw/frunze-gorusmeleri.txt --documents 60 --into docs/cluster.md

The documents, cut from TEXT as by tools/benchmark_scale.py, are cleaned by two processes, and by a scheduler with two
workers on this machine.  What is counted is CPU time, of which other work on the machine takes nothing: that of twice
the documents less that of the documents, so that no start is in it.  The figures replace what stands between the lines
`<!-- measured -->` and `<!-- end -->` in the page given.  It reads /proc, so it needs Linux.

Start reading at :func:`main`.
"""
# mypy: allow-untyped-calls
from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click
from benchmark_scale import MARKER, write_documents
from distributed import Client

END = "<!-- end -->\n"
TRIPS = 500
"""Empty tasks, so many that the ticks of the clock that counts CPU time do not matter."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler and its workers: its address, and the processes."""

    address: str
    scheduler: int
    workers: tuple[int, ...]


def cpu(pid: int) -> float:
    """The CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler and two workers on this machine."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(program: str, *arguments: str) -> None:
        processes.append(subprocess.Popen([sys.executable, "-m", f"distributed.cli.{program}", *arguments],
                                          stderr=subprocess.DEVNULL))

    where = folder / "scheduler.json"
    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0",
              "--scheduler-file", str(where))
        while not where.exists():
            time.sleep(0.1)
        address = str(json.loads(where.read_text("utf-8"))["address"])
        start("dask_worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard")
        with Client(address) as client:
            client.wait_for_workers(2)
            workers = tuple(client.run(os.getpid).values())
        yield Cluster(address, processes[0].pid, workers)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def run(documents: Path, out: Path, *options: str) -> float:
    """Clean a folder; returns the CPU seconds of the process that is called and of those that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "ocrfix", "run", str(documents), "--out", str(out), "-q", *options],
                   check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def nothing() -> None:
    """A task without work."""


def round_trips(started: Cluster) -> Iterator[tuple[str, float]]:
    """What an empty task costs, one after the other given to a worker -> milliseconds."""
    with Client(started.address) as client:
        worker = next(iter(client.nthreads()))
        clock = []
        before = time.process_time(), cpu(started.scheduler)
        for _ in range(TRIPS):
            start = time.perf_counter()
            client.submit(nothing, workers=[worker], pure=False).result()
            clock.append(time.perf_counter() - start)
        yield "an empty task, CPU of the client", 1000 * (time.process_time() - before[0]) / TRIPS
        yield "an empty task, CPU of the scheduler", 1000 * (cpu(started.scheduler) - before[1]) / TRIPS
    yield "an empty task, there and back on the clock (median)", 1000 * statistics.median(clock)


def measure(folder: Path, count: int) -> Iterator[tuple[str, float]]:
    """What was measured -> milliseconds a document or task."""
    few, many = folder / str(count), folder / str(2 * count)
    processes = ("--jobs", "2")
    run(few, folder / "first", *processes)
    more, less = run(many, folder / "p2", *processes), run(few, folder / "p1", *processes)
    yield "a document, two processes, all CPU", 1000 * (more - less) / count
    with cluster(folder) as started:
        by_dask = ("--engine", "dask", "--scheduler", started.address)
        run(few, folder / "second", *by_dask)               # the workers load what they need
        spent: list[tuple[float, float, float]] = []
        for documents in (few, many):
            before = cpu(started.scheduler), sum(map(cpu, started.workers))
            client = run(documents, folder / f"dask-{documents.name}", *by_dask)
            spent.append((client, cpu(started.scheduler) - before[0], sum(map(cpu, started.workers)) - before[1]))
        for name, less, more in zip(("run itself", "scheduler", "workers"), *spent, strict=True):
            yield f"a document, dask, CPU of the {name}", 1000 * (more - less) / count
        yield from round_trips(started)


@click.command(help=__doc__.partition("\n")[0])
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--documents", default=60, show_default=True, type=click.IntRange(min=2), help="So many documents.")
@click.option("--words", default=150, show_default=True, type=click.IntRange(min=1), help="So many words in each.")
@click.option("--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Page to write into.")
def main(text: Path, documents: int, words: int, into: Path | None) -> None:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (documents, 2 * documents):
            write_documents(text.read_text("utf-8", "replace"), words, count, folder / str(count))
        rows = [f"| {what} | {milliseconds:.1f} |" for what, milliseconds in measure(folder, documents)]
    lines = "\n".join([
        f"`tools/benchmark_cluster.py {text} --documents {documents} --words {words}`", "",
        f"{os.cpu_count()} cores, {load:.1f} of them busy with other work before; Python {platform.python_version()}, "
        f"ocrfix {metadata.version('ocrfix')}, distributed {metadata.version('distributed')}.", "",
        "| | ms |", "| --- | --- |", *rows]) + "\n"
    click.echo(lines, nl=False)
    if into is not None:
        head, _, rest = into.read_text("utf-8").partition(MARKER)
        into.write_text(f"{head}{MARKER}\n{lines}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
