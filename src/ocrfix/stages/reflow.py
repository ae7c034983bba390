"""Lines and pages joined into paragraphs, notes and headings; hyphens at line ends resolved.

Start at :func:`join`.  The layout stage has decided what belongs together on a page; here the last paragraph of a page
is joined with the first of the next where the sentence goes on, a note with its rest at the foot of the next page, and
every line break inside a block becomes an edit: a space (``line-join``, ``page-join``) or nothing where a hyphen
divided a word (``line-hyphen``).  A word broken without a hyphen keeps the space: the word stage decodes it.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocrfix.document import Block, Change, Document, Kind, Span, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.messages import message
from ocrfix.settings import Settings
from ocrfix.stages._lines import Line, Measure, measure, width_of

STAGE = "reflow"
HYPHENS = "-‐\u00ad¬"
BREAK = re.compile(r"(?<![^\S\n])[^\S\n]*(?:\r?\n|\x0b|\x0c|\x85|\u2028|\u2029)\s*")
BEFORE = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:['’][^\W\d_]+)?$")
AFTER = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def join(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with paragraphs, notes and headings in one block each, their line breaks joined by edits."""
    merged = _over_pages(document)
    blocks = [_joined(block, document.text, knowledge) for block in merged]
    return document.with_blocks(blocks)


def _over_pages(document: Document) -> list[Block]:
    """Blocks that go on on the next page get a span there."""
    setting = _measure(document)
    out: list[Block] = []
    spans: list[list[Span]] = []                    # of each block in ``out`` its spans, which may become many
    note: dict[str, int] = {}                       # place in ``out`` of the note of a label
    open_: int | None = None                        # place in ``out`` of the last block of running text
    for block in document.blocks:
        if block.kind is Kind.NOTE and block.label is not None:
            at = note.get(block.label)
            if at is not None and block.rule == "note-goes-on":
                spans[at] += block.spans
                continue
            note[block.label] = len(out)
        elif block.kind in (Kind.PARAGRAPH, Kind.HEADING, Kind.LINES, Kind.CAPTION):
            if open_ is not None and block.kind is Kind.PARAGRAPH and out[open_].kind is Kind.PARAGRAPH:
                last, first = spans[open_][-1], block.spans[0]
                pages = document.page_at(last.start).number, document.page_at(first.start).number
                if pages[1] == pages[0] + 1 and _goes_on(document, setting, last, first):
                    spans[open_] += block.spans
                    continue
            open_ = len(out)
        out.append(block)
        spans.append(list(block.spans))
    return _absorb_blanks([replace(block, spans=tuple(its)) for block, its in zip(out, spans, strict=True)])


def _absorb_blanks(blocks: Sequence[Block]) -> list[Block]:
    """White space between two spans of one block becomes part of the block: the join edit covers it."""
    follows = {span.end: (k, n) for k, block in enumerate(blocks) for n, span in enumerate(block.spans[:-1])}
    taken: dict[tuple[int, int], Span] = {}
    dropped: set[int] = set()
    starts = {block.spans[n + 1].start: (k, n) for k, block in enumerate(blocks) for n in range(len(block.spans) - 1)}
    for j, block in enumerate(blocks):
        if block.kind is not Kind.BLANK:
            continue
        place = follows.get(block.start)
        if place is not None:
            taken[place] = block.spans[0]            # at the end of the first half
            dropped.add(j)
        elif (place := starts.get(block.spans[-1].end)) is not None and place not in taken:
            taken[place] = block.spans[0]
            dropped.add(j)
    out: list[Block] = []
    for k, block in enumerate(blocks):
        if k in dropped:
            continue
        spans = list(block.spans)
        for n in range(len(spans) - 1):
            blank = taken.get((k, n))
            if blank is None:
                continue
            if blank.start == spans[n].end:
                spans[n] = Span(spans[n].start, blank.end)
            else:
                spans[n + 1] = Span(blank.start, spans[n + 1].end)
        whole: list[Span] = []
        for span in spans:
            if whole and whole[-1].end == span.start:
                whole[-1] = Span(whole[-1].start, span.end)
            else:
                whole.append(span)
        out.append(replace(block, spans=tuple(whole)))
    return out


