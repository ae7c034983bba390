"""PAGE-XML of 2010 to 2019, as Transkribus, eScriptorium and OCR-D write it.

Start reading at :func:`take`.  Regions come in the reading order that the file gives.  The words of a line are taken if
all of them have text and together say what the line says; else the line.
"""
from __future__ import annotations

import re

from lxml import etree

from ocrfix.readers._xml import local, number, share
from ocrfix.readers.extract import Box
from ocrfix.readers.parsed import Taker

_POINT = re.compile(r"(-?(?<!\d)\d++(?:\.\d++)?)\s*+,\s*+(-?\d++(?:\.\d++)?)")
_CUSTOM_ORDER = re.compile(r"readingOrder\s*\{\s*index\s*:\s*(\d+)")
_CUSTOM_SIZE = re.compile(r"fontSize\s*:\s*(\d+(?:\.\d+)?)")


def take(tree: etree._ElementTree, taker: Taker) -> None:
    """Add the pages of a PAGE-XML file."""
    taker.file(tree)
    for page in tree.iter("{*}Page"):
        taker.builder.page()
        for region in regions(page):
            taker.builder.block()
            for line in _in_custom_order(list(region.iterchildren("{*}TextLine"))):
                _line(line, taker)
            taker.builder.block()


def regions(page: etree._Element) -> list[etree._Element]:
    """The text regions of a page in reading order; those that the order does not name come last, as they stand."""
    found = list(page.iter("{*}TextRegion"))
    place: dict[str | None, int] = {}
    for order in page.iterchildren("{*}ReadingOrder"):
        for name in _named(order):
            place.setdefault(name, len(place))
    if not place:
        return _in_custom_order(found)

    def rank(region: etree._Element) -> int:
        """The place of a region, or of the nearest region around it."""
        around = (place.get(one.get("id")) for one in (region, *region.iterancestors("*")))
        return next((at for at in around if at is not None), len(place))

    return sorted(found, key=rank)


def _named(order: etree._Element) -> list[str]:
    """The ids of the regions in a reading order, its groups opened; ordered ones by their index."""
    out: list[str] = []
    children = list(order.iterchildren("*"))
    if any(child.get("index") for child in children):
        children.sort(key=lambda child: number(child.get("index")) or 0.0)
    for child in children:
        if (name := child.get("regionRef")) is not None:
            out.append(name)
        out += _named(child)
    return out


def _in_custom_order(elements: list[etree._Element]) -> list[etree._Element]:
    """Elements by the index that Transkribus gives each of them, if it does."""
    found = [_CUSTOM_ORDER.search(element.get("custom") or "") for element in elements]
    indices = [int(m[1]) for m in found if m]
    if len(indices) < len(elements):
        return elements
    return [element for _, element in sorted(zip(indices, elements, strict=True), key=lambda pair: pair[0])]


def _line(line: etree._Element, taker: Taker) -> None:
    size = _size(line)
    taker.builder.line(box_of(line), size)
    words = _in_custom_order(list(line.iterchildren("{*}Word")))
    whole = text_of(line)
    texts = [text_of(word) for word in words]
    said = all(texts) and (not whole or "".join(whole.split()) == "".join("".join(texts).split()))
    for element, text in zip(words, texts, strict=True) if words and said else [(line, whole)]:
        equivalent = text_equiv(element)
        confidence = number(equivalent.get("conf")) if equivalent is not None else None
        taker.token(element, text, box_of(element), share(confidence))


def _size(line: etree._Element) -> float | None:
    """The size of the type of a line, which may stand in its style, that of its words, or in Transkribus's own way."""
    for style in line.iter("{*}TextStyle"):
        if (size := number(style.get("fontSize"))) is not None:
            return size
    custom = _CUSTOM_SIZE.search(line.get("custom") or "")
    size = float(custom[1]) if custom else None
    return size or None                                  # 0.0 means that it is not known


def text_equiv(element: etree._Element) -> etree._Element | None:
    """The first of the readings of an element: the one with the lowest index."""
    found = [child for child in element.iterchildren("{*}TextEquiv")]
    return min(found, key=lambda child: number(child.get("index")) or 0.0) if found else None


def text_of(element: etree._Element) -> str:
    """The text of an element as its first reading has it."""
    equivalent = text_equiv(element)
    if equivalent is None:
        return ""
    return next((child.text or "" for child in equivalent.iterchildren("*") if local(child) == "Unicode"), "")


def box_of(element: etree._Element) -> Box | None:
    """The box round the polygon of an element."""
    coords = next(element.iterchildren("{*}Coords"), None)
    if coords is None:
        return None
    points = [(float(x), float(y)) for x, y in _POINT.findall(coords.get("points") or "")]
    for point in coords.iterchildren("{*}Point"):         # 2010
        x, y = number(point.get("x")), number(point.get("y"))
        if x is not None and y is not None:
            points.append((x, y))
    if not points:
        return None
    return Box(min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points),
               max(y for _, y in points))
