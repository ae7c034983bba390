"""Folders: which files in them are inputs, and which folders of page files are one document."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocrfix.errors import InputError
from ocrfix.places import Place
from ocrfix.readers import ENDINGS, PAGE_FILES, Format, detect
from ocrfix.readers._archive import LARGEST_ARCHIVE, natural, pack

TOLD_BY_CONTENT = frozenset({".xml", ".zip"})
"""Endings of files that are inputs only if their content says so."""
BESIDE_PAGES = frozenset({"mets.xml", "metadata.xml"})
"""Files that stand beside page files and are none."""
_HEAD = 64 * 2**10


def is_input(path: Place) -> bool:
    """Whether a file in a folder is an input."""
    ending = path.suffix.lower()
    if ending in TOLD_BY_CONTENT:
        return _format_of(path) is not Format.TEXT
    return ending in ENDINGS


def is_reports(files: frozenset[str]) -> bool:
    """Whether a folder with these files was written by ocrfix: a document's reports, or those of a run."""
    return {"document.json", "clean.txt"} <= files or {"index.html", "summary.csv"} <= files


def is_paged(inputs: Sequence[Place]) -> bool:
    """Whether the inputs of a folder are page files, all of one kind: then the folder is one document."""
    if len(inputs) < 2 or any(path.suffix.lower() == ".zip" for path in inputs):
        return False
    kind = _format_of(inputs[0])
    return kind in PAGE_FILES and all(_format_of(path) is kind for path in inputs[1:])


def pack_pages(folder: Path) -> bytes:
    """A ZIP file of the page files in a folder: the same files give the same bytes.

    Raises:
        InputError: there are none, or they are not all of one kind.
        OSError: one cannot be read.
    """
    paths = sorted((path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()
                    and path.name.lower() not in BESIDE_PAGES and is_input(path)), key=lambda path: natural(path.name))
    if not is_paged(paths):
        raise InputError("is a folder whose files are not the pages of one document")
    if sum(path.stat().st_size for path in paths) > LARGEST_ARCHIVE:
        raise InputError(f"is a folder of more than {LARGEST_ARCHIVE // 2**20} MB of pages: divide it")
    return pack([(path.name, path.read_bytes()) for path in paths])


def _format_of(path: Place) -> Format:
    """The format of a file; text for what cannot be read, which is told later."""
    try:
        with path.open("rb") as file:
            data = file.read() if path.suffix.lower() == ".zip" else file.read(_HEAD)
        return detect(data, path.name)
    except (OSError, InputError):
        return Format.TEXT
