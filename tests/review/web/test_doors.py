"""The real door: one-time links, sessions, forms, keys, and how often one may try."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Form, Request
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.audit import Kind
from casewright.credentials import digest, fresh, read_key, written_key
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Permission, Role
from review.web.doors.entrance import Entrance, Tls
from review.web.doors.forgery import token_of
from review.web.doors.links import Links
from review.web.house import desk_of
from review.web.rights import RIGHTS, Door

Enter = Callable[..., Any]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROXIED = Entrance(host="0.0.0.0", behind_proxy=True)


class Moving:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Moving:
    return Moving()


@pytest.fixture
def own(teamed: Settings, tmp_path: Any) -> Settings:
    """The team, with a store of the test's own."""
    return teamed.model_copy(update={"home": tmp_path})


async def test_a_link_signs_in_once_and_opening_it_uses_nothing_up(
    own: Settings, enter: Enter
) -> None:
    async with enter(own) as door, door.nobody() as http:
        token = door.keeper.links.issue("reviewer")
        for _ in range(3):
            shown = await http.get("/sign-in", params={"token": token})
            assert f'value="{token}"' in shown.text
            assert not http.cookies
        first = await http.post("/sign-in", data={"token": token})
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert "reviewer" in (await http.get("/", follow_redirects=True)).text
        async with door.nobody() as other:
            again = await other.post("/sign-in", data={"token": token})
            assert again.status_code == 403
            assert not other.cookies


async def test_a_link_ends_after_ten_minutes(own: Settings, enter: Enter, clock: Moving) -> None:
    async with enter(own, clock=clock) as door, door.nobody() as http:
        token = door.keeper.links.issue("reviewer")
        clock.on(minutes=10)
        assert (await http.post("/sign-in", data={"token": token})).status_code == 403


def test_a_link_is_kept_as_a_digest(clock: Moving) -> None:
    links = Links(clock)
    token = links.issue("ana")
    assert token not in str(vars(links))
    assert (links.take(token), links.take(token)) == ("ana", None)


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    own: Settings, enter: Enter
) -> None:
    for entrance, wanted in (
        (Entrance(), ("casewright=", "HttpOnly; Path=/; SameSite=strict")),
        (PROXIED, ("__Host-casewright=", "HttpOnly; Path=/; SameSite=strict; Secure")),
    ):
        async with enter(own, entrance=entrance) as door, door.nobody() as http:
            token = door.keeper.links.issue("reviewer")
            answer = await http.post("/sign-in", data={"token": token})
            name, kept = wanted
            told = answer.headers["set-cookie"]
            assert told.startswith(name)
            assert told.endswith(kept)
            assert "Domain" not in told


async def test_the_store_holds_digests_alone(own: Settings, enter: Enter) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        secret = http.cookies[door.keeper.cookie]
        _, text = await door.house.store.api_keys.new("ci", "qa", NOON, timedelta(days=1))
        assert (await http.get("/", follow_redirects=True)).status_code == 200
    kept = b"".join(file.read_bytes() for file in own.home.glob("casewright.sqlite*"))
    assert digest(secret).encode() in kept
    for hidden in (secret, token_of(secret), text, text.split("_", 2)[2]):
        assert hidden.encode() not in kept


async def test_signing_in_takes_another_session_and_ends_the_one_before(
    own: Settings, enter: Enter
) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        before = http.cookies[door.keeper.cookie]
        token = door.keeper.links.issue("lead")
        answer = await http.post("/sign-in", data={"token": token})
        after = answer.cookies[door.keeper.cookie]
        assert after != before
        async with door.nobody(cookies={door.keeper.cookie: before}) as old:
            assert (await old.get("/", follow_redirects=True)).status_code == 401
        async with door.nobody(cookies={door.keeper.cookie: after}) as new:
            assert "lead" in (await new.get("/", follow_redirects=True)).text


