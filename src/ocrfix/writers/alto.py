"""Words put back into ALTO."""
from __future__ import annotations

from itertools import pairwise

from lxml import etree

from ocrfix.readers._xml import local
from ocrfix.readers.alto import box_of
from ocrfix.readers.extract import Box
from ocrfix.stages.reflow import HYPHENS
from ocrfix.writers._tree import boxes_for, copies, remove


def put(elements: list[etree._Element], boxes: list[Box | None], words: tuple[str, ...],
        taken: set[str]) -> None:
    """Put new words in the place of some ``String``; a ``HYP`` stays as it is printed."""
    if local(elements[0]) == "HYP":
        _put_hyphen(elements[0], words)
        return
    first, *others = elements
    for element in others:
        _remove_spaces(element)
        remove(element)
    made = copies(first, len(words), taken)
    for element, word, box in zip(made, words, boxes_for(boxes, words), strict=True):
        _set_text(element, word)
        if box is not None:
            _set_box(element, box)
    for left, right in pairwise(made):
        _put_space(left, right)
    _tell_halves(made[0])
    if made[-1] is not made[0]:
        _tell_halves(made[-1])


def _set_text(element: etree._Element, text: str) -> None:
    """Set ``CONTENT``; the letters of another word go, and an alternative that is the text now."""
    element.set("CONTENT", text)
    glyphs = list(element.iterchildren("{*}Glyph"))
    if len(glyphs) == len(text):
        for glyph, char in zip(glyphs, text, strict=True):
            glyph.set("CONTENT", char)
    else:
        for glyph in glyphs:
            element.remove(glyph)
    for alternative in list(element.iterchildren("{*}ALTERNATIVE")):
        if alternative.text == text:
            element.remove(alternative)


def _set_box(element: etree._Element, box: Box) -> None:
    values = {"HPOS": box.left, "VPOS": box.top, "WIDTH": box.width, "HEIGHT": box.height}
    for name, value in values.items():
        element.set(name, f"{value:.2f}".rstrip("0").rstrip(".") if "." in (element.get(name) or "")
                    else str(round(value)))


def _remove_spaces(element: etree._Element) -> None:
    """Take out the ``SP`` before a word."""
    while (before := element.getprevious()) is not None and local(before) == "SP":
        remove(before)


def _put_space(left: etree._Element, right: etree._Element) -> None:
    space = etree.Element(str(left.tag).replace("String", "SP"))
    a, b = box_of(left), box_of(right)
    if a is not None and b is not None:
        space.set("WIDTH", str(max(0, round(b.left - a.right))))
        space.set("HPOS", str(round(a.right)))
        space.set("VPOS", str(round(a.top)))
    space.tail = left.tail
    left.addnext(space)


def _put_hyphen(element: etree._Element, words: tuple[str, ...]) -> None:
    """The hyphen of a line end that was read on: what is no hyphen goes to the word before it."""
    text = " ".join(words)
    before = element.getprevious()
    if text and all(char in HYPHENS for char in text):
        element.set("CONTENT", text)
    elif before is not None and local(before) == "String":
        before.set("CONTENT", (before.get("CONTENT") or "") + text)
        remove(element)


def _tell_halves(element: etree._Element) -> None:
    """Set ``SUBS_CONTENT`` of both halves of a divided word to what they say together."""
    part = element.get("SUBS_TYPE")
    if part not in ("HypPart1", "HypPart2"):
        return
    other = _beside(element, "following" if part == "HypPart1" else "preceding")
    if other is None or other.get("SUBS_TYPE") != ("HypPart2" if part == "HypPart1" else "HypPart1"):
        return
    first, second = (element, other) if part == "HypPart1" else (other, element)
    whole = (first.get("CONTENT") or "").rstrip(HYPHENS) + (second.get("CONTENT") or "")
    first.set("SUBS_CONTENT", whole)
    second.set("SUBS_CONTENT", whole)


def _beside(element: etree._Element, axis: str) -> etree._Element | None:
    """The next ``String`` of the file, or the one before."""
    found = element.xpath(f"{axis}::*[local-name()='String'][1]")
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None
