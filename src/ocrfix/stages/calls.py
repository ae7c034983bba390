"""Footnote calls found in the body, tied to their notes, and taken out of the words that they are fused to.

Start at :func:`tie`.  A call is the worst-read character of a page: ``vermişti4``, ``alınamamıştırD``,
``istemektedir l2``, ``bilirdi*``, or nothing at all.  What helps is order: the notes at the foot of
a page are called on that page, one after
the other.  So the places where a call may stand are scored for each number, and the best monotone assignment of places
to numbers is taken (dynamic programming, as in sequence alignment).  A note that finds no place gets a proposed one,
with the status ``review``.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ocrfix.document import Block, Change, Document, Kind, Status, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower
from ocrfix.settings import Settings
from ocrfix.stages._feet import marks
from ocrfix.stages._lines import FINITE
from ocrfix.stages._numbers import STARS, SYMBOLS, likeness
from ocrfix.stages._unwrapped import LISTED_NOTE, number_of

STAGE = "calls"
MISSING = -2.2
"""Log-odds of a call that the OCR left no trace of."""
WORD = re.compile(r"\S+")
MONTHS = frozenset([
    "ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim",
    "kasım", "aralık"
])
CLOSERS = "”\"“»'’"
OPENER = re.compile(r"(?<!\S)[\"“„«(]?[\"“„«]")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a call may stand: ``start:end`` is the residue in a block's current text, empty for no trace."""

    block: int
    start: int
    end: int
    read: str
    fused: bool
    base: float
    alone: bool = False


