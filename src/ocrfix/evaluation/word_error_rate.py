"""WER: Levenshtein distance over white-space tokens, per gold token; WERw: the same over words without punctuation."""
from __future__ import annotations

from ocrfix.evaluation.errors import Errors, count_errors
from ocrfix.evaluation.transcription import Transcription


def word_errors(got: Transcription, want: Transcription, *, words_only: bool) -> Errors:
    """Word errors; case counts, punctuation counts unless ``words_only``."""
    gold = want.tokens(words_only=words_only)
    return count_errors([token.text for token in got.tokens(words_only=words_only)],
                        [token.text for token in gold], [token.unsure for token in gold])
