"""The formats of ``ocrfix run --to``: one module each, and the two tables in which they are listed.

A format of :data:`DOCUMENT` is written for each document beside its ``clean.txt``, one of :data:`CORPUS` once for the
whole run.  A further format is a function and a line here.
"""
from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ocrfix.document import Document
from ocrfix.errors import UsageError
from ocrfix.outputs.formats import pandoc
from ocrfix.outputs.formats.conllu import conllu
from ocrfix.outputs.formats.corpus import Row, check_parquet, rows, write_jsonl, write_parquet
from ocrfix.outputs.formats.reading import title_of
from ocrfix.outputs.formats.tei import tei


def _nothing() -> None:
    """The check of a format that needs nothing but ocrfix."""


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A file for each document.

    Attributes:
        filename: its name in the document's folder.
        write: its bytes; the same document gives the same.  May raise OcrfixError.
        check: raises UsageError if what the format needs is not installed.
    """

    filename: str
    write: Callable[[Document], bytes]
    check: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class CorpusFormat:
    """A file for all documents of a run: ``write`` takes the rows, one by one, and the file, else as above."""

    filename: str
    write: Callable[[Iterable[Row], BinaryIO], None]
    check: Callable[[], None] = _nothing


DOCUMENT: dict[str, DocumentFormat] = {
    "tei": DocumentFormat("clean.tei.xml", lambda document: tei(document).encode()),
    "html": DocumentFormat("clean.html", partial(pandoc.convert, to="html"), pandoc.check),
    "docx": DocumentFormat("clean.docx", partial(pandoc.convert, to="docx"), pandoc.check),
    "epub": DocumentFormat("clean.epub", partial(pandoc.convert, to="epub"), pandoc.check),
    "conllu": DocumentFormat("clean.conllu", lambda document: conllu(document).encode()),
}
CORPUS: dict[str, CorpusFormat] = {
    "jsonl": CorpusFormat("corpus.jsonl", write_jsonl),
    "parquet": CorpusFormat("corpus.parquet", write_parquet, check_parquet),
}


def check_formats(names: Iterable[str]) -> None:
    """Raise :class:`UsageError` unless all formats are known and can be written here."""
    for name in names:
        made = DOCUMENT.get(name) or CORPUS.get(name)
        if made is None:
            raise UsageError(f"no format is called {name!r}; there are {', '.join([*DOCUMENT, *CORPUS])}")
        made.check()


def written(document: Document, name: str) -> bytes:
    """One document in a format; of the formats of a corpus, its rows under the name of its file.

    Raises:
        UsageError: no format has the name, or what it needs is not installed.
        OcrfixError: the document cannot be written in it.
    """
    check_formats([name])
    if name in DOCUMENT:
        return DOCUMENT[name].write(document)
    file = io.BytesIO()
    CORPUS[name].write(rows(document, title_of(document)), file)
    return file.getvalue()
