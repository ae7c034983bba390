"""What each word of the input has become: the edits of a document spread over the tokens that they touch.

Start reading at :func:`corrected`.  Every character of the input that an edit replaces gets its share of the clean text
(:func:`shares`); a token's new text is the shares of its characters.  Lines stay divided as they are printed, and the
numbers of calls and notes, which the clean text has not, stay where they are printed.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocrfix.document import Block, Document, Edit
from ocrfix.outputs.text import publishable
from ocrfix.readers.extract import Extract, Row

CALLS = frozenset({"call", "call-star"})
"""Rules of the calls that the OCR left a trace of."""
NOTE_NUMBER = "note-number"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Group:
    """The tokens ``first`` up to ``last`` (exclusive) of a line, which have become ``words``.

    Several tokens make a group where they are one word, one token several words where it was fused.
    """

    first: int
    last: int
    words: tuple[str, ...]


def corrected(document: Document, extract: Extract) -> list[Group]:
    """The groups of tokens whose text has changed, in order."""
    text = document.text
    applied = [(block, edit) for block in document.blocks for edit in block.edits if edit.applied]
    new: dict[int, str] = {}
    for block, edit in applied:
        new.update(shares(text, block, edit))
    for block, edit in applied:                      # what replaces nothing stands behind the character before it
        at = edit.start - 1
        if at >= 0 and all(span.start == span.end for span in edit.spans) and (added := printed(block, edit)):
            new[at] = new.get(at, text[at]) + added
    touched = sorted(new)
    out: list[Group] = []
    at = 0
    for row in extract.rows:
        while at < len(touched) and touched[at] < row.span.start:
            at += 1
        if at < len(touched) and touched[at] <= row.span.end:        # the break behind the line as well
            out += _row(text, extract, row, new)
    return out


def shares(text: str, block: Block, edit: Edit) -> dict[int, str]:
    """What stands in the place of each character that an edit replaces.

    The characters of a line break that the edit joins, and its hyphen, are left out: they stay as they are printed.
    """
    kept = _read_on(text, edit)
    raw = "".join(char for char, _ in kept)
    clean = printed(block, edit)
    if raw == clean or not kept:
        return {}
    return {offset: share for (_, offset), share in zip(kept, _spread(raw, clean), strict=True)}


def _read_on(text: str, edit: Edit) -> list[tuple[str, int]]:
    """The characters that an edit replaces, with their offsets, after its lines were joined; a break is a space."""
    chars = [(text[i], i) for span in edit.spans for i in range(span.start, span.end)]
    for step in edit.steps:
        if not step.is_join:
            continue
        at = "".join(char for char, _ in chars).find(step.before)
        if at >= 0 and step.before:
            stay = [(char, offset) for char, (_, offset) in zip(step.after, chars[at:], strict=False)]
            chars[at:at + len(step.before)] = stay
    return [(" " if char.isspace() else char, offset) for char, offset in chars]


def printed(block: Block, edit: Edit) -> str:
    """The clean text of an edit with the number of a note and of a call, which stand in print.

    A call that nothing was read of is not put in.
    """
    out = edit.clean
    for step in edit.steps:
        if step.rule == NOTE_NUMBER and block.label is not None:
            tail = re.search(r"[.)]\s*$|(?<!\s)\s*$", step.before)
            out = _figures(block.label) + (tail[0] if tail else "") + out
        elif step.rule in CALLS and edit.call is not None:
            lead = step.before[:len(step.before) - len(step.before.lstrip())]
            out += lead + _figures(edit.call)
    return out


def _figures(label: str) -> str:
    """A label as it is printed: ``3.1`` is the first note of page 3, ``*2`` a second star.

    >>> _figures("12"), _figures("3.1"), _figures("*2")
    ('12', '1', '*')
    """
    return "*" if label.startswith("*") else label.rpartition(".")[2]


def _spread(raw: str, clean: str) -> list[str]:
    """The clean text in as many parts as the raw text has characters.

    Word by word where both have as many words; else as few changes of characters as will do.

    >>> _spread("ilc ev", "ile evi")
    ['i', 'l', 'e', ' ', 'e', 'vi']
    >>> _spread("ka rar", "karar")
    ['k', 'a', '', 'r', 'a', 'r']
    """
    before, after = re.findall(r"\s+|\S+", raw), re.findall(r"\s+|\S+", clean)
    if len(before) == len(after) and all(a.isspace() == b.isspace() for a, b in zip(before, after, strict=True)):
        return [part for a, b in zip(before, after, strict=True) for part in _spread_word(a, b)]
    return _spread_word(raw, clean)


def _spread_word(raw: str, clean: str) -> list[str]:
    out = [""] * len(raw)
    front = ""
    for code in Levenshtein.opcodes(raw, clean):
        stretch = clean[code.dest_start:code.dest_end]
        if code.tag in ("equal", "replace"):
            for k, char in enumerate(stretch):
                out[code.src_start + k] = char
        elif code.tag == "insert" and code.src_start == 0:
            front = stretch
        elif code.tag == "insert":
            out[code.src_start - 1] += stretch
    out[0] = front + out[0]
    return out


def _row(text: str, extract: Extract, row: Row, new: Mapping[int, str]) -> Iterator[Group]:
    """The groups of one line that have changed."""
    tokens = extract.tokens[row.first:row.last]
    parts: list[list[str]] = []                     # of each token the texts of what it has become
    joins: list[bool] = []                          # whether it is one word with the token before
    carried = ""
    for k, token in enumerate(tokens):
        gap = text[tokens[k - 1].span.end:token.span.start] if k else ""
        between = "".join(new.get(tokens[k - 1].span.end + i, c) for i, c in enumerate(gap))
        front, behind, divided = _divide_gap(between)
        if parts:
            parts[-1].append(front)
        joins.append(bool(gap) and not divided)
        carried = behind
        parts.append([carried, *(new.get(i, text[i]) for i in range(token.span.start, token.span.end))])
    if parts and (rest := new.get(row.span.end, "").strip()):
        parts[-1].append(rest)                       # a letter that fell to the line break
    first = 0
    while first < len(parts):
        last = first + 1
        while last < len(parts) and joins[last]:
            last += 1
        raw = text[tokens[first].span.start:tokens[last - 1].span.end]
        group = "".join("".join(part) for part in parts[first:last])
        if group != raw:
            words = _CONTROL.sub("", publishable(group)).split()
            if any(c.isspace() for k in range(first, last) for c in text[tokens[k].span.start:tokens[k].span.end]):
                words = [" ".join(words)]            # a whole line in one element
            yield Group(row.first + first, row.first + last, tuple(words or [""]))
        first = last


def _divide_gap(between: str) -> tuple[str, str, bool]:
    """What has become of the space between two words: (what goes to the first, to the second, is there still a space).

    >>> _divide_gap(" "), _divide_gap(""), _divide_gap("; b")
    (('', '', True), ('', '', False), (';', 'b', True))
    """
    parts: Sequence[str] = re.split(r"\s+", between)
    return (between, "", False) if len(parts) == 1 else (parts[0], parts[-1], True)
