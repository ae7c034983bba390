"""The three error rates of a text, kept together."""
from __future__ import annotations

from dataclasses import dataclass, field

from ocrfix.evaluation.character_error_rate import character_errors
from ocrfix.evaluation.errors import Errors
from ocrfix.evaluation.transcription import Transcription
from ocrfix.evaluation.word_error_rate import word_errors


@dataclass(frozen=True, slots=True)
class Rates:
    """Errors in characters, in white-space tokens, and in words without punctuation."""

    characters: Errors = field(default_factory=Errors)
    tokens: Errors = field(default_factory=Errors)
    words: Errors = field(default_factory=Errors)

    def __add__(self, other: Rates) -> Rates:
        return Rates(self.characters + other.characters, self.tokens + other.tokens, self.words + other.words)

    def as_dict(self) -> dict[str, float | None]:
        return {"CER": self.characters.rounded, "WER": self.tokens.rounded, "WERw": self.words.rounded}


def rates(got: Transcription, want: Transcription) -> Rates:
    """All error rates of ``got`` against the gold text ``want``."""
    return Rates(character_errors(got, want), word_errors(got, want, words_only=False),
                 word_errors(got, want, words_only=True))


def surplus(text: Transcription) -> Rates:
    """A text that has no counterpart in the gold: all of it is error."""
    return Rates(Errors(len(text)), Errors(len(text.tokens(words_only=False))),
                 Errors(len(text.tokens(words_only=True))))
