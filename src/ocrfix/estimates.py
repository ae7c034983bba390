"""How many words are still wrong, estimated without truth.

Each correction bears the probability that it is right, and where it was not made, the probability that the text is
right as it stands: the rest is doubt.  A page's doubt, with a share for the errors that nothing was proposed for
(:data:`UNSEEN`, more in noisier text), over its words is its estimated word error rate.
"""
from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocrfix.document import DECIDED, Block, Document, Edit, Kind

UNSEEN, UNSEEN_IN_NOTES = 0.015, 0.05
"""Share of words that are wrong although nothing is proposed for them, in text as noisy as the confusions' pages."""
NOISE = "noise "
"""The statistics of a document name the noise of each kind of type so."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Words, and how many of them are probably wrong."""

    words: int = 0
    wrong: float = 0.0

    @property
    def rate(self) -> float | None:
        """The estimated word error rate, 0 to 1; None without words."""
        return min(self.wrong / self.words, 1.0) if self.words else None

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(self.words + other.words, self.wrong + other.wrong)


def doubt(document: Document, edit: Edit) -> float:
    """The probability that the text is wrong where an edit is, as it stands in the clean text: 0 to 1."""
    if edit.status in DECIDED or edit.is_join:
        return 0.0
    if edit.applied:
        return 1 - edit.confidence
    kept = dict(edit.alternatives).get(document.raw_of(edit))
    return edit.confidence if kept is None else 1 - kept


def is_estimated(document: Document) -> bool:
    """Whether the words of a document were looked at, so that its errors can be estimated."""
    return any(name.startswith(NOISE) for name, _ in document.statistics)


def page_estimates(document: Document, blocks: Iterable[Block] | None = None) -> dict[int, Estimate]:
    """The estimate of each page by its number; a word belongs to the page where it begins.

    Args:
        blocks: of which blocks; of body and notes if None.
    """
    words: Counter[int] = Counter()
    wrong: defaultdict[int, float] = defaultdict(float)
    for block in document.printed() if blocks is None else blocks:
        share = _unseen(document, block)
        for page, count in _words(document, block):
            words[page] += count
            wrong[page] += share * count
        for edit in block.edits:
            wrong[document.page_at(edit.start).number] += doubt(document, edit)
    return {page.number: Estimate(words[page.number], wrong[page.number]) for page in document.pages}


def block_estimate(document: Document, block: Block) -> Estimate:
    """The estimate of one block."""
    words = sum(count for _, count in _words(document, block))
    wrong = _unseen(document, block) * words + sum(doubt(document, edit) for edit in block.edits)
    return Estimate(words, wrong)


def document_estimate(document: Document) -> Estimate:
    """The estimate of the whole document."""
    return sum(page_estimates(document).values(), Estimate())


def _unseen(document: Document, block: Block) -> float:
    """The share of a block's words that are wrong although nothing is proposed for them."""
    noise = dict(document.statistics).get(NOISE + (block.type or ""), 0.0)
    return (UNSEEN_IN_NOTES if block.kind is Kind.NOTE else UNSEEN) * noise


def _words(document: Document, block: Block) -> Iterator[tuple[int, int]]:
    """(page, number of words that begin there) of the pieces of a block."""
    starts = [page.span.start for page in document.pages]
    behind_space = True
    for piece in block.pieces(document.text):
        at = piece.spans[0].start
        k = max(bisect.bisect_right(starts, at) - 1, 0)
        text = piece.text
        while text:
            cut = starts[k + 1] - at if piece.edit is None and k + 1 < len(starts) else len(text)
            part, text = text[:cut], text[cut:]
            if part:
                count = len(part.split()) - (not behind_space and not part[0].isspace())
                behind_space = part[-1].isspace()
                yield document.pages[k].number, count
            at += len(part)
            k += 1
