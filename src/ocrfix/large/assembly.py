"""The outputs of a large text, put together from its parts as they are done.

Start reading at :class:`Assembly`.  What is held is one part, the labels of the notes, and a line for each part: the
clean texts and the table are written as the parts come, the notes to a file without a name until the body is complete.
"""
from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import TextIO

from ocrfix.decisions.model import Decision
from ocrfix.document import Document
from ocrfix.errors import InputError
from ocrfix.estimates import Estimate, document_estimate, is_estimated
from ocrfix.large.division import Part
from ocrfix.large.manifest import Entry, Manifest
from ocrfix.large.source import LargeText
from ocrfix.messages import message
from ocrfix.outputs.corrections import Row, rows, write_table
from ocrfix.outputs.files import replacing
from ocrfix.outputs.formats import corpus
from ocrfix.outputs.report import write_parts
from ocrfix.outputs.summary import SummaryRow
from ocrfix.outputs.text import NOTES_LINE, Labels, PageMarks, marked_up_paragraphs, plain_paragraphs
from ocrfix.stages.decided import shown

NAMES = ("clean.txt", "clean.md", "corrections.csv", "document.json", "report.html")
NAMED = 3
"""So many parts that have something to say are named in the message of the whole."""


class Naming:
    """Labels of notes that are unique through all parts: what an earlier part has gets a second number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def of(self, document: Document) -> Labels:
        """The labels of the next part."""
        labels = Labels.of(document)
        names = {label: self._free(label) for label in labels.of_note}
        return Labels(tuple(names.values()), tuple(names.get(label, label) for label in labels.of_call))

    def _free(self, label: str) -> str:
        name, number = label, self._last.get(label, 1)
        while name in self._taken:
            number += 1
            name = f"{label}-{number}"
        if number > 1:
            self._last[label] = number
        self._taken.add(name)
        return name


class _Paragraphs:
    """A clean text that is written as its paragraphs come: the body, and in the end the notes."""

    def __init__(self, body: TextIO, notes: TextIO, rule: str = "") -> None:
        self._body = body
        self._notes = notes
        self._rule = rule
        self.empty = self._noteless = True

    def add(self, body: Sequence[str], notes: Sequence[str]) -> None:
        """The paragraphs and notes of the next part."""
        for paragraph in body:
            self._write(paragraph)
        for note in notes:
            self._noteless = False
            self._notes.write(f"\n\n{note}")

    def end(self) -> None:
        """Add the notes."""
        if not self._noteless:
            if self._rule:
                self._write(self._rule)
            self._notes.seek(2 if self.empty else 0)            # at the start of the file no blank line
            shutil.copyfileobj(self._notes, self._body)
            self.empty = False
        self._body.write("" if self.empty else "\n")

    def _write(self, paragraph: str) -> None:
        self._body.write(paragraph if self.empty else f"\n\n{paragraph}")
        self.empty = False


class Assembly:
    """The files of a large text in its folder, which take the places of those of an earlier run in the end.

    Args:
        source: the input.
        folder: where the files are put; it is there.
        page_marks: see :func:`~ocrfix.outputs.text.clean_md`.
    """

    def __init__(self, source: LargeText, folder: Path, *, page_marks: bool) -> None:
        self._source = source
        self._folder = folder
        self._page_marks = page_marks
        self._naming = Naming()
        self._entries: list[Entry] = []
        self._rows: list[SummaryRow] = []
        self._estimate: Estimate | None = None
        self._corrections = 0
        self._digest = hashlib.sha256()
        self._files = ExitStack()

    def __enter__(self) -> Assembly:
        with ExitStack() as opened:
            self._paths = [opened.enter_context(replacing(self._folder / name)) for name in NAMES]
            txt, md, csv = (opened.enter_context(path.open("w", encoding="utf-8", errors=errors, newline=""))
                            for path, errors in zip(self._paths, ("strict", "strict", "surrogatepass"), strict=False))
            notes = [opened.enter_context(TemporaryFile("w+", encoding="utf-8", newline="", dir=self._folder))
                     for _ in range(2)]
            self._txt, self._md, self._csv = _Paragraphs(txt, notes[0], NOTES_LINE), _Paragraphs(md, notes[1]), csv
            self._files = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._files.__exit__(kind, error, trace)

    def add(self, part: Part, document: Document, row: SummaryRow) -> None:
        """Take in the next part, whose row in its own report is ``row``."""
        labels = self._naming.of(document)
        self._txt.add(*plain_paragraphs(document, labels))
        marks = PageMarks(document, part.page, turns=part.turns) if self._page_marks else None
        body, notes = marked_up_paragraphs(document, labels, marks)
        if body and self._md.empty and body[0].startswith("%"):
            body[0] = "\\" + body[0]                               # a file that begins with % has a title block
        self._md.add(body, notes)
        write_table(self._counted(part, document), self._csv, header=not self._rows)
        if is_estimated(document):
            self._estimate = (self._estimate or Estimate()) + document_estimate(document)
        self._digest.update(document.restore())
        self._rows.append(row)
        self._entries.append(Entry(
            f"{part.folder}/document.json", document.source.size, document.source.sha256, part.offset, part.page,
            part.line, part.turns, len(document.pages), row.words, row.corrections, row.review, row.notes,
            row.error_rate_estimate))

    def _counted(self, part: Part, document: Document) -> Iterator[Row]:
        """The corrections of a part, numbered and placed through the whole input."""
        for row in rows(document):
            self._corrections += 1
            line = row.line + part.line - 1 if row.page == 1 else row.line
            yield replace(row, id=f"c-{self._corrections}", page=row.page + part.page - 1, line=line,
                          start=row.start + part.offset, end=row.end + part.offset)

    def finish(self, name: str, named: str, gone: Sequence[Decision]) -> SummaryRow:
        """Write what is told of the whole; returns its row in the summary of the run.

        Args:
            name: of the document among the reports.
            named: the input as it was named.
            gone: the decisions whose place is in no part.

        Raises:
            InputError: the parts together are not the input that was looked over.
        """
        if self._digest.hexdigest() != self._source.sha256:
            raise InputError("was changed while it was read")
        self._txt.end()
        self._md.end()
        last = self._entries[-1]
        rate = self._estimate.rate if self._estimate is not None else None
        total = SummaryRow(
            name, named, message=self._message(gone), pages=last.page + last.pages - 1,
            words=sum(row.words for row in self._rows), corrections=sum(row.corrections for row in self._rows),
            review=sum(row.review for row in self._rows), notes=sum(row.notes for row in self._rows),
            error_rate_estimate=None if rate is None else round(rate, 4))
        Manifest(self._source.path.name, self._source.size, self._source.sha256, tuple(self._entries)).write(
            self._paths[NAMES.index("document.json")])
        write_parts(total, [(entry.document.rpartition("/")[0], row, f"{entry.page}–{entry.page + entry.pages - 1}")
                            for entry, row in zip(self._entries, self._rows, strict=True)],
                    self._paths[NAMES.index("report.html")])
        return total

    def _message(self, gone: Sequence[Decision]) -> str:
        """That the text was divided, which parts have something to say, and which decisions no longer apply."""
        parts = len(self._rows)
        talking = [str(number) for number, row in enumerate(self._rows, 1) if row.message]
        where = message(f"in {parts} parts")
        if talking:
            named = ", ".join(talking[:NAMED]) + (" ..." if len(talking) > NAMED else "")
            where += "; " + message(f"remarks on {named}")
        if gone:
            return message(f"{where}. {len(gone)} decisions no longer apply: {shown(gone)}")
        return where


def rows_of_parts(parts: Iterable[tuple[Entry, Document]], name: str) -> Iterator[corpus.Row]:
    """The rows of a large text in the corpus, counted through all of its parts.

    Args:
        parts: as the manifest lists them, with their documents.
        name: of the document among the reports.
    """
    naming = Naming()
    number = 0
    for entry, document in parts:
        for row in corpus.rows(document, name, naming.of(document)):
            number += 1
            yield replace(row, block=number, page=row.page + entry.page - 1)
