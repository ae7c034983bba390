"""Documents made by hand: paragraphs and notes given as pieces, some of them edits."""
from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ocrfix.document import Block, Document, Edit, Kind, Page, Source, Span, Status, Step


def change(raw: str, clean: str, stage: str = "words", *, confidence: float = 0.97, status: Status = Status.AUTO,
           applied: bool = True, call: str | None = None, rule: str | None = None, reason: str = "read by shape",
           alternatives: tuple[tuple[str, float], ...] = (), steps: tuple[Step, ...] = ()) -> tuple[str, Edit]:
    """A piece that is an edit: its raw text, and the edit, whose span is filled in by :class:`Maker`."""
    rule = rule or {"reflow": "line-hyphen"}.get(stage, "noisy-channel")
    steps = steps or (Step(stage, rule, reason, raw, clean, confidence),)
    return raw, Edit((Span(0, len(raw)),), clean, steps, confidence, status, applied, call, alternatives)


Pieces = Sequence[str | tuple[str, Edit]]


class Maker:
    """Collects blocks; between two blocks stands a line's end."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.size = 0
        self.blocks: list[Block] = []
        self.pages: list[int] = []

    def page(self) -> None:
        self.pages.append(self.size)

    def block(self, kind: Kind, *pieces: str | tuple[str, Edit], label: str | None = None) -> None:
        start = self.size
        edits = []
        for piece in pieces:
            raw = piece if isinstance(piece, str) else piece[0]
            if not isinstance(piece, str):
                edit = piece[1]
                edits.append(Edit((Span(self.size, self.size + len(raw)),), edit.clean, edit.steps, edit.confidence,
                                  edit.status, edit.applied, edit.call, edit.alternatives))
            self.text.append(raw)
            self.size += len(raw)
        self.blocks.append(Block(kind, (Span(start, self.size),), "layout", "made", label=label, edits=tuple(edits)))
        self.text.append("\n")
        self.blocks.append(Block(Kind.BLANK, (Span(self.size, self.size + 1),), "layout", "made"))
        self.size += 1

    def document(self, name: str = "made.txt") -> Document:
        text = "".join(self.text)
        data = text.encode()
        starts = self.pages or [0]
        pages = tuple(Page(k + 1, Span(a, b)) for k, (a, b) in
                      enumerate(zip(starts, [*starts[1:], self.size], strict=True)))
        source = Source(name, "utf-8", "strict", "", "", len(data), hashlib.sha256(data).hexdigest())
        document = Document(source, text, pages, tuple(self.blocks))
        document.check()
        return document
