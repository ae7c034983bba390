"""CER: Levenshtein distance over folded characters, per gold character."""
from __future__ import annotations

from ocrfix.evaluation.errors import Errors, count_errors
from ocrfix.evaluation.transcription import Transcription


def character_errors(got: Transcription, want: Transcription) -> Errors:
    """Character errors; white space counts as a character, runs of it as one."""
    return count_errors(got.text, want.text, want.unsure)
