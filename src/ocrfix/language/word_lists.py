"""Word lists: one word a line, ``#`` begins a comment."""
from __future__ import annotations

from pathlib import Path

from ocrfix.errors import OcrfixError


def read_words(path: Path) -> list[str]:
    """The words of a list, in its order.

    Raises:
        OcrfixError: a line holds more than one word, or the file is not UTF-8.
    """
    words: list[str] = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OcrfixError(f"{path}: not a readable UTF-8 word list ({error})") from error
    for number, line in enumerate(lines, 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if len(word.split()) > 1:
            raise OcrfixError(f"{path}, line {number}: more than one word: {word!r}")
        words.append(word)
    return words
