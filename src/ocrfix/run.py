"""The main job: every document in the files and folders given becomes a folder of clean text and reports.

Start reading at :func:`run`.  What is done with one document stands in :mod:`ocrfix.job`, how they are spread over
processes in :mod:`ocrfix.workers`.  One document's failure costs that document alone: it becomes a row that says why.
"""
from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ocrfix import serialize
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.job import Input, Job, Outcome, failure
from ocrfix.large.assembly import rows_of_parts
from ocrfix.large.manifest import is_manifest
from ocrfix.outputs.files import replacing
from ocrfix.outputs.formats import CORPUS, check_formats
from ocrfix.outputs.formats.corpus import Row
from ocrfix.outputs.formats.corpus import rows as rows_of
from ocrfix.outputs.summary import DONE, FAILED, SummaryRow, write_summary
from ocrfix.pipeline import Pipeline
from ocrfix.readers import folders
from ocrfix.records import Dependencies
from ocrfix.settings import Settings
from ocrfix.workers import results, unstoppable

log = logging.getLogger("ocrfix")

RESERVED = frozenset({"index.html", "summary.csv", ".", "..", *(made.filename for made in CORPUS.values())})
"""Names in the reports folder that no document may have."""


class Stopped(OcrfixError):
    """A run ended before all was done; ``rows`` is what had been done."""

    def __init__(self, message: str, rows: Sequence[SummaryRow]) -> None:
        super().__init__(message)
        self.rows = rows


