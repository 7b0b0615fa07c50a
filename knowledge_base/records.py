"""The closed cases themselves, as rows of the knowledge base's file.

What a leak guard has to know of a case (its parties, when it closed, what it cited, whether it was
overturned) stands in columns of its own, see :class:`Guarded`; the record as a whole
is parsed for those few cases alone that are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from casewright.models import ClosedCase
from knowledge_base.database import Database

if TYPE_CHECKING:
    from knowledge_base.words import Words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGESTS = "SELECT case_id, digest FROM closed WHERE case_id IN (SELECT value FROM json_each(?))"
_RECORDS = "SELECT case_id, record FROM closed WHERE case_id IN (SELECT value FROM json_each(?))"
_ERASED = (
    "FROM closed WHERE seller IN (SELECT value FROM json_each(?)) "
    "OR case_id IN (SELECT value FROM json_each(?))"
)
_INSERT = (
    "INSERT INTO closed (case_id, family, seller, involved, region, closed_at, overturned_at, "
    "clauses, digest, vector, words, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Guarded(NamedTuple):
    """What a leak guard asks of a closed case, without its record.

    Attributes:
        case_id: Its id.
        family: Its case type.
        involved: What it shares with others of its matter, see ``Case.involved``.
        region: Where.
        closed_at: When it was settled (UTC).
        overturned_at: When its decision was overturned (UTC); None where it stands.
        clauses: The clauses it cited, as ``SHIP-4.1@2026-03-01``.
    """

    case_id: str
    family: str
    involved: frozenset[str]
    region: str
    closed_at: datetime
    overturned_at: datetime | None
    clauses: tuple[str, ...]


class Row(NamedTuple):
    """One case as ranking and guarding need it; lists are JSON, moments microseconds since 1970.

    Attributes:
        number: Grows with every write; a case that is written again gets a new one.
        case_id: Its id.
        family: Its case type.
        involved: See :class:`Guarded`, as all that follow but the last two.
        region: Where.
        closed_at: When it was settled.
        overturned_at: When it was overturned, or None.
        clauses: What it cited.
        vector: Name of its document's vector.
        words: Its document's words, as bytes.
    """

    number: int
    case_id: str
    family: str
    involved: str
    region: str
    closed_at: int
    overturned_at: int | None
    clauses: str
    vector: str
    words: bytes

    def guarded(self) -> Guarded:
        """What a leak guard asks of it."""
        return Guarded(
            case_id=self.case_id,
            family=self.family,
            involved=frozenset(json.loads(self.involved)),
            region=self.region,
            closed_at=_moment(self.closed_at),
            overturned_at=None if self.overturned_at is None else _moment(self.overturned_at),
            clauses=tuple(json.loads(self.clauses)),
        )


class Named(NamedTuple):
    """The name of a vector, and a case that it belongs to.

    Attributes:
        number: The row's, growing with every write.
        case_id: The case.
        family: Its case type.
        vector: The vector's name.
    """

    number: int
    case_id: str
    family: str
    vector: str


@dataclass(frozen=True)
class Entry:
    """One closed case on its way into the index.

    Attributes:
        closed: The case.
        digest: Over all of it: the same digest means that nothing changed.
        document: The text that is searched.
        vector: Name of the document's vector; equal documents of a family share one.
        words: The document's words.
    """

    closed: ClosedCase
    digest: str
    document: str
    vector: str
    words: Words


def instant(moment: datetime) -> int:
    """A moment as whole microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


