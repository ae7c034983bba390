"""The scans of a document's pages, found in a folder by their names.

Start reading at :meth:`Scans.of`.  A scan is named by the document and the page (``article-003.png``,
``article_p3.jpg``), or lies in a folder of the document's name and ends in the page's number.  The number is that of
the page in the input or the one printed on it: whichever of the two gives more pages a scan.  Nothing outside of the
folder is ever found, whatever links lie in it.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ocrfix.document import Document

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
         ".tif": "image/tiff", ".tiff": "image/tiff"}
"""Endings of scans; not every browser shows the last two, and the page says so then."""
_NUMBER = re.compile(r"[0-9]+(?=\D*$)")


class Scans:
    """The scans in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def of(self, name: str, document: Document) -> dict[int, Path]:
        """The scan of each page of a document by the page's number; pages without one are missing."""
        found = dict(self._numbered(name))
        if len(document.pages) == 1 and None in found:
            return {1: found[None]}
        by_number = {page.number: found[page.number] for page in document.pages if page.number in found}
        by_label = {page.number: found[int(page.label)] for page in document.pages
                    if page.label and re.fullmatch("[0-9]+", page.label) and int(page.label) in found}
        return max(by_number, by_label, key=len)

    def _numbered(self, name: str) -> Iterator[tuple[int | None, Path]]:
        """(number in the name, file) of the scans of a document; of two with one number the first by name is last."""
        belongs = named_by(name)
        found = [(path.stem, path) for path in self._files(self.folder / name)]
        found += [(path.stem, path) for path in self._files(self.folder) if belongs.fullmatch(path.stem)]
        for stem, path in sorted(found, key=lambda pair: pair[1], reverse=True):
            number = _NUMBER.search(stem.replace(name, "", 1))
            yield (int(number.group()) if number else None), path

    def _files(self, folder: Path) -> list[Path]:
        """The scans that lie in a folder, none that a link leads out of."""
        if not folder.is_dir():
            return []
        return [path for path in folder.iterdir() if path.suffix.lower() in TYPES and path.is_file()
                and path.resolve().is_relative_to(self.folder)]


def named_by(name: str) -> re.Pattern[str]:
    """What the scans of a document are called where they lie beside those of others.

    >>> [stem for stem in ("makale-012", "makale", "makale_p. 3", "makale2-12", "makale-ek-12")
    ...  if named_by("makale").fullmatch(stem)]
    ['makale-012', 'makale', 'makale_p. 3']
    """
    return re.compile(rf"{re.escape(name)}(?:[\W_]++(?:(?:p|pg|page|s|sayfa)[\W_]*+)?[0-9]+)?", re.IGNORECASE)
