"""What the outputs of a document were made from, so that what is done and unchanged is not done again.

Beside the outputs of a document lies :data:`RECORD`: the hash of each thing that they depend on, the hashes of the
files, and the document's row in the summary.  It is written last, so that it never vouches for files that are not
there; and as it holds their hashes, it vouches for none that was cut short by a power failure or edited by hand.  It is
no part of ``document.json``, which is one of the files that it vouches for.

Start reading at :class:`Dependencies`.
"""
from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib import metadata
from pathlib import Path

from ocrfix import paths
from ocrfix.decisions.model import is_part
from ocrfix.document import Document
from ocrfix.messages import message
from ocrfix.outputs.files import replacing, write_files
from ocrfix.outputs.formats import DOCUMENT
from ocrfix.outputs.summary import SummaryRow
from ocrfix.settings import Settings

RECORD = ".ocrfix.json"
VERSION = 1
"""Of the record; one of another version counts as none."""
OURS = ("lexicons", "decisions")
"""Settings that are hashed by themselves."""
OF_LEXICONS = frozenset({".txt", ".tsv", ".toml"})
"""Endings of what is read from the top of a user's lexicon folder, which may be a folder of all sorts."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the outputs of every document of a run depend on: hashes, reckoned once a run.

    Attributes:
        settings: the options, as they stand after all files were read.
        hashes: name -> hash: the program (ocrfix and the packages it uses), the lexicons, the settings.
    """

    settings: Settings
    hashes: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Dependencies:
        """The dependencies of a run with these settings.

        Raises:
            OSError: a lexicon cannot be read.
        """
        settings_of_document = replace(settings, to=settings.to.intersection(DOCUMENT))
        options = {field.name: _plain(getattr(settings_of_document, field.name))
                   for field in fields(Settings) if field.name not in OURS}
        return cls(settings, {"program": _program(), "lexicons": version_of_lexicons(settings.lexicons),
                              "settings": _hash(options)})

    def of_document(self, name: str, file_name: str, data: bytes) -> dict[str, str]:
        """The same and what one document depends on besides.

        Args:
            name: of its folder among the reports, which stands in its report.
            file_name: of the input, by which decisions know it.
            data: the input.
        """
        return self.of_digest(name, file_name, hashlib.sha256(data).hexdigest())

    def of_digest(self, name: str, file_name: str, digest: str) -> dict[str, str]:
        """The same for an input of which the SHA-256 is known."""
        decisions = self.settings.decisions
        mine = [d for of, found in sorted(decisions.of_document.items()) if is_part(of, file_name) for d in found]
        return {**self.hashes, "input": digest, "names": _hash([name, file_name]), "decisions": _hash(
            [[[asdict(d) for d in some] for some in (mine, decisions.of_corpus)], list(decisions.words)])}


@dataclass(frozen=True, slots=True)
class Record:
    """A document that is done: what it was made from, its row in the summary, its files with their hashes."""

    depends: Mapping[str, str]
    row: SummaryRow
    files: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, depends: Mapping[str, str], row: SummaryRow, names: Iterable[str]) -> Record:
        """The record of files in a folder that were just written.

        Raises:
            OSError: a file cannot be read.
        """
        return cls(depends, row, {name: hash_of_file(folder / name) for name in names})

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        """The record in a folder; None if there is none, or none that can be used."""
        try:
            return cls.parse((folder / RECORD).read_bytes())
        except OSError:
            return None

    @classmethod
    def parse(cls, data: bytes) -> Record | None:
        """The record in the bytes of a file; None if it cannot be used."""
        try:
            top = json.loads(data)
            if top["version"] != VERSION:
                return None
            return cls(dict(top["depends"]), SummaryRow(**top["row"]), dict(top["files"]))
        except (ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Write the record into a folder.

        Raises:
            OSError: it cannot be written.
        """
        top = {"version": VERSION, "depends": self.depends, "files": self.files, "row": asdict(self.row)}
        with replacing(folder / RECORD) as beside:
            beside.write_text(json.dumps(top, indent=1) + "\n", "utf-8")

    def row_of(self, source: str) -> SummaryRow:
        """The row, with the input as it is named now."""
        return replace(self.row, source=source)


def write_recorded(document: Document, folder: Path, row: SummaryRow, settings: Settings,
                   depends: Mapping[str, str] | None) -> list[str]:
    """Write the outputs of a document and, if it is known what they depend on, the record of them, into a folder.

    Returns:
        The names of the files.

    Raises:
        OcrfixError, OSError: as :func:`ocrfix.outputs.files.write_files`.
    """
    def record(names: Sequence[str]) -> None:
        if depends is not None:
            Record.of(folder, depends, row, names).write(folder)

    return write_files(document, folder, row, page_marks=settings.page_marks, to=settings.to, then=record)


def changes(record: Record | None, depends: Mapping[str, str]) -> str:
    """What is no longer as a record has it, in a few words; empty if its outputs would be the same again."""
    if record is None:
        return message("new")
    changed = sorted(name for name in {*record.depends, *depends} if record.depends.get(name) != depends.get(name))
    return message(f"changed: {', '.join(changed)}") if changed else ""


def damage(record: Record, folder: Path) -> str:
    """What became of the files in a folder since their record was written, in a few words; empty if all is well."""
    for name, digest in record.files.items():
        try:
            if hash_of_file(folder / name) != digest:
                return message(f"{name} was altered")
        except OSError:
            return message(f"{name} is missing")
    return ""


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def hash_of_file(path: Path) -> str:
    """The SHA-256 of a file, of which only a block is held."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_of_files(root: Path, files: Iterable[Path]) -> list[list[str]]:
    return [[path.relative_to(root).as_posix(), hash_of_file(path)] for path in sorted(files)]


def _plain(value: object) -> object:
    """A setting as JSON has it, the same in every process: sets have no order of their own."""
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, bool | int | float | str | None):
        return value
    raise TypeError(f"a setting of type {type(value).__name__} has no hash yet")


def _program() -> str:
    """The hash of the code of ocrfix, and the versions of Python and of the packages that ocrfix needs.

    The version of ocrfix alone would not do: it does not change with every change of the code.
    """
    package = Path(__file__).resolve().parent
    code = (path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts
            and not path.is_relative_to(package / "lexicons"))
    try:
        needed = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in metadata.requires("ocrfix") or ()
                  if "extra ==" not in line]
        versions = [[name, metadata.version(name)] for name in sorted(needed)]
    except metadata.PackageNotFoundError:                   # run from a folder that was not installed
        versions = []
    return _hash([_hash_of_files(package, code), versions, platform.python_version()])


def version_of_lexicons(user: Path | None = None) -> str:
    """The hash of the shipped lexicons and of a user's own: of these, what lies where the shipped ones have such."""
    shipped = paths.lexicons()
    found = [_hash_of_files(shipped, (path for path in shipped.rglob("*") if path.is_file()))]
    if user is not None:
        folders = [user / folder.name for folder in shipped.iterdir() if folder.is_dir()]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        found.append(_hash_of_files(user, [*files, *(
            path for path in user.iterdir() if path.suffix in OF_LEXICONS and path.is_file())]))
    return _hash(found)
