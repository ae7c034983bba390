"""The foot of notes of every page, decided for the whole document at once.

Start at :func:`find_feet`.  A line is body, the start of a note or a note's continuation; a page is body first and notes
last, and notes count up.  None of these is certain from a line alone: numbers are misread, rules and gaps are lost, an
explanatory note reads like the body.  So every reading of the document is scored (Viterbi over the lines, the state
being the last note's number), and a garbled number is what the legible ones before and after it leave.  Numbering
through the document and anew on every page are two hypotheses; the better one wins.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocrfix.stages._lines import LIST_ITEM, Line, Measure
from ocrfix.stages._numbers import STARS, SYMBOLS, likeness

CITATION = re.compile(
    r"(?<![A-Za-zÇĞİÖŞÜçğıöşü])(?:[sS5§$]\s?[.,]\s?\d|bkz|bk\.|vd\.|a\.g\.[em]|age\b|ibid|[Oo]p\. ?cit|[Cc]\.? ?[IVX\d]|[Nn]o\s?[:.]"
    r"|[A-Z]\.\s?\d|pp?\.\s?\d)|\d{3,4}\s?[-–]\s?\d{2,4}|[.,:;]\s?\d{1,4}[.)]?$|,\s*(?:1[5-9]|20)\d\d\b|[.,][a-zA-Z§$]\.?\d{2,}")
FUSED = re.compile(r"(?<=[a-zçğıöşüâîû)\"'’”.,])(\d{1,3})(?=[\s.,;:!?)]|$)")
FOOT = -3.0
"""Log-odds of a foot of notes beginning at a given line, before anything is known of it."""
JUMP = -3.5
ANEW = 4.0
"""Numbers begin anew on each page only if that explains the document better by so much."""
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
            if d - c <= 2 and not text[c:d].isupper() and d < len(text.rstrip()) and not accepts(text[c:d]):
                out.append(Mark(first + text[c:d], _after(text, d)))
        out.append(Mark(first, _after(text, b)))
    else:
        m = re.match(r"([^\w\s]{1,3}|[^\w\s]?\d{1,3}[^\w\s]?|[a-zıi.,]{0,2}\d[^\w\s]?|[ilı]{1,2})(?=[A-ZÇĞİÖŞÜ\"“(]\S{2})", text)
        if m and not text.startswith(("(", "\"", "''")):
            out.append(Mark(m[1], m.end()))
    return out


def _is_word(token: str, accepts: Callable[[str], bool]) -> bool:
    """Whether a short token is rather a word than a misread number: ``Bu``, but neither ``il`` nor ``iR``."""
    if len(token) == 2 and (token[0].islower() or token.isupper()):
        return False
    return token.isalpha() and len(token) > 1 and accepts(token)


def _after(text: str, pos: int) -> int:
    while pos < len(text) and text[pos].isspace():
        pos += 1
    return pos


class _Scorer:
    """The local evidence, line by line."""

    def __init__(self, lines: Sequence[Line], measure: Measure, accepts: Callable[[str], bool]) -> None:
        self.lines = lines
        self.measure = measure
        self.accepts = accepts
        self.printed: dict[int, set[int]] = {}
        self.place: list[float] = []
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
        starred = [line for line in lines if line.text[:1] in STARS and (line.gap or line.page != 0)]
        self.star = len(starred) <= 2
        self._like: dict[int, float] = {}
        self._marks: dict[int, list[Mark]] = {}

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
                score += 1.0 if ratio > 1.06 else -0.6 if 0.94 < ratio < 1.04 else 0.0
            if len(line.text) > 400:
                score -= 3.0
            self._like[i] = score
        return self._like[i]

    def start(self, i: int, number: int, restart: bool, inside: bool) -> tuple[float, int, float]:
        """(log-odds, characters of number, how well it is read) of the note ``number`` starting at a line."""
        line = self.lines[i]
        score, skip, sure = -1.6, 0, 0.0
        for mark in self.marks(i):
            near = likeness(mark.read, number)
            worth = 5.0 * near - 1.5
            if mark.read.isdigit() and near < 1.0:
                worth = min(worth, 0.4)
            if not any(c.isalnum() for c in mark.read):
                worth = max(worth, 0.8)
                if restart and mark.read == "*" * number:
                    worth, near = (1.2 if number == 1 else 3.0), 1.0
            elif len(mark.read) <= 2:
                worth = max(worth, -0.9)
            rest = line.text[mark.skip:mark.skip + 1]
            if rest and not (rest.isupper() or not rest.isalpha()):
                worth -= 1.0
            if worth > score:
                score, skip, sure = worth, mark.skip, near
        if LIST_ITEM.match(line.text) and number not in self.printed.get(line.page, ()):
            score -= 1.2
        if number in self.printed.get(line.page, ()):
            score += 1.2
        if line.opens_lower and not skip:
            score -= 2.0
        if inside:
            previous = self.lines[i - 1]
            score += 0.5 if previous.ends_sentence or previous.text[-1:].isdigit() else -1.0
            score += 0.4 if line.gap else -0.6
        else:
            score += 0.7 if line.gap else -0.6 if skip else -2.0
        return score, skip, sure

    def go_on(self, i: int) -> float:
        """Log-odds of a line going on with the note of the line before."""
        line, previous = self.lines[i], self.lines[i - 1]
        if line.opens_lower or not previous.ends_sentence and not previous.text[-1:].isdigit():
            return 0.4
        return -0.8 if line.gap else 0.0


def find_feet(lines: Sequence[Line], measure: Measure, accepts: Callable[[str], bool]) -> list[Footing]:
    """For each line whether it is in a foot of notes, and in which note.

    Labels are unique in the document: ``3.1`` is the first note of page 3 where numbers begin anew on each page.
    """
    scorer = _Scorer(lines, measure, accepts)
    through, through_score = _decode(scorer, restart=False)
    anew, anew_score = _decode(scorer, restart=True)
    return anew if anew_score > through_score + ANEW else through


def _decode(scorer: _Scorer, restart: bool) -> tuple[list[Footing], float]:
    lines = scorer.lines
    trellis: list[dict[State, _Cell]] = []
    current: dict[State, _Cell] = {(False, 0): _Cell(0.0, None)}
    for i, line in enumerate(lines):
        turned = i > 0 and lines[i - 1].page != line.page
        following: dict[State, _Cell] = {}

        def offer(state: State, cell: _Cell) -> None:
            held = following.get(state)
            if held is None or cell.score > held.score:
                following[state] = cell

        for (inside, number), cell in current.items():
            key: State | None = (inside, number) if i else None
            known = 0 if restart and turned else number
            # body
            if not inside or turned:
                score = cell.score
                if turned and not inside and line.opens_lower and lines[i - 1].ends_sentence and measure_short(scorer, i - 1):
                    score -= 2.0
                offer((False, known), _Cell(score, key, last=cell.last))
            entering = not inside or turned
            if entering and not (line.gap or scorer.marks(i)):
                continue
            toll = 0.0
            if entering:
                toll = FOOT + (-1.5 if scorer.place[i] < 0.25 else 0.7 if scorer.place[i] > 0.85 else 0.0) + (-3.0 if turned else 0.0)
            like = scorer.like(i)
            # the note of before goes on
            if not entering:
                offer((True, number), _Cell(cell.score + like + scorer.go_on(i), key, last=i))
            elif line.gap and cell.last >= 0 and not restart and lines[cell.last].page >= line.page - 1:
                last = lines[cell.last]
                open_ = not last.ends_sentence or last.text.endswith((":", ",", ";"))
                offer((True, number), _Cell(cell.score + toll + like + (1.0 if open_ else -2.5) + (0.8 if line.opens_lower else 0.0), key, last=i))
            # a note starts
            for step in (1, 2):
                score, skip, sure = scorer.start(i, known + step, restart, not entering)
                if step == 2 and (sure < 1.0 or known == 0):
                    continue
                offer((True, known + step), _Cell(cell.score + toll + like + score + (JUMP if step == 2 else 0.0), key,
                                                  known + step, skip, i, sure))
            first = scorer.marks(i)[-1] if scorer.marks(i) else None
            if first is not None and first.read.rstrip(".)").isdigit() and not restart:
                other = int(first.read.rstrip(".)"))
                if (known == 0 and 1 < other < 1000) or (other == 1 and known > 3 and entering):
                    score, skip, sure = scorer.start(i, other, restart, not entering)
                    offer((True, other), _Cell(cell.score + toll + like + score - 3.5, key, other, skip, i, sure))
            if first is not None and scorer.star and line.text[0] in STARS and len(set(first.read)) == 1:
                offer((True, known), _Cell(cell.score + toll + like + 2.6, key, 0, first.skip, i, 1.0))
        top = max(cell.score for cell in following.values())
        kept = sorted(following.items(), key=lambda item: (-item[1].score, item[0]))[:WIDTH]
        current = {state: cell for state, cell in kept if cell.score > top - BEAM}
        trellis.append(current)
    if not trellis:
        return [], 0.0
    state: State | None = max(current, key=lambda s: (current[s].score, s))
    total = current[state].score if state is not None else 0.0
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


def measure_short(scorer: _Scorer, i: int) -> bool:
    """Whether a line leaves a good part of the column empty."""
    return scorer.measure.room(scorer.lines[i]) > 0.12


def symbols_only(text: str) -> bool:
    """Whether a text is nothing but stray signs."""
    return all(c in SYMBOLS or c in ".,;:-_·" or c.isspace() for c in text)
