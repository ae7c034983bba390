"""The text of a large file, read stretch by stretch, and any part of it as a document.

Start reading at :class:`LargeText`.  How the bytes become text, and what divides its pages, is decided once for the
whole file.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocrfix.document import Document, Source
from ocrfix.errors import InputError
from ocrfix.readers import Format, detect
from ocrfix.readers.decoding import Encoding, tell
from ocrfix.settings import Settings
from ocrfix.stages import ingest
from ocrfix.stages._unwrapped import notes_from

LARGEST = 2**30
"""Bytes of one text.  What is larger would take days."""
HEAD = 64 * 2**10
"""Bytes that tell the format of a file."""


def is_large(path: Path, settings: Settings) -> bool:
    """Whether an input is a plain text that is cleaned in parts.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_file() or path.stat().st_size <= settings.divide_above:
        return False
    with path.open("rb") as file:
        head = file.read(HEAD)
    if settings.format is not None:
        return settings.format is Format.TEXT
    return not head.startswith(b"PK\x03\x04") and detect(head, path.name) is Format.TEXT


@dataclass(frozen=True, slots=True)
class LargeText:
    """A file of plain text.

    Attributes:
        path: where it lies.
        encoding: how its bytes become text.
        size, sha256: of its bytes.
        form_feeds: whether form feeds divide its pages.
        usual_page: characters of its median page, if each begins with a line that begins with one space.
        notes_from: the offset at which the list of notes begins with which it ends, as a ``clean.txt`` does.
    """

    path: Path
    encoding: Encoding
    size: int
    sha256: str
    form_feeds: bool
    usual_page: float | None
    notes_from: int | None

    @classmethod
    def open(cls, path: Path) -> LargeText:
        """Look a file over.

        Raises:
            InputError: it is too large, or no text.
            OSError: it cannot be read.
        """
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(f"is larger than {LARGEST // 2**20:,} MB: divide it")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            ingest.refuse_magic(file.read(HEAD))
            encoding = tell(file)
            guessed = not encoding.bom and encoding.encoding != "utf-8"
            form_feeds = False
            for text in ingest.checked(encoding.texts(file), guessed=guessed):
                form_feeds = form_feeds or "\f" in text
            usual = None if form_feeds else ingest.usual_page(_whole_lines(encoding.texts(file)))
            listed = None if form_feeds else notes_from(_whole_lines(encoding.texts(file)))
        return cls(path, encoding, size, digest, form_feeds, usual, listed)

    def texts(self) -> Iterator[str]:
        """The decoded text, stretch by stretch.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as file:
            yield from self.encoding.texts(file)

    def page_starts(self, text: str) -> list[int]:
        """Where the pages of a part of the text begin, in characters of the part."""
        if self.form_feeds:
            return ingest.marked_by_form_feeds(text)
        return [0] if self.usual_page is None else ingest.marked_by_space(text, self.usual_page)

    def part(self, name: str, start: int, end: int) -> Document:
        """The bytes ``start:end`` as a document with a name of its own.

        Raises:
            InputError: the file is no longer what it was.
            OSError: it cannot be read.
        """
        how = self.encoding
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(end - start)
        bom = how.bom if start == 0 else b""
        tail = how.tail if end == self.size else b""
        try:
            text = data[len(bom):len(data) - len(tail)].decode(how.encoding, how.errors)
        except UnicodeDecodeError as error:
            raise InputError("was changed while it was read") from error
        source = Source(name, how.encoding, how.errors, bom.hex(), tail.hex(), len(data),
                        hashlib.sha256(data).hexdigest())
        return ingest.of_text(source, text, self.page_starts(text))


def _whole_lines(texts: Iterator[str]) -> Iterator[str]:
    """Stretches of a text cut anew, behind the ends of lines."""
    rest = ""
    for text in texts:
        cut = text.rfind("\n") + 1
        if cut:
            yield rest + text[:cut]
            rest = ""
        rest += text[cut:]
    yield rest
