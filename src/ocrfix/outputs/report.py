"""``report.html`` and ``index.html``: the standing record in which every change can be checked.

Start reading at :func:`write_report`.  A report is one file that needs no network: raw and clean text side by side,
page by page and paragraph by paragraph, under an overview of pages, confusions and stages.  The markup of a correction
is kept to its number and its stage; why it was made and how sure it is stands in one JSON table
(:mod:`ocrfix.outputs.explanations`), which the page's script shows where it is pointed at.  All text comes through
autoescaping templates, and a content security policy lets run no script but the report's own.
"""
from __future__ import annotations

import base64
import bisect
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ocrfix.document import PRINTED, Block, Document, Edit, Kind, Status
from ocrfix.estimates import is_estimated, page_estimates
from ocrfix.messages import translated
from ocrfix.outputs.confusions import confusions
from ocrfix.outputs.corrections import deciding_step, numbered
from ocrfix.outputs.explanations import explanations
from ocrfix.outputs.summary import DONE, SummaryRow, summarize
from ocrfix.outputs.text import Labels

STAGES = {"encoding": "e", "characters": "c", "calls": "n", "words": "w"}
"""The stages whose corrections have a colour and a mark of their own, with their class in the page's markup."""
OTHER = "o"
WORST = 10
"""So many pages are named in the overview, those with the highest estimated error rates."""
COMMONEST = 20
"""So many confusions are drawn in the overview."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A correction in the page: its number, the class of its stage, and whether a person should look at it."""

    number: int
    stage: str
    doubtful: bool
    applied: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text: plain, a correction, or a page's start.

    ``call`` is the number of the call printed behind it, ``label`` what is printed, ``target`` the number of its note.
    """

    text: str
    mark: Mark | None = None
    call: int | None = None
    target: int | None = None
    label: str = ""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A block: its raw text, and its clean text if it is printed.  ``call`` is the call of a note."""

    kind: str
    raw: tuple[Segment, ...]
    clean: tuple[Segment, ...]
    printed: bool
    label: str | None = None
    number: int | None = None
    call: int | None = None


