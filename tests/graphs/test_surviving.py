"""A batch whose process, store, disk, source or clock fails it: nothing is lost, nothing is twice.

Whole processes are killed, over real HTTP, at moments spread over all that they do: see
``victim.py``. What they leave is gone on with, and compared with what an undisturbed batch makes.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from agents.fence import unmarked
from casewright.batching import POISON_AFTER
from casewright.canonical import digest_of
from casewright.models import Run
from casewright.store import Store
from casewright.store.audited import Audited
from sandbox.app import create_app
from sandbox.model.app import Manner
from sandbox.model.app import create_app as create_model
from sandbox.model.memory import Memory
from sandbox.server import LOOPBACK, await_start, listen, uvicorn_server
from sandbox.summary import read_summary

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


SPREAD = 6
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
