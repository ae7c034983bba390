"""What is what on the page: body, heading, note, caption, verse, running head, page number, speck.

Start at :func:`classify`.  The evidence is the shape of the lines (:mod:`._lines`), what returns from page to page
(:mod:`._furniture`) and the sequence of the notes (:mod:`._feet`); ``docs/layout.md`` draws a page.  A block of the
result is a paragraph, heading or note as far as it stands on one page, with its line breaks; the reflow stage joins.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ocrfix.document import Block, Change, Document, Kind, Span, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.language.notes import language_of
from ocrfix.language.turkish import lower
from ocrfix.messages import message
from ocrfix.readers import extract_of
from ocrfix.readers.extract import Extract
from ocrfix.settings import Settings
from ocrfix.stages._feet import Footing, find_feet
from ocrfix.stages._furniture import NUMBER, find_furniture
from ocrfix.stages._lines import CAPTION, LIST_ITEM, STOP, Line, Measure, measure, read_lines
from ocrfix.stages._numbers import Figures
from ocrfix.stages._unwrapped import LISTED_NOTE, SETTING, Unwrapped, unwrapped

STAGE = "layout"
NUMBERED = re.compile(r"(?:[A-ZÇĞİÖŞÜ]|[IVXl]{1,4}|\d{1,2}(?:\.\d{1,2}){0,3}|[a-zçğıöşü])"
                      r"\s?(?:[-–.)]|\.-)\s*(?=[\"“A-ZÇĞİÖŞÜ])")
SMALL_WORDS = frozenset([
    "ve", "ile", "için", "de", "da", "ki", "veya", "ya", "of", "the", "in", "and", "on", "to", "a",
    "for", "from", "as", "by", "ne", "mi", "mu"
])
HEADING_LINES = 4
"""A heading has at most so many lines."""
LARGE, SMALL = 1.1, 0.9
"""Sizes of type, 1 being that of the body, above which lines are rather a heading and below which rather not."""
LARGER = 5.0
"""Log-odds from that: a line of larger type is a heading unless nearly everything speaks against it."""
FEWEST_LETTERS = 6
"""Characters: the size of the type of fewer is not to be trusted."""
HEADING = 2.0
"""Log-odds from which a group of lines is a heading."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines that make one block."""

    first: int
    last: int
    kind: Kind
    rule: str
    confidence: float = 1.0
    label: str | None = None
    language: str | None = None
    level: int = 2


def classify(document: Document, settings: Settings, knowledge: Knowledge, *, notes_before: int = 0,
             listed: bool = False) -> Document:
    """The document with a block for each paragraph, note, heading ... of each page, and blanks between them.

    Of a document that is a part of a larger one, ``notes_before`` is the number of the last note before it, and
    ``listed`` tells that it lies within a list of notes.

    Running heads and page numbers become labels of the pages.  The numbering of the notes is restored from their
    sequence and stands in :attr:`~ocrfix.document.Block.label`; a note that goes on on the next page has a block there
    too, with the same label (rule ``note-goes-on``).
    """
    lines = read_lines(document)
    if not lines:
        return document.with_blocks(_with_blanks(document.text, []))
    count = len(document.pages)
    if (plain := unwrapped(lines, count, listed=listed)) is not None:
        marked = extract_of(document) or Extract(document.text)
        blocks = [_block(document.text, lines, part) for part in _one_a_line(lines, plain, dict(marked.headings))]
        blocks = [_with_calls(block, document.text, marked) for block in blocks]
        return document.with_blocks(_with_blanks(document.text, blocks))
    rough = measure(lines, count)
    furniture = find_furniture(lines, rough)
    rest = [i for i in range(len(lines)) if i not in furniture]
    flow = [lines[i] for i in rest]
    figures = Figures.of(document.text, knowledge)
    feet = find_feet(flow, measure(flow, count), knowledge.accepts, figures, notes_before) if flow else []
    fine = measure(flow, count, [foot.label is None for foot in feet]) if flow else rough
    parts = [_Part(i, i, kind, rule) for i, (kind, rule) in furniture.items()]
    parts += _notes(rest, feet)
    parts += _body(lines, rest, feet, fine)
    parts.sort(key=lambda part: part.first)
    blocks = [_block(document.text, lines, part) for part in parts]
    labels = {lines[i].page: found[-1] for i, (kind, _) in sorted(furniture.items())
              if kind in (Kind.PAGE_NUMBER, Kind.RUNNING_HEAD) and (found := NUMBER.findall(lines[i].text))}
    pages = tuple(replace(page, label=labels.get(k, page.label)) for k, page in enumerate(document.pages))
    messages = document.messages + tuple(_two_columns(document, lines))
    return replace(document, pages=pages, blocks=tuple(_with_blanks(document.text, blocks)), messages=messages)


