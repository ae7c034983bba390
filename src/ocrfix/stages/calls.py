"""Footnote calls found in the body, tied to their notes, and taken out of the words that they are fused to.

Start at :func:`tie`.  A call is the worst-read character of a page: ``vermişti4``, ``alınamamıştırD``,
``istemektedir l2``, ``bilirdi*``, or nothing at all.  What helps is order: the notes at the foot of a page are called
on that page, one after the other.  So the places where a call may stand are found (``_call_places.py``), scored for
each number, and assigned in order (``_call_assignment.py``).  A note that finds no place gets a proposed one, with the
status ``review``.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocrfix.document import Block, Change, Document, Kind, Status, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower
from ocrfix.settings import Settings
from ocrfix.stages._call_assignment import assign
from ocrfix.stages._call_places import Place, find_places
from ocrfix.stages._feet import marks
from ocrfix.stages._lines import FINITE
from ocrfix.stages._numbers import Figures
from ocrfix.stages._unwrapped import LISTED_NOTE, number_of

STAGE = "calls"
LEAST_BODY = 200
"""Characters of body on a page that has its own notes; on a page with less its notes are endnotes."""
STOP_SURE = 0.95
SENTENCE_END = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}(?:[dt][ıiuü]r(?:l[ae]r)?"
                          r"|(?:[aeıiuüoölmnrvyz]d|[fstkçşhp]t)[ıiuü](?:l[ae]r|n[ıiuü]z)?"
                          r"|m[ıiuü]ş(?:l[ae]r|[ıiuü]z|s[ıiuü]n[ıiuü]z)?|[ıiuü]yor(?:l[ae]r|um|uz|sun(?:uz)?)?"
                          r"|[ae]c[ae](?:k(?:l[ae]r)?|ğ[ıi][mz]))$")
"""The end of a verb that is hardly anything else."""
SURE = 0.9
"""Calls that are at least so probable are not asked about."""


def tie(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with every note's printed number taken off its text and its call set in the body.

    A call is an edit that removes the residue and bears the note's label (:attr:`~ocrfix.document.Edit.call`).
    Doubtful ones have the status ``review``.
    A year, a date or an archive number is no call: it is a word of its own, and the
    numbers of the page's notes do not fit it.
    """
    figures = Figures.of(document.text, knowledge)
    blocks = list(document.blocks)
    texts = [block.current(document.text) for block in blocks]
    wishes: dict[int, list[Change]] = {}
    notes: dict[int, list[tuple[str, int]]] = {}      # page number -> (label, number) in order
    for k, block in enumerate(blocks):
        if block.kind is not Kind.NOTE or block.label is None:
            continue
        change = _number(block, texts[k], knowledge, figures)
        if change is not None:
            wishes.setdefault(k, []).append(change)
        if block.rule == LISTED_NOTE:
            continue
        page = document.page_at(block.start).number
        if block.label.startswith("*"):
            star = _star(document, blocks, texts, page)
            if star is not None:
                wishes.setdefault(star[0], []).append(replace(star[1], call=block.label))
            continue
        notes.setdefault(page, []).append((block.label, int(block.label.rsplit(".", 1)[-1])))
    notes, called = _called_from(document, blocks, notes)
    found = find_places(document, blocks, texts, called, knowledge)
    calls = assign(figures, {page: [number for _, number in notes[page]] for page in found}, found)
    behind = _behind_stops([place for listed in calls.values() for _, place, _ in listed], texts)
    for page, listed in calls.items():
        for note, place, sure in listed:
            change = _call(notes[page][note][0], place, sure, texts[place.block], behind)
            wishes.setdefault(place.block, []).append(change)
            if (stop := _stop(change, texts[place.block])) is not None:
                wishes[place.block].append(stop)
    for k, changes in wishes.items():
        blocks[k] = apply_changes(blocks[k], document.text, _apart(changes), STAGE)
    return document.with_blocks(blocks)


def _called_from(document: Document, blocks: Sequence[Block], notes: Mapping[int, list[tuple[str, int]]],
                 ) -> tuple[dict[int, list[tuple[str, int]]], dict[int, int]]:
    """(notes, the page under which they stand by the page on which they are called).

    Notes are called on their own page; notes on pages without body are endnotes, called on all pages since the notes
    before them, and those of several such pages are one list.
    """
    body: Counter[int] = Counter()
    for block in blocks:
        if block.kind in (Kind.PARAGRAPH, Kind.LINES, Kind.CAPTION):
            for span in block.spans:                 # a span may reach over several pages
                first, last_page = document.page_at(span.start).number, document.page_at(span.end - 1).number
                for sheet in document.pages[first - 1:last_page]:
                    body[sheet.number] += min(span.end, sheet.span.end) - max(span.start, sheet.span.start)
    out: dict[int, list[tuple[str, int]]] = {}
    called: dict[int, int] = {}
    free: list[int] = []                             # pages of body without notes since the last notes
    last: int | None = None                          # the page under which the last endnotes stand
    for page in range(1, len(document.pages) + 1):
        if page not in notes:
            if body[page]:
                free.append(page)
                last = None
        elif body[page] >= LEAST_BODY:
            out[page], called[page], free, last = list(notes[page]), page, [], None
        elif last is not None:
            out[last] += notes[page]
        elif free:
            out[page], last = list(notes[page]), page
            called.update(dict.fromkeys(free, page))
            free = []
        else:
            out[page], called[page] = list(notes[page]), page
    return out, called


