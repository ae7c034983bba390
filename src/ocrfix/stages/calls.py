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
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from ocrfix.document import Block, Change, Document, Kind, Status, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower
from ocrfix.settings import Settings
from ocrfix.stages._feet import marks
from ocrfix.stages._lines import FINITE
from ocrfix.stages._numbers import Figures, plain_signs
from ocrfix.stages._unwrapped import LISTED_NOTE, number_of

STAGE = "calls"
APART = -2.0
"""Log-probability of white space between a word and its call."""
DROP = -9.0
"""Log-odds of a note that is not called on its page."""
SEVERAL = "signs"
LEAST_BODY = 200
"""Characters of body on a page that has its own notes; on a page with less its notes are endnotes."""
CERTAIN = 4.0
"""Log-odds at which a call is as likely at its place as not: a page has many places."""
LOST_STOP = -1.2
"""Log-probability of a stop being lost beside a call."""
PRINTED: dict[tuple[str, bool], float] = {("?", False): 0.04, ("!", False): 0.004, ("'", False): 0.005}
"""How often words end in a sign, without a stop, that is printed there: sentences that ask or exclaim, and dirt."""
STOPS = re.compile(r"(?<=.)[.,;:]+[-–_]*$")
WORD = re.compile(r"\S+")
MONTHS = frozenset([
    "ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim",
    "kasım", "aralık"
])
QUESTIONS = frozenset([
    "mi", "mı", "mu", "mü", "ne", "kim", "nasıl", "niçin", "neden", "niye", "hangi", "kaç", "nerede", "acaba", "nasil"
])
"""Words that make a sentence a question, whose mark is printed."""
CLOSERS = "”\"“»'’"
QUOTES = "”\"“»"
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
    opened: bool
    stopped: bool
    final: bool


