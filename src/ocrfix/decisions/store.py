"""The database of decisions: an append-only record in one SQLite file.

Start reading at :class:`Store`.  Nothing is ever changed or deleted in it: to undo an answer is one more row.  So two
reviewers at once lose nothing, and what is read is a function of the rows, whatever their order.  Each call is one
transaction, on disk when it returns.
"""
from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ocrfix.decisions.model import Decision, Place, Scope, Standing, new_id, now
from ocrfix.document import Status
from ocrfix.errors import OcrfixError

Cell = str | int | float
FILE_NAME = "decisions.sqlite"
VERSION = 1
"""Of the layout of the database, kept in its ``user_version``."""
PATIENCE = 30.0
"""Seconds to wait for another writer."""
COLUMNS = ("id", "answer", "time", "reviewer", "document", "scope", "verdict", "raw", "before", "after", "nth", "old",
            "new", "old_call", "call", "confidence", "note_number", "word")
_SCHEMA = f"""
CREATE TABLE decision (id TEXT PRIMARY KEY, {", ".join(f'"{name}" NOT NULL' for name in COLUMNS[1:])}) WITHOUT ROWID;
CREATE INDEX decision_document ON decision (document);
CREATE INDEX decision_answer ON decision (answer);
CREATE TABLE undone (id TEXT PRIMARY KEY, answer NOT NULL, time NOT NULL, reviewer NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""


@dataclass(frozen=True, slots=True)
class Undo:
    """An answer taken back."""

    id: str
    answer: str
    time: str
    reviewer: str


class Store:
    """The decisions in a file; it is made when the first of them is recorded.

    Raises:
        OcrfixError: the file is no database of decisions, is damaged, or was written by a newer ocrfix.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists():
            with self._connected():
                pass

    def record(self, decisions: Sequence[Decision], undone: Sequence[Undo] = ()) -> None:
        """Write decisions and undoings, all or none of them; those that are there already are left as they are.

        Raises:
            OcrfixError: they cannot be written; then nobody should be told that they were.
        """
        marks = ", ".join("?" * len(COLUMNS))
        with self._connected() as db, db:
            db.executemany(f"INSERT OR IGNORE INTO decision VALUES ({marks})", [row_of(d) for d in decisions])
            db.executemany("INSERT OR IGNORE INTO undone VALUES (?, ?, ?, ?)",
                           [(u.id, u.answer, u.time, u.reviewer) for u in undone])

    def undo(self, answer: str, reviewer: str) -> None:
        """Take an answer back: all decisions that bear its mark."""
        self.record([], [Undo(new_id(), answer, now(), reviewer)])

    def decisions(self) -> list[Decision]:
        """All decisions ever taken, undone ones too, in the order of their time."""
        return self._read(f"SELECT {_names()} FROM decision")

    def undone(self) -> list[Undo]:
        """All undoings."""
        if not self.path.exists():
            return []
        with self._connected() as db:
            return [Undo(*row) for row in db.execute("SELECT id, answer, time, reviewer FROM undone ORDER BY time, id")]

    def holding(self) -> list[Decision]:
        """The decisions that were not undone, in the order of their time."""
        return self._read(f"SELECT {_names()} FROM decision WHERE answer NOT IN (SELECT answer FROM undone)")

    def standing(self) -> Standing:
        """What holds: of the decisions on the same place the last."""
        return Standing.of(self.holding())

    def has_answer(self, answer: str) -> bool:
        """Whether an answer of this mark was ever recorded."""
        if not self.path.exists():
            return False
        with self._connected() as db:
            return db.execute("SELECT 1 FROM decision WHERE answer = ?", [answer]).fetchone() is not None

    def last_answer(self, reviewer: str) -> list[Decision]:
        """The decisions of the last answer of a reviewer that still holds: what an undo takes back.  May be none."""
        mine = [decision for decision in self.holding() if decision.reviewer == reviewer]
        return [decision for decision in mine if decision.answer == mine[-1].answer]

    def size(self) -> int:
        """How many rows were ever written: as none is changed or deleted, the same number means that nothing is new."""
        if not self.path.exists():
            return 0
        with self._connected() as db:
            return sum(int(row[0]) for row in db.execute(
                "SELECT count(*) FROM decision UNION ALL SELECT count(*) FROM undone"))

    def conflicts(self) -> list[tuple[Decision, ...]]:
        """The last decision of each reviewer on a place where two of them want different texts, the last of all last.

        A reviewer who saw the other's decision and decided again is in conflict too, until both agree or one undoes.
        """
        last: defaultdict[tuple[str, Scope, Place], dict[str, Decision]] = defaultdict(dict)
        for decision in self.holding():
            said = last[decision.key]
            said.pop(decision.reviewer, None)
            said[decision.reviewer] = decision
        return [tuple(said.values()) for said in last.values() if len({d.effect for d in said.values()}) > 1]

    def _read(self, query: str) -> list[Decision]:
        if not self.path.exists():
            return []
        with self._connected() as db:
            try:
                return [decision_of(row) for row in db.execute(query + " ORDER BY time, id")]
            except ValueError as error:
                raise OcrfixError(f"{self.path}: damaged: {error}") from error

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection for one call: threads and processes share the file, never a connection."""
        try:
            db = sqlite3.connect(self.path, timeout=PATIENCE)
        except sqlite3.Error as error:
            raise OcrfixError(f"{self.path}: the decisions cannot be opened: {error}") from error
        try:
            _write_ahead(db)
            db.execute("PRAGMA synchronous = FULL")       # on disk before it is confirmed
            self._prepare(db)
            yield db
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise OcrfixError(f"{self.path}: the decisions cannot be read or written: {error}") from error
        finally:
            db.close()

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Make the tables in a new file; refuse one of a newer ocrfix, or one that is something else."""
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise OcrfixError(f"{self.path}: was written by a newer ocrfix (version {version} of the decisions; this "
                              f"one reads {VERSION}): update ocrfix")
        if version == VERSION:
            return
        if db.execute("SELECT count(*) FROM sqlite_master WHERE name <> 'decision'").fetchone()[0] and not db.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'decision'").fetchone()[0]:
            raise OcrfixError(f"{self.path}: is a database, but not of decisions")
        with db:
            db.execute("BEGIN EXCLUSIVE")                 # another process may make them at the same moment
            if db.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                for statement in _SCHEMA.strip().split(";\n"):
                    db.execute(statement)


