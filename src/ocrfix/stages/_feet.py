"""The foot of notes of every page, decided for the whole document at once.

Start at :func:`find_feet`.  A line is body, the start of a note or a note's continuation; a page is body first and
notes last, and notes count up.  None of these is certain from a line alone: numbers are misread, rules and gaps are
lost, an explanatory note reads like the body.  So every reading of the document is scored (Viterbi over the lines,
the state being the last note's number), and a garbled number is what the legible ones before and after it leave.
Numbering through the document and anew on every page are two hypotheses; the better one wins.
"""
from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocrfix.stages._lines import CAPTION, LIST_ITEM, Line, Measure
from ocrfix.stages._numbers import STARS, Figures

CITATION = re.compile(
    r"(?<![A-Za-zÇĞİÖŞÜçğıöşü])(?:[sS5§$]\s?[.,]\s?\d|bkz|bk\.|vd\.|a\.g\.[em]|age\b|ibid|[Oo]p\. ?cit|[Cc]\.? ?[IVX\d]"
    r"|[Nn]o\s?[:.]|[A-Z]\.\s?\d|pp?\.\s?\d)|\d{3,4}\s?[-–]\s?\d{2,4}"
    r"|[.,:;]\s?\d{1,4}[.)]?$|,\s*(?:1[5-9]|20)\d\d\b|[.,][a-zA-Z§$]\.?\d{2,}")
FUSED = re.compile(r"(?<=[a-zçğıöşüâîû)\"'’”.,])(\d{1,3})(?=[\s.,;:!?)]|$)")
RESIDUE = re.compile(r"(?<=[a-zçğıöşüâîû])(?:\d{1,3}|[\"”“*°™!?']{1,2})(?=[.,]|\s[A-ZÇĞİÖŞÜ])|(?<=[a-zçğıöşüâîû])[*°™]")
"""What a call leaves at the end of a sentence, figures or signs."""
UNNOTED = 0.7
"""Cost of a residue of a call on a page beyond the number of its notes."""
FOOT = -4.0
"""Log-odds of a foot of notes beginning at a given line, before anything is known of it."""
JUMP = -3.5
CHAPTER = 7.0
"""Cost of the numbers beginning anew in the middle of the document."""
ANEW = 4.0
"""Numbers begin anew on each page only if that explains the document better by so much."""
SMALLER = 0.91
"""Size of type between that of notes and of the body."""
SIZE = (25.0, 1.5, 2.5)
"""What the size of a line's type weighs: a difference of 1 from :data:`SMALLER`, and at most for body and for notes."""
DROP = 2.0
"""Log-odds of a foot beginning where the size of the type falls below :data:`SMALLER`."""
BEAM = 24.0
WIDTH = 48

State = tuple[bool, int]
"""(in the foot of notes, number of the last note)"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What may be a note's number at the start of a line: its characters, and where the note's text begins."""

    read: str
    skip: int


@dataclass(frozen=True, slots=True)
class Footing:
    """The decision for a line: not in a foot (``label`` None), or in the note of that label.

    ``fresh``: the note starts here, with ``skip`` characters of number; ``sure``: how well the number is read, 0..1.
    """

    label: str | None = None
    fresh: bool = False
    skip: int = 0
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class _Cell:
    score: float
    before: State | None
    number: int | None = None            # the note that starts on the line, 0 for a star
    skip: int = 0
    last: int = -1                       # index of the last line in a note
    sure: float = 1.0
    base: int = 0                        # number of the last note before the page


