"""A document as it is read: text and corrections, with calls, page turns and furniture where they stand.

Start reading at :class:`Reading`.  The formats that keep more than the clean text (TEI, and what pandoc makes) walk
through the same tokens.
"""
from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from ocrfix.document import Block, Document, Kind, Page, Piece, Span
from ocrfix.outputs.text import Labels, publishable

LANGUAGE = "tr"
"""The language of a block that was not found to be in another."""
FURNITURE = frozenset({Kind.RUNNING_HEAD, Kind.PAGE_NUMBER})
"""Kinds that were printed on the page and are no part of the text."""


@dataclass(frozen=True, slots=True)
class NoteCall:
    """A call in the text: the label that it is printed with, and its note's place in :meth:`Document.notes`.

    ``note`` is None where no note bears the label.
    """

    label: str
    note: int | None


Turn = Page | Block
"""What is passed in reading on: the beginning of a page, or a block of furniture."""
Token = Piece | NoteCall | Turn


@dataclass(frozen=True, slots=True)
class Note:
    """A note: the label that it is printed with, its block, and what stands in it."""

    label: str
    block: Block
    tokens: tuple[Piece | NoteCall, ...]


class Reading:
    """The printed blocks of a document as tokens.

    :meth:`tokens` is to be called for the blocks of the body in their order, each once: a page turns where it is first
    read on, and a call belongs to the note that :class:`~ocrfix.outputs.text.Labels` gives it.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        labels = Labels.of(document)
        self._note_of: Mapping[str, int] = MappingProxyType({label: i for i, label in enumerate(labels.of_note)})
        self._calls = iter(labels.of_call)
        self._cuts = [page.span.start for page in document.pages]
        turns = [(page.span.start, 0, page) for page in document.pages]
        furniture = [(block.start, 1, block) for block in document.blocks if block.kind in FURNITURE]
        self._turns: list[tuple[int, int, Turn]] = sorted([*turns, *furniture], key=lambda turn: turn[:2])
        self._passed = 0
        body = [self._with_calls(block) for block in document.body()]
        self._body = {id(block): tokens for block, tokens in zip(document.body(), body, strict=True)}
        self.notes = tuple(Note(label, block, tuple(self._with_calls(block)))
                           for label, block in zip(labels.of_note, document.notes(), strict=True))
        self.called = frozenset(token.note for tokens in body for token in tokens
                                if isinstance(token, NoteCall) and token.note is not None)
        """The notes, by place, that the body calls."""

    def turns(self, offset: int) -> Iterator[Turn]:
        """The pages and the furniture that begin up to an offset of the input and were not passed before."""
        while self._passed < len(self._turns) and self._turns[self._passed][0] <= offset:
            self._passed += 1
            yield self._turns[self._passed - 1][2]

    def tokens(self, block: Block) -> Iterator[Token]:
        """What stands in a block of the body, with what is passed in it."""
        for token in self._body[id(block)]:
            if isinstance(token, NoteCall):
                yield token
                continue
            for part in self._cut(token):
                yield from self.turns(part.spans[0].start)
                yield part

    def _with_calls(self, block: Block) -> list[Piece | NoteCall]:
        out: list[Piece | NoteCall] = []
        for piece in block.pieces(self.document.text):
            out.append(piece)
            if piece.edit is not None and piece.edit.call is not None and piece.edit.applied:
                label = next(self._calls)
                out.append(NoteCall(label, self._note_of.get(label)))
        return out

    def _cut(self, piece: Piece) -> Iterator[Piece]:
        """A piece cut where pages begin in it; an edit is not cut."""
        span = piece.spans[0]
        if piece.edit is not None:
            yield piece
            return
        inside = self._cuts[bisect_right(self._cuts, span.start):bisect_left(self._cuts, span.end)]
        for start, end in pairwise([span.start, *inside, span.end]):
            yield replace(piece, text=piece.text[start - span.start:end - span.start], spans=(Span(start, end),))


def title_of(document: Document) -> str:
    """What a document is called: the name of its file without the ending."""
    name = document.source.name
    stem, dot, ending = name.rpartition(".")
    return printable(stem if dot and stem and len(ending) < 6 else name).strip() or "text"


def language_of(block: Block) -> str:
    """The language tag of a block."""
    return block.language or LANGUAGE


def text_of(block: Block, document: Document) -> str:
    """The clean text of a block as in ``clean.txt``, in characters that XML allows."""
    return printable(block.current(document.text)).strip()


def printable(text: str) -> str:
    """Text as it is published (:func:`~ocrfix.outputs.text.publishable`), in characters that XML 1.0 allows.

    Form feeds and other white space of the kind become spaces, other control characters U+FFFD.

    >>> printable("a\\x0cb\\x01")
    'a b\\ufffd'
    """
    return _FORBIDDEN.sub("\ufffd", _SPACES.sub(" ", publishable(text)))


_SPACES = re.compile("[\x0b\x0c\x1c-\x1f]")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1b\ufffe\uffff]")
