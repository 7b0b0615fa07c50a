"""Asking and appealing in the console, by people of each role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from casewright.clock import utc_now
from casewright.models import ReviewAct, RunStatus
from casewright.settings import Settings
from graphs.run import open_investigator
from review.desk import Desk
from review.web.rights import RIGHTS
from review.web.routes.ask import router

HOSTILE = "Where is it? <script>alert(1)</script>\u202e{{ 7 * 7 }}"


@pytest.fixture
def waiting(sourced: Settings, teamed: Settings, plain_case: str) -> Settings:
    """The settings of a home folder where the plain case waits anew, and nobody has it."""

    async def work() -> None:
        from graphs.run import Wish

        async with open_investigator(sourced) as investigator:
            await investigator.investigate(plain_case, Wish(again=True))

    asyncio.run(work())
    return teamed


def form(**changed: Any) -> dict[str, Any]:
    given = {
        "csrf": "imitated-token",
        "code": "Q1",
        "to": "seller",
        "question": "The receipt, please.",
        "days": "7",
        "factor": "handover_proved",
        "note": "",
    }
    return {**given, **changed}


async def test_what_is_refused_comes_back_with_what_was_typed(
    waiting: Settings, plain_case: str, serve: Callable[..., Any], parsed: Callable[..., Any]
) -> None:
    async with serve(waiting) as client, client("reviewer") as http:
        answer = await http.post(f"/cases/{plain_case}/ask", data=form(days="999", note=HOSTILE))
    page = parsed(answer.text)
    assert answer.status_code == 422
    assert "The question does not fit" in page.one("div", role="alert").text
    assert "open" in page.one("details", id="act-ask").attributes
    assert page.one("textarea", id="ask-question").text == "The receipt, please."
    assert page.one("input", id="ask-days")["value"] == "999"
    assert "checked" in page.one("input", name="code", value="Q1").attributes
    assert "selected" in page.one("option", value="handover_proved").attributes


async def test_a_reviewer_asks_and_sees_what_is_awaited(
    waiting: Settings, plain_case: str, serve: Callable[..., Any]
) -> None:
    async with serve(waiting) as client, client("reviewer") as http:
        path = f"/cases/{plain_case}/ask"
        page = (await http.get(path)).text
        assert 'name="question"' in page
        assert "Q3 carrier, brand, laboratory or provider" in page
        answer = await http.post(path, data=form(question=HOSTILE))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{plain_case}")
        page = (await http.get(path)).text
        assert "Awaits an answer" in page
        assert "Until" in page
        # Text stays text, what cannot be seen is spelled out, and one question is out at a time.
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert "\u202e" not in page
        assert "{{ 7 * 7 }}" in page
        assert 'name="question"' not in page
        again = await http.post(path, data=form())
        assert again.status_code == 422
        assert "waits for an answer already" in again.text


@pytest.mark.parametrize(
    "changed", [{"to": "nobody"}, {"days": "0"}, {"days": "x"}, {"question": " "}, {"code": "A1"}]
)
async def test_what_does_not_fit_is_told(
    waiting: Settings, plain_case: str, serve: Callable[..., Any], changed: dict[str, str]
) -> None:
    async with serve(waiting) as client, client("reviewer") as http:
        answer = await http.post(f"/cases/{plain_case}/ask", data=form(**changed))
        assert answer.status_code == 422
        page = (await http.get(f"/cases/{plain_case}/ask")).text
        assert "Awaits an answer" not in page


async def test_who_may_not_is_refused(
    waiting: Settings, plain_case: str, serve: Callable[..., Any]
) -> None:
    async with serve(waiting) as client:
        for member in ("analyst", "lead", "qa", "admin"):
            async with client(member) as http:
                asked = await http.post(f"/cases/{plain_case}/ask", data=form())
                assert asked.status_code == 403
        async with client("reviewer") as http:
            data = {"by": "seller", "statement": "No."}
            assert (await http.post(f"/cases/{plain_case}/appeal", data=data)).status_code == 403


async def test_an_analyst_opens_an_appeal_once(
    waiting: Settings, sourced: Settings, plain_case: str, serve: Callable[..., Any]
) -> None:
    async with open_investigator(sourced) as investigator:
        desk = Desk(investigator, "ana", utc_now)
        done = await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="uphold")
        assert done.status is RunStatus.DONE
    path = f"/cases/{plain_case}/appeal"
    async with serve(waiting) as client, client("analyst") as http:
        assert "Open an appeal" in (await http.get(path)).text
        data = {"csrf": "imitated-token", "by": "seller", "statement": HOSTILE, "language": ""}
        for _ in range(2):
            answer = await http.post(path, data=data)
            assert (answer.status_code, answer.headers["location"]) == (303, path)
        page = (await http.get(path)).text
        assert page.count(f"{plain_case}-appeal-1</a>") == 1
        wrong = await http.post(path, data={**data, "by": "a friend"})
        assert wrong.status_code == 422
        assert (await http.get("/cases/nope/appeal")).status_code == 404


def test_every_route_here_has_its_right() -> None:
    routes = {(method, route.path) for route in router.routes for method in route.methods}  # type: ignore[attr-defined]
    assert routes <= RIGHTS.keys()