def marks(text: str, accepts: Callable[[str], bool]) -> list[Mark]:
    """The beginnings of a line that may be a garbled note number, longest first.

    >>> [m.read for m in marks("i6Azerb. Cum.", lambda w: False)]
    ['i6']
    """
    out: list[Mark] = []
    if text.startswith("(") and text.rstrip(" .").endswith(")"):
        return out
    tokens = [(m.start(), m.end()) for m in re.finditer(r"\S+", text[:16])]
    if not tokens:
        return out
    a, b = tokens[0]
    first = text[a:b]
    if b < len(text.rstrip()) and len(first) <= 5 and not _is_word(first, accepts):
        if len(tokens) > 1 and b - a <= 2:
            c, d = tokens[1]
            short = d - c == 1 or (d - c == 2 and not accepts(text[c:d]))
            if short and not text[c:d].isupper() and d < len(text.rstrip()):
                out.append(Mark(first + text[c:d], _after(text, d)))
        out.append(Mark(first, _after(text, b)))
    else:
        m = re.match(r"([^\w\s]{1,3}|[^\w\s]?\d{1,3}[^\w\s]?|[a-zıi.,]{0,2}\d[^\w\s]?|[ilı]{1,2})"
                     r"(?=[A-ZÇĞİÖŞÜ\"“(]\S{2})", text)
        if m and not text.startswith(("(", "\"", "''")):
            out.append(Mark(m[1], m.end()))
    return out


def _is_word(token: str, accepts: Callable[[str], bool]) -> bool:
    """Whether a short token is rather a word than a misread number: ``Bu``, but neither ``il`` nor ``iR``."""
    if len(token) == 2 and (token[0].islower() or token.isupper()):
        return False
    return token.isalpha() and len(token) > 1 and accepts(token)


def _titled(text: str) -> float:
    """Share of a line's words that begin with a capital: names and titles fill the notes."""
    words = re.findall(r"[^\W\d_]{2,}", text[:400])
    return sum(1 for w in words if w[0].isupper()) / len(words) if len(words) >= 3 else 0.3


def _after(text: str, pos: int) -> int:
    while pos < len(text) and text[pos].isspace():
        pos += 1
    return pos


