"""Where inputs lie and outputs go: paths of this machine, and URLs of whatever fsspec reaches (``s3://``, ``gs://``).

All work is done on local paths.  What lies at a URL is copied to a scratch folder before (:func:`fetched`) and back
after (:mod:`ocrfix.reports`), so nothing else has to know that there are URLs.  A :class:`Url` has those methods of a
path that the search for inputs needs.  Who may read and write at a URL, and how its server is called, is told to
fsspec by its own configuration and environment.
"""
from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory, gettempdir
from typing import IO, TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from ocrfix.errors import InputError, UsageError
from ocrfix.messages import message

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

SCRATCH = "ocrfix-"
"""The name of a scratch folder begins so."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors of writing that meet whatever else is written there, and none of reading."""
_SCHEME = re.compile("[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Url:
    """A file or folder by its URL.

    Attributes:
        text: the URL as it was given, without a slash at its end.
        folder: whether it is a folder, so far as that is known; no part of its identity.
    """

    text: str
    folder: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, name: str) -> Url:
        return Url(f"{self.text}/{name}")

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self.text.partition("://")[2])

    @property
    def name(self) -> str:
        """The last part of it."""
        return self._pure.name

    @property
    def parent(self) -> Url:
        """The folder that it lies in."""
        return Url(self.text.rpartition("/")[0], folder=True)

    @property
    def stem(self) -> str:
        """The last part without its ending."""
        return self._pure.stem

    @property
    def suffix(self) -> str:
        """The ending of the last part, with its dot."""
        return self._pure.suffix

    @property
    def parts(self) -> tuple[str, ...]:
        """Bucket, folders and file."""
        return self._pure.parts

    @property
    def anchor(self) -> str:
        """Nothing: the parts have no root before them."""
        return ""

    def resolve(self) -> Url:
        """Itself: an object has one place."""
        return self

    def is_dir(self) -> bool:
        """Whether it is a folder, so far as that was known when it was made."""
        return self.folder

    def is_file(self) -> bool:
        """Whether it is a file, so far as that was known when it was made."""
        return not self.folder

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open it to be read.

        Raises:
            InputError: it cannot be read.
        """
        with _as_input_error(self):
            file: IO[bytes] = self.system().open(self.text, mode)
            return file

    def system(self) -> AbstractFileSystem:
        """The file system that it belongs to.

        Raises:
            UsageError: fsspec is not installed, does not know the scheme, or needs a further package for it.
        """
        if find_spec("fsspec") is None:
            raise UsageError(f"{self}: URLs are read and written by fsspec, which is not here: "
                             "pip install 'ocrfix[remote]'")
        import fsspec
        try:
            return fsspec.core.url_to_fs(self.text)[0]
        except (ImportError, ValueError) as error:
            raise UsageError(f"{self}: {error}") from error


Place = Path | Url


def place(text: str | os.PathLike[str] | Url) -> Place:
    """The place that a user names; a ``file:`` URL is a local path.

    Raises:
        UsageError: it is a URL of a kind that cannot be read here.

    >>> place("raw/a.txt"), place("file:///tmp/a%20b")
    (PosixPath('raw/a.txt'), PosixPath('/tmp/a b'))
    """
    if isinstance(text, Url):
        return text
    if not is_url(text):
        return Path(text)
    text = str(text)
    if text.lower().startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    url = Url(text.rstrip("/"))
    url.system()
    return url


def is_url(text: object) -> bool:
    """Whether a text is a URL and no path.

    >>> is_url("s3://archive/raw"), is_url("raw/a.txt"), is_url("C://raw")
    (True, False, False)
    """
    return isinstance(text, str) and _SCHEME.match(text) is not None


def located(where: Place) -> Place | None:
    """The same place, known to be a file or a folder; None if there is nothing.

    Raises:
        InputError: it cannot be found out.
    """
    if isinstance(where, Path):
        return where if os.path.lexists(where) else None
    with _as_input_error(where):
        system = where.system()
        if system.isdir(where.text):
            return Url(where.text, folder=True)
        return where if system.exists(where.text) else None


def walk(folder: Place, on_error: Callable[[OSError], None]) -> Iterator[tuple[Place, list[str], list[str]]]:
    """What :func:`os.walk` gives for a folder: the subfolders that are taken out of the list are not entered."""
    if isinstance(folder, Path):
        for here, subfolders, files in os.walk(folder, onerror=on_error):
            yield Path(here), subfolders, files
        return
    system = folder.system()
    system.invalidate_cache()                               # of listings: others write, too
    start = system._strip_protocol(folder.text)
    for name, subfolders, files in system.walk(start, on_error=on_error):
        below = name[len(start):].strip("/")
        files = [file for file in files if file]            # an object may bear the name of the folder
        yield Url(f"{folder.text}/{below}" if below else folder.text, folder=True), subfolders, files


@contextmanager
def fetched(where: Place) -> Iterator[Path]:
    """A local path with what lies somewhere: the path itself, or a copy that is removed in the end.

    Raises:
        InputError: it cannot be copied.
    """
    if isinstance(where, Path):
        yield where
        return
    with TemporaryDirectory(prefix=SCRATCH) as scratch:
        copy = Path(scratch) / where.name
        with _as_input_error(where):
            _copy_down(where, copy)
        yield copy


def _copy_down(url: Url, copy: Path) -> None:
    """Copy a file, or the files that lie directly in a folder."""
    system = url.system()
    if not url.folder:
        system.get_file(url.text, str(copy))
        return
    copy.mkdir()
    for entry in system.ls(url.text, detail=True):
        name = PurePosixPath(entry["name"]).name
        if entry["type"] == "file" and name != url.name:
            system.get_file(entry["name"], str(copy / name))


@contextmanager
def _as_input_error(url: Url) -> Iterator[None]:
    """What fsspec and the clients beneath it raise, which is not OSError alone, as an error in one line."""
    try:
        yield
    except (InputError, UsageError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise InputError(scratch_is_full(error)) from error
        raise InputError(f"{url}: cannot be read: {why(error)}") from error


def scratch_is_full(error: OSError) -> str:
    """What is said where the disk of the scratch folders is full, which is no fault of the place that is copied."""
    folder = gettempdir()
    return message(f"{folder}: scratch files cannot be written: {error.strerror}")


def why(error: Exception) -> str:
    """What an error of a file system says, in one line."""
    return " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())
