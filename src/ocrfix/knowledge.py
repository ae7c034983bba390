"""Everything linguistic that stages share, loaded once: lexicon, language model, confusion models."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocrfix.language.turkish import lower


@dataclass(frozen=True)
class Knowledge:
    """Lexicon, language model and confusion models.  TEMPORARY STAND-IN until the engine lands."""

    forms: frozenset[str]
    frequencies: dict[str, float]

    @classmethod
    def load(cls, user_lexicons: Path | None = None) -> Knowledge:
        """Load the shipped lexicons, and a user's own."""
        import wordfreq
        from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
        forms = DefaultDictionaryFactory().get_dictionary("tr")
        frequencies = wordfreq.get_frequency_dict("tr", "best")
        return cls(frozenset(lower(w) for w in forms) | frozenset(frequencies), frequencies)

    def accepts(self, word: str) -> bool:
        """Whether a word (any case, apostrophe and suffix allowed) is a known Turkish form."""
        w = lower(word.replace("’", "'"))
        return w in self.forms or ("'" in w and w.split("'")[0] in self.forms)
