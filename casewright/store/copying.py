"""Copies a whole store into an empty one, as when it moves from a file to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Table, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.errors import UsageError, VerificationError
from casewright.store.dialect import READING
from casewright.store.store import Store
from casewright.store.tables import audit_head, metadata

ROWS: Final = 1000
"""Rows in memory at once."""

Copied = Callable[[str, int], None]
"""Told of which table how many rows were copied."""


async def copy_store(source: Store, into: Store, *, copied: Copied) -> None:
    """Copy every table, in one transaction on either side, and verify the log of the copy.

    Args:
        source: What is copied; it is only read.
        into: A store that holds nothing.
        copied: Told of each table.

    Raises:
        UsageError: the other store holds something.
        VerificationError: the copy's log does not hold, or is not the source's.
    """
    async with source._transaction() as reading, into._writing() as writing:
        await reading.exec_driver_sql(READING[reading.dialect.name])
        tables = [table for table in metadata.sorted_tables if table is not audit_head]
        for table in tables:
            await _require_empty(writing, table)
        for table in tables:
            copied(table.name, await _copy_table(reading, writing, table))
        head = (await reading.execute(select(audit_head))).mappings().one()
        if head["entry"]:  # it is there from the beginning, and goes forward alone
            await writing.execute(update(audit_head).values(dict(head)))
    await _require_same(source, into)


async def _require_empty(connection: AsyncConnection, table: Table) -> None:
    if (await connection.execute(select(table).limit(1))).first() is not None:
        raise UsageError(
            f"The other store is not empty: it has {table.name}.",
            remedy="Copy into a new database.",
        )


async def _copy_table(reading: AsyncConnection, writing: AsyncConnection, table: Table) -> int:
    count = 0
    async with reading.stream(select(table)) as found:
        async for rows in found.mappings().partitions(ROWS):
            await writing.execute(table.insert(), [dict(row) for row in rows])
            count += len(rows)
    if count and writing.dialect.name == "postgresql":
        await _go_on_counting(writing, table)
    return count


async def _go_on_counting(connection: AsyncConnection, table: Table) -> None:
    """Have the next number that a table gives be behind those that were copied."""
    column = table.autoincrement_column
    if column is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        newest = select(func.max(column)).scalar_subquery()
        await connection.execute(select(func.setval(sequence.op("::")(text("regclass")), newest)))


async def _require_same(source: Store, into: Store) -> None:
    found, held = await into.audited(), await source.log.head()
    if found.faults or found.head != str(held):
        wrong = found.faults[0].wrong if found.faults else "its head is another one"
        raise VerificationError(f"The log of the copy does not hold: {wrong}.")
