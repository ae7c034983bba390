"""What a document's text was after each stage: its edits played back step by step.

An edit holds the steps that made it, each with the text that it replaced and the text that it put there, but not the
place within the edit.  :func:`replay` finds the places by which the steps lead from the raw to the clean text.
"""
from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ocrfix.document import Block, Document, Edit, Piece, Step
from ocrfix.evaluation.transcription import Transcription, fold
from ocrfix.pipeline import STAGES

_MAX_TRIES = 2000
"""Placements of steps that are tried before an edit's history is given up."""


def replay(raw: str, steps: Sequence[Step], clean: str) -> list[str] | None:
    """The text before the first step and after each, ending with ``clean``; None if no placement of the steps does.

    >>> join = Step("reflow", "line-hyphen", "", "-\\n", "", 1.0)
    >>> replay("Pa-\\nfa", [join, Step("words", "noisy-channel", "", "Pafa", "Paşa", 0.9)], "Paşa")
    ['Pa-\\nfa', 'Pafa', 'Paşa']
    """
    tries = 0

    def place(text: str, rest: Sequence[Step]) -> list[str] | None:
        nonlocal tries
        if not rest:
            return [text] if text == clean else None
        step = rest[0]
        at = text.find(step.before)
        while at >= 0 and tries < _MAX_TRIES:
            tries += 1
            tail = place(text[:at] + step.after + text[at + len(step.before):], rest[1:])
            if tail is not None:
                return [text, *tail]
            at = text.find(step.before, at + 1)
        return None

    return place(raw, steps)


def stage_order(document: Document) -> list[str]:
    """The stages that had a part in the edits, in the order of the pipeline; others behind them by name."""
    known = [stage.name for stage in STAGES]
    found = {step.stage for block in document.blocks for edit in block.edits for step in edit.steps}
    return [name for name in known if name in found] + sorted(found - set(known))


@dataclass(frozen=True)
class Version:
    """A text of the document at one point of its history, cut into the same pieces as every other.

    ``pieces`` are folded texts, with a space as a piece of its own before each block; ``starts`` are their offsets in
    ``text``, and behind them its length.
    """

    pieces: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        return "".join(self.pieces)

    @cached_property
    def starts(self) -> list[int]:
        return list(accumulate(map(len, self.pieces), initial=0))

    @property
    def transcription(self) -> Transcription:
        return Transcription(list(self.text), [False] * len(self.text))

    def offset_in(self, other: Version, offset: int) -> int:
        """The offset in another version of the same place."""
        piece = min(bisect.bisect_right(self.starts, offset), len(self.pieces)) - 1
        if piece < 0:
            return 0
        return other.starts[piece] + min(offset - self.starts[piece], len(other.pieces[piece]))


@dataclass(frozen=True)
class History:
    """The text of some blocks of a document at points of its history.

    ``raw`` has no edit, ``joined`` only lines joined; ``stages`` are the texts after each stage in ``names``; ``edits``
    says which edit each piece is, if any.
    """

    raw: Version
    joined: Version
    names: tuple[str, ...]
    stages: tuple[Version, ...]
    edits: tuple[Edit | None, ...]

    @property
    def clean(self) -> Version:
        return self.stages[-1] if self.stages else self.raw


def history(document: Document, blocks: Iterable[Block]) -> History:
    """The history of some blocks of a document."""
    names = stage_order(document)
    columns: list[list[str]] = []                   # for each piece: raw, joined, after each stage
    edits: list[Edit | None] = []
    for block in blocks:
        columns.append(["\n"] * (len(names) + 2))
        edits.append(None)
        for piece in block.pieces(document.text):
            columns.append(_texts(document, piece, names))
            edits.append(piece.edit)
    rows = [Version(tuple(fold(text) for text in row)) for row in zip(*columns, strict=True)]
    if not rows:
        rows = [Version(())] * (len(names) + 2)
    return History(rows[0], rows[1], tuple(names), tuple(rows[2:]), tuple(edits))


def _texts(document: Document, piece: Piece, names: Sequence[str]) -> list[str]:
    """A piece's text: raw, joined, and after each of the named stages."""
    if piece.edit is None:
        return [piece.text] * (len(names) + 2)
    edit = piece.edit
    raw = "".join(document.text[span.start:span.end] for span in edit.spans)
    if not edit.applied:
        return [raw] * (len(names) + 2)
    rank = {name: i for i, name in enumerate(names)}

    def is_join(step: Step) -> bool:
        return Edit(edit.spans, edit.clean, (step,), 1.0).is_join

    def after(key: Callable[[Step], int], last: int) -> str:
        ordered = sorted(edit.steps, key=key)
        texts = replay(raw, ordered, edit.clean) or replay(raw, edit.steps, edit.clean)
        if texts is None:                           # the whole change is put down to the stage that ended it
            return edit.clean if all(key(step) <= last for step in edit.steps) else raw
        return texts[sum(1 for step in ordered if key(step) <= last)]

    joined = after(lambda step: 0 if is_join(step) else 1, 0)
    return [raw, joined, *(after(lambda step: rank[step.stage], i) for i in range(len(names)))]