def run(inputs: Sequence[Path], out: Path, settings: Settings, pipeline: Pipeline | None = None,
        progress: Callable[[Iterable[Outcome], int], Iterable[Outcome]] | None = None, *, jobs: int = 1,
        force: bool = False) -> list[SummaryRow]:
    """Clean every document in the inputs and write the reports; what is up to date is left as it is.

    Args:
        inputs: files and folders; of a folder every file in it and its subfolders that is of a known format, hidden
            ones and reports excepted.  A folder of page files (hOCR, ALTO, PAGE) is one document.
        out: the reports folder; made if it is not there.
        settings: the options.
        pipeline: the stages; the usual ones if not given.  With others, nothing counts as up to date, and for more
            than one job it must be possible to pickle them.
        progress: wraps the outcomes (and the number of documents) as they are ready.
        jobs: in how many processes.  A script that asks for more than one must be guarded by
            ``if __name__ == "__main__"``, for the processes import it.
        force: do what is up to date too.

    Returns:
        A row for each document, and for each folder that could not be used; what failed has the status :data:`FAILED`.

    Raises:
        UsageError: an input does not exist, a stage to skip or a format has no such name, or what a format needs is not
            installed.
        Stopped: the run was interrupted, or no other document could be written; what was done is in the summary.
        OcrfixError: the lexicons cannot be read, or nothing can be written to the reports folder.
    """
    job = prepare(inputs, out, settings, pipeline, force=force)
    found, failed = find_documents(inputs, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OcrfixError(f"{out}: the reports folder cannot be made: {error.strerror or error}") from error
    rows: dict[int, SummaryRow] = {}

    def noted(result: tuple[int, Outcome]) -> Outcome:
        rows[result[0]] = result[1].row
        return result[1]

    why = ""
    try:
        with closing(results(job.do, found, jobs, lost=job.lost, swept=job.sweep)) as ready:
            outcomes = map(noted, ready)
            for outcome in (progress(outcomes, len(found)) if progress else outcomes):
                _log(outcome)
    except KeyboardInterrupt:
        why = "interrupted"
    except OcrfixError as error:
        if not rows:
            raise
        why = str(error)
    in_order = [rows[number] for number in sorted(rows)] + failed
    with unstoppable():
        if why:
            raise _stopped(why, in_order, len(found) - len(rows), out)
        write_overview(in_order, out)
    try:
        write_corpus(in_order, out, settings.to)
    except KeyboardInterrupt:
        raise Stopped("interrupted; all documents are done, but the corpus was not written", in_order) from None
    return in_order


def plan(inputs: Sequence[Path], out: Path, settings: Settings, *, force: bool = False,
         ) -> Iterator[tuple[Input, str] | SummaryRow]:
    """What :func:`run` would do: the documents, and why each has to be done (nothing if it is up to date).

    What cannot be read is a row that says why.  Nothing is written.

    Raises:
        UsageError: an input does not exist, a stage to skip or a format has no such name, or what a format needs is not
            installed.
        OcrfixError: the lexicons cannot be read.
    """
    job = prepare(inputs, out, settings, force=force)
    found, failed = find_documents(inputs, out)
    for item in found:
        try:
            yield item, job.plan(item)
        except OcrfixError as error:
            yield failure(item.name, item.path, error).row
    yield from failed


def prepare(inputs: Sequence[Path], out: Path, settings: Settings, pipeline: Pipeline | None = None, *,
            force: bool = False) -> Job:
    """What all documents of a run have in common, checked.

    Raises:
        UsageError: an input does not exist, a stage to skip or a format has no such name, or what a format needs is not
            installed.
        OcrfixError: the lexicons cannot be read.
    """
    pipeline = pipeline or Pipeline()
    check_stages(pipeline, settings.skip)
    check_formats(settings.to)
    settings = settings.as_learned()
    for path in inputs:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    try:
        known = Dependencies.of(settings) if pipeline == Pipeline() else None
    except OSError as error:
        raise OcrfixError(f"{error.filename}: cannot be read: {error.strerror or error}") from error
    return Job(out, settings, pipeline, known, force)


def _log(outcome: Outcome) -> None:
    """Say what became of a document, to those who want to know."""
    row = outcome.row
    if outcome.story:
        log.debug("%s: %s\n%s", row.source, row.message, outcome.story)
    elif outcome.why:
        log.info("%s: %d corrections, %d to review (%s)", row.source, row.corrections, row.review, outcome.why)
    else:
        log.info("%s: up to date", row.source)


def _stopped(why: str, rows: Sequence[SummaryRow], left: int, out: Path) -> Stopped:
    """The error of a run that ended early, after what it did was written down as far as that is possible."""
    done = sum(row.status != FAILED for row in rows)
    says = f"{why}; {done} documents done, {left} not reached: the same command goes on from there"
    try:
        if rows:
            write_overview(rows, out)
    except OcrfixError:
        says += "; the summary could not be written"
    return Stopped(says, rows)


def check_stages(pipeline: Pipeline, names: Iterable[str]) -> None:
    """Raise :class:`UsageError` unless the pipeline has stages of these names."""
    known = [stage.name for stage in pipeline.stages]
    for name in sorted(names):
        if name not in known:
            raise UsageError(f"no stage is called {name!r}; there are {', '.join(known)}")


def write_overview(rows: Sequence[SummaryRow], out: Path) -> None:
    """Write ``summary.csv`` and ``index.html`` of a run.

    Raises:
        OcrfixError: a file cannot be written.
    """
    from ocrfix.outputs.report import write_index
    try:
        with replacing(out / "summary.csv") as beside:
            write_summary(rows, beside)
        with replacing(out / "index.html") as beside:
            write_index(rows, beside)
    except OSError as error:
        raise OcrfixError(f"{out}: the summary cannot be written: {error.strerror or error}") from error


def write_corpus(rows: Sequence[SummaryRow], out: Path, to: Collection[str]) -> None:
    """Write the blocks of all documents that are done, from what was written for each, in the formats of a corpus.

    Raises:
        OcrfixError: a file cannot be read or written.
    """
    def table() -> Iterator[Row]:
        for row in rows:
            if row.status == DONE:
                path = out / row.document / "document.json"
                yield from (rows_of_parts(path, row.document) if is_manifest(path)
                            else rows_of(serialize.load(path), row.document))

    for made in (made for name, made in CORPUS.items() if name in to):
        try:
            with replacing(out / made.filename) as beside, beside.open("wb") as file:
                made.write(table(), file)
        except OSError as error:
            raise OcrfixError(f"{out / made.filename}: cannot be written: {error.strerror or error}") from error


def find_documents(inputs: Sequence[Path], out: Path) -> tuple[list[Input], list[SummaryRow]]:
    """The files to be cleaned, named, and a row for each folder that has none or cannot be read."""
    paths: dict[Path, Path] = {}                        # the real place -> as it was named; each file once
    failed: list[SummaryRow] = []
    for path in inputs:
        if not path.is_dir():
            paths.setdefault(path.resolve(), path)
            continue
        errors: list[OSError] = []
        texts = _texts_in(path, out.resolve(), errors)
        failed += [failure("", Path(error.filename or path), error).row for error in errors]
        if not texts and not errors:
            failed.append(SummaryRow("", str(path), FAILED, "the folder holds no text (*.txt, *.pdf ...)"))
        for text in texts:
            paths.setdefault(text.resolve(), text)
    names = document_names(list(paths))
    return [Input(path, name) for path, name in zip(paths.values(), names, strict=True)], failed


def _texts_in(folder: Path, out: Path, errors: list[OSError]) -> list[Path]:
    """Every input in a folder and its subfolders, sorted; hidden files and reports are left out.

    A folder whose inputs are all page files of one kind is an input itself.
    """
    found: list[Path] = []
    for place, subfolders, files in os.walk(folder, onerror=errors.append):
        here = Path(place)
        subfolders[:] = sorted(f for f in subfolders if not f.startswith(".") and (here / f).resolve() != out)
        if here.resolve() == out or folders.is_reports(frozenset(files)):
            subfolders.clear()
            continue
        inputs = [here / f for f in sorted(files) if not f.startswith(".") and f.lower() not in folders.BESIDE_PAGES
                  and (here / f).is_file() and folders.is_input(here / f)]
        found += [here] if folders.is_paged(inputs) else inputs
    return found


def document_names(paths: Sequence[Path]) -> list[str]:
    """The names of the documents of these files, all different.

    A name is the file's without its ending; where two files would share it, both keep their ending; where that is
    still the same, their folders' names stand in front, as many as it takes.

    >>> document_names([Path("/x/a.txt"), Path("/x/a.pdf"), Path("/x/b.txt"), Path("/x/c.txt"), Path("/y/c.txt")])
    ['a.txt', 'a.pdf', 'b', 'x-c.txt', 'y-c.txt']
    """
    level = [0] * len(paths)
    names = [_name(path, 0) for path in paths]
    while True:
        count = Counter(names)
        clash = [i for i, name in enumerate(names) if count[name] > 1 or name in RESERVED]
        if not clash:
            return names
        for i in clash:
            level[i] += 1
            names[i] = _name(paths[i], level[i])


def _name(path: Path, level: int) -> str:
    if level == 0:
        return path.name if path.is_dir() else path.stem
    above = path.parts[1:-1] if path.anchor else path.parts[:-1]
    front = above[max(0, len(above) - (level - 1)):]
    name = "-".join([*front, path.name])
    if level - 1 <= len(above):
        return name
    return f"{name}~{hashlib.sha256(os.fsencode(path)).hexdigest()[:6 + level]}"     # /a-b/c.txt beside /a/b-c.txt
