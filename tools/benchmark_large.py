#!/usr/bin/env python3
"""What `ocrfix run` takes for one text, by its size: CPU time and peak memory.

    tools/benchmark_large.py TEXT... --megabytes 10 --megabytes 30 --into docs/scale.md

The texts given (raw/frunze-gorusmeleri.txt, clean prose) are repeated until they have so many megabytes.  Each size is
cleaned by a process of its own into an empty folder, on all cores.  Time is that of the processor, which other work on
the machine changes little; memory is the peak of resident memory, as the system keeps it, so this needs Linux.  The
figures replace what stands behind the line `<!-- measured: large -->` in the page given.
"""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

MARKER = "<!-- measured: large -->\n"
END = "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Run:
    """A run: megabytes (10^6 bytes) of text, seconds of processor time, peak memory in megabytes."""

    megabytes: int
    seconds: float
    peak: float


def write_text(texts: Sequence[bytes], megabytes: int, path: Path) -> None:
    """Write some texts again and again, a blank line between them."""
    with path.open("wb") as file:
        while file.tell() < megabytes * 10**6:
            for text in texts:
                file.write(text.rstrip() + b"\n\n")


def measure(text: Path, megabytes: int, out: Path, options: Sequence[str]) -> Run:
    """Run ocrfix on one file."""
    command = [sys.executable, "-m", "ocrfix", "run", str(text), "--out", str(out), "-q", *options]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"ocrfix run ended with status {os.waitstatus_to_exitcode(status)}")
    return Run(megabytes, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def row(run: Run) -> str:
    """A row of the table."""
    return f"| {run.megabytes} MB | {run.seconds:,.0f} s | {run.seconds / run.megabytes:.1f} s | {run.peak:,.0f} MB |"


@click.command(help=__doc__.partition("\n")[0])
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--megabytes", multiple=True, required=True, type=click.IntRange(min=1), help="Size of the text.")
@click.option("--skip", default="", help="Stages to leave out.")
@click.option("--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Page to write into.")
def main(texts: tuple[Path, ...], megabytes: tuple[int, ...], skip: str, into: Path | None) -> None:
    options = ["--skip", skip] if skip else []
    command = " ".join(["tools/benchmark_large.py", *map(str, texts), *(f"--megabytes {size}" for size in megabytes),
                        *options])
    lines = [f"`{command}`", "", "| text | processor time | of it for each MB | peak memory |", "| --- " * 4 + "|"]
    contents = [text.read_bytes() for text in texts]
    for size in megabytes:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "large.txt"
            write_text(contents, size, path)
            lines.append(row(measure(path, size, Path(name) / "out", options)))
            click.echo(lines[-1])
    if into is not None:
        head, marker, rest = into.read_text("utf-8").partition(MARKER)
        _, end, behind = rest.partition(END)
        into.write_text(f"{head}{marker or MARKER}\n" + "\n".join(lines) + f"\n\n{end or END}{behind}", "utf-8")


if __name__ == "__main__":
    main()
