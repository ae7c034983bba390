"""Texts whose paragraphs stand one a line: typed prose, an export of a word processor, a ``clean.txt``.

Start at :func:`unwrapped`.  In such a text nothing has to be joined and nothing divided: a line is a paragraph, and a
blank line between two of them is the rule.  Where its notes come last, after a line ``* * *`` and each with its number
(``12. text``), they are read back as notes, so that a clean text that is cleaned again stays as it is.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocrfix.stages._lines import Line, Measure

LONG_LINE = 160
"""No column of print has so many characters on a line."""
GOING_ON = 0.1
"""A text with a larger share of short lines that go on in the next one is print with a blank line after each line."""
SETTING = Measure((80.0,), 6.0, -6.0, False)
"""Stands for the widths that such a text does not have: a paragraph fills its line, a heading does not."""
RULE = "* * *"
LISTED_NOTE = "note-list"
"""The rule of notes that stand in such a list: their calls are no longer in the body."""
_NOTE = re.compile(r"(?P<label>\*\d*|n?\d+(?:[.-]\d+)*)\.(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The lines of such a text: ``groups`` are (first, last) indices of what makes a block, several lines being verse
    or a table; ``labels`` the labels of the notes by the index of their line; ``rule`` the index of the line above
    them."""

    groups: tuple[tuple[int, int], ...]
    labels: dict[int, str]
    rule: int | None


def unwrapped(lines: Sequence[Line], pages: int, *, listed: bool = False) -> Unwrapped | None:
    """How a text with a paragraph a line is made up; None for a text that is wrapped, or has pages.

    Most of its characters stand in lines longer than any column, or it ends in a list of notes, or hardly a line goes
    on in the next.  ``listed``: the text is a part of a larger one, whose list of notes began before it.
    """
    if not lines or pages > 1 or any(line.gap > 1 for line in lines[1:]):
        return None
    groups: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        if groups and not line.gap:
            groups[-1] = (groups[-1][0], i)
        else:
            groups.append((i, i))
    single = [first for first, last in groups if first == last]
    total = sum(len(line.text) for line in lines)
    long_ = sum(len(lines[i].text) for i in single if len(lines[i].text) > LONG_LINE)
    several = [lines[i] for first, last in groups if first != last for i in range(first, last + 1)]
    labels, rule = _notes(lines, groups, listed)
    if several and (long_ < 0.5 * total or any(len(line.text) > LONG_LINE for line in several)):
        return None
    if long_ < 0.5 * total and not labels:
        pairs = list(pairwise(lines))
        going = sum(1 for line, following in pairs if (following.opens_lower and not line.ends_sentence)
                    or line.text[-1] in "-‐¬\u00ad")
        if going > GOING_ON * len(pairs):
            return None
    return Unwrapped(tuple(groups), labels, rule)


def _notes(lines: Sequence[Line], groups: Sequence[tuple[int, int]], listed: bool,
           ) -> tuple[dict[int, str], int | None]:
    """The labels of the notes after the last line ``* * *``, if every paragraph there is one."""
    rules = [k for k, (first, last) in enumerate(groups) if first == last and lines[first].text == RULE]
    if not rules and not listed:
        return {}, None
    labels: dict[int, str] = {}
    for first, last in groups[rules[-1] + 1 if rules else 0:]:
        m = _NOTE.match(lines[first].text)
        if m is None or first != last:
            return {}, None
        labels[first] = m["label"]
    return (labels, groups[rules[-1]][0] if rules else None) if labels else ({}, None)


def notes_from(stretches: Iterable[str]) -> int | None:
    """Where the list of notes begins with which a text ends: the offset of the line above it; None if there is none.

    Args:
        stretches: the text piece by piece, each of whole lines.
    """
    at = 0
    found: int | None = None
    noted = False
    for text in stretches:
        for line in text.split("\n"):
            bare = line.strip()
            if bare == RULE:
                found, noted = at, False
            elif bare and found is not None:
                noted = _NOTE.match(bare) is not None
                found = found if noted else None
            at += len(line) + 1
        at -= 1                                      # nothing ends the last line of a stretch
    return found if noted else None


def number_of(text: str) -> str | None:
    """The printed number of such a note, with its stop and the white space after it.

    >>> number_of("12. Yılmaz, s. 5."), number_of("Yılmaz")
    ('12. ', None)
    """
    m = _NOTE.match(text)
    return m[0] if m else None
