"""Decisions as CSV, which a person can read and git can merge: a line a decision, in the order of the text's readings.

Two reviewers who decide on different places add lines in different parts of the file.  Nothing is lost by exporting and
importing: identities go along, and what is there already is left as it is.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ocrfix.decisions.model import Decision
from ocrfix.decisions.store import COLUMNS, Undo, decision_of, row_of
from ocrfix.errors import OcrfixError

UNDO_COLUMNS = ("undo_id", "undo_time", "undo_reviewer")
HEADER = (*COLUMNS, *UNDO_COLUMNS)


def to_csv(decisions: Sequence[Decision], undone: Sequence[Undo]) -> str:
    """Decisions, those of undone answers too, as CSV."""
    first: dict[str, Undo] = {}
    for undo in undone:
        first.setdefault(undo.answer, undo)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for d in sorted(decisions, key=lambda d: (d.document, d.place.raw, d.place.before, d.place.after, d.time, d.id)):
        taken_back = first.get(d.answer)
        writer.writerow([*row_of(d), *((taken_back.id, taken_back.time, taken_back.reviewer) if taken_back else
                                       ("", "", ""))])
    return out.getvalue()


def from_csv(text: str, name: str) -> tuple[list[Decision], list[Undo]]:
    """The decisions and undoings in CSV.

    Args:
        name: what to call the file in messages.

    Raises:
        OcrfixError: the columns are others, or a line is damaged; nothing is returned then.
    """
    reader = csv.reader(io.StringIO(text))
    try:
        if tuple(next(reader, ())) != HEADER:
            raise OcrfixError(f"{name}: not a file of decisions: its columns are not {','.join(HEADER)}")
        decisions: list[Decision] = []
        undone: dict[str, Undo] = {}
        for row in reader:
            if len(row) != len(HEADER):
                raise OcrfixError(f"{name}, line {reader.line_num}: {len(row)} columns instead of {len(HEADER)}")
            *cells, undo_id, undo_time, undo_reviewer = row
            decision = decision_of(cells)
            decisions.append(decision)
            if undo_id:
                undone[undo_id] = Undo(undo_id, decision.answer, undo_time, undo_reviewer)
    except (ValueError, csv.Error) as error:
        raise OcrfixError(f"{name}, line {reader.line_num}: damaged: {error}") from error
    return decisions, list(undone.values())
