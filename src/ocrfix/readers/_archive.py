"""Zip archives opened safely: nothing leaves memory, and their size when opened is bounded before they are opened."""
from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence

from ocrfix.errors import InputError

LARGEST_ARCHIVE = 1024 * 2**20
"""Bytes of all files of an archive together, opened."""
LARGEST_RATIO = 200
"""No file of an archive may be so many times larger opened than packed ..."""
SMALL = 2**20
"""... unless it is no larger than this."""
MOST_FILES = 50_000


class Archive:
    """The files of a zip archive, in memory."""

    def __init__(self, data: bytes) -> None:
        """Open an archive.

        Raises:
            InputError: it is damaged, encrypted, or a bomb.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = [member for member in self._zip.infolist() if not member.filename.endswith("/")]
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeError) as error:
            raise InputError(f"damaged ZIP file: {error}") from error
        if len(self._members) > MOST_FILES:
            raise InputError(f"is a ZIP file of more than {MOST_FILES:,} files: divide it")
        if sum(member.file_size for member in self._members) > LARGEST_ARCHIVE or any(
                member.file_size > max(SMALL, LARGEST_RATIO * member.compress_size) for member in self._members):
            raise InputError("is a ZIP file that grows without measure when it is opened: refused, it may be an attack")
        if any(member.flag_bits & 1 for member in self._members):
            raise InputError("is an encrypted ZIP file: open it first")

    @property
    def names(self) -> list[str]:
        """The names of the files, sorted as a person counts: ``p2`` before ``p10``."""
        return sorted((member.filename for member in self._members), key=natural)

    def read(self, name: str, most: int | None = None) -> bytes:
        """The bytes of a file, or the first ``most`` of them; never more than its header says.

        Raises:
            InputError: the archive has no such file, or it is damaged.
        """
        try:
            member = self._zip.getinfo(name)
            with self._zip.open(member) as file:
                return file.read(member.file_size if most is None else min(most, member.file_size))
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
                ValueError) as error:
            raise InputError(f"damaged ZIP file: {name}: {error}") from error


def natural(name: str) -> list[tuple[int, str]]:
    """Sorts names as a person counts.

    >>> sorted(["p10.xml", "p2.xml"], key=natural)
    ['p2.xml', 'p10.xml']
    """
    return [(int(part), "") if part.isdecimal() and part.isascii() else (0, part)
            for part in re.split(r"(\d{1,18})", name)]


def pack(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip archive of some files, stored and without dates: the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
    return out.getvalue()