def _apart(changes: Sequence[Change]) -> list[Change]:
    """The changes without any that overlaps the one before."""
    out: list[Change] = []
    for change in sorted(changes, key=lambda c: (c.start, c.end)):
        if not out or (change.start >= out[-1].end and (change.start, change.end) != (out[-1].start, out[-1].end)):
            out.append(change)
    return out


def _number(block: Block, text: str, knowledge: Knowledge, figures: Figures) -> Change | None:
    """The edit that takes the printed number off a note."""
    if block.rule == LISTED_NOTE and (number := number_of(text)) is not None:
        return Change(0, len(number), "", "note-number", f"the number of note {block.label}, before its text")
    if block.rule != "note-sequence":
        return None
    lead = len(text) - len(text.lstrip())
    found = marks(text[lead:], knowledge.accepts)
    if not found or block.label is None:
        return None
    if block.label.startswith("*"):
        best, near = found[-1], 1.0
    else:
        count = int(block.label.rsplit(".", 1)[-1])
        best = max(found, key=lambda mark: (figures.likeness(mark.read, count),
                                            not any(c.isalnum() for c in mark.read)))
        near = figures.likeness(best.read, count)
        symbols = not any(c.isalnum() for c in best.read)
        if near < 0.25 and not symbols and not (len(best.read) <= 2 and not knowledge.accepts(best.read)):
            return None
    status = Status.AUTO if near >= 0.6 else Status.REVIEW
    return Change(0, lead + best.skip, "", "note-number", f"the number of note {block.label}, printed before its text",
                  round(0.5 + 0.49 * near, 3), status)


def _star(document: Document, blocks: Sequence[Block], texts: Sequence[str], page: int) -> tuple[int, Change] | None:
    """The call of the author's note: a star at the end of a heading or of one of the first lines."""
    for k, block in enumerate(blocks[:40]):
        if block.kind not in (Kind.HEADING, Kind.PARAGRAPH) or document.page_at(block.start).number > page:
            continue
        m = re.search(r"(?<=\w)\s?([*∗⁎•†])(?=\s|$)", texts[k][:400])
        if m and (block.kind is Kind.HEADING or len(texts[k]) < 120):
            return k, Change(m.start(), m.end(), "", "call-star", "the call of the author's note", 0.9)
    return None


def _behind_stops(places: Sequence[Place], texts: Sequence[str]) -> bool:
    """Whether this document prints its calls behind the stop of a sentence rather than before it."""
    traced = [place for place in places if place.read and place.final]
    behind = sum(1 for place in traced if texts[place.block][:place.start].rstrip()[-1:] in ".!?")
    before = sum(1 for place in traced if texts[place.block][place.end:place.end + 1] in (".", "!", "?"))
    return behind > before


def _call(label: str, place: Place, sure: float, text: str, behind: bool) -> Change:
    """The edit that sets a call, and puts back the full stop whose place it took (``vermişti4 Hariciye``).

    A call without a trace stands behind the stop of its sentence if ``behind`` says so.
    """
    if not place.read:
        m = re.match(r"[.!?]+(?=\s|$)", text[place.end:place.end + 4]) if behind else None
        at = place.end + (m.end() if m else 0)
        return Change(at, at, "", "call-proposed", f"note {label} has no call that can be read; a likely place",
                      round(sure, 3), Status.REVIEW, True, label)
    start, end, stop = place.start, place.end, ""
    if not place.fused:
        start -= len(text[:start]) - len(text[:start].rstrip())
    if m := re.match(r"[^\S\n]+(?=[.,;:!?](?:\s|$))", text[end:end + 4]):
        end += m.end()                               # ``verdi4 .``: the space stood round the call
    follows = text[end:end + 3]
    if re.match(r"\s+[A-ZÇĞİÖŞÜ\"“]|\s*$", follows) and FINITE.search(lower(text[max(0, start - 20):start])):
        stop = "."
    confidence = round(min(0.99, max(0.01, sure)), 3)
    return Change(start, end, stop, "call", f"{place.read!r} is the call of note {label}", confidence,
                  Status.AUTO if confidence >= SURE else Status.REVIEW, True, label)


def _stop(call: Change, text: str) -> Change | None:
    """The full stop that was read as a comma because a call touched it: behind a finite verb, before a capital."""
    if call.rule != "call" or call.after or not re.match(r",\s+[A-ZÇĞİÖŞÜ]", text[call.end:call.end + 3]):
        return None
    if SENTENCE_END.search(lower(text[max(0, call.start - 20):call.start])) is None:
        return None
    return Change(call.end, call.end + 1, ".", "call-stop", "a stop beside a call is often read as a comma",
                  min(STOP_SURE, call.confidence), Status.AUTO if call.confidence >= SURE else Status.REVIEW)
