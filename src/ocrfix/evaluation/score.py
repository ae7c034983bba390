"""The scores of a text against ground truth.  Start reading at :func:`score`.

A gold that covers the whole document is compared with all of the clean text: running heads, notes left in the body and
doubled passages count as errors.  A gold of some pages is compared page by page, each with the stretch of the clean
text that reads like it.
"""
from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from pathlib import Path

from ocrfix.evaluation.align import locate, project
from ocrfix.evaluation.notes import NoteScore, count_leaks, score_notes
from ocrfix.evaluation.rates import Rates, rates
from ocrfix.evaluation.structure import Structure, structure
from ocrfix.evaluation.transcription import Gold, Transcript, Transcription, read_text

Report = dict[str, object]
"""What is printed as JSON."""


@dataclass
class Score:
    """The scores of one text, summed over pages."""

    body: Rates = field(default_factory=Rates)
    notes: NoteScore = field(default_factory=NoteScore)
    structure: Structure = field(default_factory=Structure)
    leaks: int = 0
    pages: dict[str, tuple[Rates, Rates]] = field(default_factory=dict)

    def add(self, page: str, body: Rates, notes: NoteScore, marks: Structure, leaks: int) -> None:
        self.body += body
        self.notes += notes
        self.structure |= marks
        self.leaks += leaks
        self.pages[page] = (body, notes.rates)

    def as_dict(self, *, with_structure: bool, per_page: bool) -> Report:
        """The record that is printed: rates rounded to four places, None where the gold has no such text."""
        out: Report = {
            "body": {**self.body.as_dict(), "words": self.body.words.length},
            "notes": {**self.notes.rates.as_dict(), "words": self.notes.rates.words.length},
        }
        if with_structure:
            out |= {
                "calls": self.structure.calls.as_dict(),
                "breaks": self.structure.breaks.as_dict(),
                "heads": self.structure.headings.as_dict(),
                "notes_found": [self.notes.found, self.notes.gold],
                "notes_misnumbered": self.notes.misnumbered,
                "leaks": self.leaks,
            }
        if per_page:
            out["pages"] = {
                name: {"body": {k: v if v is not None else 0.0 for k, v in body.as_dict().items()},
                       "notes": notes.as_dict()}
                for name, (body, notes) in self.pages.items()
            }
        return out


def score(gold: Gold, clean: Transcript, *, whole: bool = False) -> Score:
    """Score a cleaned text.  ``whole``: the gold covers the whole document, so everything in the text counts."""
    out = Score()
    for page in (gold.whole,) if whole else gold.pages:
        body = clean.body if whole else clean.body.cut(*locate(clean.body, page.body))
        notes = score_notes(clean.notes, page.notes, set() if whole else page.continued, count_surplus=whole)
        out.add(page.name, rates(body, page.body), notes, structure(page.name, body, page.body),
                count_leaks(page.notes.values(), clean.body.text))
    return out


def score_untouched(gold: Gold, raw: Path, *, whole: bool = False) -> Score:
    """Score the OCR as it came: a folder of pages ``pNN.txt``, or a file where the gold is one.

    Raises:
        InputError: the OCR of a page is missing.
    """
    out = Score()
    for page in gold.pages:
        text = read_text(raw if raw.is_file() else raw / f"{page.name}.txt")
        body, parts = _divide(text, page)
        notes = score_notes(parts, page.notes, set() if whole else page.continued, count_surplus=False)
        out.add(page.name, rates(body, page.body), notes, Structure(), 0)
    return out


def _divide(text: str, gold: Transcript) -> tuple[Transcription, dict[str, Transcription]]:
    """Cut an OCR page into body and notes where it aligns best with the gold: the kindest cut there is."""
    page, truth = Transcription(), Transcription()
    page.add(text, joined=True)
    truth.add(gold.body.text, joined=True)
    starts = []
    for note in gold.notes.values():
        starts.append(len(truth) + 1)
        truth.add(note.text, joined=True)
    offsets = project(page.text, truth.text)
    cuts = [bisect.bisect_left(offsets, start) for start in starts] + [len(page)]
    return page.cut(0, cuts[0]), {
        label: page.cut(start, end) for label, start, end in zip(gold.notes, cuts, cuts[1:], strict=False)}
