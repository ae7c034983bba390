"""What a user's own clean texts teach: which word follows which, and words that no lexicon has.

Start at :func:`learn_from_texts`; ``ocrfix learn --from-texts`` writes what it finds as files of a lexicon folder, and
:meth:`ocrfix.knowledge.Knowledge.load` mixes the word pairs into the shipped bigrams (:mod:`ocrfix.engine.sharpen`).
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import regex

from ocrfix.adaptation import Sightings
from ocrfix.api import read_input
from ocrfix.engine.channel import FOLD
from ocrfix.engine.sharpen import PairCounts, count_pairs
from ocrfix.errors import InputError
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import title
from ocrfix.stages import ingest

SUFFIXES = (".txt", ".md")
"""Of the files in folders that are taken; a file that is named may be of any format that ocrfix reads."""
SEEN = 3
"""So often a word must stand in the texts to join the lexicon: what stands there once or twice may be misprinted."""
NAME = 0.9
"""A word is a proper name if more than this share of its sightings begin with a capital."""
_BLANK = regex.compile(r"\n\s*\n")
_BROKEN = regex.compile(r"(?<=\p{L})-\n(?=\p{Ll})")


def learn_from_texts(files: Iterable[Path], knowledge: Knowledge) -> tuple[PairCounts, list[str]]:
    """The word pairs of some clean texts, and the words that stand there often and in no lexicon, in order.

    Raises:
        InputError: a file cannot be read.
    """
    lines = list(dict.fromkeys(line for path in files for line in paragraphs(path)))      # what is there twice, once
    return count_pairs(lines, knowledge.model), new_words(lines, knowledge)


def text_files(places: Iterable[Path]) -> list[Path]:
    """The texts in some files and folders, in order."""
    return sorted({path for place in places for path in (place.rglob("*") if place.is_dir() else [place])
                   if path == place or (path.suffix in SUFFIXES and path.is_file())})


def paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of a text: what stands between blank lines or, if there are none, each line.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        text = ingest.read(read_input(path), path.name).text
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    found = _BLANK.split(text.replace("\r\n", "\n").strip())
    for paragraph in found if len(found) > 1 else text.splitlines():
        yield " ".join(_BROKEN.sub("", paragraph).split())


def new_words(lines: Sequence[str], knowledge: Knowledge) -> list[str]:
    """Words of four letters or more that stand in the texts :data:`SEEN` times and in no lexicon."""
    seen = Sightings()
    seen.add(line.translate(FOLD) for line in lines)
    words = sorted(word for word, n in seen.count.items() if n >= SEEN and not knowledge.accepts(word))
    return [title(word) if seen.capital[word] > NAME * seen.count[word] else word for word in words]
