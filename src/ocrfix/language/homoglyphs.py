"""Letters of other scripts that look like Latin letters (a part of Unicode's confusables.txt, UTS #39)."""
from __future__ import annotations

LATIN_OF: dict[str, str] = dict(zip(
    "аеорсухіѕјһАВЕКМНОРСТХУІЅЈ" "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjhABEKMHOPCTXYISJ" "oABEZHIKMNOPTYX", strict=True))
"""Cyrillic and Greek letters -> the Latin letter that looks the same in print."""

AMBIGUOUS = frozenset(LATIN_OF.values())
"""Latin letters that may themselves be misread Cyrillic or Greek: a word of these alone may be either."""
