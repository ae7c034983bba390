"""One document of a run: read, cleaned unless that was done before, written, recorded.

A :class:`Job` holds what all documents of a run have in common.  It can be pickled, so that other processes can do it;
each of them loads the lexicons once, when it needs them first.
"""
from __future__ import annotations

import errno
import os
import traceback
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ocrfix.api import read_input
from ocrfix.document import Document
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.large.clean import clean_in_parts, forget_parts
from ocrfix.large.source import is_large
from ocrfix.messages import message
from ocrfix.outputs.summary import FAILED, SummaryRow, summarize
from ocrfix.pipeline import Pipeline
from ocrfix.places import FULL, Place, fetched
from ocrfix.records import Dependencies, Record, changes, hash_of_file, write_recorded
from ocrfix.reports import Reports, UnreachableError, reports_at
from ocrfix.settings import Settings
from ocrfix.stages import ingest

REFUSED = frozenset({errno.EACCES, errno.EPERM})
"""Errors of writing that meet every further document if the folder of the reports itself is meant."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be cleaned.

    Attributes:
        path: its place.
        name: of its document.
        source: the input as it was named.
    """

    path: Place
    name: str
    source: str


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

    out: Place
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

    @property
    def reports(self) -> Reports:
        """The reports folder, or what is one at a URL."""
        return reports_at(self.out)

    def __getstate__(self) -> dict[str, object]:
        """All but the lexicons: they are loaded faster than sent."""
        return {name: value for name, value in vars(self).items() if name != "knowledge"}

    def plan(self, item: Input) -> str:
        """Why a document has to be done, in a few words; empty if it is up to date.

        Raises:
            InputError: the file cannot be read.
        """
        with fetched(item.path) as path:
            return self._look(item, path, None if is_large(path, self.settings) else read_input(path))[0]

    def do(self, item: Input) -> Outcome:
        """Do one document, if that is needed.

        Raises:
            OcrfixError: no other document can be done either: the lexicons are damaged, the disk is full.
        """
        with ExitStack() as held:
            try:
                path = held.enter_context(fetched(item.path))
                data = None if is_large(path, self.settings) else read_input(path)
                why, record, depends = self._look(item, path, data)
                if record is not None and not why:
                    return Outcome(record.row_of(item.source))
                document = None if data is None else ingest.read(data, item.path.name, self.settings.format)
            except UnreachableError:
                raise
            except Exception as error:
                return failure(item.name, item.source, error)
            knowledge = self.knowledge
            try:
                with self.reports.writing(item.name, record) as folder:
                    row = self._write(item, path, document, folder, depends, knowledge)
            except UnreachableError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and self._meets_all(error):
                    raise OcrfixError(f"{self.out}: cannot be written: {error.strerror}") from error
                return failure(item.name, item.source, error)
        return Outcome(row, why)

    def _write(self, item: Input, path: Path, document: Document | None, folder: Path,
               depends: dict[str, str] | None, knowledge: Knowledge) -> SummaryRow:
        """Clean a document, or in parts what is too large to be held, and write it and its record into a folder."""
        if document is None:
            row, names = clean_in_parts(path, item.name, item.source, folder, self.settings, self.pipeline, knowledge,
                                        self.dependencies, force=self.force)
        else:
            document = self.pipeline.run(document, self.settings, knowledge)
            document.check()
            row = summarize(document, item.name, item.source)
            write_recorded(document, folder, row, self.settings, depends)
            forget_parts(folder)
            return row
        if depends is not None:
            Record.of(folder, depends, row, names).write(folder)
        return row

    def lost(self, item: Input, how: str) -> Outcome:
        """The outcome of a document that worker processes died of."""
        why = message(f"a worker process died of it, and so did a second one ({how})")
        return Outcome(failed_row(item.name, item.source, why), "failed")

    def sweep(self, item: Input) -> None:
        """Remove what a process that was stopped or died left half written of a document."""
        with suppress(OSError):
            self.reports.sweep(item.name)

    def _look(self, item: Input, path: Path, data: bytes | None,
              ) -> tuple[str, Record | None, dict[str, str] | None]:
        """Why a document has to be done, its record, and what it depends on, so far as that is known.

        ``path``: the input, or a copy of it; ``data``: what it holds, None if that is too large to be held.
        """
        if self.dependencies is None:
            return message("own stages"), None, None
        if data is None:
            depends = self.dependencies.of_digest(item.name, item.path.name, hash_of_file(path))
        else:
            depends = self.dependencies.of_document(item.name, item.path.name, data)
        reports = self.reports
        record = reports.record(item.name)
        why = changes(record, depends) or (reports.damage(item.name, record) if record is not None else "")
        return why or message("forced") * self.force, record, depends

    def _meets_all(self, error: OSError) -> bool:
        """Whether an error of writing would meet every further document too."""
        return error.errno in {*FULL, errno.EIO} or (isinstance(self.out, Path) and error.errno in REFUSED
                                                     and not os.access(self.out, os.W_OK | os.X_OK))


def failure(name: str, source: str, error: Exception) -> Outcome:
    """The outcome of what could not be processed."""
    if isinstance(error, OcrfixError):
        why = str(error)
    elif isinstance(error, OSError):
        why = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    else:
        why = message(f"unexpected {type(error).__name__}: {error}")
    return Outcome(failed_row(name, source, why), "failed", "".join(traceback.format_exception(error)))


def failed_row(name: str, source: str, why: str) -> SummaryRow:
    """The row of what could not be processed."""
    return SummaryRow(name, source, FAILED, " ".join(why.split()))
