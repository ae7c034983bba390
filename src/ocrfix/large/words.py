"""What a large text tells of its words: the first pass."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

MOST_WORDS = 500_000
"""Stems that are counted at once; of more, those seen least often are forgotten (some 200 MB)."""
FEWEST_LINES = 5
"""Of a page with so many lines the first and the last are not counted."""
_DIVIDED = regex.compile(r"(?<=\p{L})[-‐\u00ad¬][^\S\n]*\n[^\S\n]*(?=\p{Ll})")


def running_text(text: str, page_starts: Sequence[int]) -> Iterator[str]:
    """The pages of a text as the OCR left it, without their first and last lines, words put together at line ends.

    These lines are where running heads stand, which would be counted once a page.
    """
    for start, end in pairwise([*page_starts, len(text)]):
        lines = [line for line in text[start:end].splitlines() if line.strip()]
        if len(page_starts) > 1 and len(lines) >= FEWEST_LINES:
            lines = lines[1:-1]
        yield _DIVIDED.sub("", "\n".join(lines))
