"""The size of the type of each line beside that of its page's body, where the input has geometry.

Notes are set smaller than the body, headings often larger.  Sizes are compared on one page only: scans of the pages of
one document may differ in resolution.
"""
from __future__ import annotations

from statistics import median

from ocrfix.document import Document
from ocrfix.readers import extract_of
from ocrfix.readers.extract import Extract, Row

FEWEST_LINES = 6
"""A page with fewer lines does not tell the size of its body."""
NARROW = frozenset("iıl.,;:'!|tfjrI()[]{}`’‘-·")
WIDE = frozenset("mwMWŞÖÜĞÇOQGDHNUKRABCVXYZTPESÂÛ%@—&")


def letters_width(text: str) -> float:
    """The printed width of a text in average characters: capitals are wide, ``i`` and ``l`` narrow."""
    narrow = sum(1 for c in text if c in NARROW)
    wide = sum(1 for c in text if c in WIDE)
    return len(text) - 0.45 * narrow + 0.35 * wide


def relative_sizes(document: Document) -> dict[int, float]:
    """The size of the type of lines by the offset of their first character, 1 for the body of their page.

    The body is what most of the upper half of the page is set in.
    """
    taken = extract_of(document)
    if taken is None:
        return {}
    pages: dict[int, list[tuple[Row, float]]] = {}
    for row in taken.rows:
        size = size_of(taken, row)
        if size > 0:
            pages.setdefault(document.page_at(row.span.start).number, []).append((row, size))
    out: dict[int, float] = {}
    for rows in pages.values():
        if len(rows) >= FEWEST_LINES:
            body = median(size for _, size in rows[:(len(rows) + 1) // 2])
            out.update((row.span.start, size / body) for row, size in rows)
    return out


def size_of(taken: Extract, row: Row) -> float:
    """The size of a line's type: the width of an average character of it; 0 if nothing is known of its geometry.

    Widths tell more than heights: the box of a line is as high as its letters happen to be, and what OCR engines say of
    the size of type (``x_size``) is told from a few of them.
    """
    boxes = [(token.box.width, letters_width(taken.text[token.span.start:token.span.end]))
             for token in taken.tokens[row.first:row.last] if token.box is not None]
    wide = sum(width for width, _ in boxes)
    letters = sum(count for _, count in boxes)
    if wide <= 0 and row.box is not None:
        wide, letters = row.box.width, letters_width(taken.text[row.span.start:row.span.end])
    return wide / letters if wide > 0 and letters > 0 else row.size or 0.0
