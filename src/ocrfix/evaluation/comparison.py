"""The page on which a person sees the errors: gold and clean text side by side, aligned by word."""
from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from rapidfuzz.distance import Levenshtein

from ocrfix.evaluation.align import locate
from ocrfix.evaluation.rates import rates
from ocrfix.evaluation.transcription import Gold, Token, Transcript, Transcription


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens in a row: ``equal``, misread (``replace``), ``missing``, ``surplus``, or ``unsure`` in the gold."""

    kind: str
    gold: str
    clean: str


@dataclass
class Row:
    """A gold paragraph and what the clean text has in its place."""

    runs: list[Run] = field(default_factory=list)
    heading: bool = False


@dataclass(frozen=True)
class Section:
    """A page's body, or a note."""

    title: str
    character_error_rate: float
    word_error_rate: float
    errors: int
    rows: tuple[Row, ...]


def compare(got: Transcription, want: Transcription, title: str) -> Section:
    """Align two texts by white-space tokens, one row a gold paragraph."""
    gold, clean = want.tokens(words_only=False), got.tokens(words_only=False)
    starts = [token.start for token in gold]
    bounds = sorted({0, *(bisect.bisect_left(starts, at) for at in want.breaks)})
    rows = [Row(heading=any(bisect.bisect_left(starts, at) == bound for at in want.headings)) for bound in bounds]
    for op in Levenshtein.opcodes([t.text for t in clean], [t.text for t in gold]):
        source, low = op.src_start, op.dest_start
        while True:                                # an operation may run over the ends of paragraphs
            row = bisect.bisect_right(bounds, low) - 1
            high = min(op.dest_end, bounds[row + 1]) if row + 1 < len(bounds) else op.dest_end
            stop = op.src_end if high == op.dest_end else min(op.src_end, source + high - low)
            _add(rows[row], op.tag, gold[low:high], clean[source:stop])
            source, low = stop, high
            if low >= op.dest_end:
                break
    score = rates(got, want)
    return Section(title, score.characters.rate, score.tokens.rate, score.tokens.count,
                   tuple(row for row in rows if row.runs))


def _add(row: Row, tag: str, gold: list[Token], clean: list[Token]) -> None:
    if not gold and not clean:
        return
    kind = {"insert": "missing", "delete": "surplus"}.get(tag, tag)
    if kind != "equal" and gold and all(token.unsure for token in gold):
        kind = "unsure"
    row.runs.append(Run(kind, " ".join(t.text for t in gold), " ".join(t.text for t in clean)))


def write_comparison(gold: Gold, clean: Transcript, path: Path, *, whole: bool = False) -> None:
    """Write the error page: one HTML file that opens without a network."""
    sections = []
    for page in (gold.whole,) if whole else gold.pages:
        body = clean.body if whole else clean.body.cut(*locate(clean.body, page.body))
        sections.append(compare(body, page.body, page.name))
        for label, note in page.notes.items():
            sections.append(compare(clean.notes.get(label, Transcription()), note, f"{page.name} · [{label}]"))
    environment = Environment(loader=PackageLoader("ocrfix.outputs"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    html = environment.get_template("comparison.html").render(sections=sections)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8", newline="\n")
