"""One document of a run: read, cleaned unless that was done before, written, recorded.

A :class:`Job` holds what all documents of a run have in common.  It can be pickled, so that other processes can do it;
each of them loads the lexicons once, when it needs them first.
"""
from __future__ import annotations

import errno
import os
import traceback
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ocrfix.api import read_input
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.large.clean import clean_in_parts, forget_parts
from ocrfix.large.source import is_large
from ocrfix.outputs.files import sweep, write_files
from ocrfix.outputs.summary import FAILED, SummaryRow, summarize
from ocrfix.pipeline import Pipeline
from ocrfix.records import Dependencies, Record, hash_of_file, staleness
from ocrfix.settings import Settings
from ocrfix.stages import ingest

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""Errors of writing that meet every further document too."""
REFUSED = frozenset({errno.EACCES, errno.EPERM})
"""The same if the folder of the reports itself is meant."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be cleaned: its place, and the name of its document."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document.

    Attributes:
        row: its row in the summary.
        why: why it was done, in a few words; empty if its outputs were up to date.
        story: where an error came from, for those who want to know.
    """

    row: SummaryRow
    why: str = ""
    story: str = ""


@dataclass(frozen=True)
class Job:
    """What all documents of a run have in common.

    Attributes:
        out: the reports folder.
        settings: the options.
        pipeline: the stages.
        dependencies: what all outputs depend on; None: it is not known, and every document is done.
        force: do what is up to date too.
    """

    out: Path
    settings: Settings
    pipeline: Pipeline
    dependencies: Dependencies | None = None
    force: bool = False

    @cached_property
    def knowledge(self) -> Knowledge:
        """The lexicons, loaded at the first use.

        Raises:
            OcrfixError: they cannot be read.
        """
        knowledge = Knowledge.load(self.settings.lexicons)
        return knowledge.listing(self.settings.decisions.words) if self.settings.decisions.words else knowledge

    def __getstate__(self) -> dict[str, object]:
        """All but the lexicons: they are loaded faster than sent."""
        return {name: value for name, value in vars(self).items() if name != "knowledge"}

    def plan(self, item: Input) -> str:
        """Why a document has to be done, in a few words; empty if it is up to date.

        Raises:
            InputError: the file cannot be read.
        """
        return self._look(item, None if is_large(item.path, self.settings) else read_input(item.path))[0]

    def do(self, item: Input) -> Outcome:
        """Do one document, if that is needed.

        Raises:
            OcrfixError: no other document can be done either: the lexicons are damaged, the disk is full.
        """
        try:
            data = None if is_large(item.path, self.settings) else read_input(item.path)
            why, record, depends = self._look(item, data)
            if record is not None and not why:
                return Outcome(record.row_of(str(item.path)))
            document = None if data is None else ingest.read(data, item.path.name, self.settings.format)
        except Exception as error:
            return failure(item.name, item.path, error)
        knowledge = self.knowledge
        folder = self.out / item.name
        try:
            sweep(folder)
            if document is None:
                row, names = clean_in_parts(item.path, item.name, folder, self.settings, self.pipeline, knowledge,
                                            self.dependencies, force=self.force)
            else:
                document = self.pipeline.run(document, self.settings, knowledge)
                document.check()
                row = summarize(document, item.name, str(item.path))
                names = write_files(document, folder, row, page_marks=self.settings.page_marks, to=self.settings.to)
            if depends is not None:
                Record.of(folder, depends, row, names).write(folder)
            if document is not None:
                forget_parts(folder)
        except Exception as error:
            if isinstance(error, OSError) and self._meets_all(error):
                raise OcrfixError(f"{self.out}: cannot be written: {error.strerror}") from error
            return failure(item.name, item.path, error)
        return Outcome(row, why)

    def lost(self, item: Input, how: str) -> Outcome:
        """The outcome of a document that worker processes died of."""
        message = f"a worker process died of it, and so did a second one ({how})"
        return Outcome(failed_row(item.name, item.path, message), "failed")

    def sweep(self, item: Input) -> None:
        """Remove what a process that was stopped or died left half written of a document."""
        with suppress(OSError):
            sweep(self.out / item.name)

    def _look(self, item: Input, data: bytes | None) -> tuple[str, Record | None, dict[str, str] | None]:
        """Why a document has to be done, its record, and what it depends on, so far as that is known.

        ``data``: the input; None if it is too large to be held.
        """
        if self.dependencies is None:
            return "own stages", None, None
        if data is None:
            depends = self.dependencies.of_digest(item.name, item.path.name, hash_of_file(item.path))
        else:
            depends = self.dependencies.of_document(item.name, item.path.name, data)
        folder = self.out / item.name
        record = Record.read(folder)
        return staleness(record, folder, depends) or "forced" * self.force, record, depends

    def _meets_all(self, error: OSError) -> bool:
        """Whether an error of writing would meet every further document too."""
        return error.errno in FULL or (error.errno in REFUSED and not os.access(self.out, os.W_OK | os.X_OK))


def failure(name: str, path: Path, error: Exception) -> Outcome:
    """The outcome of what could not be processed."""
    if isinstance(error, OcrfixError):
        message = str(error)
    elif isinstance(error, OSError):
        message = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    else:
        message = f"unexpected {type(error).__name__}: {error}"
    return Outcome(failed_row(name, path, message), "failed", "".join(traceback.format_exception(error)))


def failed_row(name: str, path: Path, message: str) -> SummaryRow:
    """The row of what could not be processed."""
    return SummaryRow(name, str(path), FAILED, " ".join(message.split()))
