"""Turkish suffixes: those that print sets off with an apostrophe, after proper names, abbreviations and numbers, and
chains of them behind nouns, by which forms are understood that no lexicon lists (:func:`stems_of`).

A suffix is written with archiphonemes and spelled out by the sound of the stem's last letters: ``A`` is a or e, ``I``
is ı, i, u or ü (vowel harmony); ``D`` is d, or t behind a voiceless consonant; ``C`` is c or ç likewise; a letter in
parentheses is a buffer, which stands only behind a vowel (consonant buffers) or a consonant (vowel buffers).

Harmony is no iron rule (``saatler``, ``-ki``, loans), so callers treat a clash as unlikely, not as impossible.
Source of the rules: Göksel and Kerslake, Turkish: A Comprehensive Grammar (2005), chapters 3 and 8.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from ocrfix.language.turkish import lower

VOICELESS = frozenset("fstkçşhp")
FRONT = frozenset("eiöüî")
ROUND = frozenset("oöuüû")
_VOWELS = frozenset("aeıioöuüâîû")

NAME_SUFFIXES: tuple[tuple[str, float], ...] = (
    ("(n)In", 30.0), ("(y)A", 12.0), ("DA", 11.0), ("(y)I", 9.0), ("DAn", 7.0), ("DAki", 4.0), ("(y)lA", 4.0),
    ("nDA", 4.0), ("nA", 3.0), ("nI", 2.5), ("nDAn", 2.0), ("nDAki", 1.5), ("CA", 0.3), ("nCA", 0.3),
    ("DIr", 0.5), ("lI", 0.5), ("lIlAr", 0.15), ("lAr", 0.4), ("lArI", 0.2), ("lArIn", 0.3), ("lArA", 0.15),
    ("lArdA", 0.1), ("lArdAn", 0.1), ("lArlA", 0.08), ("(s)I", 0.4), ("(s)InI", 0.2), ("(s)InIn", 0.3),
    ("(s)InA", 0.25), ("(s)IndA", 0.3), ("(s)IndAn", 0.2), ("(s)IndAki", 0.1), ("(y)DI", 0.15), ("(y)ken", 0.05),
    ("DAydI", 0.1), ("DAdIr", 0.1), ("DAkilAr", 0.05), ("DAkilArI", 0.02), ("DAkilArIn", 0.03), ("(I)m", 0.05),
    ("(I)mIz", 0.1), ("(I)mIzIn", 0.1), ("lIk", 0.05), ("sIz", 0.05), ("CI", 0.05), ("CIlAr", 0.04), ("CIlIk", 0.03),
    ("lArInI", 0.1), ("lArInA", 0.1), ("lArInIn", 0.1), ("lArIndA", 0.1), ("lArIndAn", 0.08), ("ymIş", 0.03),
    ("mIş", 0.03), ("nInki", 0.05), ("lIlArIn", 0.05), ("lIlArA", 0.03), ("(y)sA", 0.03), ("DAnsA", 0.01),
)
"""Suffix archetypes with their relative frequency behind names (rounded shares of the apostrophe words in the
vocabulary of the language model; see ``lexicons/README.md``)."""

NUMBER_SUFFIXES: tuple[tuple[str, float], ...] = (
    ("DA", 20.0), ("DAn", 8.0), ("(y)A", 8.0), ("(y)I", 6.0), ("(n)In", 5.0), ("(I)ncI", 8.0), ("DAki", 3.0),
    ("lI", 3.0), ("lArdA", 3.0), ("lArIn", 2.0), ("lAr", 2.0), ("(s)I", 3.0), ("(s)InI", 1.5), ("(s)InIn", 1.0),
    ("(s)IndA", 1.5), ("(s)InA", 1.0), ("lArdAn", 1.0), ("lArA", 0.8), ("lIk", 1.5), ("Ar", 0.5), ("şAr", 0.5),
    ("(y)lA", 0.8), ("DIr", 0.3), ("(I)ncIsI", 0.3), ("(I)ncIdA", 0.05), ("(s)IndAn", 0.5), ("lArI", 0.5),
)
"""Suffix archetypes behind numbers, with relative frequencies."""

CLASSES = 12
"""Number of stem classes told apart by :func:`stem_class`."""


def stem_class(stem: str) -> int | None:
    """What a stem's sound asks of a suffix: 3 x (a/ı, e/i, o/u, ö/ü) + (vowel, voiced, voiceless); None without vowel.

    >>> stem_class("Moskova"), stem_class("Frunze"), stem_class("Yusuf"), stem_class("TBMM")
    (0, 3, 8, None)
    """
    word = lower(stem)
    vowels = [c for c in word if c in _VOWELS]
    if not vowels:
        return None
    last = vowels[-1]
    harmony = (2 if last in ROUND else 0) + (1 if last in FRONT else 0)
    sound = 0 if word[-1] in _VOWELS else 2 if word[-1] in VOICELESS else 1
    return 3 * harmony + sound


def spell_suffix(archetype: str, stem: int) -> str:
    """Spell a suffix archetype behind a stem of a class.

    >>> spell_suffix("(n)In", 0), spell_suffix("DAn", 8), spell_suffix("(y)A", 4)
    ('nın', 'tan', 'e')
    """
    front, rounded = stem // 3 in (1, 3), stem // 3 in (2, 3)
    sound = stem % 3                                   # 0 vowel, 1 voiced, 2 voiceless consonant
    out: list[str] = []
    i = 0
    while i < len(archetype):
        c = archetype[i]
        if c == "(":
            buffer = archetype[i + 1]
            i += 3
            if (buffer == "I") == (sound == 0):
                continue                               # vowel behind vowel, or consonant behind consonant
            c = buffer
            i -= 1
        i += 1
        if c == "A":
            c, rounded, sound = ("e" if front else "a"), False, 0
        elif c == "I":
            c, sound = ("ü" if rounded else "i") if front else ("u" if rounded else "ı"), 0
        elif c == "D":
            c, sound = ("t" if sound == 2 else "d"), 1
        elif c == "C":
            c, sound = ("ç" if sound == 2 else "c"), 1
        elif c in _VOWELS:
            front, rounded, sound = c in FRONT, c in ROUND, 0
        else:
            sound = 2 if c in VOICELESS else 1
        out.append(c)
    return "".join(out)


def suffixes(stem: int, archetypes: tuple[tuple[str, float], ...] = NAME_SUFFIXES) -> dict[str, float]:
    """The suffixes that may stand behind a stem of a class, with their probabilities (sum 1)."""
    weights: dict[str, float] = {}
    for archetype, weight in archetypes:
        if stem % 3 == 0 or archetype[0] not in "ny":      # the pronominal n and the bare y follow a vowel only
            suffix = spell_suffix(archetype, stem)
            weights[suffix] = weights.get(suffix, 0.0) + weight
    total = sum(weights.values())
    return {suffix: weight / total for suffix, weight in weights.items()}


PLURAL = "lAr"
POSSESSIVES = ("(I)m", "(I)n", "(s)I", "(I)mIz", "(I)nIz")
CASES = ("(y)I", "(y)A", "DA", "DAn", "(n)In", "(y)lA", "CA", "DAki")
CASES_BEHIND_ITS = ("nI", "nA", "nDA", "nDAn", "nIn", "(y)lA", "ncA", "nDAki")
"""Cases behind the possessive of the third person."""
COPULAS = ("DIr", "(y)DI", "(y)sA", "(y)mIş", "(y)ken")
NOUN_SIGNS = (PLURAL, "DA", "DAn", "(n)In")
"""A word is a noun if the lexicon has one of these behind it."""
NOUN_ENDINGS = ("lık", "lik", "luk", "lük", "ma", "me")
"""Words that end so are nouns whatever the lexicon has."""
SHORTEST_STEM = 3
"""Letters of the shortest word whose forms are understood: shorter ones are the beginning of anything."""
_HARDENED = {"b": "p", "c": "ç", "d": "t", "ğ": "k"}


def noun_chains() -> Iterator[str]:
    """The suffix chains of nouns: plural, possessive, case and copula, each of which may be missing."""
    for plural in ("", PLURAL):
        for possessive in ("", *POSSESSIVES):
            its = possessive == "(s)I"
            if plural and its:
                possessive = "I"                        # evleri, not evlersi
            for case in ("", *(CASES_BEHIND_ITS if its else CASES)):
                for copula in ("", *COPULAS):
                    yield plural + possessive + case + copula


@cache
def _spelled(stem: int) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """The noun chains, the copulas and the signs of a noun behind a stem of a class."""
    return (frozenset(spell_suffix(chain, stem) for chain in noun_chains() if chain),
            frozenset(spell_suffix(copula, stem) for copula in COPULAS),
            tuple(spell_suffix(sign, stem) for sign in NOUN_SIGNS))


def stems_of(word: str, accepts: Callable[[str], bool]) -> Iterator[str]:
    """The known words of which a word (lower case) is a regular form: nouns with suffixes, any words with a copula.

    Final p, ç, t and k of the known word may have softened.  The longest comes first.

    Args:
        accepts: whether the lexicon has a form (lower case).

    >>> list(stems_of("demliğimizden", {"demlik", "demlikler"}.__contains__))
    ['demlik']
    """
    for k in range(len(word) - 1, SHORTEST_STEM - 1, -1):
        stem, suffix = word[:k], word[k:]
        hard = _HARDENED.get(stem[-1], "k" if stem.endswith("ng") else "")
        for known in (stem, stem[:-1] + hard) if hard and suffix[0] in _VOWELS else (stem,):
            sound = stem_class(known)
            if sound is None:
                continue
            chains, copulas, signs = _spelled(sound)
            if suffix in chains and accepts(known) and (
                    suffix in copulas or known.endswith(NOUN_ENDINGS) or any(accepts(known + x) for x in signs)):
                yield known
