"""One small world for all tests of this folder, and clients that speak to it in process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox.app import create_app
from sandbox.build import build_world
from sandbox.summary import WorldSummary
from sandbox.timeline import DAY, instant, rfc3339

SEED = 7


@dataclass
class Stopwatch:
    """Real seconds that pass only when told."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class World:
    """A built world and its files."""

    folder: Path
    summary: WorldSummary
    causes: list[dict[str, Any]] = field(default_factory=list)
    gold: list[dict[str, Any]] = field(default_factory=list)

    def of(self, case_type: str) -> list[dict[str, Any]]:
        """The drawn cases of one type."""
        return [line for line in self.causes if line["case_type"] == case_type]

    def rows(self, sql: str, *parameters: object) -> list[Any]:
        with sqlite3.connect(f"file:{self.folder / 'world.sqlite'}?mode=ro", uri=True) as db:
            return db.execute(sql, parameters).fetchall()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("sandbox") / "world"
    summary = build_world(folder, seed=SEED, size="small")
    return World(folder, summary, lines(folder / "causes.jsonl"), lines(folder / "gold.jsonl"))


@pytest.fixture(scope="session")
def worlds(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    """The world and two more of its size, where one holds too few cases to measure on."""
    made = [world]
    for seed in (101, 102):
        folder = tmp_path_factory.mktemp("sandbox") / str(seed)
        summary = build_world(folder, seed=seed, size="small")
        made.append(World(folder, summary, lines(folder / "causes.jsonl")))
    return made


@pytest.fixture(scope="session")
def client(world: World) -> Iterator[TestClient]:
    """A client without rate limits whose token may read all. It must not move the clock."""
    with connect(world, rate_limits=False) as made:
        yield made


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def open_client(world: World) -> Iterator[Callable[..., TestClient]]:
    """Makes clients over the world with settings of their own."""
    made: list[TestClient] = []

    def make(**settings: Any) -> TestClient:
        fresh = connect(world, **settings)
        fresh.__enter__()
        made.append(fresh)
        return fresh

    yield make
    for each in made:
        each.__exit__(None, None, None)


def connect(world: World, **settings: Any) -> TestClient:
    made = TestClient(create_app(world.folder, **settings), raise_server_exceptions=False)
    made.headers["Authorization"] = f"Bearer {world.summary.tokens['investigate']}"
    return made


@dataclass(frozen=True)
class Case:
    """A case's records as served at its first look, with what the generator drew."""

    drawn: dict[str, Any]
    record: dict[str, Any]
    as_of: str
    appeal: dict[str, Any]
    order: dict[str, Any]


@pytest.fixture(scope="session")
def served(world: World, client: TestClient) -> list[Case]:
    """Every third late-dispatch case of the world with its appeal and order."""
    mine = [line for line in world.causes if line["case_type"] == "appeal.late_dispatch"]
    return [_serve(client, drawn) for drawn in mine[::3]]


def _serve(client: TestClient, drawn: dict[str, Any]) -> Case:
    record = client.get(f"/v1/cases/{drawn['case_id']}").json()["data"]
    as_of = rfc3339(instant(record["opened_at"]) + 2 * DAY)
    appeal = client.get(
        f"/v1/appeals/{record['subject']['appeal_id']}", params={"as_of": as_of}
    ).json()["data"]
    order = client.get(f"/v1/orders/{appeal['order_id']}", params={"as_of": as_of}).json()["data"]
    return Case(drawn, record, as_of, appeal, order)