def store_beside(reports: Path) -> Path:
    """Where the decisions on a reports folder live: beside it, never in it.

    The folder of the parts of a large text lies in that of the text, and their decisions with all others.
    """
    folder = reports.resolve()
    if (folder.parent / "document.json").exists():
        folder = folder.parent.parent
    return folder.parent / FILE_NAME


def _write_ahead(db: sqlite3.Connection) -> None:
    """Let readers and a writer work at once.  SQLite does not wait for others when a new file is switched to that."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _names() -> str:
    return ", ".join(f'"{name}"' for name in COLUMNS)


def row_of(d: Decision) -> tuple[Cell, ...]:
    """A decision as a row of :data:`COLUMNS`."""
    return (d.id, d.answer, d.time, d.reviewer, d.document, d.scope.value, d.verdict.value, d.place.raw, d.place.before,
            d.place.after, d.place.nth, d.old, d.new, d.old_call, d.call, d.confidence, int(d.note_number), int(d.word))


def decision_of(row: Iterable[Cell]) -> Decision:
    """The decision in a row of :data:`COLUMNS`.

    Raises:
        ValueError: a scope, a verdict or a number is none.
    """
    (id_, answer, time, reviewer, document, scope, verdict, raw, before, after, nth, old, new, old_call, call,
     confidence, note_number, word) = (str(value) for value in row)
    return Decision(id_, answer, time, reviewer, document, Scope(scope), Status(verdict),
                    Place(raw, before, after, int(nth)), old, new, old_call, call, float(confidence),
                    bool(int(note_number)), bool(int(word)))
