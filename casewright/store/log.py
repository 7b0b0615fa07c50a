"""The audit log in the store: events are appended, read and chained, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import FIRST, Actor, Event, Happened, Place, Written
from casewright.errors import StoreCorrupt, UsageError
from casewright.happenings import viewed
from casewright.store.tables import audit_events, audit_head, runs
from casewright.store.transaction import Transaction


class Head(NamedTuple):
    """How many events a store or a case has, and the hash of the newest.

    All that is before it stands or falls with these two.
    """

    entry: int
    hash: str

    def __str__(self) -> str:
        """As people note it down: the number, a colon, the hash."""
        return f"{self.entry}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """A head as it was noted down.

        Raises:
            UsageError: the text is none.
        """
        entry, _, digest = text.strip().partition(":")
        if not (entry.isascii() and entry.isdigit() and len(digest) == len(FIRST.before)):
            raise UsageError(
                f"{text!r} is no head.", remedy="`casewright audit head` prints one: NUMBER:HASH."
            )
        return cls(int(entry), digest.lower())


class Log:
    """The events of a store, see ``Store.log``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def of(self, case_id: str) -> tuple[Event, ...]:
        """The events of a case, oldest first; ``casewright audit verify`` says if they hold.

        Raises:
            StoreCorrupt: one does not read.
        """
        query = select(audit_events).where(audit_events.c.case_id == case_id)
        async with self._transaction() as connection:
            rows = (await connection.execute(query.order_by(audit_events.c.number))).all()
        return _read(rows, case_id)

    async def newest(self, case_ids: Iterable[str]) -> dict[str, Event]:
        """The newest event of each case that has one.

        Args:
            case_ids: A few cases, such as those of a page.
        """
        newest = select(audit_events.c.case_id, func.max(audit_events.c.number).label("number"))
        wanted = newest.where(audit_events.c.case_id.in_([*case_ids]))
        last = wanted.group_by(audit_events.c.case_id).subquery()
        same = (audit_events.c.case_id == last.c.case_id, audit_events.c.number == last.c.number)
        async with self._transaction() as connection:
            found = await connection.execute(select(audit_events).join(last, and_(*same)))
            return {row.case_id: Written(*row).event() for row in found}

    async def page(self, case_id: str, *, limit: int, offset: int) -> tuple[tuple[Event, ...], int]:
        """A page of a case's events, newest first, and how many there are on all pages.

        Args:
            case_id: The case.
            limit: Events on a page.
            offset: Events before it.

        Raises:
            StoreCorrupt: one does not read.
        """
        own = audit_events.c.case_id == case_id
        query = select(audit_events).where(own).order_by(audit_events.c.number.desc())
        counted = select(func.count()).select_from(audit_events).where(own)
        async with self._transaction() as connection:
            rows = (await connection.execute(query.limit(limit).offset(offset))).all()
            total = (await connection.execute(counted)).scalar_one()
        return _read(rows, case_id), total

    async def head(self, case_id: str = "") -> Head:
        """The head of the store's chain, or of a case's; the number is 0 where there is none."""
        async with self._transaction() as connection:
            if not case_id:
                row = (await connection.execute(select(audit_head))).one_or_none()
                return Head(*row) if row else Head(0, FIRST.before)
            number, digest = await _newest(connection, case_id)
            return Head(number, digest)

    async def note(self, case_id: str, happened: Happened, *, run_id: str = "") -> None:
        """Append an event that no other record goes with."""
        async with self._writing() as connection:
            await append(connection, case_id, run_id, [happened])

    async def note_view(
        self, case_id: str, actor: Actor, at: datetime, *, run_id: str = "", **body: Any
    ) -> None:
        """Append that somebody looked at a case.

        Args:
            case_id: The case.
            actor: Who looked.
            at: When.
            run_id: The run that was shown.
            body: What was looked at, such as ``what="decision"``.
        """
        await self.note(case_id, viewed(actor, at, body), run_id=run_id)


def _read(rows: Iterable[Any], case_id: str) -> tuple[Event, ...]:
    try:
        return tuple(Written(*row).event() for row in rows)
    except ValueError as error:
        raise StoreCorrupt(
            f"An event of case {case_id!r} does not read.",
            remedy="`casewright audit verify` names it.",
        ) from error


async def append(
    connection: AsyncConnection, case_id: str, run_id: str, happened: Sequence[Happened]
) -> None:
    """Append events to a case, in a transaction that nobody else can write beside."""
    if not happened:
        return
    place = await _place(connection, case_id)
    rows = list(_chained(place, case_id, run_id, happened))
    await connection.execute(audit_events.insert(), [row._asdict() for row in rows])
    newest = {"entry": rows[-1].entry, "hash": rows[-1].hash}
    moved = await connection.execute(update(audit_head).values(newest))
    if not moved.rowcount:
        await connection.execute(audit_head.insert(), newest)


async def case_of(connection: AsyncConnection, run_id: str) -> str:
    """The case of a run.

    Raises:
        UsageError: the store has no such run.
    """
    found = await connection.execute(select(runs.c.case_id).where(runs.c.run_id == run_id))
    case_id: str | None = found.scalar()
    if case_id is None:
        raise UsageError(f"The store has no run {run_id!r}.")
    return case_id


def _chained(
    place: Place, case_id: str, run_id: str, happened: Iterable[Happened]
) -> Iterator[Written]:
    for one in happened:
        row = place.put(case_id, run_id, one)
        yield row
        place = place.after(row)


async def _place(connection: AsyncConnection, case_id: str) -> Place:
    head = (await connection.execute(select(audit_head))).one_or_none()
    entry, before = head if head else (0, FIRST.before)
    number, previous = await _newest(connection, case_id)
    return Place(entry + 1, before, number + 1, previous)


async def _newest(connection: AsyncConnection, case_id: str) -> tuple[int, str]:
    newest = select(func.max(audit_events.c.number)).where(audit_events.c.case_id == case_id)
    query = select(audit_events.c.number, audit_events.c.hash).where(
        audit_events.c.case_id == case_id, audit_events.c.number == newest.scalar_subquery()
    )
    row = (await connection.execute(query)).one_or_none()
    return (row.number, row.hash) if row else (0, FIRST.previous)
