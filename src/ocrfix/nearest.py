"""The right name that a wrong one is nearest to."""
from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein


def nearest(name: str, names: Iterable[str]) -> str:
    """Of some names the one with the fewest edits from ``name`` for the length of the longer one; of several the first.

    >>> nearest("strictnes", ["skip", "strictness", "jobs"])
    'strictness'

    Edits alone would favour short names, with which a name has nothing in common:

    >>> nearest("page", ["out", "page_marks"])
    'page_marks'
    """
    return process.extract(name, list(names), scorer=DamerauLevenshtein.normalized_distance, limit=1)[0][0]
