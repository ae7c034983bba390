"""Turkish letters: case, vowels, harmony.

The one place where Turkish text changes case: ``I`` is the capital of ``ı``, ``İ`` of ``i``.
"""
from __future__ import annotations

VOWELS = frozenset("aeıioöuüâîûAEIİOÖUÜÂÎÛ")
LETTERS = frozenset("abcçdefgğhıijklmnoöprsştuüvyzâîûABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZÂÎÛ")
"""The letters of Turkish print, with the circumflexed vowels."""


def lower(text: str) -> str:
    """Lower case by Turkish rules.

    >>> lower("ILIŞKI İSTANBUL")
    'ılışkı istanbul'
    """
    return text.replace("I", "ı").replace("İ", "i").lower()


def upper(text: str) -> str:
    """Upper case by Turkish rules.

    >>> upper("ılık iğne")
    'ILIK İĞNE'
    """
    return text.replace("i", "İ").replace("ı", "I").upper()


def title(word: str) -> str:
    """The first letter upper, the rest lower case.

    >>> title("ILGAZ"), title("istanbul")
    ('Ilgaz', 'İstanbul')
    """
    return upper(word[:1]) + lower(word[1:])
