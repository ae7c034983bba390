"""Cleaning a large text: learn from the whole of it, clean part after part, put the outputs together."""
from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ocrfix import serialize
from ocrfix.adaptation import Elsewhere, Sightings, adapt
from ocrfix.document import Document, Kind
from ocrfix.knowledge import Knowledge
from ocrfix.large.assembly import NAMES, Assembly
from ocrfix.large.decisions import of_parts
from ocrfix.large.division import FOLDER, Part, divide
from ocrfix.large.source import LargeText
from ocrfix.large.words import MOST_WORDS, running_text
from ocrfix.messages import message
from ocrfix.outputs.files import sweep
from ocrfix.outputs.summary import SummaryRow, summarize
from ocrfix.pipeline import Pipeline, Stage
from ocrfix.records import RECORD, Dependencies, Record, changes, damage, write_recorded
from ocrfix.settings import Settings
from ocrfix.stages import layout, words

log = logging.getLogger("ocrfix")


@dataclass(frozen=True)
class Cleaning:
    """What the parts of a large text have in common.

    Attributes:
        source: the text.
        name: of the document among the reports.
        folder: of its outputs.
        settings: the options, with the decisions as they hold for the parts.
        pipeline, knowledge: the stages and lexicons.
        dependencies: what all outputs depend on; None: it is not known, and every part is done.
        force: do what is up to date too.
    """

    source: LargeText
    name: str
    folder: Path
    settings: Settings
    pipeline: Pipeline
    knowledge: Knowledge
    dependencies: Dependencies | None
    force: bool


def clean_in_parts(path: Path, name: str, shown: str, folder: Path, settings: Settings, pipeline: Pipeline,
                   knowledge: Knowledge, dependencies: Dependencies | None, *, force: bool,
                   ) -> tuple[SummaryRow, list[str]]:
    """Clean a large text and write its outputs; the parts that a run before this one has done are taken from there.

    Args:
        path: the input, or a copy of it.
        name: of its document among the reports.
        shown: the input as it was named.
        folder: where its outputs go.
        settings, pipeline, knowledge: as for any document.
        dependencies: what the outputs of a run depend on; None: it is not known, and every part is done.
        force: do what is up to date too.

    Returns:
        The row of the document in the summary of the run, and the names of all files, in ``folder``; records of the
        parts with them.

    Raises:
        InputError: the input is no text.
        OcrfixError: a part cannot be cleaned or written.
        OSError: a file cannot be read or written; the parts that are done stay.
    """
    source = LargeText.open(path)
    parts, whole = _learned(source, settings, knowledge)
    decisions, gone = of_parts(source, parts, settings.decisions)
    settings = replace(settings, decisions=decisions)
    if dependencies is not None:
        dependencies = replace(dependencies, settings=settings)
    cleaning = Cleaning(source, name, folder, settings, pipeline, knowledge, dependencies, force)
    folder.mkdir(parents=True, exist_ok=True)
    names = list(NAMES)
    notes_before, costs = 0, dict[str, float]()
    with Assembly(source, folder, page_marks=settings.page_marks) as assembly:
        for part in parts:
            document, row, written = _done(cleaning, part, notes_before, whole, costs)
            assembly.add(part, document, row)
            names += [f"{part.folder}/{file}" for file in (*written, *([RECORD] if dependencies else []))]
            notes_before = last_note(document) or notes_before
            log.info(message(f"{shown}: part {part.number} of {len(parts)}"))
        total = assembly.finish(name, shown, gone)
    forget_parts(folder, behind=len(parts))
    return total, names


def _learned(source: LargeText, settings: Settings, knowledge: Knowledge) -> tuple[list[Part], Sightings]:
    """The first pass: where the parts are, and the words of the whole."""
    parts: list[Part] = []
    whole = Sightings()
    for part, text in divide(source, settings.divide_above, knowledge):
        parts.append(part)
        if words.STAGE not in settings.skip:
            whole.add(running_text(text, source.page_starts(text)))
            whole.forget(MOST_WORDS)
    return parts, whole


def _done(cleaning: Cleaning, part: Part, notes_before: int, whole: Sightings, costs: dict[str, float],
          ) -> tuple[Document, SummaryRow, list[str]]:
    """A part cleaned, its row and the names of its files; as it is on disk if it is up to date."""
    folder = cleaning.folder / part.folder
    document = cleaning.source.part(part.name(cleaning.source.path.name), part.start, part.end)
    depends = _depends(cleaning, part, document, notes_before)
    record = Record.read(folder)
    if (depends is not None and record is not None and not cleaning.force
            and not changes(record, depends) and not damage(record, folder)):
        return serialize.load(folder / "document.json"), record.row, list(record.files)
    here = Sightings()
    here.add(running_text(document.text, [page.span.start for page in document.pages]))
    listed = cleaning.source.notes_from is not None and cleaning.source.notes_from < part.offset
    pipeline = _of_part(cleaning.pipeline, notes_before, listed, Elsewhere(whole, here, costs))
    document = pipeline.run(document, cleaning.settings, cleaning.knowledge)
    document.check()
    row = summarize(document, part.name(cleaning.name), document.source.name)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    return document, row, write_recorded(document, folder, row, cleaning.settings, depends)


def _depends(cleaning: Cleaning, part: Part, document: Document, notes_before: int) -> Mapping[str, str] | None:
    """What the outputs of a part depend on: among that the whole text, which tells of its words."""
    if cleaning.dependencies is None:
        return None
    own = cleaning.dependencies.of_digest(part.name(cleaning.name), document.source.name, document.source.sha256)
    return {**own, "whole": cleaning.source.sha256, "notes before": str(notes_before)}


def _of_part(pipeline: Pipeline, notes_before: int, listed: bool, elsewhere: Elsewhere) -> Pipeline:
    """The pipeline for one part, in which our own stages know what they need of the others."""
    def told(stage: Stage) -> Stage:
        if stage.run is layout.classify:
            return Stage(stage.name, partial(layout.classify, notes_before=notes_before, listed=listed))
        if stage.run is words.correct_words:
            return Stage(stage.name, partial(words.correct_words, adapting=partial(adapt, elsewhere=elsewhere)))
        return stage

    return replace(pipeline, stages=tuple(map(told, pipeline.stages)))


def last_note(document: Document) -> int:
    """The number of the last note of a part; 0 if it has none with a number."""
    numbers = [block.label.rpartition(".")[2] for block in document.blocks
               if block.kind is Kind.NOTE and block.rule == "note-sequence" and block.label is not None]
    return next((int(number) for number in reversed(numbers) if number.isdecimal()), 0)


def forget_parts(folder: Path, behind: int = 0) -> None:
    """Delete the parts of an earlier run behind so many, or all, from the folder of a document."""
    parts = folder / FOLDER
    for old in list(parts.glob("[0-9]*")):
        if re.fullmatch(r"\d{4,}", old.name) and int(old.name) > behind:
            shutil.rmtree(old)
    if parts.is_dir() and not any(parts.iterdir()):
        parts.rmdir()
