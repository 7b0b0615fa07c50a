"""Undoing from the console."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.clock import utc_now
from casewright.models import ReviewAct, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from graphs.run import open_investigator
from review.desk import Desk
from review.web.pages import pages
from sandbox.server import Endpoint

FORM = {"csrf": "imitated-token", "why": "Too <b>early</b>."}


@pytest.fixture
def decided(
    teamed: Settings, tmp_path: Path, marketplace: Endpoint, plain_case: str
) -> Callable[[float], Settings]:
    """The plain case decided by the reviewer, to be carried out after so many minutes."""

    def decided(minutes: float) -> Settings:
        token = SecretStr(marketplace.enforce_token)
        here = {"home": tmp_path, "enforce": "on", "enforce_token": token}
        settings = teamed.model_copy(update={**here, "undo_minutes": minutes})

        async def work() -> None:
            async with open_investigator(settings) as investigator:
                await investigator.investigate(plain_case)
                desk = Desk(investigator, "reviewer", utc_now)
                await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")

        asyncio.run(work())
        return settings

    return decided


def status(settings: Settings, case_id: str) -> RunStatus:
    async def work() -> RunStatus:
        async with Store.open(settings.home) as store:
            run = await store.latest_run(case_id)
            assert run is not None
            return run.status

    return asyncio.run(work())


def test_who_decided_undoes_what_was_not_sent(
    decided: Callable[[float], Settings], serve: Callable[..., Any], plain_case: str
) -> None:
    settings = decided(5)
    path = f"/cases/{plain_case}/undo"

    async def work() -> None:
        async with serve(settings) as client, client("reviewer") as http:
            shown = await http.get(path)
            assert shown.status_code == 200
            assert "is not sent" in shown.text
            assert 'name="csrf" value="imitated-token"' in shown.text
            assert 'name="sent"' not in shown.text
            answer = await http.post(path, data=FORM)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{plain_case}")
            assert (await http.get(path)).status_code in (409, 422)  # nothing is left to undo

    asyncio.run(work())
    assert status(settings, plain_case) is RunStatus.WAITING


def test_what_was_sent_has_to_be_confirmed(
    decided: Callable[[float], Settings], serve: Callable[..., Any], plain_case: str
) -> None:
    settings = decided(0)
    path = f"/cases/{plain_case}/undo"

    async def work() -> None:
        async with serve(settings) as client, client("senior") as http:
            shown = await http.get(path)
            assert "was done" in shown.text
            assert 'type="checkbox"' in shown.text
            assert (await http.post(path, data=FORM)).status_code == 422
            assert (await http.post(path, data={**FORM, "why": ""})).status_code == 422
            answer = await http.post(path, data={**FORM, "sent": "yes"})
            assert answer.status_code == 303

    asyncio.run(work())
    assert status(settings, plain_case) is RunStatus.WAITING


def test_others_are_refused(
    decided: Callable[[float], Settings], serve: Callable[..., Any], plain_case: str
) -> None:
    settings = decided(5)

    async def work() -> None:
        async with serve(settings) as client:
            for name in ("analyst", "qa", "admin", "legal"):
                async with client(name) as http:
                    expected = 200 if name == "legal" else 403
                    answer = await http.get(f"/cases/{plain_case}/undo")
                    assert answer.status_code == expected, name

    asyncio.run(work())
    assert status(settings, plain_case) is RunStatus.DONE


def test_the_fragment_tells_the_time_left(
    decided: Callable[[float], Settings], plain_case: str
) -> None:
    settings = decided(5)

    async def work() -> str:
        async with Store.open(settings.home) as store:
            waits = await store.outbox.all(plain_case)
        now = waits[0].next_at - timedelta(seconds=95)
        template = pages().get_template("pending.html")
        return template.render(case_id=plain_case, pending=waits, now=now, undoable=True)

    text = asyncio.run(work())
    assert "in 1 min 35 s" in text
    assert f'href="/cases/{plain_case}/undo"' in text
    nothing = pages().get_template("pending.html").render(case_id="", pending=(), now=utc_now())
    assert nothing.strip() == ""
