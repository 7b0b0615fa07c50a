"""Writes that came over the API, by the key that a client gave them, with their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, delete, select, update
from sqlalchemy.sql.elements import ColumnElement

from casewright.store.tables import idempotency
from casewright.store.transaction import Transaction

KEPT_S: Final = 24 * 3600
"""For how long an answer is kept, in seconds."""

ABANDONED_S: Final = 300
"""After how long without an answer whoever worked at it is taken to be gone, in seconds."""


class Entry(NamedTuple):
    """What is kept of a write.

    Attributes:
        request: Digest of the request.
        status: HTTP status of its answer; 0: there is none yet.
        headers: Headers of the answer that belong to it.
        body: Its body.
    """

    request: str
    status: int
    headers: Mapping[str, str]
    body: str


class Idempotency:
    """The keys of each member, see ``Store.idempotency``.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def begin(self, member: str, key: str, request: str, at: datetime) -> Entry | None:
        """Note that a write begins, or tell what the key was used for already.

        Whoever gets None carries it out, then calls ``finish`` or ``drop``. So does who comes with
        the same request five minutes after somebody who never did either.

        Args:
            member: Whose key.
            key: The key.
            request: Digest of the request.
            at: The present moment.
        """
        now = int(at.timestamp())
        async with self._writing() as connection:
            await connection.execute(delete(idempotency).where(_over(now)))
            columns = [idempotency.c[name] for name in Entry._fields]
            query = select(*columns).where(_is(member, key))
            row = (await connection.execute(query)).one_or_none()
            if row is not None:
                return Entry(*row)
            new = {"member": member, "key": key, "at": now, "request": request}
            await connection.execute(idempotency.insert(), {**new, **_OPEN})
            return None

    async def finish(
        self, member: str, key: str, status: int, headers: Mapping[str, str], body: str
    ) -> None:
        """Keep the answer of a write."""
        values = {"status": status, "headers": dict(headers), "body": body}
        async with self._transaction() as connection:
            await connection.execute(update(idempotency).where(_is(member, key)).values(values))

    async def drop(self, member: str, key: str) -> None:
        """Forget a write that came to nothing: the same key may be used again."""
        async with self._transaction() as connection:
            await connection.execute(delete(idempotency).where(_is(member, key)))


_OPEN: Final[Mapping[str, Any]] = {"status": 0, "headers": {}, "body": ""}


def _is(member: str, key: str) -> ColumnElement[bool]:
    return and_(idempotency.c.member == member, idempotency.c.key == key)


def _over(now: int) -> ColumnElement[bool]:
    old = idempotency.c.at <= now - KEPT_S
    abandoned = and_(idempotency.c.status == 0, idempotency.c.at <= now - ABANDONED_S)
    return old | abandoned
