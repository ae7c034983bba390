"""Words put back into PAGE-XML."""
from __future__ import annotations

from lxml import etree

from ocrfix.readers._xml import local
from ocrfix.readers.extract import Box
from ocrfix.readers.page import text_equiv, text_of
from ocrfix.writers._tree import boxes_for, copies, remove


def put(elements: list[etree._Element], boxes: list[Box | None], words: tuple[str, ...],
        taken: set[str]) -> None:
    """Put new words in the place of some ``Word``, or a new line in that of a ``TextLine``.

    What the line and the regions around say is said anew.
    """
    first, *others = elements
    if local(first) == "TextLine":
        before = text_of(first)
        _set_text(first, " ".join(words))
        _tell_regions(first, before)
        return
    line = first.getparent()
    before = text_of(line) if line is not None else ""
    for element in others:
        remove(element)
    for element, word, box in zip(copies(first, len(words), taken), words, boxes_for(boxes, words), strict=True):
        _set_text(element, word)
        if box is not None:
            _set_box(element, box)
    if line is not None and text_equiv(line) is not None:
        _set_text(line, " ".join(text for word in line.iterchildren("{*}Word") if (text := text_of(word))))
        _tell_regions(line, before)


def _set_text(element: etree._Element, text: str) -> None:
    """Set the first reading of an element; letters of another word go."""
    equivalent = text_equiv(element)
    if equivalent is None:
        return
    for child in equivalent.iterchildren("*"):
        if local(child) in ("Unicode", "PlainText"):
            child.text = text
    glyphs = list(element.iterchildren("{*}Glyph"))
    for k, glyph in enumerate(glyphs):
        if len(glyphs) == len(text):
            _set_text(glyph, text[k])
        else:
            element.remove(glyph)


def _set_box(element: etree._Element, box: Box) -> None:
    coords = next(element.iterchildren("{*}Coords"), None)
    if coords is None:
        return
    left, top, right, bottom = (str(round(v)) for v in (box.left, box.top, box.right, box.bottom))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    points = list(coords.iterchildren("{*}Point"))
    if not points:
        coords.set("points", " ".join(f"{x},{y}" for x, y in corners))
        return
    for point in points:                                 # 2010
        coords.remove(point)
    for x, y in corners:
        etree.SubElement(coords, str(points[0].tag), {"x": x, "y": y})


def _tell_regions(line: etree._Element, before: str) -> None:
    """Put the new text of a line in the place of the old one in what the regions around say as a whole."""
    after = text_of(line)
    for region in line.iterancestors("{*}TextRegion"):
        lines = text_of(region).split("\n")
        peers = list(region.iterchildren("{*}TextLine"))
        at = peers.index(line) if line in peers and len(lines) == len(peers) else None
        if at is None:
            at = lines.index(before) if lines.count(before) == 1 else None
        if at is not None:
            lines[at] = after
            _set_text(region, "\n".join(lines))