class _Scorer:
    """The local evidence, line by line."""

    def __init__(self, lines: Sequence[Line], measure: Measure, accepts: Callable[[str], bool], figures: Figures,
                 ) -> None:
        self.figures = figures
        self.lines = lines
        self.measure = measure
        self.pages = [line.page for line in lines]
        self.accepts = accepts
        self.printed: dict[int, set[int]] = {}
        self.place: list[float] = []
        self.residues: dict[int, int] = {}
        counts: dict[int, int] = {}
        for line in lines:
            counts[line.page] = counts.get(line.page, 0) + 1
            if len(line.text) <= 400:
                found = self.printed.setdefault(line.page, set())
                found.update(int(m[1]) for m in FUSED.finditer(line.text))
        seen: dict[int, int] = {}
        for line in lines:
            seen[line.page] = seen.get(line.page, 0) + 1
            self.place.append(seen[line.page] / counts[line.page])
            if self.place[-1] < 0.85 and len(line.text) <= 400 and not re.search(r"(?<!\S)[\"“„‘']\S", line.text):
                self.residues[line.page] = self.residues.get(line.page, 0) + sum(1 for _ in RESIDUE.finditer(line.text))
        starred = [line for line in lines if line.text[:1] in STARS and (line.gap or line.page != 0)]
        self.star = len(starred) <= 2
        self._like: dict[int, float] = {}
        self.foot = FOOT
        self.common: dict[int, tuple[float, float]] = {}
        self._marks: dict[int, list[Mark]] = {}

    def unknown(self, i: int) -> float:
        """Share of a line's words that the lexicon does not have: small type is read worse."""
        words = re.findall(r"[^\W\d_]{3,}", self.lines[i].text[:400])
        return sum(1 for w in words if not self.accepts(w)) / len(words) if len(words) >= 2 else 0.3

    def usual(self, i: int) -> tuple[float, float]:
        """The share of unknown and of capitalised words in the upper half of a line's page."""
        page = self.lines[i].page
        if page not in self.common:
            first = bisect.bisect_left(self.pages, page)
            sample = [j for j in range(first, i) if self.place[j] < 0.5][:20]
            count = len(sample)
            self.common[page] = (sum(map(self.unknown, sample)) / count,
                                 sum(_titled(self.lines[j].text) for j in sample) / count) if count >= 5 else (0.3, 0.3)
        return self.common[page]

    def marks(self, i: int) -> list[Mark]:
        if i not in self._marks:
            self._marks[i] = marks(self.lines[i].text, self.accepts)
        return self._marks[i]

    def like(self, i: int) -> float:
        """Log-odds that the line's text is a note's rather than the body's."""
        if i not in self._like:
            line = self.lines[i]
            text = line.text[:400]
            cites = min(3, sum(1 for _ in CITATION.finditer(text)))
            score = -0.8 + 1.1 * cites
            digits = sum(1 for c in text if c.isdigit())
            score += 0.6 if digits > 0.1 * len(text) else 0.0
            score += 0.3 if text.count(",") + text.count(".") >= 4 else 0.0
            full = self.measure.widths[line.page]
            if full:
                ratio = line.width / full
                score += 1.0 if ratio > 1.06 else -0.9 if 0.94 < ratio < 1.04 else 0.0
            if line.size is not None:
                score += max(-SIZE[1], min(SIZE[2], SIZE[0] * (SMALLER - line.size)))
            if len(line.text) > 400 or CAPTION.match(line.text):
                score -= 3.0
            elif self.place[i] > 0.4:
                unknown, titled = self.usual(i)
                score += max(-0.8, min(1.0, 3.0 * (self.unknown(i) - unknown) - 0.2))
                score += max(-0.5, min(1.2, 2.0 * (_titled(text) - titled)))
                # a short line of the body ends a paragraph, and so a sentence; one of the notes a citation
                score += 0.6 if full and line.width < 0.8 * full and not line.ends_sentence else 0.0
            self._like[i] = score
        return self._like[i]

    def start(self, i: int, number: int, restart: bool, inside: bool) -> tuple[float, int, float]:
        """(log-odds, characters of number, how well it is read) of the note ``number`` starting at a line."""
        line = self.lines[i]
        score, skip, sure = -1.6, 0, 0.0
        for mark in self.marks(i):
            near = self.figures.likeness(mark.read, number)
            worth = 5.0 * near - 1.5
            if mark.read.isdigit() and near < 1.0:
                worth = 1.6 if mark.read in str(number) else min(worth, 0.0)
            rest = line.text[mark.skip:mark.skip + 1]
            lowered = rest.isalpha() and not rest.isupper()
            if not any(c.isalnum() for c in mark.read):
                worth = (1.3 if not lowered else 0.8 if mark.read[0] in STARS else -1.8) + 1.2 * near
                if restart and mark.read == "*" * number:
                    worth, near = (1.2, near) if number == 1 else (3.0, 1.0)
            elif len(mark.read) <= 2:
                worth = max(worth, -0.9)
            if lowered:
                worth -= 1.0
            if worth > score:
                score, skip, sure = worth, mark.skip, near
        if LIST_ITEM.match(line.text) and number not in self.printed.get(line.page, ()):
            score -= 1.2
        if number in self.printed.get(line.page, ()):
            score += 1.2
        if line.opens_lower and not skip:
            score -= 2.0 if not line.gap or self.measure.blank < 1.5 else 0.8
        if inside:
            score += 0.8 if self.finished(i - 1) else -1.0 if skip else -1.8
            score += min(1.5, 0.5 * self.measure.blank) if line.gap else -0.6
            if self.closed(i - 1):
                score += 0.6
        else:
            score += 1.0 + min(1.5, 0.5 * self.measure.blank) if line.gap else -0.6 if skip else -2.0
            score -= 0.0 if skip else 1.0 if any(c.isdigit() for c in line.text) else 2.5
        return score, skip, sure

    def finished(self, i: int) -> bool:
        """Whether nothing need follow a line: it ends with a stop, a bracket or a figure."""
        last = self.lines[i].text[-1]
        return (self.lines[i].ends_sentence and last not in ":;") or last == ")" or last.isdigit()

    def unnoted(self, page: int, notes: int) -> float:
        """What the residues of calls on a page beyond the number of its notes cost."""
        return UNNOTED * min(4, max(0, self.residues.get(page, 0) - notes))

    def cut(self, i: int) -> float:
        """Log-odds from a sentence that a gap cuts off: the body ends there, and goes on on the next page."""
        if not self.lines[i].gap or i == 0 or self.lines[i - 1].ends_sentence:
            return 0.0
        weight = min(2.5, 0.8 * self.measure.blank)
        return weight if not self.lines[i].opens_lower else weight / 2 if self.measure.blank > 1.5 else 0.0

    def drop(self, i: int) -> float:
        """Log-odds from the type becoming smaller, and staying so to the end of the page: the foot begins there."""
        before = self.lines[i - 1].size if i else None
        if before is None or before < SMALLER:
            return 0.0
        last = bisect.bisect_right(self.pages, self.lines[i].page)
        small = [line.size is not None and line.size < SMALLER for line in self.lines[i:last]]
        return DROP if small[0] and sum(small) > 0.7 * len(small) else 0.0

    def closed(self, i: int) -> bool:
        """Whether a line of a note leaves so much room that the note, or its paragraph, ends there."""
        line, following = self.lines[i], self.lines[i + 1]
        return line.width + following.head + 1.0 < 0.85 * self.measure.widths[line.page]

    def go_on(self, i: int) -> float:
        """Log-odds of a line going on with the note of the line before."""
        line, previous = self.lines[i], self.lines[i - 1]
        reads = [mark.read for mark in self.marks(i)]
        marked = any(read.strip(".)").isdigit() or not any(c.isalnum() for c in read) for read in reads)
        return (-0.8 if marked else 0.0) + self._flow(line, previous, i)

    def _flow(self, line: Line, previous: Line, i: int) -> float:
        apart = -min(2.0, 0.7 * self.measure.blank) if line.gap else 0.0
        if self.closed(i - 1) and (not line.gap or not line.opens_lower):
            return apart - (0.6 if line.gap else 1.2)
        if line.opens_lower or (not previous.ends_sentence and not previous.text[-1:].isdigit()):
            return 0.4 + apart
        return apart - 0.2 if line.gap else 0.0


