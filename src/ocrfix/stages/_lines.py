"""The physical lines of a page and what can be told from their shape: width, gap, how they begin and end.

Start at :func:`read_lines`.  Widths are in average characters of the type.  Nothing here knows a word of any text:
whether a line ends a paragraph is told from the room left on it, the blank lines after it, and its first and last
characters (:class:`Measure`).
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from statistics import median

from ocrfix.document import Document
from ocrfix.language.turkish import lower
from ocrfix.stages._sizes import letters_width, relative_sizes

FINITE = re.compile(r"(?:[dt][ıiuü]|m[ıiuü][şs]|yor|[ae]r|[ıiuü]r|[ae]c[ae][kğ]|l[ae]r|m[ae]z|[ıiuü]z|[ıiuü]m|k)$")
"""Endings of a Turkish finite verb, with which a sentence may end where the OCR lost its stop."""
LIST_ITEM = re.compile(r"(?:\(?[\dlI]{1,2}\s?[-–.)·]\s?(?=\D)|\(?[a-zA-Zçğıöşü]\)\s?|[-–—•●▪]\s)\S?")
CAPTION = re.compile(r"\s*(?:EK|Ek|ŞEKİL|Şekil|TABLO|Tablo|RES[İI]M|Resim|FOTO\w*|Foto\w*|HAR[İI]TA|Harita|LEVHA|Levha|"
                     r"GRAF[İI]K|Grafik|BELGE|Belge|Figure|Fig\.|Table|Plate|Map)\s*+(?:[-.:]\s*+)?"
                     r"(?:\d{1,3}|[IVX]{1,5})\s?[).:–-]")
TERMINAL = re.compile(r"[.!?…:;][\"”“’')»\]]*\s*$")
STOP = re.compile(r"[.!?…][\"”“’')»\]]*\s*$")
RESIDUE = re.compile(r"[\d\W]{1,3}$")
CALL_LINE = re.compile(r"\W{0,4}[\dIlıiSsOo]{1,3}\W{0,2}$")
"""A footnote call that the OCR put on a line of its own."""
LONG = 2000
"""Lines longer than this many characters are whole paragraphs: their width says nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line that is not blank.

    ``start``, ``end``: its characters without the white space round them; ``page``: index of its page; ``gap``: blank
    lines before it on the page; ``indent``: white space before its first character (without a page mark);
    ``width``: in average characters; ``head``: width of its first word; ``size``: of its type, 1 for that of the page's
    body, where the input has geometry.
    """

    start: int
    end: int
    text: str
    page: int
    gap: int
    indent: int
    width: float
    head: float
    size: float | None = None

    @property
    def opens_lower(self) -> bool:
        """Begins with a lower-case letter, as the middle of a sentence does."""
        if LIST_ITEM.match(self.text):
            return False
        first = self.text.lstrip("\"'“”‘’«(.,;")[:1]
        return first.isalpha() and first == lower(first)

    @property
    def opens_upper(self) -> bool:
        first = self.text.lstrip("\"'“”‘’«(")[:1]
        return first.isalpha() and first != lower(first)

    @property
    def ends_sentence(self) -> bool:
        """Ends with a full stop or its like, with quotes and a footnote call that may follow."""
        return bool(TERMINAL.search(self.text[-12:]))

    @property
    def may_end_sentence(self) -> bool:
        """Ends with a stop, a figure or stray sign (a call that took the stop's place), or a finite verb."""
        tail = self.text[-24:]
        if TERMINAL.search(tail) or (RESIDUE.search(tail) and not tail.endswith(("-", ","))):
            return True
        return bool(FINITE.search(lower(tail.rstrip(","))))


def width_of(text: str, proportional: bool = True) -> float:
    """The printed width of a text in average characters: capitals are wide, ``i`` and ``l`` narrow."""
    return letters_width(text) if proportional and len(text) <= LONG else float(len(text))


def read_lines(document: Document) -> list[Line]:
    """The lines of all pages that are not blank, in order."""
    text = document.text
    sizes = relative_sizes(document)
    out: list[Line] = []
    for index, page in enumerate(document.pages):
        gap = 0
        pos = page.span.start
        while pos < page.span.end:
            stop = text.find("\n", pos, page.span.end)
            stop = page.span.end if stop < 0 else stop
            raw = text[pos:stop]
            content = raw.strip()
            if content:
                lead = len(raw) - len(raw.lstrip())
                start = pos + lead
                indent = 0 if pos == page.span.start else lead
                out.append(Line(start, start + len(content), content, index, gap, indent, width_of(content),
                                width_of(content[:80].split()[0]) if content[:80].split() else 0.0, sizes.get(start)))
                gap = 0
            else:
                gap += 1
            pos = stop + 1
    return out


@dataclass(frozen=True)
class Measure:
    """What a document's lines tell of its setting.

    ``widths``: the width of a full line by page; ``blank``, ``tight``: log-odds for a paragraph break where blank lines
    stand or do not stand between two lines; ``indented``: first lines are indented; ``first``: log-odds of a line being
    the first of its paragraph where it is full, a little short (as a lost indent leaves it), or short.
    """

    widths: tuple[float, ...]
    blank: float
    tight: float
    indented: bool
    first: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def room(self, line: Line) -> float:
        """Share of the line that is left empty at its end, 0 for a full line."""
        full = self.widths[line.page]
        return max(0.0, 1.0 - line.width / full) if full else 0.0

    def band(self, line: Line) -> int:
        """0 for a full line, 1 for one that is short by an indent, 2 for a short one."""
        room = self.room(line)
        return 0 if room < 0.04 else 1 if room < 0.15 else 2

    def short(self, line: Line, following: Line) -> bool:
        """The first word of the following line would have stood here had the paragraph gone on."""
        full = self.widths[line.page]
        return line.width + 0.6 + following.head < full * 0.965

    def break_score(self, line: Line, following: Line, same_page: bool = True) -> float:
        """Log-odds that a paragraph ends with ``line`` and ``following`` begins another."""
        opens, second = following.text[0], following.text[1:2]
        if (opens in ",;)" and second not in "-–") or (opens == "." and second == " "):
            return -4.0
        if line.text[-1] in "-‐\u00ad¬" and line.text[-2:-1].isalpha():
            return -4.0
        score = -1.0
        if line.width > LONG or following.width > LONG:
            score += 3.0 if following.gap or line.ends_sentence else 0.0
        full = self.widths[line.page]
        if full and line.width <= LONG and not CALL_LINE.match(line.text):
            slack = (full - line.width - following.head - 0.6) / full
            if slack > 0.02:
                score += min(4.0, 1.0 + 16.0 * slack)
            else:
                score += max(-2.0, -0.6 + 20.0 * slack)
        if same_page:
            score += self.blank if following.gap else self.tight
            if following.gap >= 3:
                score += 0.7
        else:
            score -= 0.5
        if line.ends_sentence:
            score += 1.0
        elif line.may_end_sentence:
            # a comma after a finite verb before a capital is as often a misread stop
            score += 0.3 if line.text[-1] == "," and following.opens_upper and following.gap else -0.6
        else:
            score -= 2.5
        if following.opens_lower:
            score -= 5.0 if not same_page else 3.0 if following.text[0] not in "iı" else 1.5
        elif LIST_ITEM.match(following.text):
            score += 1.5
        else:
            score += 0.6
        if full and following.width <= LONG:
            score += self.first[self.band(following)]
        if self.indented and same_page:
            score += 3.0 if following.indent >= 2 else -2.0
        return score


def measure(lines: Sequence[Line], pages: int, body: Sequence[bool] | None = None) -> Measure:
    """Measure the setting from the lines; ``body`` tells which of them are known to be body."""
    keep = [line for i, line in enumerate(lines) if body is None or body[i]]
    running: list[list[float]] = [[] for _ in range(pages)]
    for line, following in pairwise(keep):
        if line.page == following.page and following.opens_lower and not line.ends_sentence and line.width <= LONG:
            running[line.page].append(line.width)
    common = median(w for page in running for w in page) if any(running) else 0.0
    widths = []
    for page in running:
        good = sorted(w for w in page if w > 0.75 * common)
        # a full line is no wider than the column, and the OCR's errors scatter its width both ways
        widths.append(good[len(good) // 2] if len(good) >= 3 else common)
    draft = Measure(tuple(widths), 0.0, 0.0, False)
    within_blank = within_tight = between_blank = between_tight = 1.0
    bands = [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]           # inside and at the start of a paragraph
    indented_starts = starts = indented_inside = inside = 0
    for line, following in pairwise(keep):
        if line.page != following.page:
            continue
        if following.opens_lower and not line.ends_sentence:
            within_blank += following.gap > 0
            within_tight += following.gap == 0
            inside += 1
            bands[0][draft.band(following)] += 1
            indented_inside += following.indent >= 2
        elif line.ends_sentence and following.opens_upper and draft.short(line, following) and draft.room(line) > 0.1:
            between_blank += following.gap > 0
            between_tight += following.gap == 0
            starts += 1
            bands[1][draft.band(following)] += 1
            indented_starts += following.indent >= 2
    inner = within_blank / (within_blank + within_tight)
    outer = between_blank / (between_blank + between_tight)
    indented = starts >= 3 and indented_starts > 0.6 * starts and indented_inside < 0.2 * max(inside, 1)
    first = [max(-1.5, min(1.5, log(b / sum(bands[1]) / (a / sum(bands[0]))))) for a, b in zip(*bands, strict=True)]
    blank, tight = max(0.0, log(outer / inner)), min(0.0, log((1 - outer) / (1 - inner)))
    if blank > 2.5:                                       # paragraphs stand apart: no break without a blank line
        tight = min(tight, -4.0)
    return Measure(tuple(widths), blank, tight, indented,
                   (first[0], first[1], first[2]))
