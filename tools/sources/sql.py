"""Databases through SQLAlchemy, in transactions that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic_core import PydanticSerializationError, to_jsonable_python
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from casewright.errors import (
    EnvironmentFault,
    SourceError,
    SourceMalformed,
    SourceRefused,
    SourceUnavailable,
    UsageError,
)
from tools.sources.connections import Surroundings
from tools.sources.files import existing
from tools.sources.query import NamedQuery
from tools.sources.table import Rows

READ_ONLY: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {"postgresql_readonly": True},
}
"""Databases that can be held to reading, and the execution options that do so."""

_QUERY_AT_FAULT = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH)


@dataclass(frozen=True)
class SqlAddress:
    """A database URL, or the environment variable that holds it.

    Attributes:
        url: The URL, or empty.
        variable: The variable, or empty.
        declared: The tool that declares it, for messages.
    """

    url: str
    variable: str
    declared: str

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[SqlDatabase]:
        """The database at that address.

        Raises:
            SourceRefused: the variable is not set, or a SQLite file is missing.
            UsageError: the URL is none, or names a database that cannot be held to reading.
            EnvironmentFault: the database's driver is not installed.
        """
        given = self.url or surroundings.secret(self.variable, self.declared)
        engine = self._engine(surroundings, given)
        try:
            yield SqlDatabase(engine)
        finally:
            engine.dispose()

    def _engine(self, surroundings: Surroundings, given: str) -> Engine:
        url = checked_url(given)
        family = url.get_backend_name()
        if family == "sqlite":
            return _sqlite(surroundings, url)
        try:
            return create_engine(url, execution_options=READ_ONLY[family], hide_parameters=True)
        except (ImportError, NoSuchModuleError) as error:
            raise EnvironmentFault(
                f"The driver of {url.drivername} is not installed (tool {self.declared}).",
                remedy=f"Install it beside casewright: {error}.",
            ) from error


def _sqlite(surroundings: Surroundings, url: URL) -> Engine:
    file = existing(surroundings.workspace, url.database or "")
    only_read = {"mode": "ro", "uri": "true"}
    located = URL.create("sqlite", database=f"file:{quote(str(file))}", query=only_read)
    engine = create_engine(located, hide_parameters=True)
    event.listen(engine, "connect", _forbid_attaching)
    return engine


def _forbid_attaching(connection: sqlite3.Connection, _record: object) -> None:
    def allowed(action: int, *_: object) -> int:
        other = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
        return sqlite3.SQLITE_DENY if other else sqlite3.SQLITE_OK

    connection.set_authorizer(allowed)


def checked_url(given: str) -> URL:
    """A database's URL.

    Raises:
        UsageError: it is none, or names a database that cannot be held to reading.
    """
    try:
        url = make_url(given)
    except ArgumentError:
        # Without its cause: the text may hold a password.
        raise UsageError("A database has no usable SQLAlchemy URL.") from None
    family = url.get_backend_name()
    if family not in READ_ONLY:
        raise UsageError(
            f"A {family} database cannot be held to reading.",
            remedy=f"Known: {', '.join(READ_ONLY)}.",
        )
    if family == "sqlite" and url.database in (None, "", ":memory:"):
        raise UsageError("A SQLite database is a file: sqlite:///path.")
    return url


class SqlDatabase:
    """An open database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def asking(self) -> SqlAsking:
        """A new connection of the pool."""
        return SqlAsking(self._engine)


class SqlAsking:
    """One SELECT on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._driver: Any = None

    def interrupt(self) -> None:
        """End it, from another thread."""
        stop = getattr(self._driver, "interrupt", None) or getattr(self._driver, "cancel", None)
        if stop is not None:
            stop()

    def rows(self, query: NamedQuery, values: Mapping[str, Any], limit: int) -> Rows:
        """At most ``limit`` rows, as JSON values by column name.

        Raises:
            SourceError: the database fails, or refuses the query.
        """
        try:
            with self._engine.connect() as connection:
                return self._fetched(connection, query, values, limit)
        except SQLAlchemyError as error:
            raise _failure(error) from error
        except PydanticSerializationError as error:
            message = "A row holds a value that JSON cannot carry."
            raise SourceMalformed(message, code="bad_value") from error

    def _fetched(
        self, connection: Connection, query: NamedQuery, values: Mapping[str, Any], limit: int
    ) -> Rows:
        self._driver = connection.connection.driver_connection
        found = connection.execute(text(query.colons()), dict(values))
        rows = [dict(row) for row in found.mappings().fetchmany(limit)]
        plain: Rows = to_jsonable_python(rows)
        return plain


def _failure(error: SQLAlchemyError) -> SourceError:
    if isinstance(error, DataError):
        return SourceMalformed("A value does not convert as the query wants.", code="bad_value")
    if isinstance(error, DBAPIError) and _passing(error):
        return SourceUnavailable(f"The database failed: {_told(error)}.", code="database_failed")
    return SourceRefused(
        f"The database refuses the query: {_told(error)}.",
        remedy="The tool's query and its tables do not agree; mend the tool.",
        code="query_refused",
    )


def _passing(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF not in _QUERY_AT_FAULT
    return type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError")


def _told(error: SQLAlchemyError) -> str:
    # SQLAlchemy's own words hold the whole statement; the driver's say what is wrong.
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).splitlines() or [type(error).__name__])[0]
