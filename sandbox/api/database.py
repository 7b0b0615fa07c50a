"""Read-only access to a world file, one connection a thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Parameters: TypeAlias = Sequence[object] | Mapping[str, object]


class _Held:
    """Closes a connection when its thread ends, for idle worker threads come and go."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Database:
    """The served file of a world.

    Args:
        path: ``world.sqlite``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query; values go in as parameters only."""
        return self._connection().execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        found: sqlite3.Row | None = self._connection().execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(sql, parameters)
        return found[0] if found is not None else None

    def close(self) -> None:
        """Let go of all connections; each closes once its last query is done."""
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        known: _Held | None = getattr(self._local, "held", None)
        if known is not None:
            return known.connection
        # The last reference may go in another thread than the one of use, so no thread check.
        made = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )
        made.row_factory = sqlite3.Row
        self._local.held = _Held(made)
        return made
