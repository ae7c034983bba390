"""Inputs that are no plain text: PDF, hOCR, ALTO, PAGE-XML, Word, HTML, Markdown.

Start reading at :func:`extract_text`.  A reader takes bytes and gives an :class:`~ocrfix.readers.extract.Extract`: the
text with pages and lines, and where each word stands.  A reader is deterministic: the geometry is not stored anywhere
but read again from the original where it is needed (:func:`extract_of`).
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import PurePath

from ocrfix.document import Document
from ocrfix.errors import InputError
from ocrfix.input_format import Format as Format
from ocrfix.readers._archive import Archive
from ocrfix.readers.extract import Extract
from ocrfix.readers.parsed import Parsed, Taker

PAGE_FILES = (Format.PAGE, Format.ALTO, Format.HOCR)
"""Formats of page files, several of which may make one document; of a mixture the first kind here is read."""
ENDINGS = {
    ".txt": Format.TEXT, ".pdf": Format.PDF, ".hocr": Format.HOCR, ".docx": Format.DOCX, ".html": Format.HTML,
    ".htm": Format.HTML, ".xhtml": Format.HTML, ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN,
}
"""What the ending of a name says where the content says nothing.  XML and ZIP are told by their content."""
_HEAD = 64 * 2**10
_ZIP = b"PK\x03\x04"
_PDF_HEAD = 1024
"""Bytes within which a PDF says that it is one; some begin with rubbish."""


def detect(data: bytes, name: str) -> Format:
    """The format of an input, by its content and then by its name.

    >>> detect(b"%PDF-1.7", "x.txt"), detect(b"Ordu", "x.md"), detect(b"Ordu", "x")
    (<Format.PDF: 'pdf'>, <Format.MARKDOWN: 'markdown'>, <Format.TEXT: 'text'>)
    """
    if data.startswith(_ZIP):
        return _in_archive(Archive(data)) or Format.TEXT
    if data.startswith(b"%PDF-"):
        return Format.PDF
    if (found := _marked_up(data)) is not None:
        return found
    ending = ENDINGS.get(PurePath(name).suffix.lower(), Format.TEXT)
    if ending is Format.PDF:
        return Format.PDF if b"%PDF-" in data[:_PDF_HEAD] else Format.TEXT
    return Format.TEXT if ending in (Format.DOCX, Format.HOCR) else ending


def _marked_up(data: bytes) -> Format | None:
    """hOCR, ALTO, PAGE or HTML, if the first element of a text says so."""
    head = data[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not head.startswith(b"<"):
        return None
    lower = head.lower()
    if b"ocr_page" in head or b"ocr-system" in head:
        return Format.HOCR
    if b"<alto" in lower or b":alto" in lower:
        return Format.ALTO
    if b"<pcgts" in lower or b":pcgts" in lower:
        return Format.PAGE
    if lower.startswith((b"<!doctype html", b"<html")) or (lower.startswith(b"<?xml") and b"<html" in lower):
        return Format.HTML
    return None


def _in_archive(archive: Archive) -> Format | None:
    """Word, or the kind of page files in a zip archive."""
    if "word/document.xml" in archive.names:
        return Format.DOCX
    kinds = {_page_file(archive, name) for name in archive.names}
    return next((kind for kind in PAGE_FILES if kind in kinds), None)


def _page_file(archive: Archive, name: str) -> Format | None:
    if PurePath(name).suffix.lower() not in (".xml", ".hocr", ".html", ".htm", ".xhtml"):
        return None
    found = _marked_up(archive.read(name, _HEAD))
    return found if found in PAGE_FILES else None


def page_files(data: bytes, kind: Format) -> list[tuple[str, bytes]]:
    """The page files in an input, in order, with their names in the archive if it is one.

    Raises:
        InputError: the archive is damaged, or has none.
    """
    if not data.startswith(_ZIP):
        return [("", data)]
    archive = Archive(data)
    files = [(name, archive.read(name)) for name in archive.names if _page_file(archive, name) is kind]
    if not files:
        raise InputError(f"a ZIP file without any {kind.value} page in it")
    return files


def parse_pages(data: bytes, kind: Format, *, keeps: bool = True) -> Parsed:
    """The pages of an input of the kinds :data:`PAGE_FILES`, with the elements of its words if ``keeps``.

    Raises:
        InputError: it is damaged, or too large.
    """
    from ocrfix.readers import _xml, alto, hocr, page
    taker = Taker(keeps=keeps)
    for name, content in page_files(data, kind):
        try:
            if kind is Format.HOCR:
                hocr.take(hocr.parse(content), taker)
            elif kind is Format.ALTO:
                alto.take(_xml.parse_xml(content), taker)
            else:
                page.take(_xml.parse_xml(content), taker)
        except InputError as error:
            if not name:
                raise
            raise InputError(f"{name}: {error}") from error
    return taker.parsed()


def extract_text(data: bytes, kind: Format) -> Extract:
    """The text of an input that is no plain text, and its geometry.

    Raises:
        InputError: it is damaged, encrypted, too large, or holds no text; the message says which.
    """
    try:
        return parse_pages(data, kind, keeps=False).extract if kind in PAGE_FILES else _reader(kind)(data)
    except UnicodeDecodeError as error:                  # an older libxml2 passes on bytes that are no characters
        raise InputError(f"holds bytes that are no {error.encoding}: {error.reason}") from error


def _reader(kind: Format) -> Callable[[bytes], Extract]:
    """The reader of a format; what it needs is loaded now."""
    from ocrfix.readers import docx, html, markdown, pdf
    return {Format.PDF: pdf.read, Format.DOCX: docx.read, Format.HTML: html.read, Format.MARKDOWN: markdown.read}[kind]


_extract_again = lru_cache(maxsize=1)(extract_text)


def extract_of(document: Document) -> Extract | None:
    """The geometry of a document, read again from its original; None for plain text.

    Raises:
        InputError: the original is damaged.
    """
    original = document.source.original
    return None if original is None else _extract_again(original.data, Format(original.format))
