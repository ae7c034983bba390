"""What each stage gained and broke, over the words of the body that the gold knows.

The text after each stage is played back from the edits (:mod:`ocrfix.evaluation.history`), and the texts before and
after a stage are aligned with the gold by word, as many words matched as can be.  A gold word is right in a text if it
is matched.  A stage *changed* a gold word if it changed what stands in its place; it *gained* the word if it was wrong
before and is right after, *broke* it if it was right and is wrong, and changed it from *wrong to wrong* otherwise.
Unsure gold words are not counted.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ocrfix.document import Document
from ocrfix.evaluation.align import locate, match
from ocrfix.evaluation.errors import Errors, count_errors
from ocrfix.evaluation.history import History, Version, history
from ocrfix.evaluation.transcription import Gold, Token, Transcription, tokenize


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of the text did to gold words; ``right`` and ``wrong`` are those that were so before."""

    gained: int = 0
    broke: int = 0
    wrong_to_wrong: int = 0
    right: int = 0
    wrong: int = 0
    errors: Errors = field(default_factory=Errors)

    def __add__(self, other: Effect) -> Effect:
        return Effect(self.gained + other.gained, self.broke + other.broke, self.wrong_to_wrong + other.wrong_to_wrong,
                      self.right + other.right, self.wrong + other.wrong, self.errors + other.errors)

    @property
    def changed(self) -> int:
        return self.gained + self.broke + self.wrong_to_wrong

    @property
    def broken_per_thousand(self) -> float:
        """Right words broken per 1,000 right words."""
        return 1000 * self.broke / max(self.right, 1)

    def as_dict(self) -> dict[str, object]:
        return {"changed": self.changed, "gained": self.gained, "broke": self.broke,
                "wrong_to_wrong": self.wrong_to_wrong, "errors": self.errors.count, "rate": self.errors.rounded}


@dataclass(frozen=True, slots=True)
class StageEffect:
    """A stage's effect on white-space tokens (as in WER) and on words without punctuation (as in WERw)."""

    stage: str
    tokens: Effect
    words: Effect

    def as_dict(self) -> dict[str, object]:
        return {"stage": self.stage, "WER": self.tokens.as_dict(), "WERw": self.words.as_dict()}


def passages(past: History, gold: Gold, *, whole: bool) -> Iterator[tuple[Transcription, int, int]]:
    """Each gold page's body with its stretch of the clean text."""
    if whole:
        yield gold.whole.body, 0, len(past.clean.text)
        return
    text = past.clean.transcription
    for page in gold.pages:
        yield page.body, *locate(text, page.body)


def stage_effects(document: Document, gold: Gold, *, whole: bool = False) -> list[StageEffect]:
    """The effect of each stage that made edits; first, as stage ``input``, the errors of the text without any."""
    past = history(document, document.body())
    versions = [past.raw, *past.stages]
    names = ["input", *past.names]
    tokens, words = [Effect()] * len(names), [Effect()] * len(names)
    for page, start, end in passages(past, gold, whole=whole):
        for k in range(len(names)):
            before, after = versions[max(k - 1, 0)], versions[k]
            tokens[k] += effect(past.clean, before, after, start, end, page, words_only=False)
            words[k] += effect(past.clean, before, after, start, end, page, words_only=True)
    return [StageEffect(*row) for row in zip(names, tokens, words, strict=True)]


def correction_effect(document: Document, gold: Gold, *, whole: bool = False, words_only: bool = True) -> Effect:
    """The effect of all corrections together on a text of which only the lines are joined."""
    past = history(document, document.body())
    total = Effect()
    for page, start, end in passages(past, gold, whole=whole):
        total += effect(past.clean, past.joined, past.clean, start, end, page, words_only=words_only)
    return total


def effect(clean: Version, before: Version, after: Version, start: int, end: int, page: Transcription,
           *, words_only: bool) -> Effect:
    """What the step from one version to another did to a gold page at ``start:end`` of the clean version."""
    gold = page.tokens(words_only=words_only)
    want = [token.text for token in gold]
    old, old_changed = _changed_tokens(clean, before, after, start, end, words_only)
    new, new_changed = _changed_tokens(clean, after, before, start, end, words_only)
    old_places, new_places = match([t.text for t in old], want), match([t.text for t in new], want)
    gained = broke = wrong_to_wrong = right = wrong = 0
    for token, (was_right, a, b), (is_right, c, d) in zip(gold, old_places, new_places, strict=True):
        if token.unsure:
            continue
        right += was_right
        wrong += not was_right
        if (any(old_changed[a:b]) or any(new_changed[c:d])) and not (was_right and is_right):
            gained += is_right and not was_right
            broke += was_right and not is_right
            wrong_to_wrong += not was_right and not is_right
    errors = count_errors([t.text for t in new], want, [t.unsure for t in gold])
    return Effect(gained, broke, wrong_to_wrong, right, wrong, errors)


def _changed_tokens(clean: Version, version: Version, other: Version, start: int, end: int,
                    words_only: bool) -> tuple[list[Token], list[bool]]:
    """The tokens of a version at ``start:end`` of the clean version, and which of them read otherwise in the other."""
    low, high = clean.offset_in(version, start), clean.offset_in(version, end)
    tokens = tokenize(version.text[low:high], words_only=words_only)
    places = []
    for k, (mine, theirs) in enumerate(zip(version.pieces, other.pieces, strict=True)):
        if mine != theirs:
            at = version.starts[k] - low
            if at + len(mine) >= 0 and at <= high - low:
                places.append((at, at + len(mine)))
    changed = [False] * len(tokens)
    k = 0
    for i, token in enumerate(tokens):
        while k < len(places) and places[k][1] < token.start:
            k += 1
        j = k
        while j < len(places) and places[j][0] <= token.end:      # touching counts: a space added is a word cut in two
            changed[i] = True
            j += 1
    return tokens, changed
