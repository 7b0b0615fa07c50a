"""A store of its own for each test, on SQLite and on PostgreSQL, and what is done behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine

from casewright.models import ActionRecord, Evidence
from casewright.settings import Settings
from casewright.store import Store, postgres, schema
from casewright.store.opening import FILE


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Both, for every test of the store."""
    return str(request.param)


@pytest.fixture
def settings(tmp_path: Path, store_url: SecretStr) -> Settings:
    """Settings that name an empty store."""
    return Settings(home=tmp_path, store_url=store_url, store_connections=5)


@pytest.fixture
def bare(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings that name a database without any table."""
    server = database == "postgresql"
    url = request.getfixturevalue("new_database")("template1") if server else ""
    return Settings(home=tmp_path, store_url=SecretStr(url))


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    async with Store.at(settings) as store:
        yield store


@pytest.fixture
def sql(settings: Settings) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs one statement on the store's database; ``?`` stands for a value."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        if url := settings.store_url.get_secret_value():
            with psycopg.connect(url) as server:
                found = server.execute(statement.replace("?", "%s").encode(), values)
                return found.fetchall() if found.description else []
        with closing(sqlite3.connect(settings.home / FILE)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    return run


@pytest.fixture(scope="session")
def migrating() -> Callable[[Settings], AbstractContextManager[tuple[Connection, Config]]]:
    """Opens a database for Alembic's commands; what they did is kept at the end."""

    @contextmanager
    def opened(settings: Settings) -> Iterator[tuple[Connection, Config]]:
        url = settings.store_url.get_secret_value()
        engine = create_engine(
            postgres.address(url) if url else f"sqlite:///{settings.home / FILE}"
        )
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            yield connection, config
        engine.dispose()

    return opened


@pytest.fixture
def locked(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Holds the file for as long as the block lasts, as another process would."""

    @contextmanager
    def hold() -> Iterator[None]:
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield

    return hold


@pytest.fixture(scope="session")
def record() -> Callable[..., ActionRecord]:
    """The record of an action that ended with this evidence."""

    def make(evidence: Evidence, action: str = "order") -> ActionRecord:
        return ActionRecord(
            action=action, status="ok", digest=evidence.digest, retrieved_at=evidence.retrieved_at
        )

    return make
