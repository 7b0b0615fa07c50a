"""Ten attacks, each refused. Those on routes go through all that there are, also later ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from jsonpointer import set_pointer
from starlette.responses import RedirectResponse

from casewright.audit import Actor
from casewright.clock import utc_now
from casewright.credentials import digest, fresh
from casewright.errors import CasewrightError, Forbidden
from casewright.models import Evidence, ReviewAct, Run
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role, Team
from casewright.waiting import Wanted
from graphs.run import open_investigator
from review.desk import Desk
from review.exporting import export
from review.web.app import HEADERS
from review.web.doors.forgery import SAFE, token_of
from review.web.pages import to
from review.web.rights import RIGHTS, Door
from tools.base import Tool

Enter = Callable[..., Any]

EVERYTHING = Membership(roles=tuple(Role))
ELSEWHERE = Membership(roles=tuple(Role), regions=("ZZ",))
"""Whoever may do everything, with the cases of no region that there is."""

CLOSED = [route for route, needs in RIGHTS.items() if needs is not Door.PUBLIC]
UNSAFE = [route for route in CLOSED if route[0] not in SAFE]
OF_A_CASE = [route for route in CLOSED if "{case_id}" in route[1]]
READ = [route for route in RIGHTS if route[0] == "GET"]

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "{{ 7654321*7654321 }}",
    "<a href=javascript:alert(1)>x</a>",
)
RUN = (
    "<script>alert",
    "<img src=x",
    "<svg onload",
    "' onmouseover='",
    str(7654321**2),
    "<a href=javascript",
)
"""What a page would hold if it took one of them for more than text."""

SQL = (
    "' OR '1'='1",
    "x'; DROP TABLE runs; --",
    "x' UNION SELECT body FROM runs --",
    '"); DELETE FROM queue; --',
    "\x00' OR 1=1",
    "%",
)


@pytest.fixture
def everything(settled: Settings) -> Settings:
    """A reviewed case, one member who may do everything, and one with the cases of elsewhere."""
    return settled.model_copy(update={"team": {"all": EVERYTHING, "far": ELSEWHERE}})


@pytest.fixture
async def door(everything: Settings, enter: Enter) -> AsyncIterator[Any]:
    async with enter(everything) as opened:
        yield opened


def filled(path: str, value: str) -> str:
    return re.sub(r"\{[^}]+\}", value, path)


# 1. A forged session


async def test_a_forged_session_opens_no_route(door: Any) -> None:
    async with await door.browser("all") as http:
        own = http.cookies[door.keeper.cookie]
    forged = (fresh(), own[:-1], own + "A", own.swapcase(), "", "all", token_of(own), "../" + own)
    for secret in forged:
        for method, path in CLOSED:
            cookies = {door.keeper.cookie: secret}
            async with door.nobody(cookies=cookies) as http:
                answer = await http.request(method, filled(path, "x"))
                assert answer.status_code == 401, (secret, path)


async def test_a_session_cannot_be_planted_before_signing_in(door: Any) -> None:
    planted = fresh()
    async with door.nobody(cookies={door.keeper.cookie: planted}) as http:
        answer = await http.post("/sign-in", data={"token": door.keeper.links.issue("all")})
        assert answer.cookies[door.keeper.cookie] != planted
    async with door.nobody(cookies={door.keeper.cookie: planted}) as attacker:
        assert (await attacker.get("/", follow_redirects=True)).status_code == 401


# 2. A replayed token


async def test_a_one_time_token_is_of_no_use_twice(door: Any) -> None:
    token = door.keeper.links.issue("all")
    async with door.nobody() as http, door.nobody() as thief:
        assert (await http.post("/sign-in", data={"token": token})).status_code == 303
        assert (await thief.post("/sign-in", data={"token": token})).status_code == 403
        assert (await thief.get("/", follow_redirects=True)).status_code == 401


# 3. Requests forged across sites


@pytest.mark.parametrize("route", UNSAFE, ids=" ".join)
async def test_no_route_takes_a_form_of_another_site(door: Any, route: tuple[str, str]) -> None:
    async with await door.browser("all") as http, await door.browser("all") as other:
        own, foreign = (one.headers.pop("x-csrf-token") for one in (http, other))
        path = filled(route[1], "x")
        tries: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
            ({}, {}),
            ({"csrf": ""}, {}),
            ({"csrf": own[:-1]}, {}),
            ({"csrf": foreign}, {}),
            ({}, {"x-csrf-token": foreign}),
            ({"csrf": own}, {"sec-fetch-site": "cross-site"}),
            ({"csrf": own}, {"sec-fetch-site": "same-site"}),
            ({"csrf": "é" * 64}, {}),
        )
        for data, headers in tries:
            answer = await http.request(route[0], path, data=data or {"a": "b"}, headers=headers)
            assert answer.status_code == 403, (data, headers)
        assert (await http.get("/", follow_redirects=True)).status_code == 200, (
            "the session is still there"
        )


# 4. Cases of other regions


async def test_no_route_shows_or_moves_a_case_of_another_region(door: Any, plain_case: str) -> None:
    before = await door.house.store.log.head(plain_case)
    for method, path in OF_A_CASE:
        async with await door.browser("far") as http:
            data = {} if method == "GET" else {"data": {"codes": "A1", "act": "approve"}}
            key = {"Idempotency-Key": uuid4().hex}
            answer = await http.request(method, filled(path, plain_case), headers=key, **data)
            assert answer.status_code in (403, 404, 422), path
            run = await door.house.store.latest_run(plain_case)
            assert run.case.seller_id not in answer.text
    assert await door.house.store.log.head(plain_case) == before


async def test_the_desk_refuses_cases_of_another_region(
    everything: Settings, plain_case: str
) -> None:
    async with open_investigator(everything) as investigator:
        desk = Desk(investigator, "far", utc_now, team=Team.of(everything.team))
        for tried in (
            desk.view(plain_case),
            desk.follow(plain_case, 1),
            desk.act(plain_case, ReviewAct.APPROVE, ["A1"]),
            desk.claim(plain_case),
            desk.assign(plain_case, "all"),
            desk.hold(plain_case, utc_now() + timedelta(hours=1), "mine"),
            desk.place(plain_case),
        ):
            with pytest.raises(Forbidden):
                await tried
        for regions in ((), ("US", "MX"), ("ZZ", "US")):
            assert (await desk.queue(Wanted(regions=regions))).total == 0


# 5. Paths out of a folder


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
    ],
)
async def test_no_path_leads_out_of_the_static_folder(door: Any, path: str) -> None:
    async with await door.browser("all") as http:
        answer = await http.get(path)
        assert answer.status_code == 404
        assert "import" not in answer.text


@pytest.mark.parametrize(
    "case_id", ["../evil", "/etc/evil", "..", "a/../../b", "evil\x00", "C:\\x"]
)
async def test_a_dossier_stays_in_its_folder_whatever_a_source_calls_the_case(
    everything: Settings, plain_case: str, tmp_path: Path, case_id: str
) -> None:
    folder = tmp_path / "out" / "dossiers"
    async with Store.open(everything.home) as store:
        run = await store.latest_run(plain_case)
        assert run is not None
        case = run.case.model_copy(update={"case_id": case_id})
        copied = run.model_copy(update={"case": case, "run_id": f"copy-{abs(hash(case_id))}"})
        await store.save_run(copied)
        who = Actor(role="analyst", id="ana")
        tools = load_plugins().all("tool", Tool)
        await export(store, case_id, folder, tools, who, utc_now, reveal=True)
    written = files_below(tmp_path)
    assert len(written) == 2
    assert {file.parent for file in written} == {folder}


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


# 6. Lines in headers


async def test_no_line_gets_into_a_header(door: Any) -> None:
    line = "x\r\nSet-Cookie: casewright=planted\r\n\r\n<p>"
    moved = to(f"/cases/{line}")
    assert isinstance(moved, RedirectResponse)
    assert not set("\r\n") & set(moved.headers["location"])
    async with await door.browser("all") as http:
        for method, path in RIGHTS:
            quoted = "x%0d%0aSet-Cookie:%20casewright=planted"
            answer = await http.request(method, filled(path, quoted), params={"token": line})
            told = "".join(answer.headers.get_list("set-cookie"))
            assert "planted" not in told, path
            assert not any(set("\r\n") & set(value) for value in answer.headers.values())


async def test_a_member_s_name_stays_a_name(
    everything: Settings, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "casewright.doors")
    name = "eve\r\nroot signed in from 127.0.0.1"
    named = everything.model_copy(update={"team": {name: EVERYTHING}})
    async with enter(named) as door, door.nobody() as http:
        await http.post("/sign-in", data={"token": door.keeper.links.issue(name)})
    assert caplog.records
    assert all("\n" not in record.getMessage() for record in caplog.records)


# 7. Bodies that are too large


@pytest.mark.parametrize("route", [one for one in RIGHTS if one[0] not in SAFE], ids=" ".join)
async def test_a_body_that_is_too_large_is_refused(door: Any, route: tuple[str, str]) -> None:
    """Whether it says how large it is or not, and before all of it is read."""
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b"csrf="
        while read < 64:
            read += 1
            yield b"x" * 65536

    async def sent() -> AsyncIterator[bytes]:
        for part in endless():
            yield part

    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with await door.browser("all") as http:
        del http.headers["x-csrf-token"]
        path = filled(route[1], "x")
        told = await http.request(route[0], path, content=b"a=" + b"x" * 2**21, headers=kind)
        untold = await http.request(route[0], path, content=sent(), headers=kind)
    assert (told.status_code, untold.status_code) == (413, 413)
    assert read < 64
    assert {name: told.headers[name] for name in HEADERS} == HEADERS


async def test_a_body_may_not_say_it_is_smaller(door: Any) -> None:
    async with door.nobody() as http:
        kind = {"content-type": "application/x-www-form-urlencoded", "content-length": "10"}
        answer = await http.post("/sign-in", content=b"token=" + b"x" * 2**21, headers=kind)
        assert answer.status_code in (400, 413)


# 8. SQL in filters


@pytest.mark.parametrize("text", SQL)
async def test_what_is_filtered_by_is_a_value_and_never_sql(
    everything: Settings, text: str
) -> None:
    async with open_investigator(everything) as investigator:
        desk = Desk(investigator, "all", utc_now, team=Team.of(everything.team))
        before = len(await investigator.store.runs())
        for facet in ("sops", "regions", "languages", "routes", "channels"):
            try:
                listed = await desk.queue(Wanted.model_validate({facet: (text,)}))
            except (CasewrightError, ValueError):
                continue
            assert listed.total == 0
        assert len(await investigator.store.runs()) == before


@pytest.mark.parametrize("text", SQL)
async def test_no_page_takes_sql_in_what_it_filters_by(door: Any, text: str) -> None:
    names = ("sop", "region", "language", "route", "channel", "q", "text", "page", "limit", "whose")
    before = len(await door.house.store.runs())
    for method, path in READ:
        for where in (text, "x"):
            async with await door.browser("all") as http:
                params = dict.fromkeys(names, text)
                answer = await http.request(method, filled(path, quoted(where)), params=params)
                assert answer.status_code < 500, path
    assert len(await door.house.store.runs()) == before


def quoted(text: str) -> str:
    return quote(text, safe="")


# 9. Scripts in what others wrote


async def poisoned(store: Store, case_id: str, text: str) -> str:
    """A copy of a case in which every field that a party wrote, and every id, is a text.

    Returns:
        The id of the copy.
    """
    run = await store.latest_run(case_id)
    assert run is not None
    items = await store.evidence_of(await store.linked(run.run_id))
    record = run.model_dump_json()
    for digest_, item in items.items():
        new = Evidence.freeze(
            retrieved_at=item.retrieved_at, **item.content() | {"data": hostile(item, text)}
        )
        await store.put_evidence([new])
        record = record.replace(digest_, new.digest)
    copied = Run.model_validate_json(record)
    own = f"copy_{digest(text)[:8]}"
    case = copied.case.model_copy(
        update={
            "case_id": own,
            "text": text,
            "seller_id": text,
            "subject": dict.fromkeys(copied.case.subject, text),
            "linked_seller_ids": (text,),
            "party_ids": (text,),
        }
    )
    decision = copied.decision
    assert decision is not None
    claims = tuple(one.model_copy(update={"sentence": text}) for one in decision.claims)
    told = decision.model_copy(update={"claims": claims, "reasons": (text,)})
    changes = {"case": case, "decision": told, "run_id": f"run_{own}"}
    await store.save_run(copied.model_copy(update=changes))
    return own


def hostile(item: Evidence, text: str) -> Any:
    data = item.model_dump(mode="json")["data"]
    for pointer in item.untrusted:
        set_pointer(data, pointer, text)
    return data


@pytest.mark.parametrize("text", SCRIPTS)
async def test_no_page_lets_a_script_through(
    everything: Settings, enter: Enter, plain_case: str, text: str
) -> None:
    """In the path, in what is searched for, in a member's name, and in a case."""
    team = {text: EVERYTHING}
    async with enter(everything.model_copy(update={"team": team})) as door:
        copied = await poisoned(door.house.store, plain_case, text)
        for method, path in READ:
            for where in (quoted(text), copied):
                async with await door.browser(text) as http:
                    params = {"q": text, "text": text, "token": text, "region": text}
                    answer = await http.request(method, filled(path, where), params=params)
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "script-src 'self'" in policy or "script-src" not in policy
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert not [part for part in RUN if part in answer.text], path


async def test_a_template_s_own_words_in_a_value_are_not_run(door: Any) -> None:
    shown = door.app.state.pages.from_string('<p title="{{ a }}">{{ a }}</p>')
    for text in SCRIPTS:
        out = shown.render(a=text)
        assert out.count("<") == 2
        assert str(7654321**2) not in out
