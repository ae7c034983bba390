"""ALTO of the versions 2 to 4, as Tesseract, ABBYY and eScriptorium write it.

Start reading at :func:`take`.  A ``String`` is a word; where an engine knows lines only (eScriptorium), it is a line.
A divided word stands there as it is printed: ``CONTENT`` and the ``HYP`` behind it, not ``SUBS_CONTENT``.
"""
from __future__ import annotations

from lxml import etree

from ocrfix.readers._xml import local, number, share
from ocrfix.readers.extract import Box
from ocrfix.readers.parsed import Taker

ORDER = {"TopMargin": 0, "LeftMargin": 1, "PrintSpace": 2, "RightMargin": 3, "BottomMargin": 4}
"""The parts of a page in the order in which they are read; the schema has another."""


def take(tree: etree._ElementTree, taker: Taker) -> None:
    """Add the pages of an ALTO file."""
    taker.file(tree)
    sizes = {element.get("ID"): number(element.get("FONTSIZE")) for element in tree.iter("{*}TextStyle")}
    for page in tree.iter("{*}Page"):
        taker.builder.page()
        parts = sorted(page.iterchildren("*"), key=lambda part: ORDER.get(local(part), len(ORDER)))
        for part in parts:
            for block in part.iter("{*}TextBlock"):
                taker.builder.block()
                for line in block.iterchildren("{*}TextLine"):
                    _line(line, _styles(block), sizes, taker)
                taker.builder.block()


def _styles(element: etree._Element) -> list[str]:
    return (element.get("STYLEREFS") or "").split()


def _line(line: etree._Element, outer: list[str], sizes: dict[str | None, float | None], taker: Taker) -> None:
    strings = [child for child in line.iterchildren("*") if local(child) in ("String", "HYP")]
    styles = [*(style for string in strings for style in _styles(string)), *_styles(line), *outer]
    size = next((size for style in styles if (size := sizes.get(style)) is not None), None)
    taker.builder.line(box_of(line), size)
    for string in strings:
        taker.token(string, string.get("CONTENT") or "", box_of(string), share(number(string.get("WC"))),
                    glued=local(string) == "HYP")


def box_of(element: etree._Element) -> Box | None:
    """The box of an element; an element without a size has none."""
    left, top, width, height = (number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None or width is None or height is None:
        return None
    return Box(left, top, left + width, top + height)
