"""Is each correction right?  Its words are compared with the gold words that stand in their place.

A correction is judged with the whole tokens that it touches, as they stand in the clean text (or would stand, where it
is not applied): it is right if they equal the gold tokens aligned with them by character.  If a correction changes
words, the tokens are words without punctuation, so that a comma misread beside it does not count against it; if it
changes punctuation or spacing alone, they are white-space tokens.  A footnote call is right if the gold has a call of
this number behind this word, and a number taken off a note if the note, which is the gold's of this number, begins
more like the gold without it: how well the word beside them was read is no matter of theirs.  Not judged are
corrections outside of the gold, those that meet an unsure gold word, and those whose effect folding hides (the shape
of a quote).
"""
from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance.Levenshtein import distance

from ocrfix.document import PRINTED, Block, Document, Edit, Status
from ocrfix.evaluation.align import project
from ocrfix.evaluation.calibration import calibration
from ocrfix.evaluation.character_error_rate import character_errors
from ocrfix.evaluation.history import History, history
from ocrfix.evaluation.stages import Effect, correction_effect, passages
from ocrfix.evaluation.transcription import Gold, Transcription, fold, tokenize

NOTE_NUMBER = "note-number"
HEAD = 30
"""So many characters tell how a note begins."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A judged correction.

    Attributes:
        edit: the correction.
        right: whether the text with it equals the gold here.
        raw_right: whether the text without it did; a correction may have neither right.
        gold: the gold tokens in its place.
    """

    edit: Edit
    right: bool
    raw_right: bool
    gold: tuple[str, ...]


def decisions(document: Document, gold: Gold, *, whole: bool = False) -> list[Decision]:
    """The corrections of body and notes that the gold can judge, body first, in the order of the text."""
    out: list[Decision] = []
    body = history(document, document.body())
    for page, start, end in passages(body, gold, whole=whole):
        out += _judge(body, page, start, end)
    by_label: dict[str, list[Block]] = {}
    for block in document.notes():
        if block.label is not None and block.edits:
            by_label.setdefault(block.label, []).append(block)
    for label, note in gold.whole.notes.items():
        blocks = by_label.get(label)
        if blocks is None:
            continue
        past = history(document, blocks)
        text = past.clean.transcription
        if character_errors(text, note).rate <= 0.6:        # else it is another note under the same number
            out += _judge(past, note, 0, len(text))
    return out


def forecasts(judged: Sequence[Decision]) -> list[tuple[float, bool]]:
    """(confidence, right?) of each correction: what :func:`ocrfix.evaluation.calibration.calibration` takes."""
    return [(decision.edit.confidence, decision.right) for decision in judged]


@dataclass(frozen=True, slots=True)
class CorrectionScore:
    """How good the corrections of a document are.

    ``precision`` is the share of the applied ones that are right, ``recall`` the share of the body's words wrong before
    any correction that are right after; ``effect`` is on body words (punctuation stripped).
    """

    judged: tuple[Decision, ...]
    effect: Effect
    total: int

    @property
    def precision(self) -> float | None:
        return _share(d.right for d in self.judged if d.edit.applied)

    @property
    def auto_precision(self) -> float | None:
        """Share of the corrections with status ``auto`` that are right."""
        return _share(d.right for d in self.judged if d.edit.applied and d.edit.status is Status.AUTO)

    @property
    def recall(self) -> float | None:
        return self.effect.gained / self.effect.wrong if self.effect.wrong else None

    def as_dict(self) -> dict[str, object]:
        applied = [d for d in self.judged if d.edit.applied]
        return {
            "corrections": self.total, "judged": len(self.judged), "applied": len(applied),
            "precision": _rounded(self.precision), "auto_precision": _rounded(self.auto_precision),
            "recall": _rounded(self.recall),
            "words_gained": self.effect.gained, "words_broken": self.effect.broke,
            "words_broken_per_1000": round(self.effect.broken_per_thousand, 4),
            "calibration": calibration(forecasts(self.judged)).as_dict(),
        }


def score_corrections(document: Document, gold: Gold, *, whole: bool = False) -> CorrectionScore:
    """Judge the corrections of a document."""
    total = sum(1 for block in document.blocks if block.kind in PRINTED for edit in block.edits if not edit.is_join)
    return CorrectionScore(tuple(decisions(document, gold, whole=whole)),
                           correction_effect(document, gold, whole=whole), total)


def _judge(past: History, gold: Transcription, start: int, end: int) -> Iterator[Decision]:
    """The decisions on the edits at ``start:end`` of the clean text, which aligns with ``gold``."""
    text = past.clean.text[start:end]
    if not text:
        return
    offsets = project(text, gold.text)
    words = [token.start for token in gold.tokens(words_only=True)]
    gold_tokens = {words_only: gold.tokens(words_only=words_only) for words_only in (True, False)}
    for k, edit in enumerate(past.edits):
        if edit is None or edit.is_join:
            continue
        low, high = past.clean.starts[k] - start, past.clean.starts[k + 1] - start
        if low < 0 or high > len(text):
            continue
        if edit.call is not None and edit.applied:
            word = bisect.bisect_left(words, offsets[high]) - 1
            here = tuple(label for label, at in gold.calls if bisect.bisect_left(words, at) - 1 == word)
            yield Decision(edit, edit.call in here, False, here)
            continue
        if edit.steps[-1].rule == NOTE_NUMBER:
            behind, begins = text[high:high + HEAD], gold.text[:HEAD]
            number = past.joined.pieces[k]
            yield Decision(edit, distance(behind, begins) < distance(number + behind, begins), False, (begins,))
            continue
        left = text.rfind(" ", 0, low) + 1
        right = text.find(" ", high)
        right = len(text) if right < 0 else right
        before, behind = text[left:low], text[high:right]
        raw, clean = before + past.joined.pieces[k] + behind, before + fold(edit.clean) + behind
        words_only = _tokens(raw, True) != _tokens(clean, True)
        old, new = _tokens(raw, words_only), _tokens(clean, words_only)
        if old == new:
            continue
        if left < right and len(old) <= len(new):
            first, last = offsets[left], offsets[right - 1] + 1
        else:                                   # words were taken away: what the gold has in the gap is looked at too
            first = offsets[left - 2] + 1 if left > 1 else 0
            last = offsets[min(right + 1, len(text))]
        want = [token for token in gold_tokens[words_only] if token.end > first and token.start < last]
        if any(token.unsure for token in want):
            continue
        texts = [token.text for token in want]
        yield Decision(edit, new == texts, old == texts, tuple(texts))


def _tokens(text: str, words_only: bool) -> list[str]:
    return [token.text for token in tokenize(text, words_only=words_only)]


def _share(flags: Iterable[bool]) -> float | None:
    values = list(flags)
    return sum(values) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
