"""How long a reviewer waits for the console where very much waits.

A few dozen cases of the sandbox are really investigated and wait with their checkpoints. One of
them is then written many thousand times under other ids, with other regions, routes, stakes and
times left, straight into the tables: what the pages read is then as large as it says. What is
approved are the real ones, through the graph, in that large store.

Everything goes through the ASGI application in this process, beside an empty page of the same
application. The door is kept by an imitation: signing in is not what is measured.

Run: python benchmarks/console.py [--cases 100000] [--real 40] [--rounds 40] [--profile FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import random
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import httpx
from fastapi import Request
from pydantic import SecretStr

from casewright.audit import Happened, Kind, Place, Written
from casewright.clock import utc_now
from casewright.models import ReviewAct, RunStatus
from casewright.settings import Settings
from casewright.store.opening import FILE
from casewright.team import Team
from casewright.waiting import Wanted
from graphs.run import open_investigator
from review.desk import Desk
from review.web.admission import Doorkeeper
from review.web.app import application
from review.web.house import House, open_house
from review.web.rights import RIGHTS
from review.web.visitor import Visitor
from sandbox.build import build_world
from sandbox.server import running

TARGETS = {"queue": 100, "case": 200, "approve": 150}
"""Milliseconds that a page or an act may take."""

CSRF = "imitated-token"
REGIONS = ("US", "EU", "UK", "SG", "MX")
ROUTES = ("review", "review", "review", "senior", "legal")
LANGUAGES = ("en", "es", "zh", "de")
CHANNELS = ("appeal", "batch", "on-call", "regulatory")

EMPTY = "an empty page"
"""The page that says that there is none: what the application itself takes."""

PAGES = {
    EMPTY: "/no-such-page",
    "queue, first page": "/queue",
    "queue, filtered": "/queue?region=EU&route=senior",
    "queue, page 40": "/queue?page=40",
    "search": "/search?q={seller}",
    "case": "/cases/{case}",
}
"""What is asked for, where the console has it."""


class ImitatedDoorkeeper:
    """Believes that whoever asks is the reviewer; an imitation, for measuring."""

    def __init__(self, team: Team) -> None:
        self._visitor = Visitor(team.member("reviewer"), "session", CSRF)

    async def visitor(self, request: Request) -> Visitor | None:
        return self._visitor


async def investigated(settings: Settings, wanted: int) -> list[tuple[str, str]]:
    """Cases that wait, really investigated: id and run."""
    found: list[tuple[str, str]] = []
    async with open_investigator(settings) as investigator:
        for case_id in await investigator.open_case_ids(None, None):
            run = await investigator.investigate(case_id)
            if run.status is RunStatus.WAITING:
                found.append((case_id, run.run_id))
            if len(found) == wanted:
                break
    return found


def multiplied(home: Path, run_id: str, case_id: str, times: int) -> None:
    """Write the run many times under other ids."""
    draw = random.Random(7)
    with closing(sqlite3.connect(home / FILE)) as connection, connection:
        connection.row_factory = sqlite3.Row
        run = _row(connection, "runs", run_id)
        waiting = _row(connection, "queue", run_id)
        ids = [(f"{number:032x}", f"copy_{number:06d}") for number in range(1, times + 1)]

        def runs() -> Iterator[dict[str, Any]]:
            for new_run, new_case in ids:
                body = run["body"].replace(run_id, new_run).replace(case_id, new_case)
                yield {**run, "run_id": new_run, "case_id": new_case, "body": body}

        def listed() -> Iterator[dict[str, Any]]:
            for new_run, new_case in ids:
                yield {
                    **waiting,
                    "run_id": new_run,
                    "case_id": new_case,
                    "region": draw.choice(REGIONS),
                    "route": draw.choice(ROUTES),
                    "language": draw.choice(LANGUAGES),
                    "channel": draw.choice(CHANNELS),
                    "seller_id": f"sel_copy_{draw.randrange(times // 10 + 1)}",
                    "stake_cents": draw.randrange(100, 2_000_000),
                    "interim": int(draw.random() < 0.01),
                    "due": int(time.time()) + draw.randrange(-86_400, 5 * 86_400),
                }

        _insert(connection, "runs", run, runs())
        _insert(connection, "queue", waiting, listed())
        connection.execute("INSERT INTO subjects SELECT seller_id, run_id FROM queue "
                           "WHERE case_id LIKE 'copy_%'")  # fmt: skip
        _logged(connection, ids)


def _row(connection: sqlite3.Connection, table: str, run_id: str) -> dict[str, Any]:
    return dict(connection.execute(f"SELECT * FROM {table} WHERE run_id = ?", (run_id,)).fetchone())


def _insert(
    connection: sqlite3.Connection, table: str, like: dict[str, Any], rows: Iterator[dict[str, Any]]
) -> None:
    marks = ", ".join(f":{name}" for name in like)
    connection.executemany(f"INSERT INTO {table} ({', '.join(like)}) VALUES ({marks})", rows)


def _logged(connection: sqlite3.Connection, ids: list[tuple[str, str]]) -> None:
    """One event a copy, in the store's chain."""
    entry, before = connection.execute("SELECT entry, hash FROM audit_head").fetchone()
    written: list[Written] = []
    for run_id, case_id in ids:
        place = Place(entry + 1, before, 1, "0" * 64)
        written.append(place.put(case_id, run_id, Happened(kind=Kind.WAITING, at=utc_now())))
        entry, before = written[-1].entry, written[-1].hash
    marks = ", ".join("?" * len(Written._fields))
    connection.executemany(f"INSERT INTO audit_events VALUES ({marks})", written)
    connection.execute("UPDATE audit_head SET entry = ?, hash = ?", (entry, before))


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    """The house, and a client of the application over it."""
    async with open_house(settings) as house:

        @asynccontextmanager
        async def opened() -> AsyncIterator[tuple[House, Doorkeeper]]:
            yield house, ImitatedDoorkeeper(house.team)

        app = application(opened)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            yield house, client


