"""What SQLite and PostgreSQL want to be told in different words."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

WRITERS: Final = 0x6361_7365_0000_0001
"""Key of the advisory lock that a writing transaction holds on PostgreSQL."""

WRITING: Final = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": f"SELECT pg_advisory_xact_lock({WRITERS})",
}
"""Has a transaction hold the store's one writing lock, by the name of the dialect."""

READING: Final = {
    "sqlite": "BEGIN",
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}
"""Has a transaction read one moment of the store; said before anything is read."""

TRIGGERS: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        " AND tgrelid IN ('audit_events'::regclass, 'audit_head'::regclass)"
    ),
}
"""The names of the triggers that are in force."""


def missing(connection: AsyncConnection, table: Table) -> Any:
    """An ``INSERT`` of what is not there yet; it is made once, since making it costs most."""
    return _missing(connection.dialect.name, table)


@cache
def _missing(dialect: str, table: Table) -> Any:
    made = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return made.on_conflict_do_nothing()


def insert(connection: AsyncConnection, table: Table) -> Any:
    """An ``INSERT`` that can be told what to do where the row is there, in the database's words.

    Args:
        connection: The transaction that it is for.
        table: The table.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