async def test_signing_out_ends_the_session_in_the_store(own: Settings, enter: Enter) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        secret = http.cookies[door.keeper.cookie]
        answer = await http.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        async with door.nobody(cookies={door.keeper.cookie: secret}) as kept:
            assert (await kept.get("/", follow_redirects=True)).status_code == 401


async def test_a_session_ends_unused_after_eight_hours_and_used_after_twelve(
    own: Settings, enter: Enter, clock: Moving
) -> None:
    async with enter(own, clock=clock) as door:
        async with await door.browser("reviewer") as unused:
            clock.on(hours=8)
            assert (await unused.get("/", follow_redirects=True)).status_code == 401
        async with await door.browser("reviewer") as used:
            for _ in range(11):
                clock.on(hours=1)
                assert (await used.get("/", follow_redirects=True)).status_code == 200
            clock.on(hours=1)
            assert (await used.get("/", follow_redirects=True)).status_code == 401


@given(steps=st.lists(st.integers(min_value=1, max_value=9 * 3600), max_size=8))
@hypothesis(max_examples=25, deadline=None)
async def test_a_session_lives_exactly_while_it_is_used_and_young(steps: list[int]) -> None:
    import tempfile
    from pathlib import Path

    idle, lasts = timedelta(hours=8), timedelta(hours=12)
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(Path(folder)) as store:
            secret, now, used = await store.sessions.open("ana", "link", NOON, lasts), NOON, NOON
            for seconds in steps:
                now += timedelta(seconds=seconds)
                lives = now < NOON + lasts and now < used + idle
                assert (await store.sessions.find(secret, now, idle) is not None) == lives
                if not lives:
                    break
                # What is written is to the minute: the session may end that much earlier.
                used = now if (now - used).total_seconds() >= 60 else used


async def test_roles_are_those_of_the_settings_now_not_those_at_sign_in(
    own: Settings, enter: Enter
) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        cookies = {door.keeper.cookie: http.cookies[door.keeper.cookie]}
        assert (await http.get("/", follow_redirects=True)).status_code == 200
    changed = own.model_copy(update={"team": {"lead": Membership(roles=(Role.LEAD,))}})
    async with enter(changed) as door, door.nobody(cookies=cookies) as http:
        assert (await http.get("/", follow_redirects=True)).status_code == 401
    async with enter(own) as door, door.nobody(cookies=cookies) as http:
        assert (await http.get("/", follow_redirects=True)).status_code == 401, (
            "a session of somebody who left is over"
        )


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> APIRouter:
    """Routes that read a form in the two ways there are."""
    router = APIRouter()

    @router.post("/try/declared")
    async def declared(word: Annotated[str, Form()]) -> dict[str, str]:
        return {"word": word}

    @router.post("/try/read")
    async def read(request: Request) -> dict[str, str]:
        return {"word": str((await request.form())["word"])}

    @router.post("/try/json")
    async def as_json(request: Request) -> dict[str, str]:
        return dict(await request.json())

    for path in ("declared", "read", "json"):
        monkeypatch.setitem(RIGHTS, ("POST", f"/try/{path}"), Door.MEMBER)
    return router


async def test_a_form_is_checked_and_still_there_for_its_handler(
    own: Settings, enter: Enter, tried: APIRouter
) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        door.app.include_router(tried)
        csrf = http.headers.pop("x-csrf-token")
        for path in ("/try/declared", "/try/read"):
            for how in ({}, {"files": {"file": ("a.txt", b"a")}}):
                sent = {"word": "x", "csrf": csrf}
                taken = await http.post(path, data=sent, **how)
                assert (taken.status_code, taken.json()) == (200, {"word": "x"})
                refused = await http.post(path, data=sent | {"csrf": csrf[::-1]}, **how)
                assert refused.status_code == 403
            by_header = await http.post(path, data={"word": "x"}, headers={"x-csrf-token": csrf})
            assert by_header.json() == {"word": "x"}


