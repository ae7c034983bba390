"""Words that tell the language of a passage: the commonest little words of Turkish and of its neighbours in print."""
from __future__ import annotations

import re
import unicodedata

WORDS: dict[str, frozenset[str]] = {
    "tr": frozenset([
        "ve", "bir", "bu", "ile", "için", "da", "de", "daha", "çok", "olarak", "olan", "gibi", "ne",
        "o", "ki", "en", "sonra", "kadar", "var", "ama", "her", "mi", "ya", "ise", "göre", "değil",
        "ancak", "tarafından", "veya", "hem"
    ]),
    "en": frozenset([
        "the", "of", "and", "to", "in", "a", "that", "is", "was", "for", "on", "with", "as", "by",
        "it", "from", "which", "this", "be", "had", "were", "are", "an", "at", "not", "have",
        "after", "between", "been", "their"
    ]),
    "fr": frozenset([
        "le", "la", "les", "des", "et", "un", "une", "du", "dans", "que", "qui", "pour", "par",
        "sur", "au", "aux", "est", "avec", "ce", "cette", "ses"
    ]),
    "de": frozenset([
        "der", "die", "das", "und", "den", "dem", "des", "ein", "eine", "zu", "mit", "von", "ist",
        "im", "auf", "für", "nicht", "sich", "als", "auch"
    ]),
}
"""Little words by language (frequency lists of the languages)."""

SCRIPTS = {"CYRILLIC": "ru", "ARABIC": "ar", "GREEK": "el", "HEBREW": "he", "ARMENIAN": "hy", "GEORGIAN": "ka"}


def language_of(text: str) -> str | None:
    """The language of a passage where it is clearly not Turkish; None for Turkish and for too little text.

    >>> language_of("It was taken on the relations made by an ambassador of the Republic")
    'en'
    >>> language_of("Bu konuda geniş bilgi için bakınız") is None
    True
    """
    sample = text[:4000]
    letters = [c for c in sample if c.isalpha()]
    if len(letters) < 8:
        return None
    foreign: dict[str, int] = {}
    for c in letters:
        if ord(c) > 0x24F:
            name = unicodedata.name(c, "").split(" ")[0]
            if name in SCRIPTS:
                foreign[name] = foreign.get(name, 0) + 1
    if foreign:
        name, count = max(foreign.items(), key=lambda item: item[1])
        if count > 0.6 * len(letters):
            return SCRIPTS[name]
    words = [w.lower() for w in re.findall(r"[^\W\d_]+", sample)]
    if len(words) < 6:
        return None
    hits = {language: sum(1 for w in words if w in small) for language, small in WORDS.items()}
    best = max(sorted(hits), key=lambda language: hits[language])
    if best == "tr" or hits[best] < 3 or hits[best] < 0.14 * len(words) or hits[best] < 2 * hits["tr"]:
        return None
    return best
