"""The SQLite file of the knowledge base: its tables, who may read it, and which vectors serve."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from casewright.errors import EnvironmentFault, SchemaStale, StoreCorrupt

SCHEMA = 2
REBUILD = "Run: casewright kb ingest --rebuild"

_CREATE = """
CREATE TABLE spaces (vectors TEXT PRIMARY KEY, embedder TEXT NOT NULL, serving INTEGER NOT NULL);
CREATE TABLE tally (built TEXT NOT NULL, erasures INTEGER NOT NULL);
CREATE TABLE closed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    seller TEXT NOT NULL,
    involved TEXT NOT NULL,
    region TEXT NOT NULL,
    closed_at INTEGER NOT NULL,
    overturned_at INTEGER,
    clauses TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector TEXT NOT NULL,
    words BLOB NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX closed_family ON closed (family, closed_at);
CREATE INDEX closed_vector ON closed (vector);
CREATE INDEX closed_seller ON closed (seller);
CREATE TABLE clauses (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    vector TEXT NOT NULL,
    record TEXT NOT NULL
);
"""
_STATE = (
    "SELECT vectors, embedder, built, erasures, "
    "COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'closed'), 0) "
    "FROM spaces, tally WHERE serving"
)
_PASSING = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN"}


@dataclass(frozen=True)
class Space:
    """A set of vectors: its name, and the embedding model that all of them come from."""

    vectors: str
    embedder: str


class State(NamedTuple):
    """What tells a reader that something changed.

    Attributes:
        space: The vectors that serve.
        built: Drawn when the file was made: a rebuilt one is another.
        erasures: How often something was erased from it.
        written: The last row written to it.
    """

    space: Space
    built: str
    erasures: int
    written: int


class Database:
    """One file; every call opens its own connection, so threads may share the object.

    All methods raise StoreCorrupt where the file does not read, SchemaStale where another version
    wrote it, and EnvironmentFault where it is locked, full or not writable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether there is a file at all; asking creates none."""
        return self.path.exists()

    def create(self, space: Space) -> None:
        """Write an empty file; the folder must exist. It appears whole or not at all."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.unlink(missing_ok=True)
        with _opened(draft, "rwc") as connection:
            connection.executescript(f"{_CREATE} PRAGMA user_version = {SCHEMA};")
            with connection:
                row = (space.vectors, space.embedder)
                connection.execute("INSERT INTO spaces VALUES (?, ?, 1)", row)
                connection.execute("INSERT INTO tally VALUES (?, 0)", (secrets.token_hex(8),))
        draft.replace(self.path)

    def remove(self) -> None:
        """Delete the file and what SQLite keeps beside it."""
        for suffix in ("", ".new", "-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def state(self) -> State:
        """What serves now, and how much was written."""
        with self.reading() as connection:
            return self.state_of(connection)

    def state_of(self, connection: sqlite3.Connection) -> State:
        """What serves, as this connection sees it."""
        row = connection.execute(_STATE).fetchone()
        if row is None:
            raise StoreCorrupt(f"{self.path} names no vectors.", remedy=REBUILD)
        vectors, embedder, *counted = row
        return State(Space(vectors, embedder), *counted)

    def filling(self) -> tuple[Space, ...]:
        """Sets of vectors that are being filled beside the one that serves."""
        query = "SELECT vectors, embedder FROM spaces WHERE NOT serving ORDER BY vectors"
        with self.reading() as connection:
            return tuple(Space(*row) for row in connection.execute(query))

    def begin(self, space: Space) -> None:
        """Note a set of vectors that is going to be filled."""
        with self.writing() as connection:
            row = (space.vectors, space.embedder)
            connection.execute("INSERT INTO spaces VALUES (?, ?, 0)", row)

    def switch(self, space: Space, *, written: int) -> bool:
        """Let a filled set of vectors serve in place of the one that does.

        Args:
            space: The set.
            written: The last row whose vector it has.

        Returns:
            False, with nothing changed, where there are later rows.
        """
        later = "SELECT 1 FROM closed WHERE id > ? LIMIT 1"
        with self.writing() as connection:
            if connection.execute(later, (written,)).fetchone():
                return False
            switch = "UPDATE spaces SET serving = (vectors = ?)"
            connection.execute(switch, (space.vectors,))
        return True

    def drop(self, space: Space) -> None:
        """Forget a set of vectors that does not serve."""
        with self.writing() as connection:
            drop = "DELETE FROM spaces WHERE vectors = ? AND NOT serving"
            connection.execute(drop, (space.vectors,))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that reads."""
        with _opened(self.path, "ro") as connection:
            self._require_schema(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within one transaction, which overwrites what it deletes."""
        with _opened(self.path, "rw") as connection:
            self._require_schema(connection)
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def compact(self) -> None:
        """Write the file anew, without what was deleted from it."""
        with _opened(self.path, "rw") as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")

    def _require_schema(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA):
            raise SchemaStale(f"{self.path} was written by another version.", remedy=REBUILD)


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30
        )
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _fault(error, path) from error


def _fault(error: sqlite3.Error, path: Path) -> EnvironmentFault:
    code = getattr(error, "sqlite_errorname", "")
    if any(code.startswith(passing) for passing in _PASSING):
        return EnvironmentFault(f"{path} cannot be used now: {error}.")
    return StoreCorrupt(f"{path} does not read: {error}.", remedy=REBUILD)