def find_feet(lines: Sequence[Line], measure: Measure, accepts: Callable[[str], bool], figures: Figures,
              before: int = 0) -> list[Footing]:
    """For each line whether it is in a foot of notes, and in which note.

    Labels are unique in the document: ``3.1`` is the first note of page 3 where numbers begin anew on each page.
    ``before``: the number of the last note before the first line; 0 if there is none.
    """
    scorer = _Scorer(lines, measure, accepts, figures)
    through, through_score = _decode(scorer, restart=False, before=before)
    # where most pages have notes, a page without is the exception: decide again with that in mind
    noted = len({line.page for line, foot in zip(lines, through, strict=True) if foot.label is not None})
    share = noted / max(1, len({line.page for line in lines}))
    if noted >= 2:
        scorer.foot = FOOT + min(1.5, 2.5 * share)
        through, through_score = _decode(scorer, restart=False, before=before)
    anew, anew_score = _decode(scorer, restart=True)
    firsts = [foot.sure == 1.0 for foot in anew if foot.fresh and foot.label is not None and foot.label.endswith(".1")]
    legible = len(firsts) >= 2 and sum(firsts) >= 0.5 * len(firsts)
    return anew if legible and anew_score > through_score + ANEW else through


def _decode(scorer: _Scorer, restart: bool, before: int = 0) -> tuple[list[Footing], float]:
    lines = scorer.lines
    trellis: list[dict[State, _Cell]] = []
    current: dict[State, _Cell] = {(False, before): _Cell(0.0, None, base=before)}
    for i, line in enumerate(lines):
        turned = i > 0 and lines[i - 1].page != line.page
        following: dict[State, _Cell] = {}

        def offer(state: State, cell: _Cell, into: dict[State, _Cell] = following) -> None:
            held = into.get(state)
            if held is None or cell.score > held.score:
                into[state] = cell

        for (inside, number), cell in current.items():
            key: State | None = (inside, number) if i else None
            known = 0 if restart and turned else number
            if turned:
                cost = scorer.unnoted(lines[i - 1].page, number - cell.base)
                cell = replace(cell, score=cell.score - cost, base=known)
            # body
            if not inside or turned:
                score = cell.score
                if turned and not inside and line.opens_lower and scorer.finished(i - 1):
                    score -= 2.0
                offer((False, known), _Cell(score, key, last=cell.last, base=cell.base))
            entering = not inside or turned
            if entering and not (line.gap or scorer.marks(i)):
                continue
            toll = 0.0
            if entering:
                toll = scorer.foot + (-1.5 if scorer.place[i] < 0.25 else 0.7 if scorer.place[i] > 0.85 else 0.0)
                toll += -3.0 if turned else scorer.cut(i) + scorer.drop(i)
            like = scorer.like(i)
            # the note of before goes on
            if not entering:
                offer((True, number), _Cell(cell.score + like + scorer.go_on(i), key, last=i, base=cell.base))
            elif line.gap and cell.last >= 0 and not restart and lines[cell.last].page >= line.page - 1:
                open_ = not scorer.finished(cell.last)
                score = (1.0 if open_ else -2.5) + (0.8 if line.opens_lower else 0.0)
                offer((True, number), _Cell(cell.score + toll + like + score, key, last=i, base=cell.base))
            # a note starts
            for step in (1, 2):
                score, skip, sure = scorer.start(i, known + step, restart, not entering)
                if step == 2 and (sure < 1.0 or known == 0):
                    continue
                offer((True, known + step), _Cell(cell.score + toll + like + score + (JUMP if step == 2 else 0.0), key,
                                                  known + step, skip, i, sure, cell.base))
            first = scorer.marks(i)[-1] if scorer.marks(i) else None
            if first is not None and first.read.rstrip(".)").isdigit() and not restart:
                other = int(first.read.rstrip(".)"))
                if (known == 0 and 1 < other < 1000) or (other == 1 and known > 3 and entering):
                    score, skip, sure = scorer.start(i, other, restart, not entering)
                    score -= 3.5 if known == 0 else CHAPTER
                    offer((True, other), _Cell(cell.score + toll + like + score, key, other, skip, i, sure, other - 1))
            if first is not None and scorer.star and line.text[0] in STARS and len(set(first.read)) == 1:
                offer((True, known), _Cell(cell.score + toll + like + 2.6, key, 0, first.skip, i, 1.0, cell.base))
        top = max(cell.score for cell in following.values())
        kept = sorted(following.items(), key=lambda item: (-item[1].score, item[0]))[:WIDTH]
        current = {state: cell for state, cell in kept if cell.score > top - BEAM}
        trellis.append(current)
    if not trellis:
        return [], 0.0
    final = {s: cell.score - scorer.unnoted(lines[-1].page, s[1] - cell.base) for s, cell in current.items()}
    state: State | None = max(final, key=lambda s: (final[s], s))
    total = max(final.values())
    out: list[Footing] = []
    path: list[tuple[State, _Cell]] = []
    for column in reversed(trellis):
        assert state is not None
        path.append((state, column[state]))
        state = column[state].before
    used: set[str] = set()
    label: str | None = None
    chapter = 1
    for i, (state, cell) in enumerate(reversed(path)):
        if not state[0]:
            out.append(Footing())
            continue
        fresh = cell.number is not None
        if cell.number == 0:
            label = "*" if "*" not in used else f"*{lines[i].page + 1}"
        elif cell.number is not None:
            label = str(cell.number)
            if restart:
                label = f"{lines[i].page + 1}.{cell.number}"
            elif label in used:
                chapter += cell.number == 1
                label = f"{chapter}.{cell.number}"
        assert label is not None
        used.add(label)
        out.append(Footing(label, fresh, cell.skip, cell.sure))
    return out, total
