"""Where a run writes to: a folder of this machine, or a folder of an object store by its URL.

Start reading at :class:`Reports`, which says what a run needs of it.  In a local folder each file is written beside its
place and renamed.  An object store has no renaming, but an object is there whole or not at all; so a document's files
are made in a scratch folder and copied up, and its record decides whether they belong together: it is removed before
the first of them is replaced, and comes after the last.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from filelock import FileLock, Timeout

from ocrfix import serialize
from ocrfix.document import Document
from ocrfix.errors import OcrfixError
from ocrfix.large import manifest
from ocrfix.large.assembly import rows_of_parts
from ocrfix.large.division import FOLDER
from ocrfix.large.manifest import Entry
from ocrfix.outputs.files import replacing, sweep
from ocrfix.outputs.formats.corpus import Row, rows
from ocrfix.places import FULL, SCRATCH, Place, Url, fetched, scratch_is_full, why
from ocrfix.records import RECORD, Record, damage

LOCK = ".ocrfix.lock"
"""In a local folder: held by the run that writes there.  Whether the file is left behind tells nothing."""


class Reports(Protocol):
    """The reports of a run, by the names of its documents; as a text, its place.  It can be pickled."""

    def __str__(self) -> str: ...

    def make(self) -> None:
        """Make the place, if it has to be made.

        Raises:
            OcrfixError: it cannot be made.
        """

    def alone(self) -> AbstractContextManager[None]:
        """To be the only run that writes there, until this is left or the process ends, however it ends.

        Raises:
            OcrfixError: another run is, or that cannot be found out.
        """

    def record(self, document: str) -> Record | None:
        """The record of a document; None if there is none, or none that can be used.

        Raises:
            UnreachableError: it cannot be found out.
        """

    def damage(self, document: str, record: Record) -> str:
        """What became of the files that a record vouches for, in a few words; empty if all is well.

        Raises:
            UnreachableError: it cannot be found out.
        """

    def writing(self, document: str, before: Record | None) -> AbstractContextManager[Path]:
        """A local folder to write a document's files and record into; in the end they are in their place.

        ``before`` is the record that it has, if there is one.

        Raises:
            UnreachableError: they cannot be brought there, nor could any other.
        """

    def replacing(self, name: str) -> AbstractContextManager[Path]:
        """A local path to write a file of the whole run to; in the end it is in its place.

        Raises:
            UnreachableError, OSError: it cannot be brought there.
        """

    def rows(self, document: str) -> Iterator[Row]:
        """The rows in the corpus of a document that was written."""

    def sweep(self, document: str) -> None:
        """Remove what a process left half written of a document."""


class UnreachableError(OcrfixError):
    """The reports cannot be read or written any more, for no document."""


@dataclass(frozen=True, slots=True)
class LocalReports:
    """Reports in a folder of this machine, or of a disk that several machines share."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)

    def make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OcrfixError(f"{self.folder}: the reports folder cannot be made: {error.strerror or error}") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        lock = FileLock(self.folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise OcrfixError(f"{self.folder}: another run is writing there: wait for its end, or choose another "
                              "folder (--out)") from error
        except OSError as error:
            raise OcrfixError(f"{self.folder}: cannot be written: {error.strerror or error}") from error
        try:
            yield
        finally:
            lock.release()

    def record(self, document: str) -> Record | None:
        return Record.read(self.folder / document)

    def damage(self, document: str, record: Record) -> str:
        return damage(record, self.folder / document)

    @contextmanager
    def writing(self, document: str, before: Record | None) -> Iterator[Path]:
        self.sweep(document)
        yield self.folder / document

    def replacing(self, name: str) -> AbstractContextManager[Path]:
        return replacing(self.folder / name)

    def rows(self, document: str) -> Iterator[Row]:
        path = self.folder / document / "document.json"
        return _rows(path, document, manifest.documents(path))

    def sweep(self, document: str) -> None:
        sweep(self.folder / document)


@dataclass(frozen=True, slots=True)
class RemoteReports:
    """Reports in a folder of an object store.

    Of the files that a record vouches for it is looked whether they are there, not what they hold: that would mean to
    copy them down.
    """

    url: Url

    def __str__(self) -> str:
        return str(self.url)

    def make(self) -> None:
        """Nothing: folders of an object store are names."""

    def alone(self) -> AbstractContextManager[None]:
        """Nothing: an object store has no locks."""
        return nullcontext()

    def record(self, document: str) -> Record | None:
        system = self.url.system()
        try:
            return Record.parse(system.cat_file(str(self.url / document / RECORD)))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise UnreachableError(f"{self.url}: cannot be read: {why(error)}") from error

    def damage(self, document: str, record: Record) -> str:
        system = self.url.system()
        try:
            system.invalidate_cache(str(self.url / document))       # of listings: others write, too
            entries = system.find(str(self.url / document))
        except Exception as error:
            raise UnreachableError(f"{self.url}: cannot be read: {why(error)}") from error
        before = system._strip_protocol(str(self.url / document)).rstrip("/") + "/"
        there = {entry.removeprefix(before) for entry in entries}
        return next((f"{name} is missing" for name in record.files if name not in there), "")

    @contextmanager
    def writing(self, document: str, before: Record | None) -> Iterator[Path]:
        with _scratch() as folder:
            yield folder
            files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / RECORD]
            old_parts = [name for name in (before.files if before is not None else ())
                         if name.startswith(f"{FOLDER}/") and not (folder / name).exists()]
            self._put(folder, self.url / document, files, folder / RECORD, old_parts)

    @contextmanager
    def replacing(self, name: str) -> Iterator[Path]:
        with _scratch() as folder:
            yield folder / name
            self._put(folder, self.url, [folder / name])

    def rows(self, document: str) -> Iterator[Row]:
        with fetched(self.url / document / "document.json") as path:
            yield from _rows(path, document, self._parts(document, path))

    def _parts(self, document: str, listed: Path) -> Iterator[tuple[Entry, Document]]:
        """The parts of a large text that a copy of its manifest lists, each copied down alone."""
        for entry in manifest.load(listed).parts:
            with fetched(self.url / document / entry.document) as path:
                yield entry, manifest.part_of(entry, path)

    def sweep(self, document: str) -> None:
        """Nothing: what was not copied up whole is not there."""

    def _put(self, local: Path, folder: Url, files: list[Path], record: Path | None = None,
             gone: Sequence[str] = ()) -> None:
        """Copy files of a local folder up; a record vouches for no mixture of old files and new ones at any time.

        Before that, what is ``gone`` is deleted there, while the old record still names it: who is stopped goes on.
        """
        system = folder.system()
        try:
            for name in [*gone, *([RECORD] if record is not None else [])]:
                with suppress(FileNotFoundError):
                    system.rm_file(str(folder / name))
            for path in [*files, *([record] if record is not None and record.exists() else [])]:
                system.put_file(str(path), str(folder / path.relative_to(local).as_posix()))
        except Exception as error:
            raise UnreachableError(f"{self.url}: cannot be written: {why(error)}") from error


@contextmanager
def _scratch() -> Iterator[Path]:
    """A scratch folder.  That its disk is full is told from a store that is."""
    try:
        with TemporaryDirectory(prefix=SCRATCH) as scratch:
            yield Path(scratch)
    except OSError as error:
        if error.errno in FULL:
            raise UnreachableError(scratch_is_full(error)) from error
        raise


def _rows(path: Path, document: str, parts: Iterable[tuple[Entry, Document]]) -> Iterator[Row]:
    """The rows in the corpus of a document, by the path of its ``document.json`` or, if that lists them, its parts."""
    return rows_of_parts(parts, document) if manifest.is_manifest(path) else rows(serialize.load(path), document)


def reports_at(where: Place) -> Reports:
    """The reports at a place."""
    return RemoteReports(where) if isinstance(where, Url) else LocalReports(where)
