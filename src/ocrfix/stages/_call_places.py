"""Where in the body a footnote call may stand: every word, with what may be left of a number in or behind it.

Start at :func:`find_places`.  What is scored here does not depend on the number: what follows the word, whether the
word without the residue is one.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocrfix.document import Block, Document, Kind
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower
from ocrfix.stages._lines import FINITE

APART = -2.0
"""Log-probability of white space between a word and its call."""
STOPS = re.compile(r"(?:(?<=[^.,;:])|(?<=^.))[.,;:]+[-–_]*$")
ONLY_STOPS = re.compile(r"[.,;:]+$")
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
NAME = re.compile(r"i[^\W\d_]+['’][^\W\d_]")
"""A proper name whose ``İ`` was read without its size: only names take an apostrophe."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call may stand.

    Attributes:
        block: index of the block.
        start, end: the residue in the block's current text, empty for no trace.
        read: the residue.
        fused: it stands at the word, not behind white space.
        base: log-odds of a call that depend neither on the number nor on how the document is read.
        opened: a quotation is open here.
        stopped: a stop follows.
        final: what follows may begin a sentence.
        stop: where a finite verb ends the sentence, the stop that was read: ``"."``, ``","`` or ``""``; otherwise None.
        last: nothing follows in the paragraph.
    """

    block: int
    start: int
    end: int
    read: str
    fused: bool
    base: float
    opened: bool
    stopped: bool
    final: bool
    stop: str | None
    last: bool


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the body with what stands around it."""

    block: int
    start: int
    token: str
    before: str
    after: str
    opened: bool
    asked: bool
    kind: Kind

    @property
    def final(self) -> bool:
        """Whether what follows may begin a sentence; nothing, the end of a paragraph, may."""
        return self.after == "" or self.after[0].isupper() or self.after[0] in "\"“«(-–" or bool(NAME.match(self.after))

    def place(self, start: int, end: int, read: str, fused: bool, base: float, stem: str, stops: str) -> Place:
        """A place at ``start:end`` of the token; ``stem`` is the word that is called at, ``stops`` what follows it."""
        position, stop = _position(stem, stops, self.final)
        base += position - (2.0 if self.kind is Kind.HEADING else 0.0)
        return Place(self.block, self.start + start, self.start + end, read, fused, base, self.opened, bool(stops),
                     self.final, stop, self.after == "")


def find_places(document: Document, blocks: Sequence[Block], texts: Sequence[str], pages: Mapping[int, int],
                knowledge: Knowledge) -> dict[int, list[Place]]:
    """The possible places of calls for each page that has notes, in reading order.

    ``texts``: the blocks' current texts; ``pages``: for each page of body the page under whose number its notes stand.
    """
    out: dict[int, list[Place]] = {page: [] for page in sorted(set(pages.values()))}
    for k, block in enumerate(blocks):
        if block.kind not in (Kind.PARAGRAPH, Kind.HEADING, Kind.CAPTION, Kind.LINES):
            continue
        bounds = _pages_of(document, block)
        if not any(page in pages for _, page in bounds):
            continue
        at = 0
        for word in _words(k, texts[k], block.kind):
            while at + 1 < len(bounds) and bounds[at + 1][0] <= word.start:
                at += 1
            page = bounds[at][1]
            if page in pages:
                out[pages[page]].extend(_at_word(word, knowledge))
    return out


def _words(block: int, text: str, kind: Kind) -> Iterator[_Word]:
    opened = since = 0
    asked = ended = False
    spans = [(m.start(), m.end()) for m in WORD.finditer(text)]
    tokens = [text[a:b] for a, b in spans]
    for n, token in enumerate(tokens):
        if OPENER.match(token):
            opened, since = opened + 1, n
        elif opened and n - since > 60:               # never closed: a stray sign
            opened = 0
        closing = bool(token.rstrip(".,;:!?") and token.rstrip(".,;:!?")[-1] in CLOSERS)
        asked = (asked and not ended) or lower(token) in QUESTIONS
        ended = token[-1] in ".!?"
        behind = n + 1
        if behind < len(tokens) and ONLY_STOPS.match(tokens[behind]) and not STOPS.search(token):
            token += tokens[behind]                   # ``vardı60 .``: the stop, set apart
            behind += 1
        yield _Word(block, spans[n][0], token, tokens[n - 1] if n else "",
                    tokens[behind] if behind < len(tokens) else "", opened > 0, asked, kind)
        if closing and opened and not OPENER.match(token):
            opened -= 1


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


