"""The main job: every document in the files and folders given becomes a folder of clean text and reports.

Start reading at :func:`run`.  What is done with one document stands in :mod:`ocrfix.job`, how they are spread over
processes in :mod:`ocrfix.workers`.  One document's failure costs that document alone: it becomes a row that says why.
"""
from __future__ import annotations

import hashlib
import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ocrfix.decisions.model import Standing
from ocrfix.decisions.store import FILE_NAME, Store, store_beside
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.job import Input, Job, Outcome, failure
from ocrfix.messages import message
from ocrfix.outputs.formats import CORPUS, check_formats
from ocrfix.outputs.formats.corpus import Row
from ocrfix.outputs.summary import DONE, FAILED, SummaryRow, write_summary
from ocrfix.pipeline import Pipeline
from ocrfix.places import Place, fetched, located, walk
from ocrfix.readers import folders
from ocrfix.records import Dependencies
from ocrfix.reports import LOCK, Reports
from ocrfix.settings import Settings
from ocrfix.stops import unstoppable
from ocrfix.workers import results

log = logging.getLogger("ocrfix")

RESERVED = frozenset({"index.html", "summary.csv", LOCK, ".", "..", *(made.filename for made in CORPUS.values())})
"""Names in the reports folder that no document may have."""


Outcomes = Generator[tuple[int, Outcome], None, None]
"""The numbers of documents with what became of them, as they are ready."""
Engine = Callable[[Job, Sequence[Input], int], Outcomes]
"""Does the documents of a job, so many at once; see :func:`ocrfix.workers.results`."""


class Stopped(OcrfixError):
    """A run ended before all was done; ``rows`` is what had been done."""

    def __init__(self, message: str, rows: Sequence[SummaryRow]) -> None:
        super().__init__(message)
        self.rows = rows


def processes(job: Job, items: Sequence[Input], jobs: int) -> Outcomes:
    """The documents done in so many processes of this machine; with one, in this one."""
    return results(job.do, items, jobs, lost=job.lost, swept=job.sweep)


def run(inputs: Sequence[Place], out: Place, settings: Settings, pipeline: Pipeline | None = None,
        progress: Callable[[Iterable[Outcome], int], Iterable[Outcome]] | None = None, *, jobs: int = 1,
        force: bool = False, engine: Engine = processes) -> list[SummaryRow]:
    """Clean every document in the inputs and write the reports; what is up to date is left as it is.

    Args:
        inputs: files and folders; of a folder every file in it and its subfolders that is of a known format, hidden
            ones and reports excepted.  A folder of page files (hOCR, ALTO, PAGE) is one document.
        out: the reports folder; made if it is not there.  It and the inputs may lie at a URL.
        settings: the options.
        pipeline: the stages; the usual ones if not given.  With others, nothing counts as up to date, and for more
            than one job it must be possible to pickle them.
        progress: wraps the outcomes (and the number of documents) as they are ready.
        jobs: in how many processes.  A script that asks for more than one must be guarded by
            ``if __name__ == "__main__"``, for the processes import it.
        force: do what is up to date too.
        engine: what does the documents: :func:`processes` of this machine, or :class:`ocrfix.cluster.Dask`.

    Returns:
        A row for each document, and for each folder that could not be used; what failed has the status :data:`FAILED`.

    Raises:
        UsageError: an input does not exist, a stage to skip or a format has no such name, or what a format needs is not
            installed.
        Stopped: the run was interrupted, or no other document could be written; what was done is in the summary.
        OcrfixError: the lexicons cannot be read, nothing can be written to the reports folder, or another run is
            writing there.
    """
    job = prepare(out, settings, pipeline, force=force)
    found, failed = find_documents(existing(inputs), out)
    job.reports.make()
    with job.reports.alone():
        return _done(job, found, failed, progress, jobs, engine)


def _done(job: Job, found: Sequence[Input], failed: Sequence[SummaryRow],
          progress: Callable[[Iterable[Outcome], int], Iterable[Outcome]] | None, jobs: int, engine: Engine,
          ) -> list[SummaryRow]:
    """The rows of the documents that were found, when all is done and the summary written; see :func:`run`."""
    rows: dict[int, SummaryRow] = {}

    def noted(result: tuple[int, Outcome]) -> Outcome:
        rows[result[0]] = result[1].row
        return result[1]

    why = ""
    try:
        with closing(engine(job, found, jobs)) as ready:
            outcomes = map(noted, ready)
            for outcome in (progress(outcomes, len(found)) if progress else outcomes):
                _log(outcome)
    except KeyboardInterrupt:
        why = message("interrupted")
    except OcrfixError as error:
        if not rows:
            raise
        why = str(error)
    in_order = [*(rows[number] for number in sorted(rows)), *failed]
    with unstoppable():
        if why:
            raise _stopped(why, in_order, len(found) - len(rows), job.reports)
        write_overview(in_order, job.reports)
    try:
        write_corpus(in_order, job.reports, job.settings.to)
    except KeyboardInterrupt:
        raise Stopped("interrupted; all documents are done, but the corpus was not written", in_order) from None
    return in_order


