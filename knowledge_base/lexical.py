"""The SQLite side of the index: the closed cases themselves, and their words under BM25.

Full-text search is SQLite's FTS5: Porter's stemmer (Porter 1980) and BM25 (Robertson and
Zaragoza 2009). Chinese, Japanese and Korean runs carry no spaces, so they are cut into overlapping
pairs of characters, the usual choice where no dictionary is at hand (Nie et al. 2000).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from casewright.canonical import digest_of
from casewright.errors import EnvironmentFault, SchemaStale, StoreCorrupt
from casewright.models import ClosedCase

SCHEMA = 1
REBUILD = "Run: casewright kb ingest --rebuild"

_CREATE = """
CREATE TABLE header (embedder TEXT NOT NULL, vectors TEXT NOT NULL);
CREATE TABLE closed (
    id INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX closed_family ON closed (family);
CREATE INDEX closed_vector ON closed (vector);
CREATE VIRTUAL TABLE words USING fts5 (
    family, document, case_id UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_PASSING = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN"}
_MOST_WORDS = 64
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be been but by can could did do does for from had has have he her his "
        "how i if in is it its my no not of on or our she should so that the their them there they "
        "this to was we were what when where which who why will with would you your "
        "al como con de del el ella en era es esta este fue ha han hay la las le lo los mas me mi "
        "muy no nos para pero por que se ser si sin son su sus un una y ya yo"
    )
)
"""English and Spanish words that are in nearly every text: slow to look up, and nothing to find."""


@dataclass(frozen=True)
class Header:
    """How the index was built: the embedder's name and the folder of its vectors."""

    embedder: str
    vectors: str


@dataclass(frozen=True)
class Entry:
    """One closed case on its way into the index.

    Attributes:
        closed: The case.
        digest: Over all of it: the same digest means that nothing changed.
        document: The text that is searched.
        vector: Name of the document's vector; equal documents of a family share one.
    """

    closed: ClosedCase
    digest: str
    document: str
    vector: str


def family_key(case_type: str) -> str:
    """A name for a case family that any store accepts: ``f`` and 24 hexadecimal digits."""
    return "f" + digest_of(case_type)[:24]


class LexicalIndex:
    """One SQLite file; every call opens its own connection, so threads may share the object.

    All methods raise StoreCorrupt where the file does not read, SchemaStale where another version
    wrote it, and EnvironmentFault where it is locked, full or not writable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Whether there is a file at all; asking creates none."""
        return self._path.exists()

    def create(self, header: Header) -> None:
        """Write an empty index; the folder must exist. The file appears whole or not at all."""
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.unlink(missing_ok=True)
        with _opened(draft, "rwc") as connection:
            connection.executescript(f"{_CREATE} PRAGMA user_version = {SCHEMA};")
            with connection:
                values = (header.embedder, header.vectors)
                connection.execute("INSERT INTO header VALUES (?, ?)", values)
        draft.replace(self._path)

    def header(self) -> Header:
        """How the index was built."""
        with _opened(self._path, "ro") as connection:
            return _header(connection, self._path)

    def remove(self) -> None:
        """Delete the file and what SQLite keeps beside it."""
        for suffix in ("", ".new", "-journal", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def digests(self, case_ids: Iterable[str]) -> dict[str, str]:
        """Digests of those of ``case_ids`` that are indexed."""
        with _opened(self._path, "ro") as connection:
            rows = connection.execute(
                "SELECT case_id, digest FROM closed "
                "WHERE case_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(case_ids)),),
            )
            return dict(rows.fetchall())

    def put(self, entries: Iterable[Entry]) -> None:
        """Insert or replace entries in one transaction: all of them or none."""
        with _opened(self._path, "rw") as connection, connection:
            for entry in entries:
                _put(connection, entry)

    def records(self, case_ids: Sequence[str]) -> dict[str, ClosedCase]:
        """The closed cases of those ids that are indexed."""
        with _opened(self._path, "ro") as connection:
            rows = connection.execute(
                "SELECT case_id, record FROM closed "
                "WHERE case_id IN (SELECT value FROM json_each(?))",
                (json.dumps(case_ids),),
            )
            return {case_id: ClosedCase.model_validate_json(record) for case_id, record in rows}

    def sharing(self, vectors: Sequence[str], case_type: str | None) -> list[str]:
        """Case ids behind named vectors, in the order of the names, then by id."""
        with _opened(self._path, "ro") as connection:
            rows = connection.execute(
                "SELECT closed.case_id FROM json_each(?) AS name "
                "JOIN closed ON closed.vector = name.value "
                "WHERE ? IS NULL OR closed.family = ? ORDER BY name.key, closed.case_id",
                (json.dumps(vectors), case_type, case_type),
            )
            return [case_id for (case_id,) in rows]

    def families(self) -> dict[str, int]:
        """Number of cases by case type, in alphabetical order."""
        with _opened(self._path, "ro") as connection:
            rows = connection.execute(
                "SELECT family, COUNT(*) FROM closed GROUP BY family ORDER BY family"
            )
            return dict(rows.fetchall())

    def ranked(self, text: str, case_type: str | None) -> Generator[str]:
        """Yield case ids by falling BM25 score, ties by id: those that share a word with ``text``.

        Args:
            text: What to look for; its first 64 different words count, function words apart.
            case_type: The family to stay in, or None for all.
        """
        query = _match(text, case_type)
        if not query:
            return
        with _opened(self._path, "ro") as connection:
            rows = connection.execute(
                "SELECT case_id FROM words WHERE words MATCH ? "
                "ORDER BY bm25(words, 0.0, 1.0), case_id",
                (query,),
            )
            for (case_id,) in rows:
                yield case_id


def _put(connection: sqlite3.Connection, entry: Entry) -> None:
    case, record = entry.closed.case, entry.closed.model_dump_json()
    (row,) = connection.execute(
        "INSERT INTO closed (case_id, family, digest, vector, record) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (case_id) DO UPDATE SET family = excluded.family, digest = excluded.digest, "
        "vector = excluded.vector, record = excluded.record RETURNING id",
        (case.case_id, case.case_type, entry.digest, entry.vector, record),
    ).fetchone()
    connection.execute("DELETE FROM words WHERE rowid = ?", (row,))
    connection.execute(
        "INSERT INTO words (rowid, family, document, case_id) VALUES (?, ?, ?, ?)",
        (row, family_key(case.case_type), _spaced(entry.document), case.case_id),
    )


def _match(text: str, case_type: str | None) -> str:
    """An FTS5 expression: any of the words, each quoted, inside one family."""
    found = dict.fromkeys(_WORD.findall(_spaced(text).lower()))
    words = [word for word in found if word not in _FUNCTION_WORDS][:_MOST_WORDS]
    if not words:
        return ""
    anyword = "document : (" + " OR ".join(f'"{word}"' for word in words) + ")"
    return anyword if case_type is None else f'family : "{family_key(case_type)}" AND {anyword}'


def _spaced(text: str) -> str:
    return _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _header(connection: sqlite3.Connection, path: Path) -> Header:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, SCHEMA):
        raise SchemaStale(f"{path} was written by another version.", remedy=REBUILD)
    row = connection.execute("SELECT embedder, vectors FROM header").fetchone()
    if row is None:
        raise StoreCorrupt(f"{path} has no header.", remedy=REBUILD)
    return Header(*row)


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