@dataclass
class Sheet:
    """A page with the blocks that begin on it, and how many corrections and doubtful ones they hold.

    ``rate`` is its estimated word error rate; None if there is none, or if the page has no words.
    """

    number: int
    label: str | None
    rows: list[Row]
    corrections: int = 0
    doubtful: int = 0
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class StageCount:
    """The corrections of a stage: all, those of no doubt, those a person should look at, and those that one decided."""

    stage: str
    mark: str
    count: int
    automatic: int
    doubtful: int
    decided: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The documents of a run whose estimated error rate is at least ``low`` and below ``high`` (in percent)."""

    low: float
    high: float
    documents: int


def write_report(document: Document, path: Path, summary: SummaryRow | None = None) -> None:
    """Write the report of a document.  The same document gives the same bytes.

    ``summary`` is the document's row in the summary of the run, whose figures stand on top of the report.
    """
    name = Path(document.source.name).stem or document.source.name
    summary = summary or summarize(document, name, document.source.name)
    edits = [edit for _, _, edit in numbered(document)]            # the n-th is c-n
    numbers = {id(edit): n for n, edit in enumerate(edits, 1)}
    sheets = list(_sheets(document, numbers))
    by_status = Counter(str(edit.status) for edit in edits)
    found = confusions(edits)
    _write("report.html", path, summary=summary, sheets=sheets, data=explanations(document, edits),
           messages=document.messages, stages=_stage_counts(edits),
           statuses=[(str(status), by_status[status]) for status in Status if by_status[status]],
           worst=_worst(sheets), confusions=found[:COMMONEST], kinds_of_confusion=len(found))


def _worst(sheets: Iterable[Sheet]) -> list[Sheet]:
    """The pages with the highest estimated error rates, at most :data:`WORST`, the worst first."""
    known = [sheet for sheet in sheets if sheet.rate is not None]
    return sorted(known, key=lambda sheet: -(sheet.rate or 0.0))[:WORST]


def _stage_counts(edits: Iterable[Edit]) -> list[StageCount]:
    """The corrections of each stage that has some, in the order of the stages; unknown stages last, by name."""
    by_stage: dict[str, Counter[Status]] = {}
    for edit in edits:
        by_stage.setdefault(deciding_step(edit).stage, Counter())[edit.status] += 1
    known = [stage for stage in (*STAGES, *sorted(set(by_stage) - set(STAGES))) if stage in by_stage]
    return [StageCount(stage, STAGES.get(stage, OTHER), counts.total(), counts[Status.AUTO], counts[Status.REVIEW],
                       counts.total() - counts[Status.AUTO] - counts[Status.REVIEW])
            for stage, counts in ((stage, by_stage[stage]) for stage in known)]


def write_index(rows: Iterable[SummaryRow], path: Path) -> None:
    """Write the page of a run: its documents, those that failed and those with most errors first, and the totals."""
    ordered = sorted(rows, key=lambda row: (row.status == DONE, -(row.error_rate_estimate or 0.0),
                                            -row.review / max(row.words, 1), row.document, row.source))
    rates = [(row.error_rate_estimate, row.words) for row in ordered if row.error_rate_estimate is not None]
    words = sum(count for _, count in rates)
    worst = max((rate for rate, _ in rates), default=0.0)
    bins = _bins([rate for rate, _ in rates])
    totals = SummaryRow(
        "", "", pages=sum(row.pages for row in ordered), words=sum(row.words for row in ordered),
        corrections=sum(row.corrections for row in ordered), review=sum(row.review for row in ordered),
        notes=sum(row.notes for row in ordered),
        error_rate_estimate=round(sum(rate * count for rate, count in rates) / words, 4) if words else None)
    _write("index.html", path, messages=[row.message for row in ordered], rows=ordered, totals=totals,
           done=sum(row.status == DONE for row in ordered), worst=worst, bins=bins,
           most=max((bin.documents for bin in bins), default=0))


def write_parts(total: SummaryRow, parts: Iterable[tuple[str, SummaryRow, str]], path: Path) -> None:
    """Write the report of a large text: a list of its parts, which have reports of their own.

    Args:
        total: the row of the whole.
        parts: of each part the folder beside the report, its row, and its pages (``1–512``).
        path: the report.
    """
    parts = list(parts)
    _write("parts.html", path, messages=[row.message for _, row, _ in parts],
           tables=("interface.json", "parts.json"), total=total, parts=parts)


def _bins(rates: Sequence[float]) -> list[Bin]:
    """How many of the rates (0 to 1) lie where: at most a dozen bins of equal width, from 0 to the highest.

    >>> [(b.low, b.high, b.documents) for b in _bins([0.001, 0.004, 0.012])]
    [(0.0, 0.5, 2), (0.5, 1.0, 0), (1.0, 1.5, 1)]
    """
    if not rates:
        return []
    exact = [round(10_000 * rate) for rate in rates]                     # as the summary has them: to four places
    width = next(width for width in (50, 100, 200, 500, 1000) if max(exact) < 12 * width)
    counts = Counter(rate // width for rate in exact)
    return [Bin(k * width / 100, (k + 1) * width / 100, counts[k]) for k in range(max(counts) + 1)]


# Rows ---------------------------------------------------------------------------------------------------------------

def _sheets(document: Document, numbers: dict[int, int]) -> Iterator[Sheet]:
    """The pages in order, each with the blocks that begin there in the order of the input."""
    labels = Labels.of(document)
    notes = list(document.notes())
    note_number = {id(note): n for n, note in enumerate(notes, 1)}
    target = {label: n for n, label in enumerate(labels.of_note, 1)}
    calls: dict[int, tuple[int, int | None]] = {}          # of an edit: the number of its call, and of its note
    call_of_note: dict[int, int] = {}
    called = (edit for block in (*document.body(), *notes) for edit in block.edits
              if edit.call is not None and edit.applied)
    for n, (edit, label) in enumerate(zip(called, labels.of_call, strict=True), 1):
        note = target.get(label)
        calls[id(edit)] = n, note
        if note is not None:
            call_of_note.setdefault(note, n)
    starts = [page.span.start for page in document.pages]
    estimates = page_estimates(document) if is_estimated(document) else {}
    sheets = [Sheet(page.number, page.label, [], rate=estimates[page.number].rate if estimates else None)
              for page in document.pages] or [Sheet(1, None, [])]
    for block in sorted(document.blocks, key=lambda block: block.spans):
        if block.kind is Kind.BLANK or not any(document.text[span.start:span.end].strip() for span in block.spans):
            continue
        sheet = sheets[max(bisect.bisect_right(starts, block.start) - 1, 0)]
        number = note_number.get(id(block))
        raw, clean = _segments(document, block, numbers, calls)
        sheet.rows.append(Row(
            block.kind.replace(" ", "-"), tuple(raw), tuple(clean) if block.kind in PRINTED else (),
            block.kind in PRINTED, block.label or (labels.of_note[number - 1] if number else None), number,
            call_of_note.get(number) if number else None))
        marks = [segment.mark for segment in clean if segment.mark is not None]
        sheet.corrections += len(marks)
        sheet.doubtful += sum(mark.doubtful for mark in marks)
    yield from sheets


def _segments(document: Document, block: Block, numbers: dict[int, int],
              calls: dict[int, tuple[int, int | None]]) -> tuple[list[Segment], list[Segment]]:
    """A block's raw and clean text, each correction once in both."""
    raw: list[Segment] = []
    clean: list[Segment] = []
    pages = document.pages
    starts = [page.span.start for page in pages]
    page = max(bisect.bisect_right(starts, block.start) - 1, 0)
    for piece in block.pieces(document.text):
        for span in piece.spans[:1]:
            here = max(bisect.bisect_right(starts, span.start) - 1, 0)
            if here != page:
                raw.append(Segment("", page=pages[here].label or str(pages[here].number)))
                page = here
        edit = piece.edit
        if edit is None:
            position, end = piece.spans[0].start, piece.spans[0].end
            while page + 1 < len(pages) and starts[page + 1] < end:
                raw.append(Segment(document.text[position:starts[page + 1]]))
                page += 1
                position = starts[page]
                raw.append(Segment("", page=pages[page].label or str(pages[page].number)))
            raw.append(Segment(document.text[position:end]))
            clean.append(Segment(piece.text))
            continue
        number = numbers.get(id(edit))
        mark = None if number is None else Mark(number, STAGES.get(deciding_step(edit).stage, OTHER),
                                                edit.status is Status.REVIEW, edit.applied)
        raw.append(Segment(document.raw_of(edit), mark))
        call, target = calls.get(id(edit), (None, None))
        clean.append(Segment(piece.text, mark, call, target, edit.call or ""))
    return _trimmed(raw), _trimmed(clean)


