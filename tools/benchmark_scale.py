#!/usr/bin/env python3
"""How `ocrfix run` grows with workers and with documents.

    tools/benchmark_scale.py TEXT --documents 200 --into docs/scale.md --picture docs/scale.svg

TEXT is a file of OCR text (raw/frunze-gorusmeleri.txt), which is cut into small documents; where it is at its end, it
begins anew.  They are cleaned by one worker, by two, and twice as many by two: each time into an empty folder, by a
process of its own, after a first run that compiles the code.  Memory is read from /proc while they work, so this needs
Linux.  The figures replace what stands behind the line `<!-- measured -->` in the page given.

Start reading at :func:`main`.  Run it on a quiet machine: it says how busy the machine was.
"""
from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click

MARKER = "<!-- measured -->\n"
PAUSE = 0.05
"""Seconds between looks at the memory; the system keeps the peak of each process itself, until that ends."""
FASTER, SLOWER, MORE = 1.8, 2.1, 1.05
"""Two workers are at least so many times as fast; twice the documents take at most so many times as long, and as much
memory."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run: workers, documents, seconds on the clock, and peak memory in MB of the process that was called, of its
    largest worker, and of all of them added."""

    jobs: int
    documents: int
    seconds: float
    caller: float
    worker: float
    together: float

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds


def write_documents(text: str, words: int, count: int, folder: Path) -> None:
    """Cut a text into documents of whole lines with at least so many words."""
    pieces: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if sum(len(one.split()) for one in lines) >= words:
            pieces.append("\n".join(lines) + "\n")
            lines = []
    if not pieces:
        raise click.ClickException(f"the text has fewer than {words} words")
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06}.txt").write_text(pieces[number % len(pieces)], "utf-8")


def peaks(pid: int) -> Iterator[tuple[int, float]]:
    """(process, its peak memory in MB so far) of a process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    except OSError:
        return                                              # it has ended
    for one in (pid, *map(int, children)):
        try:
            status = Path(f"/proc/{one}/status").read_text("utf-8")
        except OSError:
            continue
        found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        if found:
            yield one, int(found[0]) * 1024 / 1e6


def measure(documents: Path, jobs: int, out: Path) -> Run:
    """Run ocrfix on a folder, on as many cores as it has workers: one alone would work with threads on all of them."""
    command = [sys.executable, "-m", "ocrfix", "run", str(documents), "--out", str(out), "--jobs", str(jobs), "-q"]
    ours = sorted(os.sched_getaffinity(0))[:jobs]
    highest: dict[int, float] = {}
    start = time.perf_counter()
    process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, ours))
    while process.poll() is None:
        highest |= dict(peaks(process.pid))
        time.sleep(PAUSE)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise click.ClickException(f"ocrfix run ended with status {process.returncode}")
    caller = highest.pop(process.pid)
    return Run(jobs, len(list(documents.iterdir())), seconds, caller, max(highest.values(), default=0.0),
               caller + sum(highest.values()))


def machine(load: float) -> str:
    """What was measured on, and how busy it was with other work before."""
    name = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
                 if line.startswith("model name")), platform.machine())
    return (f"{name}, {os.cpu_count()} cores, {load:.1f} of them busy with other work before; Python "
            f"{platform.python_version()}, ocrfix {metadata.version('ocrfix')}")


def verdict(name: str, value: float, bound: float, *, at_least: bool = False) -> str:
    """A row of the table of targets."""
    met = value >= bound if at_least else value <= bound
    return f"| {name} | {value:.2f} | {'at least' if at_least else 'at most'} {bound} | {'yes' if met else '**no**'} |"


def page(runs: Sequence[Run], words: int, command: str, about: str) -> Iterator[str]:
    """The lines of the page: one worker, two, and two on twice the documents."""
    one, two, double = runs
    yield from (f"`{command}`", "", f"Documents of {words} words.  {about}.  Memory is resident memory in 10^6 "
                "bytes; what processes share is counted in each.  The one worker is held to one core; left alone it "
                "works with threads on all.", "")
    yield "| documents | workers | seconds | documents/s | peak, called process | peak, largest worker | all, added |"
    yield "| --- " * 7 + "|"
    for run in runs:
        worker = f"{run.worker:,.0f} MB" if run.worker else "–"
        yield (f"| {run.documents:,} | {run.jobs} | {run.seconds:.1f} | {run.rate:.2f} | {run.caller:,.0f} MB "
               f"| {worker} | {run.together:,.0f} MB |")
    yield from ("", "| target | measured | bound | met |", "| --- | --- | --- | --- |")
    yield verdict("two workers, times as fast as one", one.seconds / two.seconds, FASTER, at_least=True)
    yield verdict("twice the documents, times as long", double.seconds / two.seconds, SLOWER)
    yield verdict("twice the documents, times the memory", double.together / two.together, MORE)


def picture(runs: Sequence[Run]) -> str:
    """An SVG: a bar a run, as long as it took, with its memory beside it."""
    longest = max(run.seconds for run in runs)
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 150" font-family="system-ui, sans-serif" '
             'font-size="13" role="img" aria-label="Seconds and memory by workers and documents">',
             '<rect width="760" height="150" fill="#fff"/>']
    for k, run in enumerate(runs):
        y, width = 15 + 44 * k, 330 * run.seconds / longest
        workers = f"{run.jobs} worker{'s' if run.jobs > 1 else ''}"
        lines += [f'<text x="190" y="{y + 20}" text-anchor="end" fill="#444">{run.documents:,} documents, {workers}'
                  '</text>', f'<rect x="200" y="{y}" width="{width:.1f}" height="30" fill="#4477aa"/>',
                  f'<text x="{208 + width:.1f}" y="{y + 20}" fill="#222">{math.ceil(run.seconds):,} s, '
                  f'{run.together:,.0f} MB</text>']
    return "\n".join([*lines, "</svg>", ""])


@click.command(help=__doc__.partition("\n")[0])
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--documents", default=200, show_default=True, type=click.IntRange(min=2), help="So many documents.")
@click.option("--words", default=150, show_default=True, type=click.IntRange(min=1), help="So many words in each.")
@click.option("--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Page to write into.")
@click.option("--picture", "svg", type=click.Path(dir_okay=False, path_type=Path), help="Picture to write.")
def main(text: Path, documents: int, words: int, into: Path | None, svg: Path | None) -> None:
    about = machine(os.getloadavg()[0])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (2, documents, 2 * documents):
            write_documents(text.read_text("utf-8", "replace"), words, count, folder / str(count))
        measure(folder / "2", 1, folder / "first")
        runs = [measure(folder / str(count), jobs, folder / f"{jobs}-{count}")
                for jobs, count in ((1, documents), (2, documents), (2, 2 * documents))]
    command = f"tools/benchmark_scale.py {text} --documents {documents} --words {words}"
    lines = "\n".join(page(runs, words, command, about)) + "\n"
    click.echo(lines, nl=False)
    if into is not None:
        head, marker, _ = into.read_text("utf-8").partition(MARKER)
        into.write_text(f"{head}{marker or MARKER}\n{lines}", "utf-8")
    if svg is not None:
        svg.write_text(picture(runs), "utf-8")


if __name__ == "__main__":
    main()
