"""A store on PostgreSQL: its address, the driver for it, and what its server must be like."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from casewright.errors import EnvironmentFault, StoreCorrupt, UsageError

OLDEST: Final = 16
"""The oldest major version of the server that knows ``IS JSON``."""

NAMES: Final = ("postgresql", "postgres", "postgresql+psycopg")

GIVEN: Final = {
    "connect_timeout": 10,
    "application_name": "casewright",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""How connections are made, in seconds where it is time. What the URL says goes before it."""

AWAY: Final = "See that the server runs and lets this account in; the setting is `store_url`."


def address(url: str) -> URL:
    """The address of a store, from the setting ``store_url``.

    Raises:
        UsageError: it is no URL of a PostgreSQL database.
    """
    remedy = "It reads postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):  # what it says holds the password, perhaps
        raise UsageError("The setting `store_url` is no URL.", remedy=remedy) from None
    if made.drivername not in NAMES or not made.database:
        raise UsageError("The setting `store_url` names no PostgreSQL database.", remedy=remedy)
    given = {name: str(value) for name, value in GIVEN.items() if name not in made.query}
    return made.set(drivername="postgresql+psycopg").update_query_dict(given)


def shown(url: URL) -> str:
    """An address as people may read it: without the password and all that is behind the name."""
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


def conninfo(url: URL) -> str:
    """An address as psycopg takes it, with the password."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def connect(url: URL, connections: int) -> AsyncEngine:
    """The engine for a store; no connection is made yet.

    Args:
        url: Where it is.
        connections: Most connections at once.

    Raises:
        EnvironmentFault: the driver is not installed.
    """
    require_driver()
    # A connection that the server dropped, as when it was restarted, is made anew unasked.
    return create_async_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True)


def require_driver() -> None:
    """Make sure that the extra is installed.

    Raises:
        EnvironmentFault: it is not.
    """
    for name in ("psycopg", "psycopg_pool", "langgraph.checkpoint.postgres"):
        if not _installed(name):
            raise EnvironmentFault(
                "What a store on PostgreSQL needs is not installed.",
                remedy='Run pip install "casewright[postgres]", or leave `store_url` empty.',
            )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it
        return False


def require_server(connection: Connection) -> None:
    """Make sure that the server can hold a store.

    Raises:
        EnvironmentFault: it is too old, or the database does not hold all characters.
    """
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST:
        told = f"The server is PostgreSQL {version}; a store needs {OLDEST} or newer."
        raise EnvironmentFault(told, remedy="Upgrade the server, or take another one.")
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise EnvironmentFault(
            f"The database holds text as {encoding}, not as UTF8.",
            remedy="Create one with ENCODING 'UTF8' TEMPLATE template0.",
        )


@contextmanager
def reachable(where: str) -> Iterator[None]:
    """Turns what the driver says on opening into ours, without the password.

    Raises:
        EnvironmentFault: the server is away, refuses us or lets us do too little.
    """
    try:
        yield
    except OperationalError as error:
        told = f"The store {where} cannot be used now: {_said(error)}."
        raise EnvironmentFault(told, remedy=AWAY) from None
    except DBAPIError as error:
        told = f"The store {where} cannot be made ready: {_said(error)}."
        remedy = "The account must own the database, or be let create tables in its schema."
        raise EnvironmentFault(told, remedy=remedy) from None


def damaged(error: InternalError, where: str) -> StoreCorrupt | None:
    """That the server found its files broken; None where it complains of something else."""
    if getattr(error.orig, "sqlstate", "") not in ("XX001", "XX002"):
        return None
    return StoreCorrupt(
        f"The store {where} does not read: {_said(error)}.", remedy="Restore it from a backup."
    )


def _said(error: DBAPIError) -> str:
    orig: Any = error.orig
    return str(orig).strip().replace("\n", " ").rstrip(".")