def tie(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with every note's printed number taken off its text and its call set in the body.

    A call is an edit that removes the residue and bears the note's label (:attr:`~ocrfix.document.Edit.call`).
    Doubtful ones have the status ``review``.
    A year, a date or an archive number is no call: it is a word of its own, and the
    numbers of the page's notes do not fit it.
    """
    figures = Figures.learned(knowledge.channels.values())
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
    found = _places(document, blocks, texts, called, knowledge)
    chances = _Chances(figures, [place for places in found.values() for place in places],
                       [number for listed in notes.values() for _, number in listed])
    for page, places in found.items():
        for (label, number), place, score in _align(chances, notes[page], places):
            wishes.setdefault(place.block, []).append(_call(figures, label, number, place, score, texts[place.block]))
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
                free, last = [*free, page], None
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


def _places(document: Document, blocks: Sequence[Block], texts: Sequence[str],
            pages: Mapping[int, int], knowledge: Knowledge) -> dict[int, list[_Place]]:
    """The possible places of calls for each page that has notes, in reading order; ``pages``: see
    :func:`_called_from`."""
    out: dict[int, list[_Place]] = {page: [] for page in sorted(set(pages.values()))}
    for k, block in enumerate(blocks):
        if block.kind not in (Kind.PARAGRAPH, Kind.HEADING, Kind.CAPTION, Kind.LINES):
            continue
        bounds = _pages_of(document, block)
        if not any(page in pages for _, page in bounds):
            continue
        text = texts[k]
        at = 0
        opened = since = 0
        asked = ended = False
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
            asked = (asked and not ended) or lower(token) in QUESTIONS
            ended = token[-1] in ".!?"
            if page in pages:
                before = text[words[n - 1][0]:words[n - 1][1]] if n else ""
                after = text[words[n + 1][0]:words[n + 1][1]] if n + 1 < len(words) else ""
                out[pages[page]].extend(_at_word(k, start, token, before, after, opened > 0, asked, block.kind,
                                           knowledge))
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


def _at_word(k: int, start: int, token: str, before: str, after: str, opened: bool, asked: bool,
             kind: Kind, knowledge: Knowledge) -> list[_Place]:
    """The places of a call in and after one word, with the log-odds that do not depend on the number."""
    out: list[_Place] = []
    core = STOPS.sub("", token) or token
    tail = len(core)
    stops = token[tail:]
    final = _opens(after)
    heading = -2.0 if kind is Kind.HEADING else 0.0
    position = _position(core, stops, after) + heading
    # a residue after white space
    lost = "." if final and not stops and FINITE.search(lower(before)) else ""
    if 1 <= len(core) <= 4 and before[-1:].isalpha() and not re.fullmatch(r"[-–—&()\[\]]+", core) and (
            any(c.isdigit() for c in core) or not core.isalpha() or len(core) == 1):
        base = _position(before, stops or lost, after) + (LOST_STOP if lost else 0.0) + heading + APART
        if lower(STOPS.sub("", after).split("'")[0]) in MONTHS or re.match(r"\d", after):
            base -= 4.0
        if core.isalpha() and (core in "oO" or (core.isupper() and stops[:1] == ".")):
            base -= 4.0                              # the pronoun, or the initial of a name
        if core.isdigit():
            base += 2.7 if final and FINITE.search(lower(before)) else -0.7 if stops else -2.0     # ``12 kişi``
        out.append(_Place(k, start, start + tail, core, False, base, opened, bool(stops), final))
    # a residue fused to the word
    for size in range(1, min(4, tail - 1) + 1):
        stem, read = core[:-size], core[-size:]
        if not (stem[-1].isalpha() or stem[-1] in ")\"”'’.,;?!") or sum(1 for c in stem if c.isalpha()) < 2:
            continue
        if sum(1 for c in stem if c.isdigit()) > 1 or read[0] in ".,;:)(":
            continue
        signs = not any(c.isalnum() for c in read)
        place = _position(stem.rstrip("?!"), stops or stem[len(stem.rstrip("?!")):], after)
        if not stops and final and FINITE.search(lower(stem.rstrip(CLOSERS))):
            place = _position(stem, ".", after) + LOST_STOP
        if read[0] == "?" and not stops and asked:
            place -= 4.0
        if signs and not stem[-1].isalnum() and not (stem[-1] in "?!" and read in QUOTES):
            continue                                 # the signs at the end of a word are one residue
        known = knowledge.accepts(stem.rstrip("'’.,;)\""))
        base = place + heading + (0.4 if known else -0.4)
        if read.isalpha():
            inside = read[0].isupper() and stem[-1].isupper()
            base += (1.0 if known else -1.5) - (3.0 if inside else 0.0) - (3.0 if knowledge.accepts(core) else 0.0)
        out.append(_Place(k, start + len(stem), start + tail, read, True, base, opened, bool(stops), final))
    # no trace: after the word, before its stop or after it
    if len(core) > 2 and core[-1].isalpha():
        out.append(_Place(k, start + tail, start + tail, "", True,
                          position - (0.7 if final and "," in stops else 0.0), opened, bool(stops), final))
    return out


def _opens(after: str) -> bool:
    """Whether a word may begin a sentence; nothing, the end of a paragraph, may."""
    return after == "" or after[0].isupper() or after[0] in "\"“«(-–"


def _position(stem: str, stops: str, after: str) -> float:
    """Log-odds of a call rather than none behind a word, by what follows: most calls stand at the end of a sentence."""
    final = _opens(after)
    finite = FINITE.search(lower(stem.rstrip(CLOSERS))) is not None and len(stem) > 3
    if final and re.search(r"[.!?]", stops):
        return 2.4 + (0.3 if finite else 0.0)
    if final and not stops:
        return 0.2 if finite else -1.0               # the OCR lost the stop; or a name follows
    if final and "," in stops:
        return 3.2 if finite else 0.4                # a comma, as a stop beside a call is often read
    return 0.2 if stops else -1.9


class _Chances:
    """How probable residues are where a call stands, and where none does."""

    def __init__(self, figures: Figures, places: Collection[_Place], numbers: Sequence[int]) -> None:
        self.figures = figures
        self.seen = Counter(self._key(place) for place in places if place.read)
        self.around = Counter((place.stopped, place.final) for place in places if not place.read)
        self.numbers = numbers

    @staticmethod
    def _key(place: _Place) -> tuple[str, bool, bool, bool]:
        closing = place.opened and all(c in QUOTES for c in place.read.lstrip("?!"))
        signs = plain_signs(place.read)
        if len(signs) > 1 and not any(c.isalnum() for c in signs):
            signs = SEVERAL
        return signs, closing, place.stopped, place.final

    def without(self, place: _Place) -> float:
        """Log-probability of a word ending so where no call stands."""
        read = place.read
        if not read:
            return 0.0
        if any(c.isdigit() for c in read):
            usual = (0.002, 0.0004) if place.fused else (0.03, 0.0001)
            return log(usual[0] if read.isdigit() else usual[1])
        if read.isalpha():
            return log(0.01) if not place.fused else (log(0.0007) if read[0].isupper() else -2.0 * len(read))
        if any(c.isalnum() for c in read):
            return log(0.0005)
        key = self._key(place)
        if key[1]:
            return log(0.3)                          # a quotation that was opened is closed
        # as often as in this document, less those that calls will have left
        words = self.around[place.stopped, place.final] + 10
        mine = sum(exp(self.figures.blot(read, number)) for number in self.numbers)
        return log(max(0.5, self.seen[key] - mine) / words + PRINTED.get((key[0], place.stopped), 0.0))

    def worth(self, place: _Place, number: int, page: Collection[int] = ()) -> float:
        """Log-odds that the call of note ``number`` stands at a place; ``page``: the numbers of the page's notes."""
        score = place.base + self.figures.likelihood(place.read, number) - self.without(place)
        if place.read.isdigit() and int(place.read) != number and int(place.read) in page:
            score -= 3.0
        return score


def _align(chances: _Chances, notes: Sequence[tuple[str, int]], places: Sequence[_Place],
           ) -> list[tuple[tuple[str, int], _Place, float]]:
    """The best monotone assignment of places to a page's notes; a note may stay without a place."""
    ordered = sorted(range(len(places)), key=lambda i: (places[i].block, places[i].start, places[i].end))
    count = len(notes)
    numbers = frozenset(number for _, number in notes)
    # best[j]: best score with the first j notes placed at places up to here
    best: list[float] = [DROP * j for j in range(count + 1)]
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
                value = best[j - 1] + chances.worth(places[i], notes[j - 1][1], numbers)
                if value > row[j]:
                    row[j], took[j] = value, i
        for j in range(1, count + 1):                # a note dropped altogether
            if row[j - 1] + DROP > row[j]:
                row[j], took[j] = row[j - 1] + DROP, -2
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
            out.append((notes[j - 1], places[took_i], chances.worth(places[took_i], notes[j - 1][1], numbers)))
            j -= 1
        g -= 1
    return out[::-1]


def _call(figures: Figures, label: str, number: int, place: _Place, score: float, text: str) -> Change:
    """The edit that sets a call, and puts back the full stop whose place it took (``vermişti4 Hariciye``)."""
    if not place.read:
        return Change(place.start, place.end, "", "call-proposed",
                      f"note {label} has no call that can be read; a likely place", 0.3, Status.REVIEW, True, label)
    near = figures.likeness(place.read, number)
    start, end, stop = place.start, place.end, ""
    if not place.fused:
        start -= len(text[:start]) - len(text[:start].rstrip())
    if m := re.match(r"[^\S\n]+(?=[.,;:!?](?:\s|$))", text[end:end + 4]):
        end += m.end()                               # ``verdi4 .``: the space stood round the call
    follows = text[end:end + 3]
    if re.match(r"\s+[A-ZÇĞİÖŞÜ\"“]|\s*$", follows) and FINITE.search(lower(text[max(0, start - 20):start])):
        stop = "."
    sure = 1.0 / (1.0 + exp(CERTAIN - score))
    if near > 0.5 and any(c.isalnum() for c in place.read):
        sure = max(sure, 0.55 + 0.44 * near)
    confidence = round(min(0.99, max(0.4, sure)), 3)
    return Change(start, end, stop, "call", f"{place.read!r} is the call of note {label}", confidence,
                  Status.AUTO if confidence >= 0.8 else Status.REVIEW, True, label)
