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
from ocrfix.outputs.formats.same import corrected_in_place
from ocrfix.outputs.formats.tei import tei


def _nothing() -> None:
    """The check of a format that needs nothing but ocrfix."""


def _by_pandoc(name: str, document: Document) -> tuple[str, bytes]:
    return f"clean.{name}", pandoc.convert(document, name)


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A file for each document.

    Attributes:
        write: its name in the document's folder and its bytes, the same for the same document; None where the document
            has no such file.  May raise OcrfixError.
        check: raises UsageError if what the format needs is not installed.
    """

    write: Callable[[Document], tuple[str, bytes] | None]
    check: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class CorpusFormat:
    """A file for all documents of a run.

    Attributes:
        filename: its name in the reports folder.
        write: takes the rows, one by one, and the file to write them to.
        check: as above.
    """

    filename: str
    write: Callable[[Iterable[Row], BinaryIO], None]
    check: Callable[[], None] = _nothing


DOCUMENT: dict[str, DocumentFormat] = {
    "tei": DocumentFormat(lambda document: ("clean.tei.xml", tei(document).encode())),
    **{name: DocumentFormat(partial(_by_pandoc, name), pandoc.check) for name in pandoc.WRITERS},
    "conllu": DocumentFormat(lambda document: ("clean.conllu", conllu(document).encode())),
    "same": DocumentFormat(corrected_in_place),
}
CORPUS: dict[str, CorpusFormat] = {
    "jsonl": CorpusFormat("corpus.jsonl", write_jsonl),
    "parquet": CorpusFormat("corpus.parquet", write_parquet, check_parquet),
}


def check_formats(names: Iterable[str]) -> None:
    """Raise :class:`UsageError` unless all formats are known and can be written here."""
    for name in sorted(names):
        made = DOCUMENT.get(name) or CORPUS.get(name)
        if made is None:
            raise UsageError(f"no format is called {name!r}; there are {', '.join([*DOCUMENT, *CORPUS])}")
        made.check()


def written(document: Document, name: str) -> bytes:
    """One document in a format; of the formats of a corpus, its rows under the name of its file.

    Raises:
        UsageError: no format has the name, what it needs is not installed, or the document has no such file.
        OcrfixError: the document cannot be written in it.
    """
    check_formats([name])
    if name in DOCUMENT:
        file = DOCUMENT[name].write(document)
        if file is None:
            raise UsageError(f"{document.source.name} cannot be written as {name}")
        return file[1]
    buffer = io.BytesIO()
    CORPUS[name].write(rows(document, title_of(document)), buffer)
    return buffer.getvalue()