_EMPTY_LINES = re.compile(r"(?<![^\S\n])[^\S\n]*\n\s*\n")


def _trimmed(segments: list[Segment]) -> list[Segment]:
    """Without the empty lines in and round a block, which would tear the two columns apart."""
    segments = [s if s.mark is not None else replace(s, text=_EMPTY_LINES.sub("\n", s.text)) for s in segments]
    if segments and segments[0].mark is None:
        segments[0] = replace(segments[0], text=segments[0].text.lstrip("\r\n\f"))
    if segments and segments[-1].mark is None and segments[-1].call is None:
        segments[-1] = replace(segments[-1], text=segments[-1].text.rstrip())
    return segments


# Templates ----------------------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("ocrfix.outputs"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters["json"] = json_for_html
    environment.filters["number"] = lambda n: f"{n:,}".replace(",", "\u2009")
    environment.filters["visible"] = visible
    environment.filters["percent"] = lambda rate: "–" if rate is None else f"{100 * rate:.1f} %"
    environment.filters["address"] = lambda name: quote(name, safe="", errors="surrogateescape")
    return environment


def visible(text: str) -> str:
    """A segment of text as it can be seen: white space as a sign, nothing as the empty set.

    >>> visible("a b\\n"), visible("")
    ('a␣b⏎', '∅')
    """
    return re.sub(r"\s", "␣", text.replace("\n", "⏎")) or "∅"


def json_for_html(value: object) -> Markup:
    """JSON that may stand in a ``script`` element: nothing in it can end the element or a line of script.

    >>> print(json_for_html("</script><!--\\u2028"))
    "\\u003c/script\\u003e\\u003c!--\\u2028"
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _source(name: str) -> str:
    return resources.files("ocrfix.outputs").joinpath("templates", name).read_text(encoding="utf-8")


def _words(messages: Iterable[str], tables: Iterable[str]) -> dict[str, dict[str, str]]:
    """The words of the interface by language, from some tables, with messages as ``message_1`` and so on."""
    words: dict[str, dict[str, str]] = {}
    for table in tables:
        for language, own in json.loads(_source(table)).items():
            words[language] = words.get(language, {}) | own
    for number, message in enumerate(messages, 1):
        for language, named in words.items():
            if message:
                named[f"message_{number}"] = translated(message, language)
    return words


def _write(template: str, path: Path, messages: Iterable[str], tables: Iterable[str] = ("interface.json",),
           **values: object) -> None:
    """Render a template with the scripts and words of the interface, and write it."""
    script = _source("interface.js") + _source(template.replace(".html", ".js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = _environment().get_template(template).render(
        script=Markup(script), script_hash=digest, words=_words(messages, tables), messages=messages, **values)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_SURROGATE.sub("\ufffd", html).encode())
