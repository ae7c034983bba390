"""``summary.csv``: one row a document of a run."""
from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ocrfix.document import Document, Status
from ocrfix.estimates import document_estimate, is_estimated

DONE = "done"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """What became of one document.

    Attributes:
        document: the name of its folder among the reports.
        source: the input file as it was named.
        status: ``done`` or ``failed``.
        message: what went wrong, or what a person should know.
        pages, words, corrections, review, notes: counts; ``words`` of the clean text, ``review`` of the corrections
            that a person should look at.
        error_rate_estimate: share of the words, 0 to 1, that are probably still wrong; None if there is no estimate.
    """

    document: str
    source: str
    status: str = DONE
    message: str = ""
    pages: int = 0
    words: int = 0
    corrections: int = 0
    review: int = 0
    notes: int = 0
    error_rate_estimate: float | None = None


def summarize(document: Document, name: str, source: str) -> SummaryRow:
    """Count a document.

    Its error rate is estimated where the words were looked at: without that stage nothing is known of those that were
    left alone.
    """
    words = sum(len(block.current(document.text).split()) for block in document.printed())
    edits = [edit for block in document.printed() for edit in block.edits if not edit.is_join]
    rate = document_estimate(document).rate if is_estimated(document) else None
    return SummaryRow(name, source, DONE, "; ".join(document.messages), len(document.pages), words, len(edits),
                      sum(edit.status is Status.REVIEW for edit in edits), sum(1 for _ in document.notes()),
                      None if rate is None else round(rate, 4))


def write_summary(rows: Sequence[SummaryRow], path: Path) -> None:
    """Write the rows in the order given; an unknown error rate is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(SummaryRow)])
    for row in rows:
        values = asdict(row)
        if row.error_rate_estimate is not None:
            values["error_rate_estimate"] = f"{row.error_rate_estimate:.4f}"
        writer.writerow(values.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode("utf-8", "replace"))