def _lines_of(document: Document, span: Span) -> list[Line]:
    """The lines of a span that are not blank."""
    page = document.page_at(span.start).number - 1
    out: list[Line] = []
    gap = 0
    pos = span.start
    while pos < span.end:
        stop = document.text.find("\n", pos, span.end)
        stop = span.end if stop < 0 else stop
        raw = document.text[pos:stop]
        text = raw.strip()
        if text:
            lead = len(raw) - len(raw.lstrip())
            out.append(Line(pos + lead, pos + lead + len(text), text, page, gap, lead, width_of(text),
                            width_of(text[:80].split()[0])))
            gap = 0
        else:
            gap += 1
        pos = stop + 1
    return out


def _measure(document: Document) -> Measure:
    lines = [line for block in document.blocks if block.kind is Kind.PARAGRAPH for span in block.spans
             for line in _lines_of(document, span)]
    return measure(lines, len(document.pages))


def _goes_on(document: Document, setting: Measure, last: Span, first: Span) -> bool:
    """Whether the paragraph that ends a page goes on at the top of the next."""
    before, after = _lines_of(document, last), _lines_of(document, first)
    return bool(before and after) and setting.break_score(before[-1], after[0], same_page=False) <= 0


def _joined(block: Block, text: str, knowledge: Knowledge) -> Block:
    """The block with its line breaks as edits."""
    if block.kind in (Kind.BLANK, Kind.SPECK, Kind.RUNNING_HEAD, Kind.PAGE_NUMBER, Kind.LINES):
        return block
    current = block.current(text)
    edges: list[int] = []                            # offsets at which a later span begins
    at = 0
    for span in block.spans[:-1]:
        at += span.end - span.start
        edges.append(at)
    changes: list[Change] = []
    for m in BREAK.finditer(current):
        page = any(m.start() <= edge <= m.end() for edge in edges)
        changes.append(_change(current, m.start(), m.end(), "page-join" if page else "line-join", knowledge))
    for edge in edges:
        if not any(c.start <= edge <= c.end for c in changes):
            changes.append(_change(current, edge, edge, "page-join", knowledge))
    return apply_changes(block, text, [c for c in changes if c is not None], STAGE)


def _change(current: str, start: int, end: int, rule: str, knowledge: Knowledge) -> Change:
    """The join of two lines: a space, or the halves of a hyphenated word put together.

    ``gön-`` ``derilmesi`` loses its hyphen, ``Türk-`` ``Sovyet`` keeps it: the lexicon decides, and where it knows
    neither, a capital after the hyphen keeps it.
    """
    line, rest = current[max(0, start - 80):start], current[end:end + 80]
    if line and line[-1] in HYPHENS:
        left = BEFORE.search(line[:-1].rstrip(HYPHENS))
        right = AFTER.match(rest)
        if left and right:
            soft = line[-1] in "\u00ad¬"
            whole = left[0] + right[0]
            keep = not soft and ((right[0][0].isupper() and not left[0].isupper()) or (
                not knowledge.accepts(whole) and knowledge.accepts(left[0]) and knowledge.accepts(right[0])))
            if keep:
                return Change(start, end, "", "line-hyphen", f"the hyphen of {left[0]}-{right[0]} is printed")
            cut = start - (len(line) - len(line.rstrip(HYPHENS)))
            return Change(cut, end, "", "line-hyphen", f"a line break divided {whole}")
        if right is None and re.match(r"\d", rest) and re.search(r"\d[-‐]$", line):
            return Change(start, end, "", "line-hyphen", "a range of numbers goes on")
    where = message("in the next line") if rule == "line-join" else message("on the next page")
    return Change(start, end, " ", rule, f"the text goes on {where}")
