"""The main job: every document in the files and folders given becomes a folder of clean text and reports.

Start reading at :func:`run`.  One document's failure costs that document alone: it becomes a row that says why.
"""
from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrfix.api import read_input
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.files import replacing, write_files
from ocrfix.outputs.same import SAME, write_same
from ocrfix.outputs.summary import FAILED, SummaryRow, summarize, write_summary
from ocrfix.pipeline import Pipeline
from ocrfix.readers import folders
from ocrfix.settings import Settings
from ocrfix.stages import ingest

log = logging.getLogger("ocrfix")

RESERVED = frozenset({"index.html", "summary.csv", ".", ".."})
"""Names in the reports folder that no document may have."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be cleaned: its place, and the name of its document."""

    path: Path
    name: str


def run(inputs: Sequence[Path], out: Path, settings: Settings, pipeline: Pipeline | None = None,
        progress: Callable[[Iterable[Input], int], Iterable[Input]] | None = None) -> list[SummaryRow]:
    """Clean every document in the inputs and write the reports.

    Args:
        inputs: files and folders; of a folder every file in it and its subfolders that is of a known format, hidden
            ones and reports excepted.  A folder of page files (hOCR, ALTO, PAGE) is one document.
        out: the reports folder; made if it is not there.
        settings: the options.
        pipeline: the stages; the usual ones if not given.
        progress: wraps the documents (and their number) as they are worked on.

    Returns:
        A row for each document, and for each folder that could not be used; what failed has the status :data:`FAILED`.

    Raises:
        UsageError: an input does not exist, or a stage to skip has no such name.
        OcrfixError: the lexicons cannot be read, or nothing can be written to the reports folder.
    """
    pipeline = pipeline or Pipeline()
    check_stages(pipeline, settings.skip)
    settings = settings.as_learned()
    for path in inputs:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    found, failed = find_documents(inputs, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OcrfixError(f"{out}: the reports folder cannot be made: {error.strerror or error}") from error
    knowledge: Knowledge | None = None
    rows: list[SummaryRow] = []
    for item in (progress(found, len(found)) if progress else found):
        try:
            document = ingest.read(read_input(item.path), item.path.name, settings.format)
        except OcrfixError as error:
            rows.append(_failure(item.name, item.path, error))
            continue
        if knowledge is None:
            knowledge = Knowledge.load(settings.lexicons)
            if settings.decisions.words:
                knowledge = knowledge.listing(settings.decisions.words)
        try:
            document = pipeline.run(document, settings, knowledge)
            document.check()
            row = summarize(document, item.name, str(item.path))
            write_files(document, out / item.name, row, page_marks=settings.page_marks)
            if SAME in settings.to:
                write_same(document, out / item.name)
            rows.append(row)
            log.info("%s: %d corrections, %d to review", item.path, row.corrections, row.review)
        except Exception as error:
            rows.append(_failure(item.name, item.path, error))
    rows += failed
    write_overview(rows, out)
    return rows


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
        failed += [_failure("", Path(error.filename or path), error) for error in errors]
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


def _failure(name: str, path: Path, error: Exception) -> SummaryRow:
    """The row of what could not be processed; the error's story goes to the log."""
    if isinstance(error, OcrfixError):
        message = str(error)
    elif isinstance(error, OSError):
        message = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    else:
        message = f"unexpected {type(error).__name__}: {error}"
    log.debug("%s: %s", path, message, exc_info=error)
    return SummaryRow(name, str(path), FAILED, " ".join(message.split()))
