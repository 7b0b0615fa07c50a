"""A folder of frozen evidence: what gold cases rested on when they were judged live.

One SQLite file. It is no store of runs: a run's record is replaced as it goes on, and world after
world numbers its cases from one. Here a case is known by its world, its id and the moment at which
it is judged; freezing it again takes the place of what was there. Evidence stands once, under its
digest, in its own JSON, and is checked against the digest when it is read. Beside it lie the gold
cases themselves, which only the scoring reads, and the readings that classifiers and models made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from agents.remembered import Kept
from casewright.errors import EnvironmentFault, StoreCorrupt, UsageError, VerificationError
from casewright.models import Case, Evidence, GoldCase, Run
from graphs.frozen import FrozenCase

FILE = "frozen.sqlite"
FORMAT = 1
"""Version of the file's layout; kept as SQLite's ``user_version``."""

ANOTHER = "Give another folder, or delete this one and freeze anew."
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS evidence (
    digest TEXT PRIMARY KEY, retrieved_at TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (
    world TEXT NOT NULL, case_id TEXT NOT NULL, as_of TEXT NOT NULL, entered TEXT NOT NULL,
    evidence TEXT NOT NULL, recalled TEXT NOT NULL, run TEXT NOT NULL, gold TEXT NOT NULL,
    PRIMARY KEY (world, case_id, as_of)
);
CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
"""


class FrozenFolder:
    """The frozen cases in a folder. Open it with :func:`open_frozen`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def add(self, gold: GoldCase, frozen: FrozenCase) -> None:
        """Keep a case with its evidence; it is on the disk when this returns.

        Raises:
            EnvironmentFault: the disk is full, or the file is locked.
        """
        recalled = frozen.recalled
        items = (*frozen.evidence, *((recalled,) if recalled else ()))
        row = (
            *_key(gold.seed, gold.case_id, gold.as_of),
            frozen.case.model_dump_json(),
            " ".join(one.digest for one in frozen.evidence),
            recalled.digest if recalled else "",
            frozen.run.model_dump_json(),
            gold.model_dump_json(),
        )
        with _told(self.path), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO evidence VALUES (?, ?, ?)", map(_row, items)
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
            )

    def case(self, world: int | None, case_id: str, as_of: datetime) -> FrozenCase | None:
        """The case of a world as of a moment, or None where it was never frozen.

        Raises:
            VerificationError: evidence of it was changed or is gone.
            StoreCorrupt: the file does not read.
        """
        query = (
            "SELECT entered, evidence, recalled, run FROM cases "
            "WHERE world = ? AND case_id = ? AND as_of = ?"
        )
        with _told(self.path):
            row = self._connection.execute(query, _key(world, case_id, as_of)).fetchone()
            if row is None:
                return None
            entered, digests, recalled, run = row
            return FrozenCase(
                case=Case.model_validate_json(entered),
                as_of=as_of,
                evidence=tuple(map(self._evidence, digests.split())),
                recalled=self._evidence(recalled) if recalled else None,
                run=Run.model_validate_json(run),
            )

    def holds(self, gold: GoldCase) -> bool:
        """Whether the case is there as of the gold case's moment."""
        query = "SELECT 1 FROM cases WHERE world = ? AND case_id = ? AND as_of = ?"
        key = _key(gold.seed, gold.case_id, gold.as_of)
        with _told(self.path):
            return self._connection.execute(query, key).fetchone() is not None

    def entered(self, gold: Iterable[GoldCase]) -> dict[str, Case]:
        """The cases of one world as they entered, by id; what was never frozen is left out."""
        query = "SELECT entered FROM cases WHERE world = ? AND case_id = ? AND as_of = ?"
        found = {}
        with _told(self.path):
            for one in gold:
                row = self._connection.execute(query, _key(one.seed, one.case_id, one.as_of))
                for (entered,) in row:
                    found[one.case_id] = Case.model_validate_json(entered)
        return found

    def gold(self) -> tuple[GoldCase, ...]:
        """The gold cases as they were when they were frozen, in the order of their freezing."""
        with _told(self.path):
            rows = self._connection.execute("SELECT gold FROM cases ORDER BY rowid")
            return tuple(GoldCase.model_validate_json(body) for (body,) in rows)

    def get(self, key: str) -> Kept | None:
        """A reading that was kept, or None. See ``agents.remembered.Memory``."""
        with _told(self.path):
            query = "SELECT body FROM readings WHERE key = ?"
            row = self._connection.execute(query, (key,)).fetchone()
            return None if row is None else Kept.model_validate_json(row[0])

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reading; one that is there already stays."""
        row = (key, kept.model_dump_json())
        with _told(self.path), self._connection:
            self._connection.execute("INSERT OR IGNORE INTO readings VALUES (?, ?)", row)

    def _evidence(self, digest: str) -> Evidence:
        query = "SELECT retrieved_at, body FROM evidence WHERE digest = ?"
        row = self._connection.execute(query, (digest,)).fetchone()
        item = _thawed(row[1]) if row else None
        if item is None or item.digest != digest or not item.intact():
            raise VerificationError(
                f"Evidence {digest[:12]} in {self.path} is not as it was frozen.",
                remedy="Freeze the case again, live.",
            )
        return item


class WriteOnly:
    """Keeps readings that are made live, and gives none back: live means anew.

    Args:
        folder: Where they are kept.
    """

    def __init__(self, folder: FrozenFolder) -> None:
        self._folder = folder

    def get(self, key: str) -> None:
        """Nothing."""
        return

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reading; one that is there already stays."""
        self._folder.put(key, kept)


@contextmanager
def open_frozen(path: Path, *, create: bool = False) -> Iterator[FrozenFolder]:
    """Open a folder of frozen evidence.

    Args:
        path: The folder.
        create: Whether to make it where it is not there.

    Raises:
        UsageError: there is none, or it was written by another version.
        StoreCorrupt: its file is no readable database.
        EnvironmentFault: it cannot be made or opened.
    """
    file = path / FILE
    if not create and not file.is_file():
        raise UsageError(
            f"{path} holds no frozen evidence.",
            remedy=f"Make it live: `casewright eval run --freeze {path}`.",
        )
    with _told(path):
        path.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, timeout=10)
    with closing(connection):
        _prepare(path, connection)
        yield FrozenFolder(path, connection)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    with _told(path):
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, FORMAT):
            told = f"{path} holds frozen evidence of format {found}; this is format {FORMAT}."
            raise UsageError(told, remedy=ANOTHER)
        if found == 0:
            connection.executescript(SCHEMA)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns what SQLite, the disk and foreign rows complain of into our errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        told = f"The frozen evidence in {path} cannot be used now: {error}."
        raise EnvironmentFault(told, remedy="Then run the same command again.") from error
    except (sqlite3.DatabaseError, ValidationError) as error:
        told = f"{path / FILE} is no readable frozen evidence."
        raise StoreCorrupt(told, remedy=ANOTHER) from error
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be made: {error.strerror}.") from error


def _key(world: int | None, case_id: str, as_of: datetime) -> tuple[str, str, str]:
    return "" if world is None else str(world), case_id, as_of.isoformat()


def _row(item: Evidence) -> tuple[str, str, str]:
    return item.digest, item.retrieved_at.isoformat(), item.model_dump_json()


def _thawed(body: str) -> Evidence | None:
    try:
        return Evidence.model_validate_json(body)
    except ValidationError:
        return None


def worlds_of(gold: Iterable[GoldCase]) -> list[int | None]:
    """The worlds that gold cases lie in, in their order."""
    return list(dict.fromkeys(one.seed for one in gold))
