"""What a document's notes cite again and again: legible names and titles that help to read the misread ones.

Citations are not prose: an author, a title, an archive's name stands there without a sentence around it, in small type,
but it stands there often.  :func:`collect` finds the fields that stand in a document more than once, spelled alike;
:meth:`Citations.like` finds, for each field of a note, the one that it may be a misreading of.  What follows from that,
the ranking of readings decides: a spelling that differs may be the author's.
"""
from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import regex
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from ocrfix.engine.channel import FOLD
from ocrfix.engine.features import Cut, is_odd
from ocrfix.language.turkish import lower

FIELD = regex.compile(r"""\p{L}(?:[^,;:()"\d]|[,;:"](?=[^\s\d,;:"])|(?<=\p{L})\d(?=\p{L}))*""")
"""A stretch of words between commas, colons, brackets, quotes and figures; such signs inside of a word are specks."""
USUAL_PAGE = "s."
"""What stands before the number of a page in Turkish (``sayfa``)."""
OPENING, CLOSING = "\"'([", ".,;:!?)]\"'"
"""Signs that may stand before and behind a word of a citation; all others there are specks."""
_SIGN = r"""[58sSşŞ$§&~;:"'+.,«»%£*?!|]{1,3}?(?<![,;:])"""
_PAGE = regex.compile(rf"(?P<sign>{_SIGN})??(?P<first>\d{{1,4}})(?:-(?P<last>\d{{1,4}}))?(?P<end>[.,;:)]*)")
_HABIT = regex.compile(r"(s\.|ss\.|S\.|p\.|pp\.)\d")
_ARCHIVE = regex.compile(r"(?P<sign>(?:F|Op|D|L)\.)(?P<number>[\dlIıi|]{1,5}(?:-[\dlIıi|]{1,5})?)(?P<end>[.,;:)]*)")
_STROKES = str.maketrans("lIıi|", "11111")
_EDGE = regex.compile(r"(?<![^\p{L}\p{M}])[^\p{L}\p{M}]+$")
SHORTEST = 5
"""Letters of the shortest field that is looked at."""
LEAST_LIKENESS = 60.0
"""Least likeness, in per cent of the characters, of a field and what it may be a misreading of."""
LEAST_LEAD = 10.0
"""By how much it must be more like that than like any other."""
FAR_COMMONER = 4
"""A field that is so many times as frequent as one nearly like it makes that one a misreading."""
NEARLY_LIKE = 80.0
SAME_SPELLING = 3
"""One of so many sightings of a field, spelled alike in the OCR, is enough to say that it is printed so."""
_PLAIN = str.maketrans("çğıöşüâîûéJl1|!", "cgiosuaiueiiiii")


@dataclass(frozen=True, slots=True)
class Match:
    """A field of a note, ``start`` to ``end``, and the text that it may be a misreading of.

    ``cost``: how unlikely, in nats, it is that a field is just this one.
    """

    start: int
    end: int
    text: str
    cost: float


@dataclass(frozen=True)
class Citations:
    """The fields that a document repeats, with their counts, most frequent first, and how it writes page numbers.

    ``page`` is what stands before the number of a page.
    """

    counts: tuple[tuple[str, int], ...] = ()
    page: str = USUAL_PAGE

    @cached_property
    def _total(self) -> int:
        return sum(n for _, n in self.counts)

    @cached_property
    def _plain(self) -> list[str]:
        return [plain(text) for text, _ in self.counts]

    def like(self, note: str) -> Iterator[Match]:
        """The fields of a note for which the document has something alike, in order."""
        if not self.counts:
            return
        for start, end in fields(note):
            found = process.extract(plain(note[start:end]), self._plain, scorer=fuzz.ratio, limit=2,
                                    score_cutoff=LEAST_LIKENESS / 2)
            if found and found[0][1] >= LEAST_LIKENESS and (len(found) < 2 or found[0][1] >= found[1][1] + LEAST_LEAD):
                text, n = self.counts[found[0][2]]
                yield Match(start, end, text, math.log(self._total / n))


def page_reference(raw: str, page: str, *, ends: bool = False) -> str | None:
    """What a misread page number, the last thing of a citation, may be; None if it does not look like one.

    The sign before the number is read as something else or lost in it; the number itself is never changed.  A figure
    is taken for that sign only where it stands apart, where the pages could not be in order otherwise, or where a note
    ends (``ends``) with a number that no book has pages for and no year is.

    >>> page_reference("5.395", "s."), page_reference("593-100.)", "s."), page_reference("593", "s.")
    ('s.395', 's.93-100.)', None)
    >>> page_reference("6412.", "s.", ends=True), page_reference("6412", "s."), page_reference("1964.", "s.", ends=True)
    ('s.412.', None, None)
    """
    match = _PAGE.fullmatch(raw)
    if match is None:
        return None
    sign, first, last, end = match.group("sign", "first", "last", "end")
    if not sign:
        if len(first) < 2 or first[0] not in "3568" or first[1] == "0":
            return None
        if not (int(first) > int(last) > int(first[1:]) if last is not None else ends and len(first) == 4):
            return None
        first = first[1:]
    elif sign[0].isdigit() and not sign.endswith("."):
        return None
    found = f"{page}{first}{'-' + last if last else ''}{end}"
    return found if found != raw else None


