"""The decoder's constants: one record, every field with its meaning.  Costs are in nats."""
from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NARROW_WIDTH, NARROW_SIZE = 6.0, 20.0
WIDER = ((9.0, 60.0), (12.0, 150.0), (15.0, 600.0))
"""Width and size of the beam for a word by itself."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Constants of the search, in the order in which the decoder numbers them.

    Attributes:
        language_model: weight of the language model against the confusion model.
        unknown_word: cost of opening a word that is in no lexicon.
        unknown_letter: weight of the character model in such a word.
        number: cost of opening a number.
        digit: cost of each digit.
        glued: cost of a word that follows closing punctuation without a space.
        apostrophe_name: cost of an apostrophe and suffix behind a name.
        apostrophe_common: the same behind a word that is no name.
        clash: cost of a suffix that breaks vowel harmony.
        capital_either: cost of a capital on a word that is sometimes a name.
        capital_common: cost of a capital on a common word inside of a sentence.
        small_name: cost of a proper name without its capital.
        small_start: cost of a sentence that starts with a small letter.
        capitals: cost of a word in capitals.
        substitution: cost of a confusion of one letter that was never seen.
        insertion: cost of an OCR character that stands for nothing, never seen.
        deletion: cost of a letter that left no trace, never seen.
        punctuation: highest cost of a punctuation mark.
        false_space: cost of an OCR space that stands for nothing.
        document_word: cost of taking a word from the document's own words.
        word: cost of opening any word.
        beam_width: states this much worse than the best are dropped.
        beam_size: how many states are kept at each OCR character.
    """

    language_model: float = 1.0
    unknown_word: float = 8.0
    unknown_letter: float = 1.0
    number: float = 4.0
    digit: float = 2.0
    glued: float = 5.0
    apostrophe_name: float = 3.0
    apostrophe_common: float = 6.0
    clash: float = 5.0
    capital_either: float = 0.7
    capital_common: float = 1.0
    small_name: float = 2.5
    small_start: float = 3.5
    capitals: float = 2.0
    substitution: float = 8.0
    insertion: float = 10.0
    deletion: float = 8.0
    punctuation: float = 10.0
    false_space: float = 6.0
    document_word: float = 0.0
    word: float = 1.0
    beam_width: float = 12.0
    beam_size: float = 150.0

    def narrow(self) -> Parameters:
        """The constants for the path through a whole line: what stands beside a word matters less than the word."""
        return replace(self, beam_width=NARROW_WIDTH, beam_size=NARROW_SIZE)

    def wider(self) -> tuple[Parameters, ...]:
        """The constants for a word, ever wider: of the more letters little is left, the more must be tried."""
        return _wider(self)

    def scaled(self, noise: float) -> Parameters:
        """The constants for a text with so many times the errors that the confusion model knows: unseen ones too."""
        more = -math.log(noise)
        return replace(self, substitution=self.substitution + more, insertion=self.insertion + more,
                       deletion=self.deletion + more, false_space=self.false_space + more)

    def array(self) -> NDArray[np.float64]:
        """float64[parameters], as the decoder takes them."""
        return _array(self)


@lru_cache(maxsize=256)
def _wider(parameters: Parameters) -> tuple[Parameters, ...]:
    return tuple(replace(parameters, beam_width=width, beam_size=size) for width, size in WIDER)


@lru_cache(maxsize=256)
def _array(parameters: Parameters) -> NDArray[np.float64]:
    return np.array(astuple(parameters), np.float64)
