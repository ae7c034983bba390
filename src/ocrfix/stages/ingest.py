"""Bytes in, document out: which encoding, where the pages begin, and what is no text at all.

Start reading at :func:`read`.  The decision about the encoding is a short list that can be read aloud
(:func:`_candidates`); whatever is chosen must give back the very same bytes, else the next candidate is tried.  The
document that comes out is rough: paragraphs are what stands between blank lines.  The layout stage knows better.
"""
from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocrfix.document import Block, Document, Kind, Page, Source, Span
from ocrfix.errors import InputError

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP (Word, EPUB, ...)"),
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
FEWEST_UTF16 = 8
"""Bytes: fewer say nothing about UTF-16."""
UTF16_SHARE = 0.7
"""Share of NUL among the high bytes of Latin UTF-16.  Of Turkish letters only ğ, ı, İ and ş have another one."""

_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_ESCAPED_RUN = re.compile("[\udc80-\udcff]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_WHITE_SPACE = re.compile(r"\s+")
_SPACE_LINE = re.compile(r"^ (?=\S)", re.MULTILINE)
_LONG_BLANK = re.compile(r"\n(?:[^\S\n]*\n){3,}")

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


def read(data: bytes, name: str) -> Document:
    """The document in a text file.

    Args:
        data: the bytes of the file: UTF-8, UTF-16 (with or without byte order mark), Windows-1254 or ISO-8859-9.
        name: what to call the source, usually the file's name; it goes into the document and into messages.

    Returns:
        A document whose :meth:`~ocrfix.document.Document.restore` gives ``data`` back, byte for byte.

    Raises:
        InputError: the file is empty, only white space, or no text; the message says which.
    """
    if not data:
        raise InputError("the file is empty")
    for magic, what in MAGIC:
        if data.startswith(magic):
            raise InputError(f"looks like a {what} file: this format is not read, only plain text is")
    decoded = _decode(data)
    text = decoded.text
    if "\0" in text:
        raise InputError("contains NUL bytes: a binary file, not a text")
    if not text.strip("\ufeff \t\n\r\f\v") or not text.strip():
        raise InputError("holds nothing but white space")
    guessed = not decoded.bom and decoded.encoding != "utf-8"
    if guessed and len(_CONTROL.findall(text)) > max(BINARY_FEWEST, BINARY_SHARE * len(text)):
        raise InputError("is full of control characters: a binary file, not a text")
    source = Source(name, decoded.encoding, decoded.errors, decoded.bom.hex(), decoded.tail.hex(), len(data),
                    hashlib.sha256(data).hexdigest())
    starts = page_starts(text)
    ends = [*starts[1:], len(text)]
    pages = tuple(Page(number, Span(s, e)) for number, (s, e) in enumerate(zip(starts, ends, strict=True), 1))
    return Document(source, text, pages, _rough_blocks(text))


@dataclass(frozen=True, slots=True)
class _Decoded:
    text: str
    encoding: str
    errors: str
    bom: bytes
    tail: bytes


def _decode(data: bytes) -> _Decoded:
    """The first candidate that decodes and gives the same bytes back."""
    for encoding, errors, bom, tail in _candidates(data):
        body = data[len(bom):len(data) - len(tail)]
        try:
            text = body.decode(encoding, errors)
            if text.encode(encoding, errors) == body:
                return _Decoded(text, encoding, errors, bom, tail)
        except UnicodeError:
            continue
    raise AssertionError("every byte is a character of ISO-8859-9")


def _candidates(data: bytes) -> Iterator[tuple[str, str, bytes, bytes]]:
    """(encoding, error handler, byte order mark, broken tail) in the order in which they are tried."""
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            yield encoding, "surrogatepass", bom, data[len(data) - len(data) % 2:]
    if (guess := _utf16_by_nuls(data)) is not None:
        yield guess, "surrogatepass", b"", data[len(data) - len(data) % 2:]
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    tail = _broken_tail(data)
    yield "utf-8", "strict", bom, b""
    body = data[len(bom):len(data) - len(tail)]
    # One byte after plain ASCII says nothing: it may as well be the last letter of a Windows-1254 text.
    if tail and (bom or len(tail) > 1 or not body.isascii()):
        yield "utf-8", "strict", bom, tail
    if bom or _mostly_utf8(body):
        yield "utf-8", "surrogateescape", bom, b""
    yield "cp1254", "strict", b"", b""
    yield "iso8859-9", "strict", b"", b""


def _utf16_by_nuls(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: of Latin text every other byte is NUL, and hardly one of the rest."""
    even, odd = data[0::2], data[1::2]
    few = len(data) // 200
    if len(data) < FEWEST_UTF16:
        return None
    if odd.count(0) >= UTF16_SHARE * len(odd) and even.count(0) <= few:
        return "utf-16-le"
    if even.count(0) >= UTF16_SHARE * len(even) and odd.count(0) <= few:
        return "utf-16-be"
    return None


def _broken_tail(data: bytes) -> bytes:
    """The bytes at the end that begin a UTF-8 character and do not complete it (a file cut off in the middle)."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data[-4:].lstrip(bytes(range(0x80, 0xC0))))
    return decoder.getstate()[0]


def _mostly_utf8(data: bytes) -> bool:
    """Whether damaged data is UTF-8 all the same: more whole characters beyond ASCII than damaged places."""
    lone = len(_SURROGATE_BYTES.findall(data))            # lone surrogates: wrong, but written by a UTF-8 encoder
    text = _SURROGATE_BYTES.sub(b"", data).decode("utf-8", "surrogateescape")
    bad = len(_ESCAPED_RUN.findall(text))
    good = lone + len(text) - len(text.encode("ascii", "ignore")) - sum(map(len, _ESCAPED_RUN.findall(text)))
    return good > bad


def page_starts(text: str) -> list[int]:
    """Offsets at which the pages begin, the first of them 0.

    A form feed belongs to the page that it begins; one with nothing but white space behind it ends the last page.
    Without any form feed, see :func:`_marked_by_space`.
    """
    if "\f" in text:
        end = len(text.rstrip())
        starts = {m.start() for m in re.finditer("\f", text) if m.start() < end}
        return sorted({0} | starts)
    return _marked_by_space(text)


def _marked_by_space(text: str) -> list[int]:
    """Page starts by what some converters leave of a form feed: a line that begins with exactly one space.

    Paragraphs may be indented by one space as well, so the marks count only if they stand at the distances of pages:
    enough of them, far apart, most of the pages about as long as the median one.  Where a mark was lost, a page of
    double length is cut at its one long run of blank lines.
    """
    marks = [m.start() for m in _SPACE_LINE.finditer(text)]
    if len(marks) < FEWEST_MARKS:
        return [0]
    lines = [text.count("\n", a, b) for a, b in pairwise(marks)]
    sizes = [b - a for a, b in pairwise(marks)]
    usual = median(sizes)
    regular = sum(0.5 * usual <= size <= 1.5 * usual for size in sizes)
    if (median(lines) < PAGE_LINES or not PAGE_CHARACTERS[0] <= usual <= PAGE_CHARACTERS[1]
            or regular < REGULAR * len(sizes)):
        return [0]
    starts = sorted({0, *marks})
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
