"""Words put back into hOCR."""
from __future__ import annotations

from lxml import etree

from ocrfix.readers.extract import Box
from ocrfix.readers.hocr import with_box
from ocrfix.writers._tree import boxes_for, copies, remove


def put(elements: list[etree._Element], boxes: list[Box | None], words: tuple[str, ...],
        taken: set[str]) -> None:
    """Put new words in the place of some ``ocrx_word``."""
    first, *others = elements
    for element in others:
        remove(element)
    for element, word, box in zip(copies(first, len(words), taken), words, boxes_for(boxes, words), strict=True):
        set_text(element, word)
        if box is not None:
            element.set("title", with_box(element.get("title") or "", box))
        if element.getnext() is not None and not element.tail:
            element.tail = " "


def set_text(element: etree._Element, text: str) -> None:
    """Set the text of a word; within ``<em>`` or ``<strong>`` it stays there, boxes of single letters go."""
    inner = element
    while len(inner) == 1 and not (inner.text or "").strip() and not (inner[0].tail or "").strip():
        inner = inner[0]
    for child in list(inner):
        inner.remove(child)
    inner.text = text
