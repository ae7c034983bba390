"""Bytes in, document out: which format, where the pages begin, and what is no text at all.

Start reading at :func:`read`.  The encoding of a plain text is told by :mod:`ocrfix.readers.decoding`, any other format
is read by its reader (:mod:`ocrfix.readers`).  The document that comes out is rough: paragraphs are what stands between
blank lines.  The layout stage knows better.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median

from ocrfix.document import Block, Document, Kind, Original, Page, Source, Span
from ocrfix.errors import InputError
from ocrfix.readers import Format, detect, extract_text
from ocrfix.readers.decoding import decode
from ocrfix.readers.extract import LARGEST_TEXT

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP (EPUB, OpenDocument, ...)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"AT&TFORM", "DjVu"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x7fELF", "program"),
)
"""First bytes of formats that people mistake for text, and what to call them."""

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_WHITE_SPACE = re.compile(r"\s+")
_SPACE_LINE = re.compile(r"^ (?=\S)", re.MULTILINE)
_LONG_BLANK = re.compile(r"\n(?:[^\S\n]*\n){3,}")

LARGEST_INPUT = 256 * 2**20
"""Bytes of one input."""
FEWEST_MARKS = 3
"""So many lines must begin with one space before they are taken for page starts."""
PAGE_LINES = 20
"""The median page has at least so many lines, blank ones included; an indented paragraph seldom has."""
PAGE_CHARACTERS = (600, 8000)
"""Length of the median page: between a page of verse and a newspaper page."""
REGULAR = 0.6
"""This share of the pages is about as long as the median page: pages of a print are, paragraphs are not."""
BINARY_SHARE = 0.05
"""A text in a guessed encoding with a larger share of control characters is no text ..."""
BINARY_FEWEST = 4
"""... if there are more of them than this."""


def read(data: bytes, name: str, format: Format | None = None) -> Document:
    """The document in a file.

    Args:
        data: the bytes of the file.  Plain text may be in UTF-8, UTF-16 (with or without byte order mark),
            Windows-1254 or ISO-8859-9.
        name: what to call the source, usually the file's name; it goes into the document and into messages.
        format: what the file is; told by its content and its name if not given.

    Returns:
        A document whose :meth:`~ocrfix.document.Document.restore` gives ``data`` back, byte for byte.

    Raises:
        InputError: the file is empty, too large, damaged, only white space, or no text; the message says which.
    """
    if not data:
        raise InputError("the file is empty")
    if len(data) > LARGEST_INPUT:
        raise InputError(f"is larger than {LARGEST_INPUT // 2**20} MB: divide it")
    kind = detect(data, name) if format is None else format
    return _read_text(data, name) if kind is Format.TEXT else _read_other(data, name, kind)


def _read_text(data: bytes, name: str) -> Document:
    """The document in a plain text."""
    refuse_magic(data)
    if len(data) > LARGEST_TEXT:
        raise InputError(f"is a text of more than {LARGEST_TEXT // 2**20} MB: `ocrfix run` cleans it in parts")
    decoded = decode(data)
    (text,) = checked([decoded.text], guessed=not decoded.bom and decoded.encoding != "utf-8")
    source = Source(name, decoded.encoding, decoded.errors, decoded.bom.hex(), decoded.tail.hex(), len(data),
                    hashlib.sha256(data).hexdigest())
    return of_text(source, text, page_starts(text))


def of_text(source: Source, text: str, starts: list[int]) -> Document:
    """The document of a decoded plain text whose pages begin at these offsets."""
    return Document(source, text, _pages(text, starts), _rough_blocks(text))


def refuse_magic(head: bytes) -> None:
    """Raise :class:`InputError` if bytes that are no format that is read begin like another one."""
    for magic, what in MAGIC:
        if head.startswith(magic):
            raise InputError(f"looks like a {what} file: this format is not read")


def checked(stretches: Iterable[str], *, guessed: bool) -> Iterator[str]:
    """The stretches of a decoded text, passed on.

    Args:
        stretches: the text, whole or piece by piece.
        guessed: whether any bytes would have been characters in its encoding.

    Raises:
        InputError: what was decoded is no text.
    """
    blank, size, controls = True, 0, 0
    for text in stretches:
        if "\0" in text:
            raise InputError("contains NUL bytes: a binary file, not a text")
        blank = blank and (not text.strip("\ufeff \t\n\r\f\v") or not text.strip())
        size += len(text)
        controls += len(_CONTROL.findall(text)) if guessed else 0
        yield text
    if blank:
        raise InputError("holds nothing but white space")
    if controls > max(BINARY_FEWEST, BINARY_SHARE * size):
        raise InputError("is full of control characters: a binary file, not a text")


def _read_other(data: bytes, name: str, kind: Format) -> Document:
    """The document in an input that is no plain text: the text taken from it, and the bytes as they are."""
    taken = extract_text(data, kind)
    if not taken.text.strip():
        raise InputError("holds no text")
    original = Original(kind.value, data, hashlib.sha256(taken.text.encode()).hexdigest())
    source = Source(name, "utf-8", "strict", "", "", len(data), hashlib.sha256(data).hexdigest(), original)
    return Document(source, taken.text, _pages(taken.text, taken.page_starts), _rough_blocks(taken.text))


def _pages(text: str, starts: list[int]) -> tuple[Page, ...]:
    ends = [*starts[1:], len(text)]
    return tuple(Page(number, Span(s, e)) for number, (s, e) in enumerate(zip(starts, ends, strict=True), 1))


def page_starts(text: str) -> list[int]:
    """Offsets at which the pages begin, the first of them 0.

    A form feed belongs to the page that it begins; one with nothing but white space behind it ends the last page.
    Without any form feed, see :func:`_marked_by_space`.
    """
    return marked_by_form_feeds(text) if "\f" in text else _marked_by_space(text)


def marked_by_form_feeds(text: str) -> list[int]:
    """Page starts of a text that has form feeds, or is a part of one that has."""
    end = len(text.rstrip())
    return sorted({0} | {m.start() for m in re.finditer("\f", text) if m.start() < end})


def _marked_by_space(text: str) -> list[int]:
    """Page starts by what some converters leave of a form feed: a line that begins with exactly one space.

    Paragraphs may be indented by one space as well, so the marks count only if they stand at the distances of pages.
    Where a mark was lost, a page of double length is cut at its one long run of blank lines.
    """
    usual = usual_page([text])
    return [0] if usual is None else marked_by_space(text, usual)


def usual_page(stretches: Iterable[str]) -> float | None:
    """Characters of the median page of a text whose pages begin with lines that begin with one space.

    Args:
        stretches: the text, whole or piece by piece, each of whole lines.

    Returns:
        None unless there are enough such lines, far apart, most of the pages about as long as the median one.
    """
    marks: list[tuple[int, int]] = []                # characters and lines before each
    at = lines = 0
    for text in stretches:
        pos = 0
        for m in _SPACE_LINE.finditer(text):
            lines += text.count("\n", pos, m.start())
            pos = m.start()
            marks.append((at + pos, lines))
        lines += text.count("\n", pos)
        at += len(text)
    if len(marks) < FEWEST_MARKS:
        return None
    sizes, heights = zip(*((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(marks)), strict=True)
    usual = float(median(sizes))
    regular = sum(0.5 * usual <= size <= 1.5 * usual for size in sizes)
    pages = (median(heights) >= PAGE_LINES and PAGE_CHARACTERS[0] <= usual <= PAGE_CHARACTERS[1]
             and regular >= REGULAR * len(sizes))
    return usual if pages else None


def marked_by_space(text: str, usual: float) -> list[int]:
    """Page starts of a text whose pages are so marked and about so long, or of a part of one."""
    starts = sorted({0, *(m.start() for m in _SPACE_LINE.finditer(text))})
    lost = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        gaps = [m.end() for m in _LONG_BLANK.finditer(text, start, end)]
        halves = [(g - start, end - g) for g in gaps]
        if len(gaps) == 1 and all(0.5 * usual <= half <= 1.5 * usual for half in halves[0]):
            lost.append(gaps[0])
    return sorted({*starts, *lost})


def _rough_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs between blank lines and form feeds, and the white space between them."""
    out: list[Block] = []
    pos = 0
    for gap in _WHITE_SPACE.finditer(text):
        start, end = gap.span()
        if "\f" not in gap[0] and gap[0].count("\n") < 2 and start > 0 and end < len(text):
            continue
        if start > pos:
            out.append(Block(Kind.PARAGRAPH, (Span(pos, start),), "ingest", "blank-lines"))
        out.append(Block(Kind.BLANK, (Span(start, end),), "ingest", "blank-lines"))
        pos = end
    if pos < len(text):
        out.append(Block(Kind.PARAGRAPH, (Span(pos, len(text)),), "ingest", "blank-lines"))
    return tuple(out)
