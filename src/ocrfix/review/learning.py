"""What decisions teach: confusions, words, how sure the ranking may be, above which confidence nothing need be asked.

Start reading at :func:`learn_from_decisions`.  A reviewer is shown what is doubtful, so decided places alone would make
the OCR look far worse than it is: confusions are counted in all text of the paragraphs that hold a decision, where the
sure corrections are believed, the others are left out, and the decisions are the truth.  The counts join those of the
table that the paragraph was corrected with.
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import regex

from ocrfix.decisions.model import Decision, Standing
from ocrfix.document import DECIDED, PRINTED, Block, Document, Status
from ocrfix.engine.channel import FOLD, Channel, merged
from ocrfix.engine.learn import MASK, learn
from ocrfix.engine.ranking import Ranking
from ocrfix.knowledge import Knowledge
from ocrfix.stages import decided

WORD = regex.compile(r"(?<![\p{L}\p{M}\p{N}'])[\p{L}\p{M}]{2,}(?![\p{L}\p{M}\p{N}.])")
"""A word, without what stands behind an apostrophe; an abbreviation is none."""
CONFIRMED = 2
"""So many times a word must have been decided to join the lexicon without being said to be a right one."""
PRIOR = 100.0
"""The shipped sharpness of confidences counts like so many decisions."""
AUTO_RIGHT = 0.98
"""Share of the corrections without a question that are to be right."""
ENOUGH = 50
"""So many decisions above a confidence are needed to believe it."""
CLOSEST = 1e-4
"""Confidences are kept this far from 0 and 1."""


@dataclass(frozen=True)
class Lesson:
    """What was learned.

    Attributes:
        channels: confusion tables with the new counts, by kind of type.
        words: words for the lexicon, as printed.
        sharpness: by what the scores of the ranking are to be multiplied.
        ask_below: corrections less sure are to be asked about; None if too little is known.
        decisions: how many decisions taught it.
    """

    channels: Mapping[str, Channel]
    words: tuple[str, ...]
    sharpness: float
    ask_below: float | None
    decisions: int

    def apply(self, knowledge: Knowledge) -> Knowledge:
        """The knowledge with what was learned, as it is when the written files are read."""
        taught = replace(knowledge, channels={**knowledge.channels, **self.channels},
                         ranking=self.ranking(knowledge.ranking))
        return taught.listing(self.words) if self.words else taught

    def ranking(self, ranking: Ranking) -> Ranking:
        """A ranking as sharp as the decisions say."""
        return ranking.sharpened(self.sharpness)


def learn_from_decisions(documents: Sequence[Document], standing: Standing, knowledge: Knowledge) -> Lesson:
    """What the decisions on some documents teach.

    Args:
        documents: as they were cleaned, before or after the decisions were applied.
    """
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    taken: list[Decision] = []
    for document in documents:
        places = standing.places(document.source.name)
        taken += places
        settled = decided.with_answers(document, places, standing.everywhere(document.source.name))
        for block in settled.blocks:
            known = block.kind in PRINTED and block.type is not None and block.type in knowledge.channels
            if known and any(edit.status in DECIDED for edit in block.edits):
                pairs[str(block.type)].append(block_pair(settled, block))
    channels = {kind: merged(kind, [knowledge.channels[kind], learn(kind, found)])
                for kind, found in sorted(pairs.items())}
    return Lesson(channels, confirmed_words(taken, standing, knowledge), sharpness(taken), threshold(taken), len(taken))


def block_pair(document: Document, block: Block) -> tuple[str, str]:
    """(OCR, truth) of a paragraph, lines joined; doubtful corrections and calls are masked in the truth."""
    ocr: list[str] = []
    true: list[str] = []
    for piece in block.pieces(document.text):
        edit = piece.edit
        if edit is None or edit.is_join:
            ocr.append(piece.text)
            true.append(piece.text)
            continue
        read = document.joined_of(edit)
        ocr.append(read)
        sure = edit.status in DECIDED or (edit.applied and edit.status is Status.AUTO)
        true.append(piece.text if sure and edit.call is None else MASK * len(read))
    return _plain(ocr), _plain(true)


def _plain(parts: Sequence[str]) -> str:
    return " ".join("".join(parts).translate(FOLD).split())


def confirmed_words(decisions: Sequence[Decision], standing: Standing, knowledge: Knowledge) -> tuple[str, ...]:
    """Words that reviewers called right, and unknown ones that they set or kept more than once."""
    seen: Counter[str] = Counter()
    for decision in decisions:
        seen.update({word for word in WORD.findall(decision.new) if not knowledge.accepts(word)})
    return tuple(sorted({*standing.words, *(word for word, n in seen.items() if n >= CONFIRMED)}))


def sharpness(decisions: Sequence[Decision]) -> float:
    """The factor of the confidences' logits that fits the decisions best, drawn towards 1 (Platt scaling)."""
    samples = list(_outcomes(decisions))
    logits = [math.log(p / (1 - p)) for p, _ in samples]
    factor = 1.0
    for _ in range(30):                              # Newton's method
        gradient, curvature = PRIOR * (1 - factor), PRIOR
        for logit, (_, right) in zip(logits, samples, strict=True):
            chance = 1 / (1 + math.exp(-factor * logit))
            gradient += logit * (right - chance)
            curvature += logit * logit * chance * (1 - chance)
        factor = min(3.0, max(0.3, factor + gradient / curvature))
    return round(factor, 4)


def threshold(decisions: Sequence[Decision]) -> float | None:
    """The least confidence above which the share of right corrections is :data:`AUTO_RIGHT`."""
    samples = sorted(_outcomes(decisions), reverse=True)
    best: float | None = None
    right = 0
    for k, (confidence, was_right) in enumerate(samples, 1):
        right += was_right
        tied = k < len(samples) and samples[k][0] == confidence
        if not tied and k >= ENOUGH and right >= AUTO_RIGHT * k:
            best = confidence
    return None if best is None else round(best, 4)


def _outcomes(decisions: Sequence[Decision]) -> Iterator[tuple[float, bool]]:
    """(confidence, right?) of the corrections that were decided."""
    for decision in decisions:
        if decision.confidence > 0:
            yield (min(1 - CLOSEST, max(CLOSEST, decision.confidence)),
                   (decision.old, decision.old_call) == (decision.new, decision.call))
