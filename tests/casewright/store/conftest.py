"""A store in a folder of its own, and what happens behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from casewright.models import ActionRecord, Evidence
from casewright.store import Store
from casewright.store.opening import FILE


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path) as store:
        yield store


@pytest.fixture
def sql(tmp_path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs one statement on the store's file."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    return run


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
