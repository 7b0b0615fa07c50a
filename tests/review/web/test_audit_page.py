"""Audit: verification in the background, the log of a case, dossiers and reveals."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from casewright.audit import Kind
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Member, Membership, Role
from graphs.run import open_investigator
from review.reverified import read
from review.web.pages import pages
from review.web.visitor import Visitor

Serve = Callable[..., Any]
FORM = {"csrf": "imitated-token"}

HTMX = {"hx-request": "true"}
"""A part of a page is for htmx alone."""


@pytest.fixture
def audited(settled: Settings, tmp_path: Path) -> Settings:
    """A copy of the settled home folder, with a team."""
    home = tmp_path / "home"
    copytree(settled.home, home)
    team = {role.value: Membership(roles=(role,)) for role in Role}
    team["there"] = Membership(roles=(Role.LEGAL,), regions=("nowhere",))
    return settled.model_copy(update={"home": home, "team": team})


async def verified(http: Any, **given: str) -> str:
    await http.post("/audit/verify", data={**FORM, **given})
    for _ in range(200):
        page: str = (await http.get("/audit/verify", headers=HTMX)).text
        if "hx-trigger" not in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("it does not end")


async def test_the_log_is_verified_and_faults_are_named(
    audited: Settings, serve: Serve, plain_case: str
) -> None:
    async with serve(audited) as client, client("qa") as http:
        assert "nobody verified" in (await http.get("/audit")).text
        assert "The log holds." in await verified(http)
        assert "by qa" in (await http.get("/audit")).text
        wrong = await verified(http, kept=f"3:{'0' * 64}")
        assert "kept elsewhere" in wrong
        assert (await http.post("/audit/verify", data={**FORM, "kept": "x"})).status_code == 422
        with closing(sqlite3.connect(audited.home / "casewright.sqlite")) as connection:
            connection.execute("DROP TRIGGER audit_events_no_update")
            connection.execute("UPDATE audit_events SET actor = 'nobody' WHERE number = 2")
            connection.commit()
        page = await verified(http)
        assert f"case {plain_case}, event 2" in page
        assert "audit_events_no_update" in page


async def test_the_log_of_a_case_is_for_those_who_audit_and_see_it(
    audited: Settings, serve: Serve, plain_case: str
) -> None:
    async with serve(audited) as client:
        async with client("qa") as http:
            page = (await http.get(f"/audit/{plain_case}")).text
            assert "reviewed" in page
            assert "dossier" not in page
        for name in ("reviewer", "analyst", "there"):
            async with client(name) as http:
                assert (await http.get(f"/audit/{plain_case}")).status_code == 403


async def kinds(settings: Settings, case_id: str) -> list[tuple[str, str, Any]]:
    async with Store.open(settings.home) as store:
        assert (await store.audited()).faults == ()
        return [(one.kind, one.actor.id, one.body) for one in await store.log.of(case_id)]


async def test_dossiers_are_masked_unless_revealed_for_a_reason(
    audited: Settings, serve: Serve, plain_case: str
) -> None:
    path = f"/cases/{plain_case}/dossier"
    async with serve(audited) as client:
        async with client("lead") as http:  # may export, and not see personal data
            answer = await http.get(f"{path}.json")
            assert answer.headers["content-disposition"].endswith(f'"{plain_case}.json"')
            assert read(answer.text).masked
            assert (await http.get(f"{path}.html")).headers["content-type"].startswith("text/html")
            asked = {**FORM, "format": "json", "reason": "legal"}
            assert (await http.post(path, data=asked)).status_code == 403
        async with client("senior") as http:
            for reason in ("", "because", "other"):
                bad = await http.post(path, data={**asked, "reason": reason})
                assert bad.status_code == 422
            assert not read((await http.post(path, data=asked)).text).masked
        async with client("reviewer") as http:
            assert (await http.get(f"{path}.json")).status_code == 403
        async with client("there") as http:
            assert (await http.get(f"{path}.json")).status_code == 403
    told = [one for one in await kinds(audited, plain_case) if one[0] is Kind.EXPORTED]
    assert [(who, body["masked"]) for _, who, body in told] == [
        ("lead", True),
        ("lead", True),
        ("senior", False),
    ]
    assert not list(audited.home.glob("dossier-*"))


async def test_a_reveal_is_logged_and_holds_for_half_an_hour_for_one_member(
    audited: Settings, serve: Serve, plain_case: str
) -> None:
    path = f"/cases/{plain_case}/reveal"
    async with serve(audited) as client:
        for name, status in (("analyst", 403), ("lead", 403), ("admin", 403), ("there", 403)):
            async with client(name) as http:
                answer = await http.post(path, data={**FORM, "reason": "decide"})
                assert answer.status_code == status
        async with client("reviewer") as http:
            other = {**FORM, "reason": "other", "note": "x" * 501}
            assert (await http.post(path, data=other)).status_code == 422
            done = await http.post(path, data={**FORM, "reason": "other", "note": "a call"})
            assert done.headers["location"] == f"/cases/{plain_case}"
    told = [one for one in await kinds(audited, plain_case) if one[0] is Kind.REVEALED]
    assert told == [(Kind.REVEALED, "reviewer", {"what": "case", "reason": "other", "note": True})]
    async with open_investigator(audited) as investigator:
        reveal = await investigator.store.reveals.last(plain_case, "reviewer")
    assert reveal is not None
    assert reveal.note == "a call"


@pytest.mark.parametrize(
    ("role", "masked", "offered"),
    [(Role.REVIEWER, True, True), (Role.LEAD, True, False), (Role.REVIEWER, False, False)],
)
def test_the_form_for_a_reveal_is_for_those_who_may(
    role: Role, masked: bool, offered: bool
) -> None:
    visitor = Visitor(Member("ana", frozenset({role})), "session", "tok")
    shown = {"visitor": visitor, "case_id": "a/b", "masked": masked}
    told = pages().get_template("reveal.html").render(shown)
    assert ("Personal data is hidden" in told) is masked
    assert ('action="/cases/a/b/reveal"' in told) is offered
    assert ('value="tok"' in told) is offered