class Records:
    """The closed cases in a database; all methods raise what its connections raise."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def digests(self, case_ids: Iterable[str]) -> dict[str, str]:
        """Digests of those of ``case_ids`` that are indexed."""
        with self._database.reading() as connection:
            return dict(connection.execute(_DIGESTS, (json.dumps(list(case_ids)),)).fetchall())

    def put(self, entries: Iterable[Entry], *, vectors: str) -> bool:
        """Insert or replace entries in one transaction: all of them or none.

        Args:
            entries: What to write; their vectors are written already.
            vectors: The set of vectors they were written to.

        Returns:
            False, with nothing written, where another set serves by now.
        """
        with self._database.writing() as connection:
            if self._database.state_of(connection).space.vectors != vectors:
                return False
            for entry in entries:
                case_id = entry.closed.case.case_id
                connection.execute("DELETE FROM closed WHERE case_id = ?", (case_id,))
                connection.execute(_INSERT, _columns(entry))
        return True

    def records(self, case_ids: Sequence[str]) -> dict[str, ClosedCase]:
        """The closed cases of those ids that are indexed."""
        with self._database.reading() as connection:
            rows = connection.execute(_RECORDS, (json.dumps(case_ids),))
            return {case_id: ClosedCase.model_validate_json(record) for case_id, record in rows}

    def families(self) -> dict[str, int]:
        """Number of cases by case type, in alphabetical order."""
        query = "SELECT family, COUNT(*) FROM closed GROUP BY family ORDER BY family"
        with self._database.reading() as connection:
            return dict(connection.execute(query).fetchall())

    def rows(self, family: str, after: int) -> list[Row]:
        """The cases of a family written after the row of that number, oldest first."""
        query = (
            "SELECT id, case_id, family, involved, region, closed_at, overturned_at, clauses, "
            "vector, words FROM closed WHERE family = ? AND id > ? ORDER BY id"
        )
        with self._database.reading() as connection:
            return [Row(*row) for row in connection.execute(query, (family, after))]

    def count(self) -> int:
        """How many cases there are."""
        return sum(self.families().values())

    def named(self, after: int = 0) -> Iterator[Named]:
        """Names of the vectors of cases written after the row of that number, oldest first."""
        query = "SELECT id, case_id, family, vector FROM closed WHERE id > ? ORDER BY id LIMIT 1000"
        while True:
            with self._database.reading() as connection:
                rows = [Named(*row) for row in connection.execute(query, (after,))]
            if not rows:
                return
            after = rows[-1].number
            yield from rows

    def clauses(self) -> dict[str, str]:
        """The texts of policy clauses by the names of their vectors."""
        query = "SELECT vector, json_extract(record, '$.text') FROM clauses"
        with self._database.reading() as connection:
            return dict(connection.execute(query).fetchall())

    def erase(self, *, sellers: Sequence[str], case_ids: Sequence[str]) -> list[ClosedCase]:
        """Delete the cases of some sellers and those of some ids; returns what they were."""
        given = (json.dumps(sellers), json.dumps(case_ids))
        with self._database.writing() as connection:
            rows = connection.execute("SELECT record " + _ERASED, given).fetchall()
            connection.execute("DELETE " + _ERASED, given)
            connection.execute("UPDATE tally SET erasures = erasures + 1")
        return [ClosedCase.model_validate_json(record) for (record,) in rows]

    def naming(self, ids: Sequence[str]) -> list[str]:
        """Cases that share one of these ids with others of their matter."""
        query = (
            "SELECT DISTINCT case_id FROM closed, json_each(closed.involved) AS one "
            "WHERE one.value IN (SELECT value FROM json_each(?)) ORDER BY case_id"
        )
        with self._database.reading() as connection:
            return [case_id for (case_id,) in connection.execute(query, (json.dumps(ids),))]

    def mentions(self, text: str) -> bool:
        """Whether a record holds that text, letter by letter."""
        query = "SELECT 1 FROM closed WHERE instr(record, ?) LIMIT 1"
        with self._database.reading() as connection:
            return connection.execute(query, (text,)).fetchone() is not None


def _columns(entry: Entry) -> tuple[object, ...]:
    closed, case = entry.closed, entry.closed.case
    return (
        case.case_id,
        case.case_type,
        case.seller_id,
        json.dumps(sorted(case.involved)),
        case.region,
        instant(closed.closed_at),
        instant(closed.overturned_at) if closed.overturned_at else None,
        json.dumps(closed.clauses),
        entry.digest,
        entry.vector,
        entry.words.tobytes(),
        closed.model_dump_json(),
    )


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND
