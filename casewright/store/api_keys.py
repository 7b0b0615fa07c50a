"""Keys of programs in the store: made, found, revoked; never shown again."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from casewright.clock import in_seconds, of_seconds
from casewright.credentials import (
    SEEN_SECONDS,
    ApiKey,
    digest,
    fresh,
    fresh_key_id,
    read_key,
    written_key,
)
from casewright.errors import UnknownName
from casewright.store.tables import api_keys
from casewright.store.transaction import Transaction


class ApiKeys:
    """The API keys of a store, see ``Store.api_keys``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def new(
        self, name: str, member: str, at: datetime, lasts: timedelta
    ) -> tuple[ApiKey, str]:
        """Make a key.

        Args:
            name: What it is for.
            member: As whom it acts.
            at: The present moment.
            lasts: When it ends.

        Returns:
            The key, and the text that its holder keeps; it cannot be read from the store.
        """
        key_id, secret = fresh_key_id(), fresh()
        row = {
            "key_id": key_id,
            "digest": digest(secret),
            "name": name,
            "member": member,
            "created": in_seconds(at),
            "expires": in_seconds(at + lasts),
        }
        async with self._transaction() as connection:
            await connection.execute(api_keys.insert(), row)
            made = (await connection.execute(_of(key_id))).one()
        return _key(made), written_key(key_id, secret)

    async def all(self) -> tuple[ApiKey, ...]:
        """All keys, also those that are over, oldest first."""
        query = select(api_keys).order_by(api_keys.c.created, api_keys.c.key_id)
        async with self._transaction() as connection:
            return tuple(map(_key, (await connection.execute(query)).all()))

    async def find(self, text: str, at: datetime) -> ApiKey | None:
        """The key that a text is, from now on last used now; None where it lets nobody in."""
        parts = read_key(text)
        if parts is None:
            return None
        async with self._transaction() as connection:
            row = (await connection.execute(_of(parts[0]))).one_or_none()
            # Compared in constant time: how long it takes says nothing of how much is right.
            if row is None or not hmac.compare_digest(row.digest, digest(parts[1])):
                return None
            key = _key(row)
            if not key.live(at):
                return None
            if in_seconds(at) - row.used >= SEEN_SECONDS:
                await connection.execute(_change(key.key_id, used=in_seconds(at)))
        return key

    async def revoke(self, key_id: str, at: datetime) -> ApiKey:
        """Have a key let nobody in any more; one that is revoked stays as it is.

        Raises:
            UnknownName: there is no such key.
        """
        async with self._transaction() as connection:
            row = (await connection.execute(_of(key_id))).one_or_none()
            if row is None:
                known = (await connection.execute(select(api_keys.c.key_id))).scalars().all()
                raise UnknownName.among("key", key_id, known)
            if not row.revoked:
                await connection.execute(_change(key_id, revoked=in_seconds(at)))
            return _key((await connection.execute(_of(key_id))).one())


def _of(key_id: str) -> Any:
    return select(api_keys).where(api_keys.c.key_id == key_id)


def _change(key_id: str, **values: int) -> Any:
    return update(api_keys).where(api_keys.c.key_id == key_id).values(values)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        member=row.member,
        created_at=of_seconds(row.created),
        expires_at=of_seconds(row.expires),
        revoked_at=of_seconds(row.revoked) if row.revoked else None,
        used_at=of_seconds(row.used) if row.used else None,
    )
