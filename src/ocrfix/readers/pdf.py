"""PDF with a text layer, read by PDFium: what was scanned and recognised, or typeset.

Start reading at :func:`read`.  PDFium gives the characters in the order of the page's content with their boxes; lines
and paragraphs are told from where they stand.
"""
from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ocrfix.errors import InputError
from ocrfix.messages import message
from ocrfix.readers.extract import MOST_PAGES, Box, Builder, Extract, union

NEEDS_OCR = message("is a PDF without text, only images: it needs OCR first, for instance "
                    "`ocrmypdf -l tur in.pdf out.pdf`, and then the PDF that comes out")
MOST_CHARACTERS = 200_000
"""Characters of one page."""
APART = 1.45
"""A line begins a paragraph if it stands below the one before at so many times the usual distance."""
SMALLER = 0.9
"""... or if its type is so much smaller, or the other so much smaller than its own."""


@dataclass(frozen=True, slots=True)
class _Char:
    text: str
    box: Box | None
    size: float


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    box: Box | None
    size: float


def read(data: bytes) -> Extract:
    """The text layer of a PDF.

    Raises:
        InputError: it is damaged, encrypted, has no text, or too much of it.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise InputError("is an encrypted PDF: save it without a password first, for instance "
                             "`qpdf --decrypt --password=... in.pdf out.pdf`") from error
        raise InputError(f"damaged PDF: {error}") from error
    try:
        return _read(document)
    finally:
        document.close()


def _read(document: pdfium.PdfDocument) -> Extract:
    count = len(document)
    if count > MOST_PAGES:
        raise InputError(f"is a PDF of {count:,} pages, more than {MOST_PAGES:,}: divide it")
    builder = Builder()
    for number in range(count):
        builder.page()
        try:
            page = document[number]
        except pdfium.PdfiumError as error:
            raise InputError(f"damaged PDF: page {number + 1}: {error}") from error
        try:
            _take(list(_lines(page)), builder)
        except pdfium.PdfiumError as error:
            raise InputError(f"damaged PDF: page {number + 1}: {error}") from error
        finally:
            page.close()
    taken = builder.extract()
    if not taken.text.strip():
        raise InputError(NEEDS_OCR if count else message("is a PDF without pages"))
    return taken


def _take(lines: list[list[_Word]], builder: Builder) -> None:
    """Add the lines of a page, with a blank line where one stands apart from the line before."""
    boxes = [union([word.box for word in line]) for line in lines]
    sizes = [median(word.size for word in line) for line in lines]
    steps = [b.bottom - a.bottom for a, b in pairwise(boxes) if a is not None and b is not None and b.top > a.top]
    usual = sorted(steps)[len(steps) // 4] if steps else 0.0      # steps to the next paragraph are among them
    for k, (line, box, size) in enumerate(zip(lines, boxes, sizes, strict=True)):
        if k and _apart(boxes[k - 1], box, sizes[k - 1], size, usual):
            builder.block()
        builder.line(box, size or None)
        for word in line:
            builder.token(word.text, word.box)


def _apart(before: Box | None, box: Box | None, size_before: float, size: float, usual: float) -> bool:
    """Whether a line stands apart from the one before: by its distance, or by the size of its type."""
    if before is None or box is None:
        return False
    step = box.bottom - before.bottom
    small, large = sorted((size_before, size))
    return step < 0 or step > APART * usual or (small > 0 and small < SMALLER * large)


def _lines(page: pdfium.PdfPage) -> Iterator[list[_Word]]:
    """The lines of a page, in words.

    PDFium puts line ends in, but none behind a hyphen: there a line ends where the next character stands below it.
    """
    line: list[_Word] = []
    word: list[_Char] = []
    last: Box | None = None
    for char in _characters(page):
        below = last is not None and char.box is not None and not char.text.isspace() and _is_below(char.box, last)
        if (char.text.isspace() or below) and word:
            line.append(_word(word))
            word = []
        if (char.text in "\r\n" or below) and line:
            yield line
            line = []
        if not char.text.isspace():
            word.append(char)
            last = char.box or last
    if word:
        line.append(_word(word))
    if line:
        yield line


def _is_below(box: Box, before: Box) -> bool:
    """Whether a character begins a line below that of another: left of it, and beneath its foot."""
    return box.left < before.left and box.top > before.bottom - 0.2 * before.height


def _word(chars: list[_Char]) -> _Word:
    return _Word("".join(char.text for char in chars), union([char.box for char in chars]),
                 median(char.size for char in chars))


def _characters(page: pdfium.PdfPage) -> Iterator[_Char]:
    """The characters of a page, those included that PDFium puts in for spaces and line ends."""
    height = page.get_height()
    text = page.get_textpage()
    try:
        count = text.count_chars()
        if count > MOST_CHARACTERS:
            raise InputError(f"has a page of {count:,} characters: no page of print")
        sides = [ctypes.c_double() for _ in range(4)]
        high = 0
        for i in range(count):
            code = raw.FPDFText_GetUnicode(text, i)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
            high = 0
            if code in (0x2, 0xFFFE):                    # what PDFium makes of a hyphen at the end of a line
                code = ord("-")
            if code == 0:
                continue
            box = None
            if raw.FPDFText_GetCharBox(text, i, *(ctypes.byref(side) for side in sides)):
                left, right, bottom, top = (side.value for side in sides)
                box = Box(left, height - top, right, height - bottom)
            yield _Char(chr(code), box, raw.FPDFText_GetFontSize(text, i))
    finally:
        text.close()
