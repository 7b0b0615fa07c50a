"""Signing in through a sign-in service.

The service is an imitation at the outer edge: a small OpenID provider of its own on loopback, with
real RSA signatures, codes that work once and PKCE that is checked.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from casewright.errors import EnvironmentFault, SourceUnavailable, UsageError
from casewright.settings import Settings
from casewright.team import Membership, Role
from review.web.doors.entrance import Entrance
from review.web.doors.serving import serving

Enter = Callable[..., Any]
CLIENT, SECRET = "console", "s3cret of the console"


@dataclass
class Provider:
    """An OpenID provider that believes whoever comes; what it says can be bent for a test."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: {"email": "Ana@Example.com"})
    bent: dict[str, Any] = field(default_factory=dict)
    """Claims in place of the right ones."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signed_by: Any = None
    """A key in place of the right one."""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code stands for."""

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60}
        claims |= {"nonce": nonce} | self.person | self.bent
        key = self.signed_by or self.key
        alg = "HS256" if isinstance(key, OctKey) else "RS256"
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": "k1"}, claims, key, algorithms=[alg])


def provided(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def _itself() -> dict[str, str]:
        own = provider.issuer
        ends = {"authorization": "authorize", "token": "token"}
        return {
            "issuer": own,
            "jwks_uri": f"{own}/jwks",
            **{f"{name}_endpoint": f"{own}/{path}" for name, path in ends.items()},
        }

    @app.get("/jwks")
    def _keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/authorize")
    def _authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["code_challenge_method"] == "S256"
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        provider.asked[code] = asked
        back = {"code": code, "state": asked["state"], "iss": provider.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    @app.post("/token")
    def _token(
        request: Request,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> Response:
        asked = provider.asked.pop(code, None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest())
        own = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or asked["code_challenge"] != proof.decode().rstrip("=")
            or asked["redirect_uri"] != redirect_uri
            or request.headers.get("authorization") != f"Basic {own}"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"access_token": "a", "token_type": "Bearer", "expires_in": 60}
        return JSONResponse(told | {"id_token": provider.id_token(asked["nonce"])})

    return app


@pytest.fixture(scope="module")
def at() -> Iterator[Provider]:
    """The provider, running."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(provided(provider), log_level="error", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield provider
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def provider(at: Provider) -> Provider:
    """The provider as it is when nothing is bent."""
    at.person, at.bent, at.signed_by = {"email": "Ana@Example.com"}, {}, None
    at.asked.clear()
    return at


@pytest.fixture
def known(sourced: Settings, provider: Provider, tmp_path: Any) -> Settings:
    """A team of two, known to the provider by address and by name."""
    team = {
        "ana": Membership(roles=(Role.REVIEWER,), email="ana@example.com"),
        "bo@example.com": Membership(roles=(Role.LEAD,)),
    }
    return sourced.model_copy(
        update={
            "home": tmp_path,
            "team": team,
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
        }
    )


async def away(http: httpx.AsyncClient) -> str:
    """Go to the provider, and bring back the path that it sends the browser to."""
    sent = await http.get("/sign-in/oidc")
    assert sent.status_code == 303
    async with httpx.AsyncClient() as outside:
        back = urlsplit((await outside.get(sent.headers["location"])).headers["location"])
    return f"{back.path}?{back.query}"


async def test_who_comes_back_is_signed_in(known: Settings, enter: Enter) -> None:
    async with enter(known) as door, door.nobody() as http:
        answer = await http.get(await away(http), headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200
        assert answer.headers["refresh"] == "0;url=/"
        kept = [told for told in answer.headers.get_list("set-cookie") if "SameSite=strict" in told]
        assert len(kept) == 1
        assert "HttpOnly" in kept[0]
        assert "ana" in (await http.get("/", follow_redirects=True)).text
        assert [*http.cookies] == [door.keeper.cookie], "what was kept for the way back is gone"


async def test_somebody_is_known_by_their_name_where_no_address_is_set(
    known: Settings, enter: Enter, provider: Provider
) -> None:
    provider.person = {"email": "bo@example.com", "email_verified": True}
    async with enter(known) as door, door.nobody() as http:
        await http.get(await away(http))
        assert "bo@example.com" in (await http.get("/", follow_redirects=True)).text


async def test_another_claim_may_tell_who_somebody_is(
    known: Settings, enter: Enter, provider: Provider
) -> None:
    provider.person = {"preferred_username": "ana@example.com"}
    other = known.model_copy(update={"oidc_claim": "preferred_username"})
    async with enter(other) as door, door.nobody() as http:
        assert (await http.get(await away(http))).status_code == 200


@pytest.mark.parametrize(
    "person",
    [
        {"email": "eve@example.com"},
        {"email": "ana"},  # she is known by her address, and not by her name
        {"email": ""},
        {"email": ["ana@example.com"]},
        {"email": "ana@example.com", "email_verified": False},
        {},
    ],
)
async def test_people_who_are_not_on_the_team_are_told_so(
    known: Settings, enter: Enter, provider: Provider, person: dict[str, Any]
) -> None:
    provider.person = person
    async with enter(known) as door, door.nobody() as http:
        await refused(door, http, await away(http))


async def refused(door: Any, http: httpx.AsyncClient, path: str, *, status: int = 403) -> str:
    answer = await http.get(path)
    assert answer.status_code == status
    assert door.keeper.cookie not in http.cookies
    assert (await http.get("/", follow_redirects=True)).status_code == 401
    return answer.text


@pytest.mark.parametrize(
    "bent",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another", "console"], "azp": "another"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(
    known: Settings, enter: Enter, provider: Provider, bent: dict[str, Any]
) -> None:
    provider.bent = bent
    async with enter(known) as door, door.nobody() as http:
        assert "its token does not hold" in await refused(door, http, await away(http))


@pytest.mark.parametrize(
    "key",
    [RSAKey.generate_key(2048, {"kid": "k1"}), OctKey.import_key(SECRET)],
    ids=["another key", "a shared secret"],
)
async def test_a_token_that_the_service_did_not_sign_is_refused(
    known: Settings, enter: Enter, provider: Provider, key: Any
) -> None:
    provider.signed_by = key
    async with enter(known) as door, door.nobody() as http:
        await refused(door, http, await away(http))


async def test_a_way_back_is_gone_once_it_was_used(known: Settings, enter: Enter) -> None:
    async with enter(known) as door, door.nobody() as http:
        back = await away(http)
        kept = dict(http.cookies)
        assert (await http.get(back)).status_code == 200
        async with door.nobody(cookies=kept) as replayed:
            await refused(door, replayed, back)


async def test_a_code_is_of_no_use_in_another_sign_in(known: Settings, enter: Enter) -> None:
    async with enter(known) as door, door.nobody() as http:
        first = parse_qs(urlsplit(await away(http)).query)
        second = parse_qs(urlsplit(await away(http)).query)
        mixed = {"code": first["code"][0], "state": second["state"][0]}
        assert "code" in await refused(door, http, f"/sign-in/oidc/done?{urlencode(mixed)}")


async def test_a_way_back_is_of_no_use_in_another_browser(known: Settings, enter: Enter) -> None:
    async with enter(known) as door, door.nobody() as http, door.nobody() as victim:
        back = await away(http)
        await refused(door, victim, back)
        await away(victim)  # with a sign-in of their own under way as well
        await refused(door, victim, await away(http))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x&state=y",
        "state=STATE",
        "state=STATE&error=access_denied",
        "state=STATE&code=x",
        "state=STATE&code=x&iss=https://another.example",
        "state=STATE%0d%0aSet-Cookie:a=b&code=x",
    ],
)
async def test_whatever_else_comes_back_is_refused(
    known: Settings, enter: Enter, query: str
) -> None:
    async with enter(known) as door, door.nobody() as http:
        state = parse_qs(urlsplit(await away(http)).query)["state"][0]
        await refused(door, http, f"/sign-in/oidc/done?{query.replace('STATE', state)}")


async def test_over_tls_the_way_back_is_kept_for_this_host_alone(
    known: Settings, enter: Enter
) -> None:
    async with enter(known, entrance=Entrance(behind_proxy=True)) as door, door.nobody() as http:
        sent = await http.get("/sign-in/oidc")
        told = sent.headers["set-cookie"]
        assert told.startswith("__Host-casewright-away=")
        assert "Secure" in told
        assert "SameSite=lax" in told
        back = parse_qs(urlsplit(sent.headers["location"]).query)["redirect_uri"][0]
        assert back == "https://127.0.0.1/sign-in/oidc/done"


async def test_a_service_that_is_away_is_told_and_can_be_tried_again(
    known: Settings, enter: Enter
) -> None:
    gone = known.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    async with enter(gone) as door, door.nobody() as http:
        answer = await http.get("/sign-in/oidc")
        assert answer.status_code == 502
        with pytest.raises(SourceUnavailable):
            await door.keeper.oidc.begin("http://127.0.0.1/x")


async def test_a_service_of_another_name_is_refused(known: Settings, enter: Enter) -> None:
    other = known.model_copy(update={"oidc_issuer": known.oidc_issuer + "/"})
    async with enter(other) as door, door.nobody() as http:
        assert (await http.get("/sign-in/oidc")).status_code == 502


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"oidc_client_id": ""}, "oidc_client_id"),
        ({"team": {}}, "no team"),
        ({"oidc_issuer": "http://sign-in.example.com"}, "https"),
    ],
)
async def test_what_is_set_up_in_part_is_refused_at_the_start(
    known: Settings, enter: Enter, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        async with enter(known.model_copy(update=change)):
            pass


async def test_without_authlib_the_start_says_what_to_install(
    known: Settings, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.web.doors.oidc.find_spec", lambda _: None)
    with pytest.raises(EnvironmentFault, match=r"casewright\[oidc\]"):
        async with enter(known):
            pass


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_a_real_browser_comes_back_from_another_site_signed_in(
    known: Settings, provider: Provider
) -> None:
    """The strict cookie is sent on the first page already, and nothing is stopped by the CSP.

    The provider is reached as ``localhost``, and so is another site than the console.
    """
    from playwright.sync_api import sync_playwright

    provider.issuer = provider.issuer.replace("127.0.0.1", "localhost")
    there = known.model_copy(update={"oidc_issuer": provider.issuer})
    try:
        with serving(there) as console, sync_playwright() as player:
            browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.goto(f"{console.base_url}/sign-in")
            page.get_by_role("link", name="Sign in with the sign-in service").click()
            page.wait_for_url(f"{console.base_url}/queue")
            assert page.locator(".who span").first.inner_text() == "ana"
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url("**/sign-in")
            page.goto(console.link("bo@example.com"))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{console.base_url}/queue")
            assert page.locator(".who span").first.inner_text() == "bo@example.com"
            browser.close()
    finally:
        provider.issuer = provider.issuer.replace("localhost", "127.0.0.1")
    assert not [one for one in said if "Content Security Policy" in one]