def plan(inputs: Sequence[Place], out: Place, settings: Settings, *, force: bool = False,
         ) -> Iterator[tuple[Input, str] | SummaryRow]:
    """What :func:`run` would do: the documents, and why each has to be done (nothing if it is up to date).

    What cannot be read is a row that says why.  Nothing is written.

    Raises:
        UsageError: an input does not exist, a stage to skip or a format has no such name, or what a format needs is not
            installed.
        OcrfixError: the lexicons cannot be read.
    """
    job = prepare(out, settings, force=force)
    found, failed = find_documents(existing(inputs), out)
    for item in found:
        try:
            yield item, job.plan(item)
        except OcrfixError as error:
            yield failure(item.name, item.source, error).row
    yield from failed


def prepare(out: Place, settings: Settings, pipeline: Pipeline | None = None, *, force: bool = False) -> Job:
    """What all documents of a run have in common, checked.

    Raises:
        UsageError: a stage to skip or a format has no such name, or what a format needs is not installed.
        OcrfixError: the lexicons cannot be read.
    """
    pipeline = pipeline or Pipeline()
    check_stages(pipeline, settings.skip)
    check_formats(settings.to)
    settings = settings.as_learned()
    try:
        known = Dependencies.of(settings) if pipeline == Pipeline() else None
    except OSError as error:
        raise OcrfixError(f"{error.filename}: cannot be read: {error.strerror or error}") from error
    return Job(out, settings, pipeline, known, force)


def existing(inputs: Sequence[Place]) -> list[Place]:
    """The inputs, known to be files or folders.

    Raises:
        UsageError: one does not exist.
    """
    places = [located(place) for place in inputs]
    for place, named in zip(places, inputs, strict=True):
        if place is None:
            raise UsageError(f"{named}: no such file or folder")
    return [place for place in places if place is not None]


def _log(outcome: Outcome) -> None:
    """Say what became of a document, to those who want to know."""
    row = outcome.row
    if outcome.story:
        log.debug("%s: %s\n%s", row.source, row.message, outcome.story)
    elif outcome.why:
        log.info(message(f"{row.source}: {row.corrections} corrections, {row.review} to review ({outcome.why})"))
    else:
        log.info(message(f"{row.source}: up to date"))


def _stopped(why: str, rows: Sequence[SummaryRow], left: int, reports: Reports) -> Stopped:
    """The error of a run that ended early, after what it did was written down as far as that is possible."""
    done = sum(row.status != FAILED for row in rows)
    says = message(f"{why}; {done} documents done, {left} not reached: the same command goes on from there")
    try:
        if rows:
            write_overview(rows, reports)
    except OcrfixError:
        says = message(f"{says}; the summary could not be written")
    return Stopped(says, rows)


def decisions_beside(out: Place) -> Standing:
    """What persons decided, so far as it lies beside a reports folder; at a URL as a copy of the file.

    Raises:
        OcrfixError: it cannot be read.
    """
    if isinstance(out, Path):
        return Store(store_beside(out)).standing()
    there = located(out.parent / FILE_NAME) if len(out.parts) > 1 else None
    if there is None:
        return Standing()
    with fetched(there) as path:
        return Store(path).standing()


def check_stages(pipeline: Pipeline, names: Iterable[str]) -> None:
    """Raise :class:`UsageError` unless the pipeline has stages of these names."""
    known = [stage.name for stage in pipeline.stages]
    for name in sorted(names):
        if name not in known:
            raise UsageError(f"no stage is called {name!r}; there are {', '.join(known)}")


def write_overview(rows: Sequence[SummaryRow], reports: Reports) -> None:
    """Write ``summary.csv`` and ``index.html`` of a run.

    Raises:
        OcrfixError: a file cannot be written.
    """
    from ocrfix.outputs.report import write_index
    try:
        with reports.replacing("summary.csv") as beside:
            write_summary(rows, beside)
        with reports.replacing("index.html") as beside:
            write_index(rows, beside)
    except OSError as error:
        raise OcrfixError(f"{reports}: the summary cannot be written: {error.strerror or error}") from error


