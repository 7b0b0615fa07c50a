"""Writes columns of arrays into the tables of a new world file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sandbox.tables import INDEXES, TABLES

Column: TypeAlias = npt.NDArray[Any] | Sequence[object]


def optional(values: Column, present: npt.NDArray[np.bool_]) -> list[object]:
    """Return ``values`` as a list with None where ``present`` is false."""
    return [v if p else None for v, p in zip(as_list(values), present.tolist(), strict=True)]


def as_list(values: Column) -> list[object]:
    """Return a column as plain Python values, which sqlite3 can bind."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


class WorldWriter:
    """One open world file; rows go in by table, as columns of equal length."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, table: str, columns: Mapping[str, Column]) -> None:
        """Insert rows into ``table``.

        Args:
            table: A table of the schema.
            columns: Values by column name, all of one length; booleans are stored as 0 and 1.
        """
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        rows = zip(*(as_list(values) for values in columns.values()), strict=True)
        # Table and column names come from this package alone, never from outside.
        self._connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return rows written so far."""
        return self._connection.execute(sql, parameters).fetchall()

    def change(self, table: str, key: str, keys: Column, columns: Mapping[str, Column]) -> None:
        """Change rows of ``table`` that were written before.

        Args:
            table: A table of the schema.
            key: Its key column.
            keys: The key of each row to change.
            columns: New values by column name, one a row.
        """
        marks = ", ".join(f"{name} = ?" for name in columns)
        rows = zip(*(as_list(values) for values in (*columns.values(), keys)), strict=True)
        # As above: every name is this package's own.
        self._connection.executemany(f"UPDATE {table} SET {marks} WHERE {key} = ?", rows)  # noqa: S608


@contextmanager
def writing(path: Path) -> Iterator[WorldWriter]:
    """Create the world file ``path``, yield its writer, then index and close it."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # The file is thrown away if anything fails, so it needs no journal.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
        connection.execute("BEGIN")
        yield WorldWriter(connection)
        connection.execute("COMMIT")
        connection.executescript(INDEXES + "ANALYZE;")
    finally:
        connection.close()