def _at_word(word: _Word, knowledge: Knowledge) -> list[Place]:
    """The places of a call in and after one word."""
    core = STOPS.sub("", word.token) or word.token
    tail = len(core)
    stops = word.token[tail:]
    out = _apart(word, core, stops)
    # a residue fused to the word
    word_itself = knowledge.accepts(core)
    for size in range(1, min(4, tail - 1) + 1):
        stem, read = core[:-size], core[-size:]
        if not (stem[-1].isalpha() or stem[-1] in ")\"”'’.,;?!") or sum(1 for c in stem if c.isalpha()) < 2:
            continue
        if sum(1 for c in stem if c.isdigit()) > 1 or read[0] in ".,;:)(":
            continue
        signs = not any(c.isalnum() for c in read)
        if signs and not stem[-1].isalnum() and stem[-1] not in ".,;:?!)":
            continue                                  # the signs at the end of a word are one residue
        known = knowledge.accepts(stem.rstrip("'’.,;)\""))
        base = 0.4 if known else -0.4
        if any(c.isalpha() for c in read) and not any(c.isdigit() for c in read):
            if re.search(r"^['’][^\W\d_]+$|[.,;:]", read) and not any(c.isupper() for c in read):
                continue                              # a suffix, or a stop that is no part of a number
            base -= 0.0 if known else 4.0             # letters that the word lacks
        if read[0] == "?" and not stops and word.asked:
            base -= 4.0
        if read.isalpha():
            if word_itself or size > 2:
                continue                              # the end of a word
            inside = read[0].isupper() and stem[-1].isupper()
            base += (0.0 if known else -1.5) - (3.0 if inside else 0.0)
            base += 2.0 if known and read.islower() and len(stem) > 4 else 0.0
        bare = stem.rstrip("?!.,;:")
        out.append(word.place(len(stem), tail, read, True, base, bare, stops or stem[len(bare):]))
    # no trace: after the word, before its stop or after it
    if len(core) > 2 and core[-1].isalpha():
        out.append(word.place(tail, tail, "", True, 0.0, core, stops))
    return out


def _apart(word: _Word, core: str, stops: str) -> list[Place]:
    """The place of a residue after white space."""
    if not (1 <= len(core) <= 4 and word.before.rstrip(".,;:")[-1:].isalpha()
            and not re.fullmatch(r"[-–—&()\[\]]+", core)):
        return []
    if any(c.isalpha() for c in core) and len(core) > 1 and not any(c.isdigit() for c in core):
        return []                                     # a word
    base = APART
    if lower(STOPS.sub("", word.after).split("'")[0]) in MONTHS or re.match(r"\d", word.after):
        base -= 4.0
    if core.isalpha() and (core in "oO" or (core.isupper() and stops[:1] == ".")):
        base -= 4.0                                   # the pronoun, or the initial of a name
    before = word.before.rstrip(".,;:")
    if core.isdigit():
        base += 2.7 if word.final and FINITE.search(lower(before)) else -0.7 if stops else -2.0     # ``12 kişi``
    return [word.place(0, len(core), core, False, base, before, stops or word.before[len(before):])]


def _position(stem: str, stops: str, final: bool) -> tuple[float, str | None]:
    """(log-odds of a call rather than none behind a word, the stop where a finite verb ends the sentence).

    Most calls stand at the end of a sentence.
    """
    finite = _finite(stem)
    stop = "." if re.search(r"[.!?]", stops) else "," if "," in stops else "" if not stops else None
    if final and finite and stop is not None:
        return 2.7, stop
    if final and stop == ".":
        return 2.4, None
    if final and not stops:
        return -1.0, None                             # a name follows
    if final and stop == ",":
        return 0.4, None
    return (0.2 if stops else -1.9), None


def _finite(stem: str) -> bool:
    """Whether a word may be a finite verb, which ends a sentence."""
    return FINITE.search(lower(stem.rstrip(CLOSERS))) is not None and len(stem) > 3
