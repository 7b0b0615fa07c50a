"""CSV, Parquet and DuckDB files through DuckDB: read-only, and shut off from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic_core import from_json

from casewright.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tools.sources.connections import Surroundings
from tools.sources.files import existing, optional_module
from tools.sources.query import NamedQuery
from tools.sources.table import Rows

_ALONE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@dataclass(frozen=True)
class DuckFiles:
    """Which files are opened, and as which tables.

    Attributes:
        kind: What they are.
        files: Table name and path; for a database one path, and the name plays no part.
    """

    kind: Literal["csv", "parquet", "duckdb"]
    files: tuple[tuple[str, str], ...]

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[DuckDatabase]:
        """The database over these files.

        Raises:
            EnvironmentFault: DuckDB is not installed.
            SourceRefused: a file is missing, or is not of its kind.
            UsageError: a path leaves the workspace.
        """
        paths = {name: existing(surroundings.workspace, path) for name, path in self.files}
        connection = await asyncio.to_thread(self._connect, paths)
        try:
            yield DuckDatabase(connection)
        finally:
            connection.close()

    def _connect(self, paths: Mapping[str, Path]) -> Any:
        duckdb = optional_module("duckdb", "tables")
        try:
            if self.kind == "duckdb":
                file = str(next(iter(paths.values())))
                connection = duckdb.connect(file, read_only=True, config=_ALONE)
            else:
                connection = duckdb.connect(":memory:", config=_ALONE)
                for name, path in paths.items():
                    self._load(connection, name, path)
            _shut_off(connection, [] if self.kind == "duckdb" else list(paths.values()))
        except duckdb.Error as error:
            raise SourceRefused(
                f"DuckDB cannot read {self.files[0][1]!r} as {self.kind}: {_first_line(error)}",
                remedy="Mend the file, or its entry in the tools file.",
                code="file_unreadable",
            ) from error
        return connection

    def _load(self, connection: Any, name: str, path: Path) -> None:
        if self.kind == "csv":
            # As text: a guessed number would take the leading zeros off an id.
            connection.read_csv(str(path), all_varchar=True, header=True).create(name)
        else:
            connection.read_parquet(str(path)).create_view(name)


class DuckDatabase:
    """An open DuckDB."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def asking(self) -> DuckAsking:
        """A new cursor; cursors run beside each other."""
        return DuckAsking(self._connection.cursor())


class DuckAsking:
    """One SELECT on its way."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def interrupt(self) -> None:
        """End it, from another thread."""
        self._cursor.interrupt()

    def rows(self, query: NamedQuery, values: Mapping[str, Any], limit: int) -> Rows:
        """At most ``limit`` rows, as JSON values by column name.

        Raises:
            SourceError: DuckDB fails, or refuses the query.
        """
        duckdb = optional_module("duckdb", "tables")
        # DuckDB writes the JSON itself; inside of a subquery nothing but a SELECT can stand.
        text = f"SELECT to_json(r)::VARCHAR FROM (\n{query.dollars()}\n) AS r"  # noqa: S608
        try:
            with self._cursor as cursor:
                found = cursor.execute(text, dict(values)).fetchmany(limit)
            return [from_json(row, allow_inf_nan=False) for (row,) in found]
        except duckdb.Error as error:
            raise _failure(duckdb, error) from error
        except ValueError as error:
            message = "A row holds a number that JSON cannot carry."
            raise SourceMalformed(message, code="number_out_of_range") from error


def _shut_off(connection: Any, allowed: list[Path]) -> None:
    # Views over Parquet read their file at every query; everything else stays out of reach.
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in allowed)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_paths = [{quoted}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _failure(duckdb: Any, error: Exception) -> SourceError:
    if isinstance(error, duckdb.DataError):
        # Without DuckDB's words, which quote the value: it may be a party's text.
        return SourceMalformed("A value does not convert as the query wants.", code="bad_value")
    if isinstance(error, duckdb.OperationalError | duckdb.InterruptException):
        return SourceUnavailable(f"DuckDB failed: {_first_line(error)}", code="database_failed")
    return SourceRefused(
        f"DuckDB refuses the query: {_first_line(error)}",
        remedy="The tool's query and its tables do not agree; mend the tool.",
        code="query_refused",
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