def _one_a_line(lines: Sequence[Line], plain: Unwrapped, headings: Mapping[int, int]) -> list[_Part]:
    """The blocks of a text whose paragraphs stand one a line.  Nothing in it is furniture.

    ``headings``: the levels of the headings that the input marks, by their offset; where it marks any it marks all.
    """
    out: list[_Part] = []
    indices = range(len(lines))
    for first, last in plain.groups:
        if first in plain.labels:
            out.append(_Part(first, last, Kind.NOTE, LISTED_NOTE, 1.0, plain.labels[first]))
        elif first == plain.rule:
            out.append(_Part(first, last, Kind.SPECK, "rule-above-notes"))
        elif first != last:
            out.append(_Part(first, last, Kind.LINES, "short-lines", 0.9))
        elif lines[first].start in headings:
            out.append(_Part(first, last, Kind.HEADING, "heading-marked", level=headings[lines[first].start]))
        elif CAPTION.match(lines[first].text):
            out.append(_Part(first, last, Kind.CAPTION, "caption-number"))
        elif not headings and (found := _heading(lines, indices, first, SETTING, most=1))[0]:
            out.append(_Part(first, last, Kind.HEADING, "heading-shape", min(0.99, 0.5 + found[1] / 10)))
        else:
            out.append(_Part(first, last, Kind.PARAGRAPH, "one-a-line", 1.0))
    return _languages(lines, out)


def _notes(rest: Sequence[int], feet: Sequence[Footing]) -> list[_Part]:
    out: list[_Part] = []
    for k, foot in enumerate(feet):
        if foot.label is None:
            continue
        i = rest[k]
        follows = k > 0 and feet[k - 1].label == foot.label and out and out[-1].last == rest[k - 1]
        if foot.fresh:
            out.append(_Part(i, i, Kind.NOTE, "note-sequence", 0.6 + 0.4 * foot.sure, foot.label))
        elif follows and rest[k - 1] == i - 1:
            out[-1] = replace(out[-1], last=i)
        else:
            out.append(_Part(i, i, Kind.NOTE, "note-goes-on", 0.8, foot.label))
    return out


def _body(lines: Sequence[Line], rest: Sequence[int], feet: Sequence[Footing], setting: Measure) -> list[_Part]:
    """Paragraphs, headings, captions and verse of the lines that are in no foot of notes."""
    body = [i for k, i in enumerate(rest) if feet[k].label is None]
    called = {(lines[i].page, foot.label) for i, foot in zip(rest, feet, strict=True) if foot.fresh}
    out: list[_Part] = []
    k = 0
    while k < len(body):
        if (size := _caption(lines, body, k, setting)):
            out.append(_Part(body[k], body[k + size - 1], Kind.CAPTION, "caption-number"))
        elif (size := _verse(lines, body, k, setting)):
            out.append(_Part(body[k], body[k + size - 1], Kind.LINES, "short-lines", 0.8))
        else:
            size, score = _heading(lines, body, k, setting)
            if size:
                sure = min(0.99, 0.5 + score / 10)
                out.append(_Part(body[k], body[k + size - 1], Kind.HEADING, "heading-shape", sure))
            else:
                size = _paragraph(lines, body, k, setting, called)
                out.append(_Part(body[k], body[k + size - 1], Kind.PARAGRAPH, "line-widths", 0.95))
        k += size
    return _languages(lines, out)


def _paragraph(lines: Sequence[Line], body: Sequence[int], k: int, setting: Measure,
               called: set[tuple[int, str | None]]) -> int:
    """How many lines the paragraph at ``k`` has on its page."""
    size = 1
    while k + size < len(body):
        line, following = lines[body[k + size - 1]], lines[body[k + size]]
        if line.page != following.page or body[k + size] != body[k + size - 1] + 1:
            break
        number = re.match(r"\d{1,3}(?=\s)", following.text)
        call = number is not None and (line.page, number[0]) in called and not line.ends_sentence
        if not call and (setting.break_score(line, following) > 0 or (following.gap and (
                CAPTION.match(following.text) or _heading(lines, body, k + size, setting)[0]))):
            break
        size += 1
    return size