def tie(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with every note's printed number taken off its text and its call set in the body.

    A call is an edit that removes the residue and bears the note's label (:attr:`~ocrfix.document.Edit.call`).
    Doubtful ones have the status ``review``.
    A year, a date or an archive number is no call: it is a word of its own, and the
    numbers of the page's notes do not fit it.
    """
    blocks = list(document.blocks)
    texts = [block.current(document.text) for block in blocks]
    wishes: dict[int, list[Change]] = {}
    notes: dict[int, list[tuple[str, int]]] = {}      # page number -> (label, number) in order
    for k, block in enumerate(blocks):
        if block.kind is not Kind.NOTE or block.label is None:
            continue
        change = _number(block, texts[k], knowledge)
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
    for page, places in _places(document, blocks, texts, set(notes), knowledge).items():
        for (label, number), place, score in _align(notes[page], places):
            wishes.setdefault(place.block, []).append(_call(label, number, place, score, texts[place.block]))
    for k, changes in wishes.items():
        blocks[k] = apply_changes(blocks[k], document.text, _apart(changes), STAGE)
    return document.with_blocks(blocks)


def _apart(changes: Sequence[Change]) -> list[Change]:
    """The changes without any that overlaps the one before."""
    out: list[Change] = []
    for change in sorted(changes, key=lambda c: (c.start, c.end)):
        if not out or (change.start >= out[-1].end and (change.start, change.end) != (out[-1].start, out[-1].end)):
            out.append(change)
    return out


def _number(block: Block, text: str, knowledge: Knowledge) -> Change | None:
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
        number = int(block.label.rsplit(".", 1)[-1])
        best = max(found, key=lambda mark: (likeness(mark.read, number), not any(c.isalnum() for c in mark.read)))
        near = likeness(best.read, number)
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


def _places(document: Document, blocks: Sequence[Block], texts: Sequence[str], pages: set[int],
            knowledge: Knowledge) -> dict[int, list[_Place]]:
    """The possible places of calls on each page that has notes, in reading order."""
    out: dict[int, list[_Place]] = {page: [] for page in sorted(pages)}
    for k, block in enumerate(blocks):
        if block.kind not in (Kind.PARAGRAPH, Kind.HEADING, Kind.CAPTION, Kind.LINES):
            continue
        bounds = _pages_of(document, block)
        if not any(page in pages for _, page in bounds):
            continue
        text = texts[k]
        at = 0
        opened = since = 0
        words = [(m.start(), m.end()) for m in WORD.finditer(text)]
        for n, (start, end) in enumerate(words):
            while at + 1 < len(bounds) and bounds[at + 1][0] <= start:
                at += 1
            page = bounds[at][1]
            token = text[start:end]
            if OPENER.match(token):
                opened, since = opened + 1, n
            elif opened and n - since > 60:           # never closed: a stray sign
                opened = 0
            closing = bool(token.rstrip(".,;:!?") and token.rstrip(".,;:!?")[-1] in CLOSERS)
            if page in pages:
                before = text[words[n - 1][0]:words[n - 1][1]] if n else ""
                after = text[words[n + 1][0]:words[n + 1][1]] if n + 1 < len(words) else ""
                out[page].extend(_at_word(k, start, token, before, after, opened > 0, block.kind, knowledge))
            if closing and opened and not OPENER.match(token):
                opened -= 1
    return out


def _pages_of(document: Document, block: Block) -> list[tuple[int, int]]:
    """(offset in the current text, page number) of each stretch of a block that lies on one page."""
    out: list[tuple[int, int]] = []
    pos = 0
    for piece in block.pieces(document.text):
        page = document.page_at(piece.spans[-1].start).number
        if not out or out[-1][1] != page:
            out.append((pos, page))
        pos += len(piece.text)
    return out or [(0, document.page_at(block.start).number)]


def _at_word(k: int, start: int, token: str, before: str, after: str, opened: bool, kind: Kind,
             knowledge: Knowledge) -> list[_Place]:
    """The places of a call in and after one word, with the log-odds that do not depend on the number."""
    out: list[_Place] = []
    tail = len(token.rstrip(".,;:")) if len(token) > 1 else len(token)
    core = token[:tail]
    final = after == "" or after[:1].isupper() or after[:1] in "\"“«(-–"
    heading = -2.0 if kind is Kind.HEADING else 0.0
    # a residue after white space
    if 1 <= len(core) <= 4 and before and before[-1:].isalpha() and (
            any(c.isdigit() for c in core) or not (core.isalpha() and (len(core) > 1 or core == "o" or core == "O"))
            ) and re.search(r"\w", before) and not re.fullmatch(r"[-–—&()\[\]]+", core):
        base = 0.2 + heading
        base += 1.0 if final else -2.0
        base -= 4.0 if lower(after.rstrip(".,;:'’")).split("'")[0] in MONTHS or re.match(r"\d", after) else 0.0
        base += 0.8 if FINITE.search(lower(before)) and len(before) > 4 else 0.0
        base -= 1.5 if core.isalpha() else 0.0
        base -= 3.0 if tail == len(token) and after and not FINITE.search(lower(before)) else 0.0
        out.append(_Place(k, start, start + tail, core, False, base))
    # a residue fused to the word
    for size in range(1, min(4, tail - 1) + 1):
        stem, read = core[:-size], core[-size:]
        if len(stem) < 2 or not (stem[-1].isalpha() or stem[-1] in ")\"”'’.,;"):
            continue
        if sum(1 for c in stem if c.isalpha()) < 2 or sum(1 for c in stem if c.isdigit()) > 1:
            continue
        if read[0] in ".,;:)('’" and len(read) > 1 and size > 1 and not any(c.isdigit() for c in read):
            continue
        digits = sum(1 for c in read if c.isdigit())
        letters = sum(1 for c in read if c.isalpha())
        symbols = sum(1 for c in read if c in SYMBOLS)
        if digits + letters + symbols < size and not digits:
            continue
        base = heading
        known = knowledge.accepts(stem.rstrip("'’.,;)\""))
        if digits == size:
            base += 2.2 if known else 1.2
        elif digits:
            base += 1.5 if known else -0.5
        elif letters:
            # a capital or a strange letter after small ones; ordinary letters are the word's own
            odd = any(c.isupper() for c in read) and stem.rstrip("'’.,")[-1:].islower()
            base += 0.3 if odd else -1.6
            if knowledge.accepts(core):
                base -= 3.0
            base += 1.0 if known else -0.6
        else:
            base += _symbols(read, token[tail:], opened, final) + (0.4 if known else -0.4)
        base += 0.5 if tail < len(token) or final else -0.3 if digits == size else -1.3
        if letters and not digits and not FINITE.search(lower(stem)):
            base -= 0.7
        out.append(_Place(k, start + len(stem), start + tail, read, True, base))
    # no trace: after the word, before its stop or after it
    if len(core) > 2 and core[-1:].isalpha():
        ended = final and FINITE.search(lower(core)) is not None
        bare = -0.6 if tail < len(token) and token[tail] in ".!?;" else -1.2 if ended else -2.6
        out.append(_Place(k, start + tail, start + tail, "", True, bare + heading))
    return out


def _symbols(read: str, stops: str, opened: bool, final: bool) -> float:
    """Log-odds of stray signs at the end of a word being a call."""
    if read in "'’":
        return 0.8 if stops else -1.0
    if all(c in CLOSERS for c in read):
        return -2.0 if opened else 1.0
    if all(c in "!?" for c in read):
        return 0.6 if stops else -0.2 if read == "!" else -1.8
    if all(c in STARS or c in "°™®^~*|«»" for c in read):
        return 1.8
    return 1.2 if len(read) > 1 else 0.6


def _worth(place: _Place, number: int, numbers: Collection[int] = ()) -> float:
    """Log-odds that the call of note ``number`` stands at a place; ``numbers`` are the notes of the page."""
    if not place.read:
        return MISSING + place.base
    near = likeness(place.read, number)
    score = place.base + 4.0 * near - 2.0
    if not place.fused and near < 0.6 and any(c.isalnum() for c in place.read):
        return score - 2.5
    if not any(c.isalnum() for c in place.read):
        score = max(score, place.base - 0.6 + 0.5 * near + (0.3 if (len(place.read) > 1) == (number > 9) else 0.0))
    elif place.read.isdigit() and near < 1.0:
        score -= 3.5 if int(place.read) in numbers else 1.0
    elif near < 0.3:
        score -= 0.8
        if place.fused and any(c.isdigit() for c in place.read):
            score += 0.5
    return score


def _align(notes: Sequence[tuple[str, int]], places: Sequence[_Place]) -> list[tuple[tuple[str, int], _Place, float]]:
    """The best monotone assignment of places to a page's notes; a note may stay without a place."""
    ordered = sorted(range(len(places)), key=lambda i: (places[i].block, places[i].start, places[i].end))
    count = len(notes)
    numbers = frozenset(number for _, number in notes)
    drop = -6.0
    # best[j]: best score with the first j notes placed at places up to here
    best: list[float] = [drop * j for j in range(count + 1)]
    back: list[list[int]] = []                       # by place: for each j whether the place took note j
    groups: list[list[int]] = []                     # places of one word exclude each other
    for i in ordered:
        if groups and places[groups[-1][-1]].block == places[i].block and places[i].start <= places[groups[-1][-1]].end:
            groups[-1].append(i)
        else:
            groups.append([i])
    scores: list[list[float]] = []
    for group in groups:
        row = list(best)
        took = [-1] * (count + 1)
        for j in range(count, 0, -1):
            for i in group:
                value = best[j - 1] + _worth(places[i], notes[j - 1][1], numbers)
                if value > row[j]:
                    row[j], took[j] = value, i
        for j in range(1, count + 1):                # a note dropped altogether
            if row[j - 1] + drop > row[j]:
                row[j], took[j] = row[j - 1] + drop, -2
        scores.append(best)
        best = row
        back.append(took)
    out: list[tuple[tuple[str, int], _Place, float]] = []
    j = count
    g = len(groups) - 1
    while g >= 0 and j > 0:
        took_i = back[g][j]
        if took_i == -2:
            j -= 1
            continue
        if took_i >= 0:
            out.append((notes[j - 1], places[took_i], _worth(places[took_i], notes[j - 1][1], numbers)))
            j -= 1
        g -= 1
    return out[::-1]


def _call(label: str, number: int, place: _Place, score: float, text: str) -> Change:
    """The edit that sets a call, and puts back the full stop whose place it took (``vermişti4 Hariciye``)."""
    if not place.read:
        return Change(place.start, place.end, "", "call-proposed",
                      f"note {label} has no call that can be read; a likely place", 0.3, Status.REVIEW, True, label)
    near = likeness(place.read, number)
    start, end, stop = place.start, place.end, ""
    if not place.fused:
        start -= len(text[:start]) - len(text[:start].rstrip())
    if m := re.match(r"[^\S\n]+(?=[.,;:!?](?:\s|$))", text[end:end + 4]):
        end += m.end()                               # ``verdi4 .``: the space stood round the call
    follows = text[end:end + 3]
    if re.match(r"\s+[A-ZÇĞİÖŞÜ\"“]|\s*$", follows) and FINITE.search(lower(text[max(0, start - 20):start])):
        stop = "."
    confidence = round(min(0.99, max(0.4, 0.55 + 0.44 * near if near > 0.3 else 0.45 + 0.1 * max(0.0, score))), 3)
    return Change(start, end, stop, "call", f"{place.read!r} is the call of note {label}", confidence,
                  Status.AUTO if confidence >= 0.8 else Status.REVIEW, True, label)
