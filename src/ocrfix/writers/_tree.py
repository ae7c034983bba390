"""Elements taken out and put in, without harm to the white space around them or to the ids."""
from __future__ import annotations

import copy

from lxml import etree

from ocrfix.readers.extract import Box, divide, union

_IDS = ("id", "ID", "{http://www.w3.org/XML/1998/namespace}id")


def remove(element: etree._Element) -> None:
    """Take an element out; the white space behind it takes the place of that before it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = element.tail
    parent.remove(element)


def copies(element: etree._Element, count: int, taken: set[str]) -> list[etree._Element]:
    """An element and copies of it behind it, ``count`` in all; a copy of ``w1`` has an id of its own, ``w1_2``.

    ``taken``: the ids that there are (:func:`ids`); those of the copies are added.
    """
    out = [element]
    for number in range(2, count + 1):
        fresh = copy.deepcopy(element)
        fresh.tail = out[-1].tail
        for part in fresh.iter("*"):
            for key in _IDS:
                if (name := part.get(key)) is not None:
                    part.set(key, unused(f"{name}_{number}", taken))
        out[-1].addnext(fresh)
        out.append(fresh)
    return out


def unused(name: str, taken: set[str]) -> str:
    """The name, made longer until it is not taken, and taken now."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def ids(tree: etree._ElementTree) -> set[str]:
    """All ids in a file."""
    return {name for part in tree.iter("*") for key in _IDS if (name := part.get(key)) is not None}


def boxes_for(old: list[Box | None], words: tuple[str, ...]) -> list[Box | None]:
    """The boxes of the words that have come of some others: the same one, the union, or the union cut in proportion.

    None where a box stays as it is, or none is known.
    """
    whole = union(old)
    if whole is None or (len(old) == 1 and len(words) == 1):
        return [None] * len(words)
    return [*divide(whole, words)]
