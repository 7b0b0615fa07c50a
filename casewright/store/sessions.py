"""Sessions of browsers in the store: found by the digest of what the browser holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from casewright.clock import in_seconds, of_seconds
from casewright.credentials import SEEN_SECONDS, SignedIn, Way, digest, fresh
from casewright.store.tables import sessions
from casewright.store.transaction import Transaction


class Sessions:
    """The sessions of a store, see ``Store.sessions``.

    Args:
        transaction: Opens one transaction on the store.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, member: str, way: Way, at: datetime, lasts: timedelta) -> str:
        """Begin a session, and forget those that are over.

        Args:
            member: Whose.
            way: How they signed in.
            at: The present moment.
            lasts: When it ends, used or not.

        Returns:
            The secret that the browser keeps; it cannot be read from the store.
        """
        secret, now = fresh(), in_seconds(at)
        row = {
            "digest": digest(secret),
            "member": member,
            "way": way,
            "created": now,
            "seen": now,
            "expires": in_seconds(at + lasts),
        }
        async with self._transaction() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires <= now))
            await connection.execute(sessions.insert(), row)
        return secret

    async def find(self, secret: str, at: datetime, idle: timedelta) -> SignedIn | None:
        """The session of a secret, from now on last used now; None where there is none.

        Args:
            secret: What the browser holds.
            at: The present moment.
            idle: How long it lasts without being used.
        """
        held, now = sessions.c.digest == digest(secret), in_seconds(at)
        async with self._transaction() as connection:
            row = (await connection.execute(select(sessions).where(held))).one_or_none()
            if row is None:
                return None
            if row.expires <= now or of_seconds(row.seen) + idle <= at:
                await connection.execute(delete(sessions).where(held))
                return None
            if now - row.seen >= SEEN_SECONDS:
                await connection.execute(update(sessions).where(held).values(seen=now))
        return _signed_in(row)

    async def close(self, secret: str) -> None:
        """End a session."""
        async with self._transaction() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))


def _signed_in(row: Any) -> SignedIn:
    return SignedIn(
        member=row.member,
        way=row.way,
        created_at=of_seconds(row.created),
        seen_at=of_seconds(row.seen),
        expires_at=of_seconds(row.expires),
    )
