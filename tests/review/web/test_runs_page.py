"""Runs: what goes on, one run with its steps, and taking a case to the gate from the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from casewright.telemetry import Step
from review.web.errands import Errand, Errands

Serve = Callable[..., Any]
FORM = {"csrf": "imitated-token"}

HTMX = {"hx-request": "true"}
"""A part of a page is for htmx alone."""


@pytest.fixture
def fresh(teamed: Settings, tmp_path: Path) -> Settings:
    team = {**teamed.team, "there": Membership(roles=(Role.ANALYST,), regions=("nowhere",))}
    return teamed.model_copy(update={"home": tmp_path, "team": team})


async def ended(http: Any, case_id: str) -> str:
    for _ in range(300):
        page: str = (await http.get("/runs/live", headers=HTMX)).text
        if "hx-trigger" not in page:
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(f"{case_id} goes on for ever")


async def test_an_analyst_takes_a_case_to_the_gate(
    fresh: Settings, serve: Serve, plain_case: str
) -> None:
    async with serve(fresh) as client:
        async with client("analyst") as http:
            empty = (await http.get("/runs")).text
            assert "Nothing goes on." in empty
            assert "hx-trigger" not in empty
            for _ in range(2):  # twice: one run
                answer = await http.post("/runs", data={**FORM, "case_id": plain_case})
                assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
            assert "hx-trigger" in (await http.get("/runs")).text
            assert "taken to the gate in" in await ended(http, plain_case)
            waits = await http.post("/runs", data={**FORM, "case_id": plain_case})
            assert waits.headers["location"] == f"/cases/{plain_case}", "there is nothing to start"
        async with Store.open(fresh.home) as store:
            (run,) = await store.runs()
            entered = (await store.log.of(plain_case))[0]
        assert run.status.value == "waiting"
        assert (entered.actor.role, entered.actor.id) == ("analyst", "analyst")
        async with client("reviewer") as http:
            page = (await http.get(f"/runs/{run.run_id}")).text
            assert "entered" in page
            assert "proposed" in page
            assert plain_case in (await http.get("/runs", params={"status": "waiting"})).text
            assert plain_case not in (await http.get("/runs", params={"status": "done"})).text
            assert "What you started" not in (await http.get("/runs")).text


async def test_who_may_not(fresh: Settings, serve: Serve, plain_case: str) -> None:
    async with serve(fresh) as client:
        for name in ("reviewer", "qa", "admin"):
            async with client(name) as http:
                answer = await http.post("/runs", data={**FORM, "case_id": plain_case})
                assert answer.status_code == 403
        async with client("there") as http:  # of another region, before anybody took it in
            answer = await http.post("/runs", data={**FORM, "case_id": plain_case})
            assert answer.status_code == 403
        async with client("analyst") as http:
            answer = await http.post("/runs", data={**FORM, "case_id": "case_nowhere"})
            assert answer.status_code == 404
            assert "case_nowhere" in answer.text
            blank = await http.post("/runs", data={**FORM, "case_id": " "})
            assert blank.status_code == 422
            assert (await http.get("/runs/none")).status_code == 422
    async with Store.open(fresh.home) as store:
        assert await store.runs() == []


async def test_others_runs_are_not_shown(settled: Settings, serve: Serve) -> None:
    team = {"there": Membership(roles=(Role.ANALYST,), regions=("nowhere",))}
    async with Store.open(settled.home) as store:
        run = (await store.runs())[0]
    async with serve(settled.model_copy(update={"team": team})) as client, client("there") as http:
        assert (await http.get(f"/runs/{run.run_id}")).status_code == 403
        page = (await http.get("/runs")).text
        assert run.case.case_id not in page
        assert "Nothing found" in page


async def test_a_server_that_ends_leaves_the_run_to_go_on_later(
    fresh: Settings, serve: Serve, plain_case: str
) -> None:
    async with serve(fresh) as client, client("analyst") as http:
        await http.post("/runs", data={**FORM, "case_id": plain_case})
        for _ in range(200):
            if "entered" in (await http.get("/runs/live", headers=HTMX)).text:
                break
            await asyncio.sleep(0.01)
    async with serve(fresh) as client, client("analyst") as http:
        await http.post("/runs", data={**FORM, "case_id": plain_case})
        await ended(http, plain_case)
    async with Store.open(fresh.home) as store:
        (run,) = await store.runs()
        assert run.status.value == "waiting"
        assert (await store.audited()).faults == ()


# errands by themselves


async def test_errands_take_turns_and_are_remembered_for_a_while() -> None:
    errands, gate = Errands(at_once=1), asyncio.Event()

    async def wait(errand: Errand) -> str:
        errand.listen(Step(node="a", wall_ms=1, cpu_ms=1))
        await gate.wait()
        return "done"

    first, second = errands.start("a", "ana", wait), errands.start("b", "bo", wait)
    await asyncio.sleep(0)
    assert errands.start("a", "bo", wait) is first
    assert (first.waits, second.waits) == (False, True)
    gate.set()
    await asyncio.sleep(0.01)
    assert (first.result, first.error, first.going) == ("done", "", False)
    for number in range(150):
        errands.start(str(number), "ana", wait)
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    errands.start("last", "ana", wait)
    assert len(errands.all()) <= 101
    await errands.stop()


async def test_an_errand_that_fails_says_why(caplog: pytest.LogCaptureFixture) -> None:
    errands = Errands()

    async def unforeseen(_: Errand) -> None:
        raise RuntimeError("a detail that stays in the log")

    async def endless(_: Errand) -> None:
        await asyncio.Event().wait()

    broken, cut = errands.start("broken", "ana", unforeseen), errands.start("cut", "ana", endless)
    await asyncio.sleep(0.01)
    await errands.stop()
    assert "nobody foresaw" in broken.error
    assert "detail" not in broken.error
    assert "a detail" in caplog.text
    assert "cut off" in cut.error
