"""Running heads, page numbers and specks: what belongs to the page and not to the text.

Start at :func:`find_furniture`.  A running head is known by its return: the line at the top (or bottom) of a page reads
like the one a page or two before, its figures aside.  A page number is known by counting up.
"""
from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from ocrfix.document import Kind
from ocrfix.stages._feet import CITATION
from ocrfix.stages._lines import CAPTION, Line, Measure

ALIKE = 56.0
"""Similarity (0..100) at which two first lines are the same running head, badly read."""
NUMBER = re.compile(r"\d{1,4}")
REACH = 8
"""Pages before and after that a running head is looked for on."""
BARE = re.compile(r"[-–—\s.,|~*]*\d{1,4}[-–—\s.,|~*]*$")


def find_furniture(lines: Sequence[Line], measure: Measure) -> dict[int, tuple[Kind, str]]:
    """Kind and rule of the lines that are furniture, by index into ``lines``."""
    out: dict[int, tuple[Kind, str]] = {}
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for i, line in enumerate(lines):
        first.setdefault(line.page, i)
        last[line.page] = i
    for edge in (first, last):
        _edge(lines, measure, edge, out, top=edge is first)
        # a head and a number may stand on lines of their own
        inner = {page: (i + 1 if edge is first else i - 1) for page, i in edge.items() if i in out}
        inner = {page: i for page, i in inner.items() if 0 <= i < len(lines) and lines[i].page == page and i not in out}
        if inner:
            _edge(lines, measure, inner, out, top=edge is first)
    for i, line in enumerate(lines):
        if i not in out and is_speck(line.text):
            out[i] = (Kind.SPECK, "stray-signs")
    return out


def _edge(lines: Sequence[Line], measure: Measure, edge: dict[int, int], out: dict[int, tuple[Kind, str]],
          top: bool) -> None:
    """Judge the lines at one edge of the pages against those of the pages near."""
    sizes: dict[int, int] = {}
    for line in lines:
        sizes[line.page] = sizes.get(line.page, 0) + 1
    pages = sorted(page for page in edge if sizes[page] >= 3)
    for page in pages:
        line = lines[edge[page]]
        if len(line.text) > 120 or CAPTION.match(line.text):
            continue
        bare = _letters(line.text)
        room = measure.room(line)
        score = 0.0
        near = [q for q in range(page - REACH, page + REACH + 1)
                if q != page and q in edge and not CAPTION.match(lines[edge[q]].text)]
        if BARE.match(line.text):
            steps = sum(1 for q in near if _counts(lines[edge[q]].text, line.text, q - page))
            alone = len(lines) > 1 and (line.gap > 0 or top)
            if steps or (alone and len(measure.widths) > 2 and int(NUMBER.findall(line.text)[0]) < 3000 and not top):
                out[edge[page]] = (Kind.PAGE_NUMBER, "counts-up" if steps else "alone-at-foot")
            continue
        if len(bare) < 3 or (not top and CITATION.search(line.text)):
            continue
        others = [lines[edge[q]].text for q in near if len(lines[edge[q]].text) <= 120]
        best = max((fuzz.ratio(bare, _letters(other)) for other in others), default=0.0)
        # the same work is cited at the foot of one page after the other: that is no running foot
        if best < (ALIKE if top else 75.0):
            continue
        score += (best - 62.0) / 10.0
        score += 1.5 if any(_counts(lines[edge[q]].text, line.text, q - page) for q in near) else 0.0
        score += 0.7 if NUMBER.search(line.text) else 0.0
        score += 0.8 if room > 0.25 else -1.5 if room < 0.05 else 0.0
        score += -0.8 if line.ends_sentence and not NUMBER.search(line.text[-5:]) else 0.2
        score += -1.5 if line.opens_lower else 0.2
        neighbour = edge[page] + 1
        if top and neighbour < len(lines) and lines[neighbour].page == page:
            # the page's text begins in the middle of a sentence, below the head
            score += 0.9 if lines[neighbour].opens_lower else 0.4 if lines[neighbour].gap else 0.0
        if score > 1.0:
            out[edge[page]] = (Kind.RUNNING_HEAD, "recurs")


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", " ", text).strip()


def _counts(other: str, text: str, distance: int) -> bool:
    """Whether a figure of ``other`` lies ``distance`` above one of ``text``."""
    mine = {int(n) for n in NUMBER.findall(text)}
    return any(int(n) - distance in mine for n in NUMBER.findall(other))


def is_speck(text: str) -> bool:
    """A line of stray signs, as dirt on the page leaves it: next to no letters or figures.

    >>> is_speck("> \\":~ı ."), is_speck("* * *"), is_speck("(imza)")
    (True, False, False)
    """
    if len(text) > 12 or text.replace(" ", "") in {"***", "*", "...", "…", "⁂", "—", "-", "---", "###", "~"}:
        return False
    solid = sum(1 for c in text if c.isalnum())
    signs = sum(1 for c in text if not c.isalnum() and not c.isspace())
    return solid <= 1 and signs >= 2 + solid
