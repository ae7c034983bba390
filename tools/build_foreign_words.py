#!/usr/bin/env python3
"""Builds ``lexicons/foreign/``: the most frequent words of languages that Turkish works cite, most frequent first.

    pip install wordfreq==3.1.1
    python tools/build_foreign_words.py --out lexicons/foreign

Russian words are written as Turkish works transliterate them (``vneşney politiki``).  The result depends on wordfreq
alone.  Licences: ``lexicons/README.md``.
"""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import regex
from wordfreq import top_n_list

LANGUAGES = {"en": "English", "fr": "French", "de": "German", "ru": "Russian, in Turkish transliteration"}
SIZE = 30_000
LATIN = regex.compile(r"[\p{Latin}]+")
RUSSIAN = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", (
    "a", "b", "v", "g", "d", "e", "j", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "h", "ts",
    "ç", "ş", "şç", "", "ı", "", "e", "yu", "ya"), strict=True)) | {"ё": "yo"}


def spellings(word: str, language: str) -> Iterator[str]:
    """A word as it is written in a Turkish work; of Russian ``ы`` both ways (``dogovorı``, ``dokumenty``)."""
    if language == "ru":
        found = "".join(RUSSIAN.get(c, c) for c in word)
        yield found
        word = found.replace("ı", "y")
    yield word


@click.command(help=__doc__.partition("\n")[0])
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write.")
def main(out: Path) -> None:
    """Write a word list for each language."""
    out.mkdir(parents=True, exist_ok=True)
    for code, language in LANGUAGES.items():
        words = dict.fromkeys(spelled for word in top_n_list(code, SIZE) for spelled in spellings(word, code)
                              if LATIN.fullmatch(spelled))
        head = (f"# The most frequent words of {language}, most frequent first.\n"
                "# Source: wordfreq 3.1.1, made by tools/build_foreign_words.py. Licence: CC BY-SA 4.0.\n")
        (out / f"{code}.txt").write_text(head + "\n".join(words) + "\n", "utf-8")


if __name__ == "__main__":
    main()