def archive_code(raw: str) -> str | None:
    """What a part of the code of a Russian archive (fond, opis, delo, list) is, where letters were read for figures.

    Only strokes are taken for a figure, for 1; without any other figure only behind ``Op.``, which begins nothing else.

    >>> archive_code("Op.l,"), archive_code("D.6l,"), archive_code("L.l"), archive_code("F.28,"), archive_code("D.o8")
    ('Op.1,', 'D.61,', None, None, None)
    """
    match = _ARCHIVE.fullmatch(raw)
    if match is None or not (match["sign"] == "Op." or any(map(str.isdigit, match["number"]))):
        return None
    found = match["sign"] + match["number"].translate(_STROKES) + match["end"]
    return found if found != raw else None


def page_habit(notes: Iterable[Sequence[Cut]]) -> str:
    """How some notes write page numbers: what stands before the figures most often, or as is usual in Turkish."""
    counts = Counter(match.group(1) for units in notes for unit in units if (match := _HABIT.match(unit.out)))
    return min(counts, key=lambda mark: (-counts[mark], mark)) if counts and max(counts.values()) > 1 else USUAL_PAGE


def plain(text: str) -> str:
    """A text as misreadings leave it: without diacritics, signs and the difference of small strokes."""
    return "".join(c for c in lower(text).translate(_PLAIN) if c.isalnum() or c == " ")


def fields(note: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the fields of a note that are long enough to be told from others."""
    for match in FIELD.finditer(note.translate(FOLD)):
        text = _EDGE.sub("", match.group())
        if sum(map(str.isalpha, text)) >= SHORTEST:
            yield match.start(), match.start() + len(text)


def collect(notes: Iterable[Sequence[Cut]]) -> Citations:
    """The fields that some notes, cut into units, have at least twice, alike as the best path reads them.

    Where the OCR has one of them twice with the same spelling, and never as the path reads it, that is what is printed.
    """
    notes = list(notes)
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for units in notes:
        for path, raw in _field_pairs(units):
            seen[path][raw] += 1
    counts: Counter[str] = Counter()
    for path, raws in seen.items():
        total = sum(raws.values())
        raw, n = min(raws.items(), key=lambda x: (-x[1], x[0]))
        printed = n > 1 and path not in raws and n * SAME_SPELLING >= total and not is_odd(raw)
        counts[raw if printed else path] += total
    often = sorted(((text, n) for text, n in counts.items() if n > 1), key=lambda x: (-x[1], x[0]))
    kept: list[tuple[str, int]] = []
    for text, n in often:
        commoner = [plain(t) for t, m in kept if m >= FAR_COMMONER * n]
        if not commoner or process.extractOne(plain(text), commoner, scorer=fuzz.ratio,
                                              score_cutoff=NEARLY_LIKE) is None:
            kept.append((text, n))
    return Citations(tuple(kept), page_habit(notes))


def _field_pairs(units: Sequence[Cut]) -> Iterator[tuple[str, str]]:
    """Each field of a note as the best path and as the OCR has it."""
    path = " ".join(unit.out for unit in units)
    starts = list(accumulate((len(unit.out) + 1 for unit in units), initial=0))
    for start, end in fields(path):
        low, high = bisect_right(starts, start) - 1, bisect_right(starts, end - 1)
        raw = " ".join(unit.raw for unit in units[low:high])
        yield path[start:end], raw.strip(" .,;:()\"'")


def slices(unit_start: int, unit_end: int, raw: str, match: Match) -> str | None:
    """What a match says of the unit at ``unit_start:unit_end`` of the text ``raw``; None if it says nothing."""
    start, end = max(unit_start, match.start), min(unit_end, match.end)
    if start >= end:
        return None
    low, high = 0, len(match.text)
    for op in Levenshtein.opcodes(raw[match.start:match.end], match.text):
        for at in (start, end):
            if op.src_start <= at - match.start <= op.src_end:
                inside = min(op.dest_start + at - match.start - op.src_start, op.dest_end)
                if at == start and start > match.start:
                    low = _nearest_gap(match.text, inside)
                if at == end and end < match.end:
                    high = _nearest_gap(match.text, inside)
    found = match.text[low:high].strip()
    before, behind = raw[unit_start:start], raw[end:unit_end]
    if sum(map(str.isalpha, found)) < 2 or any(map(str.isalnum, before + behind)):
        return None
    return "".join(c for c in before if c in OPENING) + found + "".join(c for c in behind if c in CLOSING)


def _nearest_gap(text: str, at: int) -> int:
    """The space of a text that is nearest to an offset, or its start or end."""
    return min([0, len(text), *(k for k, c in enumerate(text) if c == " ")], key=lambda k: (abs(k - at), k))
