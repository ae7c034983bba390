"""Is each correction right?  Its words are compared with the gold words that stand in their place.

A correction is judged with the whole tokens that it touches, as they stand in the clean text (or would stand, where it
is not applied): it is right if they equal the gold tokens aligned with them by character.  If a correction changes
words, the tokens are words without punctuation, so that a comma misread beside it does not count against it; if it
changes punctuation or spacing alone, they are white-space tokens.  A footnote call is right if the gold has a call of
this number behind this word, and a number taken off a note if the note, which is the gold's of this number, begins
more like the gold without it; how well the word beside them was read counts only where the correction changes it too.
Not judged are corrections outside of the gold, those that meet an unsure gold word, and those whose effect folding
hides (the shape of a quote).
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

CALLS, NOTE_NUMBER = "calls", "note-number"
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
    return [decision for past, page, start, end in _passages(document, gold, whole=whole)
            for decision in _judge(past, page, start, end)]


def printed_texts(document: Document, gold: Gold, *, whole: bool = False) -> list[tuple[Edit, str]]:
    """What the gold has in the place of each correction, as far as it can be told, body first."""
    out: list[tuple[Edit, str]] = []
    for past, page, start, end in _passages(document, gold, whole=whole):
        judge = _Judge(past, page, start, end) if end > start else None
        for _, edit, low, high in _edits_within(past, start, end):
            printed = judge.printed(edit, low, high) if judge is not None else None
            if printed is not None:
                out.append((edit, printed))
    return out


def _passages(document: Document, gold: Gold, *, whole: bool) -> Iterator[tuple[History, Transcription, int, int]]:
    """The stretches of the clean text that the gold knows, with its texts: of the body, then of the notes."""
    body = history(document, document.body())
    for page, start, end in passages(body, gold, whole=whole):
        yield body, page, start, end
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
            yield past, note, 0, len(text)


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
    if start == end:
        return
    judge = _Judge(past, gold, start, end)
    for k, edit, low, high in _edits_within(past, start, end):
        called = edit.call is not None and edit.applied
        calls_alone = all(step.is_join or step.stage == CALLS for step in edit.steps)
        verdicts = [judge.call(edit, high)] if called else []
        if calls_alone and edit.steps[-1].rule == NOTE_NUMBER:
            verdicts.append(judge.note_number(k, edit, high))
        elif not (called and calls_alone):
            verdicts += [verdict] if (verdict := judge.words(k, edit, low, high)) is not None else []
        if verdicts:
            yield Decision(edit, all(v.right for v in verdicts), all(v.raw_right for v in verdicts),
                           tuple(text for v in verdicts for text in v.gold))


def _edits_within(past: History, start: int, end: int) -> Iterator[tuple[int, Edit, int, int]]:
    """(number of the piece, correction, where it begins and ends from ``start`` on) of those at ``start:end``."""
    for k, edit in enumerate(past.edits):
        low, high = past.clean.starts[k] - start, past.clean.starts[k + 1] - start
        if edit is not None and not edit.is_join and low >= 0 and high <= end - start:
            yield k, edit, low, high


class _Judge:
    """Compares edits with the gold in their place; ``low:high`` is where the clean text of the stretch has one."""

    def __init__(self, past: History, gold: Transcription, start: int, end: int) -> None:
        self.past = past
        self.gold = gold
        self.text = past.clean.text[start:end]
        self.offsets = project(self.text, gold.text)
        self.tokens = {words_only: gold.tokens(words_only=words_only) for words_only in (True, False)}
        self.starts = [token.start for token in self.tokens[True]]

    def call(self, edit: Edit, high: int) -> Decision:
        """Whether the gold has this call behind the same word."""
        word = bisect.bisect_left(self.starts, self.offsets[high])
        here = tuple(label for label, at in self.gold.calls if bisect.bisect_left(self.starts, at) == word)
        return Decision(edit, edit.call in here, False, here)

    def note_number(self, k: int, edit: Edit, high: int) -> Decision:
        """Whether the note begins more like the gold without its number."""
        behind, begins = self.text[high:high + HEAD], self.gold.text[:HEAD]
        better = distance(behind, begins) < distance(self.past.joined.pieces[k] + behind, begins)
        return Decision(edit, better, False, (begins,))

    def words(self, k: int, edit: Edit, low: int, high: int) -> Decision | None:
        """Whether the tokens that the edit touches equal those of the gold; None if it cannot be told."""
        left, right = self.token_bounds(low, high)
        before, behind = self.text[left:low], self.text[high:right]
        raw, clean = before + self.past.joined.pieces[k] + behind, before + fold(edit.clean) + behind
        words_only = _tokens(raw, True) != _tokens(clean, True)
        old, new = _tokens(raw, words_only), _tokens(clean, words_only)
        if old == new:
            return None
        if left < right and len(old) <= len(new):
            first, last = self.offsets[left], self.offsets[right - 1] + 1
        else:                                   # words were taken away: what the gold has in the gap is looked at too
            first = self.offsets[left - 2] + 1 if left > 1 else 0
            last = self.offsets[min(right + 1, len(self.text))]
        want = [token for token in self.tokens[words_only] if token.end > first and token.start < last]
        if any(token.unsure for token in want):
            return None
        texts = tuple(token.text for token in want)
        return Decision(edit, tuple(new) == texts, tuple(old) == texts, texts)


    def printed(self, edit: Edit, low: int, high: int) -> str | None:
        """What the gold has in the place of the edit; None if it is unsure of it."""
        left, right = self.token_bounds(low, high)
        if left == right:
            return None
        first, last = self.offsets[left], self.offsets[right - 1] + 1
        want = [token for token in self.tokens[False] if token.end > first and token.start < last]
        if any(token.unsure for token in want):
            return None
        text = " ".join(token.text for token in want)
        before, behind = self.text[left:low], self.text[high:right]
        if text.startswith(before) and text.endswith(behind) and len(text) >= len(before) + len(behind):
            return text[len(before):len(text) - len(behind)]
        return self.gold.text[self.offsets[low]:self.offsets[high]]     # what stands beside it is wrong itself

    def token_bounds(self, low: int, high: int) -> tuple[int, int]:
        """Where the white-space tokens that a stretch touches begin and end."""
        right = self.text.find(" ", high)
        return self.text.rfind(" ", 0, low) + 1, len(self.text) if right < 0 else right


def _tokens(text: str, words_only: bool) -> list[str]:
    return [token.text for token in tokenize(text, words_only=words_only)]


def _share(flags: Iterable[bool]) -> float | None:
    values = list(flags)
    return sum(values) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