class Took(NamedTuple):
    """Milliseconds of a round: on the clock, and of this process's processor time."""

    clock: float
    cpu: float


async def once(work: Awaitable[object]) -> Took:
    """How long it takes."""
    start, cpu = time.perf_counter(), time.process_time()
    await work
    return Took(1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu))


async def clocked(rounds: int, work: Callable[[int], Awaitable[object]]) -> list[Took]:
    """Each round, after two that warm up."""
    return [await once(work(number)) for number in range(rounds)][2:]


def told(name: str, took: list[Took], reference: float = 0.0) -> float:
    """Print p50 and p95, and the p50 of processor time; the p50."""
    cuts = quantiles([one.clock for one in took] * 2, n=20)  # one round has cuts as well
    middle, high, cpu = cuts[9], cuts[18], median(one.cpu for one in took)
    ratio = f"{middle / reference:8.1f}x" if reference else " " * 9
    within = next((most for word, most in TARGETS.items() if name.startswith(word)), None)
    verdict = (
        "" if within is None else f"  target {within} ms: {'met' if high < within else 'MISSED'}"
    )
    print(f"{name:28} p50 {middle:8.1f} ms  p95 {high:8.1f} ms  cpu {cpu:6.1f} ms {ratio}{verdict}")
    return middle


def has(path: str) -> bool:
    """Whether the console answers at a path of PAGES."""
    plain = path.partition("?")[0].replace("{case}", "{case_id}")
    return path == PAGES[EMPTY] or ("GET", plain) in RIGHTS


@contextmanager
def profiled(file: Path | None, name: str) -> Iterator[None]:
    """Keep where the time went, where it is asked for."""
    profile = cProfile.Profile()
    with profile if file else nullcontext():
        yield
    if file:
        profile.dump_stats(file.with_name(f"{file.name}.{name.replace(' ', '-').replace(',', '')}"))


