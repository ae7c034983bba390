"""hOCR, as Tesseract, OCRopus and converters of ABBYY's output write it: HTML whose classes say what is what.

Start reading at :func:`take`.  Classes and properties are those of the hOCR specification 1.2.
"""
from __future__ import annotations

import re

from lxml import etree

from ocrfix.errors import InputError
from ocrfix.readers._xml import local, number, parse_html, parse_xml, share
from ocrfix.readers.extract import Box
from ocrfix.readers.parsed import Taker

PAGE = "ocr_page"
BLOCKS = frozenset({"ocr_carea", "ocr_column", "ocr_par", "ocrx_block", "ocr_chapter", "ocr_section", "ocr_float"})
LINES = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_pageno", "ocr_caption", "ocr_textfloat",
                   "ocr_title", "ocr_footnote"})
WORDS = frozenset({"ocrx_word", "ocr_word"})
_NUMBER = r"-?\d+(?:\.\d+)?"
_BOX = re.compile(rf"\bbbox\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")
_SIZE = re.compile(rf"\bx_f?size\s+({_NUMBER})")
_CONFIDENCE = re.compile(rf"\bx_w?confs?\s+({_NUMBER})")


def parse(data: bytes) -> etree._ElementTree:
    """The tree of an hOCR file, which may be XHTML or HTML.

    Raises:
        InputError: it is neither, or too large, or declares entities.
    """
    try:
        tree = parse_xml(data)
    except InputError:
        return parse_html(data)
    if any(True for _ in tree.iter(etree.Entity)):          # &nbsp; and the like, which only the DTD knows
        return parse_html(data)
    return tree


def take(tree: etree._ElementTree, taker: Taker) -> None:
    """Add the pages of an hOCR file."""
    taker.file(tree)
    _walk(tree.getroot(), taker)


def classes(element: etree._Element) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _walk(element: etree._Element, taker: Taker) -> None:
    mine = classes(element)
    if PAGE in mine:
        taker.builder.page()
    if mine & LINES:
        _line(element, taker)
        return
    block = bool(mine & BLOCKS) or local(element) == "p"
    if block:
        taker.builder.block()
    for child in element.iterchildren("*"):
        _walk(child, taker)
    if block:
        taker.builder.block()


def _line(line: etree._Element, taker: Taker) -> None:
    title = line.get("title") or ""
    size = _SIZE.search(title)
    taker.builder.line(box_of(title), number(size[1]) if size else None)
    words = [word for word in line.iterdescendants("*") if classes(word) & WORDS]
    for element in words or [line]:
        own = element.get("title") or ""
        confidence = _CONFIDENCE.search(own)
        taker.token(element, "".join(map(str, element.itertext())), box_of(own),
                    share(number(confidence[1]), 100.0) if confidence else None)


def box_of(title: str) -> Box | None:
    """The box in a title.

    >>> box_of("bbox 10 20 30 40; x_wconf 90")
    Box(left=10.0, top=20.0, right=30.0, bottom=40.0)
    """
    m = _BOX.search(title)
    return Box(float(m[1]), float(m[2]), float(m[3]), float(m[4])) if m else None


def with_box(title: str, box: Box) -> str:
    """A title with another box.

    >>> with_box("bbox 1 2 3 4; x_wconf 90", Box(1, 2, 9.4, 4))
    'bbox 1 2 9 4; x_wconf 90'
    """
    return _BOX.sub(f"bbox {round(box.left)} {round(box.top)} {round(box.right)} {round(box.bottom)}", title, count=1)
