"""What a user of the library calls: :func:`clean`, :func:`load` and the :class:`Document` that both return.

:class:`Document` is a thin view of the document model (:mod:`ocrfix.document`) with the outputs as its methods; the
model itself, with blocks, spans and edits, is its attribute ``model``.
"""
from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocrfix import document as core
from ocrfix import serialize
from ocrfix.errors import DocumentError, InputError
from ocrfix.large import manifest
from ocrfix.outputs import text as outputs
from ocrfix.readers import folders
from ocrfix.settings import Settings
from ocrfix.stages import ingest

if TYPE_CHECKING:
    import pandas as pd

    from ocrfix.knowledge import Knowledge
    from ocrfix.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Document:
    """A cleaned document: its clean text, and every change that led to it."""

    model: core.Document
    """The document model: pages, blocks, spans, edits."""

    @property
    def text(self) -> str:
        """The clean text, as in ``clean.txt``."""
        return outputs.clean_txt(self.model)

    def markdown(self, *, page_marks: bool = False) -> str:
        """The clean text in pandoc Markdown, as in ``clean.md``."""
        return outputs.clean_md(self.model, page_marks=page_marks)

    def corrections(self) -> pd.DataFrame:
        """The corrections, one a row, as in ``corrections.csv``; columns in :class:`ocrfix.outputs.corrections.Row`."""
        from ocrfix.outputs.corrections import corrections
        return corrections(self.model)

    def error_rates(self) -> pd.DataFrame:
        """The estimated word error rates of pages: ``page`` (from 1), ``words``, ``error_rate``, ``body_error_rate``.

        Rates are from 0 to 1, without a value where a page has no words or the words were not looked at.
        """
        import pandas as pd

        from ocrfix.estimates import is_estimated, page_estimates
        known = is_estimated(self.model)
        whole, body = page_estimates(self.model), page_estimates(self.model, self.model.body())
        rows = [(page, all_.words, *((e.rate if known and e.words else float("nan")) for e in (all_, body[page])))
                for page, all_ in whole.items()]
        return pd.DataFrame(rows, columns=["page", "words", "error_rate", "body_error_rate"])

    def tei(self) -> str:
        """The clean text in TEI P5 with every correction, as in ``clean.tei.xml``."""
        from ocrfix.outputs.formats.tei import tei
        return tei(self.model)

    def to(self, name: str) -> bytes:
        """The document in a format of ``ocrfix run --to``.

        Args:
            name: ``tei``, ``html``, ``docx``, ``epub``, ``conllu``, ``jsonl`` or ``parquet``.

        Raises:
            UsageError: no format has the name, what it needs is not installed, or the document has no such file.
            OcrfixError: the document cannot be written in it.
        """
        from ocrfix.outputs.formats import written
        return written(self.model, name)

    def restore(self) -> bytes:
        """The input, byte for byte, put together from the spans of the document.

        Raises:
            DocumentError: the document was tampered with.
        """
        return self.model.restore()

    def same_format(self) -> tuple[str, bytes]:
        """(name, bytes) of the input corrected in place: hOCR, ALTO and PAGE with every box, id and attribute.

        Raises:
            UsageError: the input is of another format.
        """
        from ocrfix.writers import same_format
        return same_format(self.model)

    def save(self, folder: Path | str, *, to: Collection[str] = ()) -> None:
        """Write the five files that ``ocrfix run`` writes for a document, and those of the further formats in ``to``.

        Raises:
            UsageError: no format has such a name, or what it needs is not installed.
            OcrfixError: the document cannot be written in a format.
            OSError: a file cannot be written.
        """
        from ocrfix.outputs.files import write_files
        from ocrfix.outputs.formats import check_formats
        check_formats(to)
        write_files(self.model, Path(folder), to=to)


def clean(text: str | os.PathLike[str] | bytes, *, settings: Settings | None = None, pipeline: Pipeline | None = None,
          knowledge: Knowledge | None = None) -> Document:
    """Clean a text or a file.

    Args:
        text: a path, the bytes of a file, or a text.  A string of one line that names an existing file is a path; a
            path to a folder of page files is one document.
        settings: the options; :class:`ocrfix.Settings` has their defaults.
        pipeline: the stages; :class:`ocrfix.Pipeline` has the usual ones, in order.
        knowledge: lexicons and models, to load them once for many texts.

    Raises:
        InputError: the input cannot be processed: empty, binary, unreadable.
    """
    from ocrfix.pipeline import Pipeline  # loads the stages
    data, name = _input(text)
    document = ingest.read(data, name, settings.format if settings else None)
    return Document((pipeline or Pipeline()).run(document, settings, knowledge))


def load(path: Path | str) -> Document:
    """The document in a ``document.json``, or in the folder that holds one.

    Raises:
        DocumentError: the file cannot be read, is damaged, or was written by a newer ocrfix.
    """
    path = Path(path)
    return Document(serialize.load(path / "document.json" if path.is_dir() else path))


def restore(path: Path | str) -> Iterator[bytes]:
    """The input that a ``document.json`` was made from, byte for byte; that of a large text part by part.

    Raises:
        DocumentError: the file cannot be read, is damaged, was tampered with, or was written by a newer ocrfix; the
            message names it.
    """
    path = Path(path)
    path = path / "document.json" if path.is_dir() else path
    if manifest.is_manifest(path):
        yield from manifest.restore(path)
        return
    document = serialize.load(path)
    try:
        data = document.restore()
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from error
    yield data


def read_input(path: Path) -> bytes:
    """The bytes of an input file; of a folder of page files, a ZIP file of them.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        if path.is_dir():
            return folders.pack_pages(path)
        with path.open("rb") as file:
            data = file.read(ingest.LARGEST_INPUT + 1)       # one byte more than ingest takes
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error
    return data


def _input(text: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes to clean and what to call them."""
    if isinstance(text, bytes):
        return text, "text"
    if isinstance(text, str) and not _names_file(text):
        return text.encode("utf-8", "surrogatepass"), "text"
    path = Path(text)
    return read_input(path), path.name


def _names_file(text: str) -> bool:
    try:
        return 0 < len(text) < 4096 and "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):                       # too long a name, a NUL, a lone surrogate
        return False
