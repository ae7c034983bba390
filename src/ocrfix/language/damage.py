"""What wrong encodings and fonts do to Turkish letters: tables of readings, and how often each letter should stand.

A damage table is a TSV file (``read``, ``true``): what stands in the text, and the letter that was printed.  A reading
of one character that no Turkish word has is a *mark*: it betrays the damage.  Any other reading (``fl`` for ``ş``)
stands in sound words too, and only the lexicon and the language model can tell.
"""
from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import regex

from ocrfix.errors import OcrfixError
from ocrfix.language.turkish import LETTERS

SPECIAL = "ışğçöüİŞĞÇÖÜ"
"""The letters that ASCII does not have."""
ASCII = str.maketrans(SPECIAL, "isgcouISGCOU")

FREQUENCY: Mapping[str, float] = {
    "ı": 0.048, "ü": 0.018, "ş": 0.017, "ğ": 0.011, "ç": 0.011, "ö": 0.008,
    "İ": 0.0012, "Ş": 0.0005, "Ç": 0.0005, "Ö": 0.0005, "Ü": 0.0003, "Ğ": 0.0001,
}
"""Share of each among the letters of Turkish prose (rounded from letter counts that the literature gives)."""


@dataclass(frozen=True)
class Damage:
    """A kind of damage: ``readings`` are (read, true) pairs; ``name`` is the rule in reports."""

    name: str
    readings: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, path: Path) -> Damage:
        """Read a table.

        Raises:
            OcrfixError: the file is not a table of two columns.
        """
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader((x for x in file if not x.startswith("#")), delimiter="\t",
                                                  quoting=csv.QUOTE_NONE) if row]
        except (OSError, UnicodeDecodeError) as error:
            raise OcrfixError(f"{path}: not a readable UTF-8 table ({error})") from error
        if rows[:1] != [["read", "true"]] or any(len(row) != 2 or not row[0] or not row[1] for row in rows):
            raise OcrfixError(f"{path}: not a table of the columns 'read' and 'true'")
        return cls(path.stem, tuple((row[0], row[1]) for row in rows[1:]))

    @cached_property
    def marks(self) -> dict[int, str]:
        """Readings that betray the damage, as a table for :meth:`str.translate`."""
        return {ord(read): true for read, true in self.readings if len(read) == 1 and read not in LETTERS
                and read not in "ﬁﬂ"}

    @cached_property
    def is_ambiguous(self) -> bool:
        """Whether some of its readings stand in sound words too."""
        return len(self.marks) < len(self.readings)

    @cached_property
    def mark(self) -> regex.Pattern[str]:
        return regex.compile(f"[{regex.escape(''.join(map(chr, self.marks)))}]")

    @cached_property
    def word(self) -> regex.Pattern[str]:
        """A word with marks in it, one letter at least among them, and its suffix behind an apostrophe."""
        marks = regex.escape("".join(map(chr, self.marks)))
        return regex.compile(rf"[\p{{L}}\p{{M}}{marks}]++(?:['’][\p{{L}}\p{{M}}{marks}]++)?")


def read_tables(folders: list[Path]) -> list[Damage]:
    """The tables of the ``damage`` folders, the shipped ones first; a later table replaces one of the same name."""
    found = {path.stem: path for folder in folders for path in sorted(folder.glob("damage/*.tsv"))}
    return [Damage.read(path) for path in found.values()]
