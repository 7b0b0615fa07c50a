"""How far each webhook was told of the log, and what it is to be told next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import Event, Kind, Written
from casewright.store.dialect import insert
from casewright.store.tables import audit_events, audit_head, webhook_cursors
from casewright.store.transaction import Transaction


class Cursor(NamedTuple):
    """Where an endpoint stands.

    Attributes:
        name: Its name.
        entry: The last event of the log that it was told of, or that does not concern it.
        failures: How often the next one was sent in vain.
        next_at: Not sent before; seconds since 1970, UTC.
        last_error: What went wrong the last time, or empty.
    """

    name: str
    entry: int
    failures: int = 0
    next_at: int = 0
    last_error: str = ""


class Cursors:
    """The cursors, see ``Store.cursors``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def of(self, name: str) -> Cursor | None:
        """Where an endpoint stands; None before it is opened."""
        async with self._transaction() as connection:
            return await _cursor(connection, name)

    async def opened(self, name: str) -> Cursor:
        """Where an endpoint stands; a new one is told of what happens from now on."""
        found = await self.of(name)
        if found is not None:
            return found
        async with self._writing() as connection:
            new = Cursor(name, await _head(connection))
            put = insert(connection, webhook_cursors).values(new._asdict()).on_conflict_do_nothing()
            await connection.execute(put)
            return await _cursor(connection, name) or new

    async def waiting(
        self, cursor: Cursor, kinds: Iterable[Kind], *, limit: int
    ) -> tuple[list[Event], int]:
        """What an endpoint is to be told next.

        Args:
            cursor: Where it stands.
            kinds: What it is told of.
            limit: Most events.

        Returns:
            The events, oldest first, and the entry up to which these are all.
        """
        query = select(audit_events).where(
            audit_events.c.entry > cursor.entry, audit_events.c.kind.in_(tuple(kinds))
        )
        async with self._transaction() as connection:
            head = await _head(connection)  # first: what is appended meanwhile lies behind it
            upto = query.where(audit_events.c.entry <= head).order_by(audit_events.c.entry)
            rows = (await connection.execute(upto.limit(limit))).all()
        events = [Written(*row).event() for row in rows]
        return events, events[-1].entry if len(events) == limit else head

    async def passed(self, name: str, entry: int) -> None:
        """Note that an endpoint was told of all up to an entry."""
        await self._set(name, Cursor(name, entry))

    async def failed(self, cursor: Cursor, error: str, next_at: datetime) -> None:
        """Note that the next event was sent in vain, and from when on it is sent again."""
        seconds = int(next_at.timestamp())
        await self._set(
            cursor.name, Cursor(cursor.name, cursor.entry, cursor.failures + 1, seconds, error)
        )

    async def _set(self, name: str, cursor: Cursor) -> None:
        change = update(webhook_cursors).where(webhook_cursors.c.name == name)
        async with self._writing() as connection:
            await connection.execute(change.values(cursor._asdict()))


async def _cursor(connection: AsyncConnection, name: str) -> Cursor | None:
    query: Any = select(webhook_cursors).where(webhook_cursors.c.name == name)
    row = (await connection.execute(query)).one_or_none()
    return Cursor(*row) if row else None


async def _head(connection: AsyncConnection) -> int:
    return (await connection.execute(select(audit_head.c.entry))).scalar() or 0
