"""The corrections as a table: one row a correction, in the order of the text.

Start reading at :func:`corrections`.  Rows are the edits of the printed blocks that are more than the joining of two
lines.  The data frame, ``corrections.csv`` and the report's anchors (``#c-1042``) all come from :func:`rows`.
"""
from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, TextIO

from ocrfix.document import Block, Document, Edit, Step
from ocrfix.outputs.text import publishable

if TYPE_CHECKING:
    import pandas as pd

CONTEXT = 40
"""Length of ``before`` and ``after`` in characters, at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One correction.  The fields are the columns of ``corrections.csv``, in their order."""

    id: str
    """``c-1``, ``c-2`` ...: stable as long as the corrections are the same."""
    page: int
    """From 1, in the order of the input."""
    line: int
    """From 1, on the page."""
    start: int
    """Offset into the decoded input, in characters."""
    end: int
    raw: str
    """What stands there in the input; of a divided word both halves with ``|`` between (``end`` ends the first)."""
    clean: str
    stage: str
    """The stage that had the last word ..."""
    rule: str
    """... and its rule."""
    confidence: float
    """The probability that the correction is right, to four places."""
    status: str
    applied: bool
    """Whether the clean text has it."""
    alternatives: str
    """A JSON list of ``[text, probability]``, best first."""
    before: str
    """Up to 40 characters of the clean text in front of the correction, in the same paragraph or note."""
    after: str
    """Up to 40 characters of the clean text behind it."""


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Row))
NUMBERS: dict[str, str] = {"page": "int64", "line": "int64", "start": "int64", "end": "int64",
                           "confidence": "float64", "applied": "bool"}
DTYPES: dict[str, str] = {column: NUMBERS.get(column, "object") for column in COLUMNS}
"""The dtype of each column; texts are plain Python strings (``object``)."""


def numbered(document: Document) -> Iterator[tuple[str, Block, Edit]]:
    """(id, block, edit) of each correction in the order of the input."""
    found = [(edit, block) for block in document.printed() for edit in block.edits if not edit.is_join]
    found.sort(key=lambda pair: pair[0].spans)
    for number, (edit, block) in enumerate(found, 1):
        yield f"c-{number}", block, edit


def rows(document: Document) -> list[Row]:
    """The corrections of a document."""
    contexts: dict[int, dict[int, tuple[str, str]]] = {}
    out: list[Row] = []
    for name, block, edit in numbered(document):
        if id(block) not in contexts:
            contexts[id(block)] = _contexts(block, document.text)
        before, after = contexts[id(block)][id(edit)]
        page, line = document.position(edit.start)
        step = deciding_step(edit)
        out.append(Row(name, page, line, edit.start, edit.spans[0].end, document.raw_of(edit), edit.clean,
                       step.stage, step.rule, round(edit.confidence, 4), edit.status.value, edit.applied,
                       alternatives_json(edit), before, after))
    return out


def deciding_step(edit: Edit) -> Step:
    """The last step of an edit: what made it a correction, and not the joining of two lines."""
    return next((step for step in reversed(edit.steps) if not step.is_join), edit.steps[-1])


def alternatives_json(edit: Edit) -> str:
    """The alternatives, best first, as a JSON list of ``[text, probability]``."""
    best = sorted(edit.alternatives, key=lambda pair: -pair[1])
    return json.dumps([[text, round(p, 4)] for text, p in best], ensure_ascii=False)


def _contexts(block: Block, text: str) -> dict[int, tuple[str, str]]:
    """For each edit of a block (by identity), the clean text before and after it."""
    pieces = block.pieces(text)
    current = "".join(piece.text for piece in pieces)
    out: dict[int, tuple[str, str]] = {}
    pos = 0
    for piece in pieces:
        end = pos + len(piece.text)
        if piece.edit is not None:
            out[id(piece.edit)] = (publishable(current[max(0, pos - CONTEXT):pos]),
                                   publishable(current[end:end + CONTEXT]))
        pos = end
    return out


def corrections(document: Document) -> pd.DataFrame:
    """The corrections as a data frame with the columns and dtypes of :data:`DTYPES`."""
    import pandas as pd
    table = rows(document)
    return pd.DataFrame({column: pd.Series([getattr(row, column) for row in table], dtype=dtype)
                         for column, dtype in DTYPES.items()}, columns=list(COLUMNS))


def corrections_csv(document: Document) -> bytes:
    """The corrections as CSV in UTF-8.  Texts are quoted, numbers are not; ``applied`` is ``true`` or ``false``.

    This call reads it back as :func:`corrections` has it, whatever the texts are (``NA``, ``001``, ``"``, ``\\r``)::

        pandas.read_csv("corrections.csv", dtype=ocrfix.DTYPES, keep_default_na=False, encoding_errors="surrogatepass")

    ``encoding_errors`` matters only for inputs that hold bytes which are no characters: these stand in ``raw`` as lone
    surrogates, as they do in Python.
    """
    buffer = io.StringIO()
    write_table(rows(document), buffer)
    return buffer.getvalue().encode("utf-8", "surrogatepass")


def write_table(table: Iterable[Row], file: TextIO, *, header: bool = True) -> None:
    """Write rows as :func:`corrections_csv` does; the ``header`` is a line that names the columns."""
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    if header:
        writer.writerow(COLUMNS)
    applied = COLUMNS.index("applied")
    for row in table:
        cells = list(astuple(row))
        cells[applied] = "true" if row.applied else "false"
        writer.writerow(cells)
