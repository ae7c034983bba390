"""How the OCR reads a note number: a superscript or small figure is the first thing that it gets wrong.

Start at :func:`likeness`: how far a short string may be the number that the sequence expects.  The table holds shapes
that look alike in small type (``R`` for 8, ``l`` for 1), not pairs of a particular text.
"""
from __future__ import annotations

from functools import lru_cache

LOOKALIKES: dict[str, str] = {
    "0": "OoUuQDJ°G6",
    "1": "lIiıtT|!'’jJr[]/",
    "2": "Zz?ı1",
    "3": "Jj5?}>8",
    "4": "tA~<+1h{^qlj",
    "5": "SsiıJ$j§",
    "6": "GbB(><5oO0RM°",
    "7": "?/T1iIl'n",
    "8": "RHBS&$3gKX",
    "9": "gqy?~°",
}
"""For each figure the single characters that small type is misread as."""

PAIRS: dict[str, tuple[str, ...]] = {
    "0": ("()",), "3": (".ı", ".i", ".\\"), "4": ("t.", "'1", "tı"), "5": (".i", "'i", "~."),
    "6": ("(,", "1>", "(>", "<,", "t>"),
    "7": ("'1",), "8": ("ll", "\\R", "I{"), "9": ("'>", "?>"),
}
"""Two characters read for one figure."""

SYMBOLS = frozenset("*•°™®§†‡^~\"“”„‘’'`´!?<>{}|\\_=+#@&$¢£«»¹²³")
"""Signs that stand where a small figure stood, when nothing of it is legible."""

STARS = frozenset("*•∗⁎†")
"""Signs that print an author's note."""

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@lru_cache(maxsize=200_000)
def likeness(read: str, number: int) -> float:
    """How far ``read`` may be the printed ``number``: 1 for the figures themselves, 0 for nothing in common.

    An alignment of characters with figures; a look-alike costs less than a stray sign, a stray letter most.

    >>> likeness("12", 12), likeness("l2", 12) > 0.7, likeness("Bu", 12) < 0.3
    (1.0, True, True)
    """
    read = read.translate(SUPERSCRIPTS).replace(" ", "")
    figures = str(number)
    if not read or len(read) > 2 * len(figures) + 2:
        return 0.0
    if read == figures:
        return 1.0
    previous = [float(j) for j in range(len(figures) + 1)]
    rows = [previous]
    for i, c in enumerate(read, 1):
        row = [rows[i - 1][0] + _stray(c)]
        for j, f in enumerate(figures, 1):
            best = min(rows[i - 1][j] + _stray(c), row[j - 1] + 0.9, rows[i - 1][j - 1] + _cost(c, f))
            if i > 1 and read[i - 2:i] in PAIRS.get(f, ()):
                best = min(best, rows[i - 2][j - 1] + 0.3)
            row.append(best)
        rows.append(row)
    return max(0.0, 1.0 - rows[-1][-1] / len(figures))


def _stray(c: str) -> float:
    """Cost of a character that stands for no figure."""
    if c.isdigit():
        return 0.9
    return 0.7 if c.isalpha() else 0.25


def _cost(c: str, figure: str) -> float:
    """Cost of reading ``figure`` as ``c``."""
    if c == figure:
        return 0.0
    if c in LOOKALIKES[figure]:
        return 0.28
    if c.isdigit():
        return 0.7
    return 0.85 if c.isalpha() else 0.6