async def test_json_needs_the_token_in_a_header_and_a_key_needs_none(
    own: Settings, enter: Enter, tried: APIRouter
) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        door.app.include_router(tried)
        assert (await http.post("/try/json", json={"word": "x"})).json() == {"word": "x"}
        del http.headers["x-csrf-token"]
        assert (await http.post("/try/json", json={"word": "x"})).status_code == 403
        made = door.house.store.api_keys.new("ci", "qa", door.house.clock(), timedelta(days=1))
        _, text = await made
        async with door.nobody(headers={"authorization": f"Bearer {text}"}) as program:
            assert (await program.post("/try/json", json={"word": "x"})).json() == {"word": "x"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "http://127.0.0.1"}, 303),
        ({"origin": "http://127.0.0.1:81"}, 403),
        ({"origin": "https://127.0.0.1"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1", "sec-fetch-site": "cross-site"}, 403),
        ({}, 303),
    ],
)
async def test_a_request_of_another_site_is_refused_whatever_it_carries(
    own: Settings, enter: Enter, headers: dict[str, str], status: int
) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        del http.headers["sec-fetch-site"]
        assert (await http.post("/sign-out", headers=headers)).status_code == status
        token = door.keeper.links.issue("reviewer")
        signed = await http.post("/sign-in", data={"token": token}, headers=headers)
        assert signed.status_code == status


async def test_a_key_acts_as_its_member_until_it_is_over_or_revoked(
    own: Settings, enter: Enter, clock: Moving
) -> None:
    async with enter(own, clock=clock) as door:
        keys = door.house.store.api_keys
        key, text = await keys.new("nightly", "qa", clock(), timedelta(days=2))
        async with door.nobody(headers={"authorization": f"Bearer {text}"}) as program:
            assert "qa" in (await program.get("/", follow_redirects=True)).text
            assert (await keys.all())[0].used_at == clock()
            clock.on(days=2)
            over = await program.get("/")
            assert (over.status_code, over.headers["www-authenticate"]) == (401, "Bearer")
        key, text = await keys.new("nightly", "qa", clock(), timedelta(days=2))
        async with door.nobody(headers={"authorization": f"Bearer {text}"}) as program:
            assert (await program.get("/", follow_redirects=True)).status_code == 200
            await keys.revoke(key.key_id, clock())
            assert (await program.get("/", follow_redirects=True)).status_code == 401


async def test_what_a_key_does_is_logged_under_its_member(
    settled: Settings, teamed: Settings, plain_case: str, enter: Enter, seen: APIRouter
) -> None:
    async with enter(teamed) as door:
        door.app.include_router(seen)
        made = door.house.store.api_keys.new("x", "lead", door.house.clock(), timedelta(days=1))
        async with door.nobody(headers={"authorization": f"Bearer {(await made)[1]}"}) as program:
            assert (await program.get(f"/seen/{plain_case}")).status_code == 200
        newest = (await door.house.store.log.of(plain_case))[-1]
    assert (newest.kind, newest.actor.id) == (Kind.VIEWED, "lead")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> APIRouter:
    """A route that shows a case."""
    router = APIRouter()

    @router.get("/seen/{case_id}")
    async def shown(request: Request, case_id: str) -> dict[str, str]:
        return {"case": (await desk_of(request).view(case_id)).case.case_id}

    monkeypatch.setitem(RIGHTS, ("GET", "/seen/{case_id}"), Permission.READ)
    return router


async def test_a_key_of_somebody_who_left_lets_nobody_in(own: Settings, enter: Enter) -> None:
    async with enter(own) as door:
        made = door.house.store.api_keys.new("x", "gone", door.house.clock(), timedelta(days=1))
        _, text = await made
        async with door.nobody(headers={"authorization": f"Bearer {text}"}) as program:
            assert (await program.get("/", follow_redirects=True)).status_code == 401


async def test_a_wrong_key_does_not_fall_back_on_a_session(own: Settings, enter: Enter) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        key, text = await door.house.store.api_keys.new(
            "x", "qa", door.house.clock(), timedelta(days=1)
        )
        wrong = written_key(key.key_id, fresh())
        for given_ in (f"Bearer {wrong}", f"Basic {text}", "Bearer", "Bearer cw_x_y", text):
            answer = await http.get("/", headers={"authorization": given_})
            assert answer.status_code == 401