def write_corpus(rows: Sequence[SummaryRow], reports: Reports, to: Collection[str]) -> None:
    """Write the blocks of all documents that are done, from what was written for each, in the formats of a corpus.

    Raises:
        OcrfixError: a file cannot be read or written.
    """
    def table() -> Iterator[Row]:
        for row in rows:
            if row.status == DONE:
                yield from reports.rows(row.document)

    for made in (made for name, made in CORPUS.items() if name in to):
        try:
            with reports.replacing(made.filename) as beside, beside.open("wb") as file:
                made.write(table(), file)
        except OSError as error:
            raise OcrfixError(f"{reports}/{made.filename}: cannot be written: {error.strerror or error}") from error


def find_documents(inputs: Sequence[Place], out: Place) -> tuple[list[Input], list[SummaryRow]]:
    """The files to be cleaned, named, and a row for each folder that has none or cannot be read."""
    paths: dict[Place, Place] = {}                        # the real place -> as it was named; each file once
    failed: list[SummaryRow] = []
    for path in inputs:
        if not path.is_dir():
            paths.setdefault(path.resolve(), path)
            continue
        errors: list[OSError] = []
        texts = _texts_in(path, out.resolve(), errors)
        failed += [failure("", str(error.filename or path), error).row for error in errors]
        if not texts and not errors:
            failed.append(SummaryRow("", str(path), FAILED, "the folder holds no text (*.txt, *.pdf ...)"))
        for text in texts:
            paths.setdefault(text.resolve(), text)
    names = document_names(list(paths))
    return [Input(path, name, str(path)) for path, name in zip(paths.values(), names, strict=True)], failed


def _texts_in(folder: Place, out: Place, errors: list[OSError]) -> list[Place]:
    """Every input in a folder and its subfolders, sorted; hidden files and reports are left out.

    A folder whose inputs are all page files of one kind is an input itself.
    """
    texts: list[Place] = []
    for here, subfolders, files in walk(folder, errors.append):
        subfolders[:] = sorted(f for f in subfolders if not f.startswith(".") and (here / f).resolve() != out)
        if here.resolve() == out or folders.is_reports(frozenset(files)):
            subfolders.clear()
            continue
        inputs = [here / f for f in sorted(files) if not f.startswith(".") and f.lower() not in folders.BESIDE_PAGES
                  and (here / f).is_file() and folders.is_input(here / f)]
        texts += [here] if folders.is_paged(inputs) else inputs
    return texts


def document_names(paths: Sequence[Place]) -> list[str]:
    """The names of the documents of these files, all different.

    A name is the file's without its ending; where two files would share it, both keep their ending; where that is
    still the same, their folders' names stand in front, as many as it takes.  Names are the same that a file system of
    Windows or macOS takes for one: in whatever case, composed or not.  What no folder's
    name may hold on some system becomes ``_``.

    >>> document_names([Path("/x/a.txt"), Path("/x/a.pdf"), Path("/x/b.txt"), Path("/x/c.txt"), Path("/y/c.txt")])
    ['a.txt', 'a.pdf', 'b', 'x-c.txt', 'y-c.txt']
    """
    level = [0] * len(paths)
    names = [_name(path, 0) for path in paths]
    while True:
        keys = [unicodedata.normalize("NFC", name).casefold() for name in names]
        count = Counter(keys)
        clash = [i for i, key in enumerate(keys) if count[key] > 1 or key in RESERVED]
        if not clash:
            return names
        for i in clash:
            level[i] += 1
            names[i] = _name(paths[i], level[i])


def _name(path: Place, level: int) -> str:
    return _portable(_full_name(path, level))


def _portable(name: str) -> str:
    r"""A name that a folder may have everywhere, so that reports can be copied: Windows forbids some.

    >>> _portable("a\nb: c?"), _portable("nokta."), _portable("CON"), _portable("..")
    ('a_b_ c_', 'nokta_', 'CON_', '..')
    """
    if name in (".", ".."):                              # no names at all: see RESERVED
        return name
    name = _FORBIDDEN.sub("_", name)
    stem, dot, ending = name.partition(".")
    return f"{stem}_{dot}{ending}" if _DEVICE.fullmatch(stem) else name


_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|[. ]$')
_DEVICE = re.compile("(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9]) *", re.IGNORECASE)
"""Windows writes to these into no folder but to a device, whatever the ending."""


def _full_name(path: Place, level: int) -> str:
    if level == 0:
        return path.name if path.is_dir() else path.stem
    above = path.parts[1:-1] if path.anchor else path.parts[:-1]
    front = above[max(0, len(above) - (level - 1)):]
    name = "-".join([*front, path.name])
    if level - 1 <= len(above):
        return name
    return f"{name}~{hashlib.sha256(os.fsencode(str(path))).hexdigest()[:6 + level]}"     # /a-b/c.txt beside /a/b-c.txt
