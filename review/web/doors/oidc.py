"""Signing in through a sign-in service: OpenID Connect, authorization code flow with PKCE.

Authlib speaks the protocol; joserfc, which it brings, verifies the signatures.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from casewright.clock import Clock
from casewright.credentials import digest, fresh
from casewright.errors import EnvironmentFault, Forbidden, SourceUnavailable, UsageError
from casewright.settings import Settings
from casewright.team import Membership
from review.web.doors.entrance import is_loopback
from review.web.house import House

LASTS: Final = timedelta(minutes=10)
"""How long somebody may take at the service."""

MOST: Final = 1000
"""How many may be on their way there at once; the oldest goes first."""

LEEWAY_S: Final = 60
"""How far the service's clock may be from ours, in seconds."""

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
"""Signatures that are believed: those with a public key, never ``none`` or a shared secret."""

WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class _Away:
    """Somebody who was sent to the service.

    Attributes:
        browser: Digest of what their browser holds: nobody else comes back in their place.
        nonce: What the service's token has to carry.
        verifier: What proves that whoever brings the code asked for it (PKCE, RFC 7636).
        back: Where they come back to.
        until: By when.
    """

    browser: str
    nonce: str
    verifier: str
    back: str
    until: datetime


class Oidc:
    """A sign-in service.

    Args:
        settings: Name it.
        clock: The present moment.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._away: dict[str, _Away] = {}
        self._found: dict[str, Any] = {}

    async def begin(self, back: str) -> tuple[str, str]:
        """Send somebody there.

        Args:
            back: URL that they come back to.

        Returns:
            The URL to send them to, and a secret for their browser to keep until they are back.

        Raises:
            SourceUnavailable: the service gives no answer of use.
        """
        metadata = await self._metadata()
        state, browser = fresh(), fresh()
        away = _Away(digest(browser), fresh(), fresh(), back, self._clock() + LASTS)
        self._remember(digest(state), away)
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                code_verifier=away.verifier,
                nonce=away.nonce,
                redirect_uri=back,
            )
        return str(url), browser

    async def finish(self, browser: str, answer: Mapping[str, str]) -> str:
        """Who comes back, as the service knows them: what it says under ``oidc_claim``.

        Args:
            browser: What their browser holds.
            answer: What the service had them bring.

        Raises:
            Forbidden: they do not come from where they were sent to, come a second time, or what
                they bring is not for us.
            SourceUnavailable: the service gives no answer of use.
        """
        away = self._away.pop(digest(answer.get("state", "")), None)
        if away is None or away.browser != digest(browser) or away.until <= self._clock():
            raise _refused("it was not begun in this browser, is over, or was used before")
        if answer.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise _refused("another service answered")  # RFC 9207
        if "code" not in answer:
            raise _refused("the service let nobody in")
        return self._claim(await self._claims(answer["code"], away))

    def _claim(self, claims: Mapping[str, Any]) -> str:
        name = self._settings.oidc_claim
        found = claims.get(name)
        if not isinstance(found, str) or not found:
            raise _refused(f"the service does not say {name}")
        if name == "email" and claims.get("email_verified") is False:
            raise _refused("the service has not verified the address")
        return found

    def _remember(self, state: str, away: _Away) -> None:
        now = self._clock()
        self._away = {key: one for key, one in self._away.items() if one.until > now}
        while len(self._away) >= MOST:
            del self._away[next(iter(self._away))]
        self._away[state] = away

    async def _claims(self, code: str, away: _Away) -> Mapping[str, Any]:
        from authlib.integrations.base_client import (  # type: ignore[import-untyped]
            OAuthError,
        )

        metadata = await self._metadata()
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=away.verifier,
                    redirect_uri=away.back,
                )
                keys = await _json(client, metadata["jwks_uri"])
        except OAuthError as error:
            raise _refused("the service does not know the code") from error
        return self._verified(token, keys, away.nonce)

    def _verified(self, token: Mapping[str, Any], keys: Any, nonce: str) -> Mapping[str, Any]:
        """The claims of a token: signed by the service, for us, now, and for this one sign-in."""
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        issuer, client_id = self._settings.oidc_issuer, self._settings.oidc_client_id
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        about = {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")}
        try:
            read = jwt.decode(
                token.get("id_token", ""), KeySet.import_key_set(keys), algorithms=[*ALGORITHMS]
            )
            claims = CodeIDToken(read.claims, read.header, options, about)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused(f"its token does not hold ({error})") from error
        return dict(claims)

    async def _metadata(self) -> dict[str, Any]:
        """What the service says of itself; asked once."""
        if not self._found:
            issuer = self._settings.oidc_issuer
            async with self._client() as client:
                found = await _json(client, issuer.rstrip("/") + WELL_KNOWN)
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != issuer or not all(found.get(name) for name in wanted):
                raise SourceUnavailable(
                    f"What answers at {issuer} is no sign-in service of that name.",
                    remedy="oidc_issuer has to be what its tokens say under `iss`, to the letter.",
                )
            self._found = found
        return self._found

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        from authlib.integrations.httpx_client import (  # type: ignore[import-untyped]
            AsyncOAuth2Client,
        )
        from httpx2 import HTTPError

        secret = self._settings.oidc_client_secret.get_secret_value()
        made: Any = AsyncOAuth2Client(
            self._settings.oidc_client_id,
            secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope="openid email profile",
            code_challenge_method="S256",
            timeout=10,
        )
        try:
            async with made as client:
                yield client
        except (HTTPError, ValueError) as error:
            raise SourceUnavailable(
                f"The sign-in service {self._settings.oidc_issuer} gives no answer of use.",
                remedy="Try again; an API key works without it.",
            ) from error


async def _json(client: Any, url: str) -> dict[str, Any]:
    answer = await client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError(f"{url} answers no object")
    return found


def _refused(why: str) -> Forbidden:
    return Forbidden(f"The sign-in does not hold: {why}.", remedy="Sign in again.")


def oidc_of(house: House) -> Oidc | None:
    """The sign-in service of a house, or None.

    Raises:
        UsageError: it is set up in part only, without TLS, or without a team.
        EnvironmentFault: Authlib is not installed.
    """
    settings = house.settings
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise UsageError("oidc_issuer is set, and oidc_client_id is not.", remedy="Set both.")
    if not settings.team:
        told = "With a sign-in service and no team, everybody it knows could do everything."
        raise UsageError(told, remedy="Name the members in the settings: [team.NAME].")
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        raise UsageError("oidc_issuer has to be an https:// URL.")
    if find_spec("authlib") is None:
        told = "A sign-in service takes Authlib, which is not installed."
        raise EnvironmentFault(told, remedy="Install casewright[oidc].")
    return Oidc(settings, house.clock)


def member_named(claim: str, team: Mapping[str, Membership]) -> str:
    """Who of the team a sign-in service means.

    Args:
        claim: What it says of them.
        team: The team: by their address where it is set, else by their name.

    Raises:
        Forbidden: nobody, or more than one.
    """
    folded = claim.casefold()
    found = [name for name, one in team.items() if (one.email or name).casefold() == folded]
    if len(found) != 1:
        raise Forbidden(
            f"{claim} is not on the team."
            if not found
            else f"{claim} is more than one of the team.",
            remedy="Who keeps the settings names members: [team.NAME], with their email.",
        )
    return found[0]