def _caption(lines: Sequence[Line], body: Sequence[int], k: int, setting: Measure) -> int:
    if not CAPTION.match(lines[body[k]].text):
        return 0
    line = lines[body[k]]
    above = lines[body[k - 1]] if k else None
    if above is not None and above.page == line.page and not line.gap and setting.break_score(above, line) < 0:
        return 0
    size = 1
    while k + size < len(body) and size < HEADING_LINES:
        before, following = lines[body[k + size - 1]], lines[body[k + size]]
        if following.page != line.page or CAPTION.match(following.text) or body[k + size] != body[k + size - 1] + 1:
            break
        # a caption is broken where it suits: its lines are short of the column, and brackets tell whether it goes on
        text = " ".join(lines[body[j]].text for j in range(k, k + size))
        open_ = text.count("(") - len(re.findall(r"(?<=\S)\)", text)) + (1 if re.match(r"[^()]*\d\s?\)", text) else 0)
        if following.gap > 1 or (before.ends_sentence and not before.text.endswith(".") and open_ <= 0):
            break
        done = (before.text.endswith(")") and "(" in text) or before.ends_sentence
        if following.gap and open_ <= 0 and done and not following.text.startswith("("):
            break
        size += 1
    return size


def _verse(lines: Sequence[Line], body: Sequence[int], k: int, setting: Measure) -> int:
    """How many lines of verse or of a table start at ``k``: short lines that do not go on in the next."""
    page = lines[body[k]].page
    size = 0
    while k + size < len(body) and lines[body[k + size]].page == page and (size == 0 or (
            body[k + size] == body[k + size - 1] + 1 and lines[body[k + size]].gap == 0)):
        size += 1
    group = [lines[body[k + j]] for j in range(size)]
    if size < 3:
        return 0
    columns = sum(1 for line in group if re.search(r"\S(?:\t+| {3,})\S", line.text))
    if columns > 0.7 * size:
        return size
    upper = sum(1 for line in group[1:] if line.opens_upper)
    ended = sum(1 for line in group[:-1] if STOP.search(line.text[-8:]))
    full = setting.widths[page] or 60.0
    wide = sorted(line.width for line in group)[(9 * size) // 10]
    if upper >= 0.8 * (size - 1) and ended <= 0.6 * (size - 1) and wide < 0.85 * max(full, 45.0):
        marked = sum(1 for line in group if LIST_ITEM.match(line.text) or NUMBERED.match(line.text))
        capitals = sum(1 for line in group if line.text.upper() == line.text)
        return size if marked <= 0.3 * size and capitals < size else 0
    return 0


def _heading(lines: Sequence[Line], body: Sequence[int], k: int, setting: Measure, most: int = HEADING_LINES,
             ) -> tuple[int, float]:
    """(number of lines, log-odds) of the heading of ``most`` lines that starts at ``k``; no lines if there is none."""
    line = lines[body[k]]
    before = lines[body[k - 1]] if k else None
    context = 0.5
    if before is not None:
        same = before.page == line.page
        broken = setting.break_score(before, line, same)
        context = 0.5 if broken > 0 else max(-2.0, broken - 0.5)
    best = (0, HEADING)
    for size in range(1, most + 1):
        if k + size > len(body) or lines[body[k + size - 1]].page != line.page:
            break
        if size > 1 and (body[k + size - 1] != body[k + size - 2] + 1
                         or not _goes_on(lines[body[k + size - 2]], lines[body[k + size - 1]])):
            break
        group = [lines[body[k + j]] for j in range(size)]
        following = lines[body[k + size]] if k + size < len(body) else None
        score = context + _heading_shape(group, following, setting)
        if score > best[1] + (0.0 if size == 1 or best[0] == 0 else -0.6):
            best = (size, score)
    return best if best[0] else (0, 0.0)


def _goes_on(line: Line, following: Line) -> bool:
    """Whether a heading may go on in the following line."""
    if following.text.startswith("(") and following.text.rstrip(" .").endswith(")"):
        return True
    if sum(1 for c in following.text if c.isalpha()) < 3:
        return False
    return not (STOP.search(line.text[-8:]) or line.text.endswith((":", ",")) or NUMBERED.match(following.text)
                or LIST_ITEM.match(following.text)
                or (line.text.endswith(")") and _capitals(line.text) < 0.5 and following.gap))


def _capitals(text: str) -> float:
    letters = [c for c in text if c.isalpha()]
    return sum(1 for c in letters if c != lower(c)) / len(letters) if len(letters) >= 4 else 0.0


def _heading_shape(group: Sequence[Line], following: Line | None, setting: Measure) -> float:
    """Log-odds of some lines being a heading, by their letters, their width and what follows."""
    text = " ".join(line.text for line in group)
    if len(text) > 300 or text.startswith("("):
        return -9.0
    last = group[-1]
    words = [w for w in re.findall(r"[^\W\d_][^\s]*", text) if len(w) > 1 and lower(w) not in SMALL_WORDS]
    if not words:
        return -9.0
    if lower(last.text.split()[-1]) in SMALL_WORDS:
        return -9.0
    titled = sum(1 for w in words if w[0] != lower(w[0])) / len(words)
    score = -0.4
    capitals = _capitals(text)
    numbered = bool(NUMBERED.match(text)) and not text.startswith(("'", "\""))
    if capitals >= 0.75:
        score += 2.6
    elif len(words) >= 3 or (numbered and len(words) >= 2):
        score += 1.7 if titled >= 0.74 else 0.7 if titled >= 0.6 else 0.0 if titled > 0.5 else -3.0
    else:
        score -= 2.5
    score += 1.4 if numbered else 0.0
    score += _larger(group)
    if len(group) > 1 and any(setting.room(line) < 0.03 for line in group[:-1]) and capitals < 0.75:
        score -= 0.8
    score += 0.5 if setting.room(last) > 0.15 else -1.2
    if text.endswith((",", ";")):
        score -= 2.0
    elif text.endswith("."):
        score -= 0.6 if titled > 0.85 else 1.2
    elif text.endswith(":"):
        score -= 0.3
    digits = sum(1 for c in text if c.isdigit())
    if digits > 0.3 * len(text):
        score -= 2.5
    if following is None or following.page != last.page:
        score -= 0.6
    elif following.opens_lower:
        score -= 2.5
    else:
        score += 0.3 if setting.break_score(last, following) > 0 else -1.0
        score += 0.4 if not setting.short(last, following) or setting.room(following) < 0.2 else 0.0
    return score


def _larger(group: Sequence[Line]) -> float:
    """Log-odds of some lines being a heading from the size of their type, where that is known.

    A heading may be set as the body is, which says nothing; smaller type is seldom one.
    """
    sizes = [line.size for line in group if line.size is not None and len(line.text) >= FEWEST_LETTERS]
    if not sizes:
        return 0.0
    size = min(sizes)
    return LARGER if size > LARGE else -LARGER if size < SMALL else 0.0


def _languages(lines: Sequence[Line], parts: Sequence[_Part]) -> list[_Part]:
    """Mark blocks in another language, and the headings over them."""
    out = [replace(part, language=language_of(" ".join(line.text[:2000] for line in lines[part.first:part.last + 1])))
           for part in parts]
    for k in range(len(out) - 2, -1, -1):
        part, following = out[k], out[k + 1]
        if part.language is None and following.language and part.kind is Kind.HEADING and (
                lines[part.last].page == lines[following.first].page):
            out[k] = replace(part, language=following.language)
    return out


def _block(text: str, lines: Sequence[Line], part: _Part) -> Block:
    span = Span(lines[part.first].start, lines[part.last].end)
    return Block(part.kind, (span,), STAGE, part.rule, part.confidence, part.label,
                 "small" if part.kind is Kind.NOTE else None, part.language, part.level)


def _with_calls(block: Block, text: str, marked: Extract) -> Block:
    """The block with the calls in it that the input marks."""
    changes = [Change(at - block.start, at - block.start + len(label), "", "call-marked", f"the call of note {label}",
                      call=label)
               for at, label in marked.calls if block.start <= at < block.spans[-1].end]
    return apply_changes(block, text, changes, STAGE)


def _with_blanks(text: str, blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the white space between them as blocks of their own, so that the text is covered."""
    out: list[Block] = []
    pos = 0
    for block in blocks:
        if block.start > pos:
            out.append(Block(Kind.BLANK, (Span(pos, block.start),), STAGE, "white-space"))
        out.append(block)
        pos = block.spans[-1].end
    if pos < len(text):
        out.append(Block(Kind.BLANK, (Span(pos, len(text)),), STAGE, "white-space"))
    return out


_WIDE_GAP = re.compile(r"(?<!\S)(?=\S*?[^\W\d]{3})\S++( {4,})[^\W\d]{2}")
"""Behind a word, that is a token with three letters in a row, and before another."""


def _two_columns(document: Document, lines: Sequence[Line]) -> list[str]:
    """A message for pages whose lines are two columns read across: a wide gap at the same place in most lines."""
    places: dict[int, list[int]] = {}
    counts: dict[int, int] = {}
    for line in lines:
        counts[line.page] = counts.get(line.page, 0) + 1
        if (m := _WIDE_GAP.search(line.text[:400])):
            places.setdefault(line.page, []).append(m.end(1) + line.indent)
    out = []
    for page, found in places.items():
        middle = sorted(found)[len(found) // 2]
        if counts[page] >= 8 and sum(1 for p in found if abs(p - middle) <= 3) >= 0.6 * counts[page]:
            out.append(message(f"page {document.pages[page].number} looks like two columns read across"))
    return out
