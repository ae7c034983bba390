"""The corpus as a table, one row a paragraph or note: JSON Lines and Parquet.

Start reading at :func:`rows`.  Both files are written row by row, so that memory does not grow with the number of
documents.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass, fields
from importlib.util import find_spec
from itertools import islice
from typing import BinaryIO, get_type_hints

from ocrfix.document import Block, Document, Kind
from ocrfix.errors import UsageError
from ocrfix.estimates import block_estimate, is_estimated
from ocrfix.outputs.formats.reading import language_of
from ocrfix.outputs.text import Labels, publishable

GROUP = 5000
"""Rows that a row group of the Parquet file holds, and that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph, heading, note ... of the clean text.  The fields are the columns."""

    document: str
    """The name of the document's folder among the reports."""
    block: int
    """From 1, in reading order."""
    page: int
    """The page where it begins, from 1 in the order of the input."""
    kind: str
    """``paragraph``, ``heading``, ``note``, ``caption``, ``lines``."""
    label: str
    """A note's number, as in ``clean.md``; else empty."""
    text: str
    """The clean text, without calls."""
    raw: str
    """The OCR that it was made from."""
    error_rate_estimate: float | None
    """The share of the words, 0 to 1, that are probably still wrong; None if there is no estimate."""
    language: str
    """``tr``, or what the block was found to be in."""


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Row))


def rows(document: Document, name: str, labels: Labels | None = None) -> Iterator[Row]:
    """The printed blocks of a document in reading order; those that came out empty are left out, but for notes.

    ``labels``: those of its notes, if it is a part of a larger document.
    """
    of_note = iter((labels or Labels.of(document)).of_note)
    number = 0
    for block in document.printed():
        label = next(of_note) if block.kind is Kind.NOTE else ""
        text = publishable(block.current(document.text)).strip()
        if text or label:
            number += 1
            yield Row(name, number, document.page_at(block.start).number, block.kind.value, label, text,
                      _raw(block, document.text), _error_rate(document, block), language_of(block))


def _raw(block: Block, text: str) -> str:
    """What stands in the input where a block is; bytes that were no characters are U+FFFD."""
    return _SURROGATE.sub("\ufffd", "".join(text[span.start:span.end] for span in block.spans)).strip()


_SURROGATE = re.compile("[\ud800-\udfff]")


def _error_rate(document: Document, block: Block) -> float | None:
    rate = block_estimate(document, block).rate if is_estimated(document) else None
    return None if rate is None else round(rate, 4)


def write_jsonl(table: Iterable[Row], file: BinaryIO) -> None:
    """Write rows as JSON Lines in UTF-8.  A line ends with ``\\n`` and has no other character that ends lines."""
    for row in table:
        line = json.dumps(asdict(row), ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS)
        file.write(line.encode() + b"\n")


_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


def check_parquet() -> None:
    """Raise :class:`UsageError` unless pyarrow is there, which writes Parquet."""
    if find_spec("pyarrow") is None:
        raise UsageError("parquet is written by pyarrow, which is not here: pip install 'ocrfix[parquet]'")


def write_parquet(table: Iterable[Row], file: BinaryIO) -> None:
    """Write rows as Parquet, a row group for :data:`GROUP` rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    types = {str: pa.string(), int: pa.int64(), float | None: pa.float64()}
    schema = pa.schema([(name, types[kind]) for name, kind in get_type_hints(Row).items()])
    waiting = iter(table)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(waiting, GROUP)):
            columns = zip(*map(astuple, group), strict=True)
            writer.write_table(pa.table([pa.array(column, kind) for column, kind in
                                         zip(columns, schema.types, strict=True)], schema=schema))