async def measure(
    settings: Settings, real: list[tuple[str, str]], rounds: int, file: Path | None
) -> None:
    async with served(settings) as (house, client):
        desk = house.desk("reviewer")
        reference = 0.0
        for name, path in PAGES.items():
            if not has(path):
                print(f"{name:28} (no such page)")
                continue

            async def ask(number: int, path: str = path) -> None:
                case_id = f"copy_{number * 37 + 1:06d}"
                answer = await client.get(path.format(case=case_id, seller=f"sel_copy_{number}"))
                assert answer.status_code == (404 if path == PAGES[EMPTY] else 200), answer.url

            with profiled(file, name):
                took = await clocked(rounds, ask)
            middle = told(name, took, reference)
            reference = reference or middle
        print("\nat the desk, without pages")
        senior = Wanted(regions=("EU",), routes=("senior",))
        asked: dict[str, Callable[[int], Awaitable[object]]] = {
            "queue, first page": lambda _: desk.queue(),
            "queue, filtered": lambda _: desk.queue(senior),
            "queue, page 40": lambda _: desk.queue(offset=39 * 50),
            "queue, counts by every facet": lambda _: desk.groups(),
            "queue, mine": lambda _: desk.queue(Wanted(whose="mine")),
            "case, shown": lambda n: desk.show(f"copy_{n * 37 + 1:06d}"),
            "case, viewed": lambda n: desk.view(f"copy_{n * 37 + 1:06d}"),
            "claim": lambda n: desk.claim(f"copy_{n * 41 + 2:06d}"),
        }
        for name, work in asked.items():
            with profiled(file, f"desk {name}"):
                told(name, await clocked(rounds, work), reference)

        half = len(real) // 2
        cold: dict[str, list[Took]] = {"first": [], "later": []}
        seen: set[str] = set()
        for case_id, _ in real:  # whoever decides a case has opened it
            run = await desk.show(case_id)
            took_one = await once(opened(client, desk, case_id))
            cold["later" if run.graph_version in seen else "first"].append(took_one)
            seen.add(run.graph_version)
        told("case, first of a procedure", cold["first"], reference)
        told("case, later ones", cold["later"], reference)
        with profiled(file, "desk approve"):
            took = await clocked(half, lambda n: desk.act(real[n][0], ReviewAct.APPROVE, ["A1"]))
        told("approve, at the desk", took, reference)
        if ("POST", "/cases/{case_id}/review") in RIGHTS:

            async def approve(number: int) -> None:
                case_id = real[half + number][0]
                form = {"csrf": CSRF, "act": "approve", "code": "A1"}
                answer = await client.post(f"/cases/{case_id}/review", data=form)
                assert answer.status_code == 303, (answer.status_code, answer.text)
                run = await house.store.latest_run(case_id)
                assert run is not None
                assert run.status is RunStatus.DONE

            with profiled(file, "approve"):
                took = await clocked(len(real) - half, approve)
            told("approve, by its form", took, reference)


async def opened(client: httpx.AsyncClient, desk: Desk, case_id: str) -> None:
    """Open a case, on its page where there is one."""
    if has(PAGES["case"]):
        assert (await client.get(f"/cases/{case_id}")).status_code == 200
    else:
        await desk.view(case_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--real", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--profile", type=Path, default=None, help="write profiles beside this name"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build_world(Path(folder) / "world", seed=7, size="small")
        with running(Path(folder) / "world", faults=False, rate_limits=False) as endpoint:
            settings = Settings(
                home=Path(folder) / "home",
                source_url=endpoint.base_url,
                source_token=SecretStr(endpoint.read_token),
                source_timeout_s=60,
                reviewer="analyst",
                team={"reviewer": {"roles": ["reviewer", "senior", "legal"]}},
            )
            real = asyncio.run(investigated(settings, given.real))
            start = time.perf_counter()
            multiplied(settings.home, real[-1][1], real[-1][0], given.cases)
            size = (settings.home / FILE).stat().st_size / 1e6
            took = time.perf_counter() - start
            print(
                f"{given.cases} copies of a case wait in a store of {size:,.0f} MB "
                f"(written in {took:.0f} s), and {len(real)} real ones\n"
            )
            asyncio.run(measure(settings, real, given.rounds, given.profile))


if __name__ == "__main__":
    main()