@given(st.text())
@hypothesis(suppress_health_check=[HealthCheck.too_slow])
def test_only_a_whole_key_reads_as_one(text: str) -> None:
    key_id, secret = "0" * 12, fresh()
    assert read_key(written_key(key_id, secret)) == (key_id, secret)
    if text:
        assert read_key(written_key(key_id, secret) + text) is None
        assert read_key(text + written_key(key_id, secret)) is None


async def test_signing_in_is_tried_ten_times_a_minute(own: Settings, enter: Enter) -> None:
    async with enter(own) as door, door.nobody() as http:
        for _ in range(10):
            assert (await http.post("/sign-in", data={"token": "x"})).status_code == 403
        token = door.keeper.links.issue("reviewer")
        answer = await http.post("/sign-in", data={"token": token})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 61
        assert door.keeper.links.take(token) == "reviewer", "what was refused used nothing up"


async def test_a_key_is_used_as_often_as_the_settings_say(own: Settings, enter: Enter) -> None:
    few = own.model_copy(update={"api_requests_per_minute": 3})
    async with enter(few) as door:
        made = [
            (await door.house.store.api_keys.new("x", "qa", door.house.clock(), timedelta(1)))[1]
            for _ in range(2)
        ]
        for text in made:  # each key by itself
            async with door.nobody(headers={"authorization": f"Bearer {text}"}) as program:
                codes = [
                    (await program.get("/", follow_redirects=True)).status_code for _ in range(4)
                ]
                assert codes == [200, 200, 200, 429]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8321", "localhost:8321", "[::1]:8321"])
async def test_this_machine_s_own_names_are_answered(
    own: Settings, enter: Enter, host: str
) -> None:
    async with enter(own) as door, door.nobody() as http:
        assert (await http.get("/health", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8321", "", "a b"]
)
async def test_any_other_name_is_not(own: Settings, enter: Enter, host: str) -> None:
    async with enter(own) as door, await door.browser("reviewer") as http:
        assert (await http.get("/", headers={"host": host})).status_code == 400


async def test_the_sign_in_page_says_what_there_is(own: Settings, enter: Enter) -> None:
    async with enter(own) as door, door.nobody() as http:
        page = (await http.get("/sign-in")).text
        assert 'name="token"' in page
        assert "/sign-in/oidc" not in page
    async with enter(own, entrance=PROXIED) as door, door.nobody() as http:
        assert "API key" in (await http.get("/sign-in")).text


def test_an_entrance_knows_who_reaches_it() -> None:
    here, beyond = Entrance(), Entrance(host="10.1.2.3", tls=Tls(__file__))  # type: ignore[arg-type]
    assert (here.public, here.secure, here.scheme) == (False, False, "http")
    assert (beyond.public, beyond.secure, beyond.scheme) == (True, True, "https")
    assert not Entrance(host="::1").public
    assert not Entrance(host="127.9.9.9").public
    assert Entrance(host="localhost.evil.example").public
    assert Entrance(behind_proxy=True).public, "whoever reaches the proxy reaches it"


async def test_what_is_logged_names_people_and_no_secret(
    own: Settings, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "casewright.doors")
    async with enter(own) as door, door.nobody() as http:
        token = door.keeper.links.issue("reviewer")
        await http.post("/sign-in", data={"token": token})
        await http.post("/sign-in", data={"token": token})
        secret = http.cookies[door.keeper.cookie]
        await http.post("/sign-out", data={"csrf": token_of(secret)})
        await http.get("/", headers={"authorization": "Bearer cw_0_x"})
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "reviewer signed in from 127.0.0.1 (link)",
        "a one-time token was refused, from 127.0.0.1",
        "reviewer signed out from 127.0.0.1",
        "an API key was refused, from 127.0.0.1",
    ]
    assert token not in json.dumps(told)
