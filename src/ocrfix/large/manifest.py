"""The ``document.json`` of a large text: a list of its parts, and what is needed to put the input together from them.

Start reading at :func:`restore`.  What it says of a part proves that the part is the one that was listed.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ocrfix import serialize
from ocrfix.document import Document
from ocrfix.errors import DocumentError

VERSION = 1
_HEAD = f'{{\n"format": "{serialize.PARTS_FORMAT}"'.encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A part in the manifest.

    Attributes:
        document: its ``document.json``, from the folder of the manifest.
        size, sha256: of its stretch of the input, in bytes.
        offset: characters of the decoded input before it.
        page: the page on which it begins, from 1.
        line: the line of that page, from 1.
        turns: whether that page begins with it.
        pages: how many begin in it.
        words, corrections, review, notes: as in ``summary.csv``.
        error_rate_estimate: likewise; None if there is no estimate.
    """

    document: str
    size: int
    sha256: str
    offset: int
    page: int
    line: int
    turns: bool
    pages: int
    words: int
    corrections: int
    review: int
    notes: int
    error_rate_estimate: float | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A large text: the name, size and SHA-256 of the input, and its parts in order."""

    name: str
    size: int
    sha256: str
    parts: tuple[Entry, ...]

    def write(self, path: Path) -> None:
        """Write it, a part a line."""
        source = {"name": self.name, "size": self.size, "sha256": self.sha256}
        entries = ",\n".join(json.dumps(asdict(entry), ensure_ascii=False) for entry in self.parts)
        path.write_bytes(_HEAD + (f',\n"version": {VERSION},\n"source": {json.dumps(source, ensure_ascii=False)},\n'
                                  f'"parts": [\n{entries}\n]\n}}\n').encode("utf-8", "backslashreplace"))


def is_manifest(path: Path) -> bool:
    """Whether a ``document.json`` is that of a large text; False for what cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEAD)) == _HEAD
    except OSError:
        return False


def load(path: Path) -> Manifest:
    """The manifest in a ``document.json``.

    Raises:
        DocumentError: it cannot be read, is damaged, or was written by a newer ocrfix.
    """
    try:
        top = json.loads(path.read_bytes())
        version = top["version"]
        if version == VERSION:
            return Manifest(**top["source"], parts=tuple(Entry(**entry) for entry in top["parts"]))
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DocumentError(f"{path}: damaged: {error}") from error
    raise DocumentError(f"{path}: was written by a newer ocrfix (version {version} of the format; this one reads "
                        f"{VERSION}): update ocrfix")


def documents(path: Path) -> Iterator[tuple[Entry, Document]]:
    """The parts of a large text, read one after the other.

    Args:
        path: the manifest.

    Raises:
        DocumentError: the manifest or a part cannot be read, or a part is not the one listed.
    """
    for entry in load(path).parts:
        yield entry, part_of(entry, path.parent / entry.document)


def part_of(entry: Entry, path: Path) -> Document:
    """A part of a large text.  ``path``: its ``document.json``, or a copy of it.

    Raises:
        DocumentError: it cannot be read, or is not the one listed.
    """
    document = serialize.load(path)
    if document.source.sha256 != entry.sha256:
        raise DocumentError(f"{path}: is not the part that document.json lists: run ocrfix again")
    return document


def restore(path: Path) -> Iterator[bytes]:
    """The input of a large text, byte for byte, part by part.

    Raises:
        DocumentError: a part cannot be read or was tampered with, or together they are not the input.
    """
    digest = hashlib.sha256()
    for entry, document in documents(path):
        try:
            data = document.restore()
        except DocumentError as error:
            raise DocumentError(f"{path.parent / entry.document}: {error}") from error
        digest.update(data)
        yield data
    if digest.hexdigest() != load(path).sha256:
        raise DocumentError(f"{path}: the parts together differ from the input (checksum)")
