"""Keeps the door: tells from a cookie or an API key who a request comes from."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from fastapi import Request, Response

from casewright.credentials import Way
from casewright.errors import Forbidden
from casewright.team import Member
from casewright.visible import visible
from review.web.admission import NotSignedIn
from review.web.doors.entrance import HERE, Entrance
from review.web.doors.forgery import require_own_form, token_of
from review.web.doors.links import Links
from review.web.doors.oidc import Oidc, oidc_of
from review.web.doors.rates import Rates
from review.web.house import House
from review.web.visitor import Visitor

LOG: Final = logging.getLogger("casewright.doors")
"""Who signed in and out, and whom the door was shut to; never a secret."""


class Keeper:
    """The doorkeeper of the console and the API.

    Args:
        house: What the server works with.
        entrance: Where it is reached.
        links: The one-time links that were given out.
        oidc: The sign-in service, or None.
    """

    def __init__(self, house: House, entrance: Entrance, links: Links, oidc: Oidc | None) -> None:
        self._house = house
        self.entrance = entrance
        self.links = links
        self.oidc = oidc
        self.rates = Rates(house.settings)

    @property
    def cookie(self) -> str:
        """Name of the session's cookie.

        Browsers take one that begins with ``__Host-`` over TLS, for this host and all of it alone:
        another host of the same domain cannot plant one.
        """
        return "__Host-casewright" if self.entrance.secure else "casewright"

    async def visitor(self, request: Request) -> Visitor | None:
        """Who a request comes from; see ``Doorkeeper.visitor``.

        Raises:
            NotSignedIn: its API key lets nobody in.
            Forbidden: another site sent it, or its form is not of this session.
            TooMany: its key was used too often.
        """
        if "authorization" in request.headers:
            return await self._by_key(request)
        return await self._by_session(request)

    async def sign_in(self, request: Request, answer: Response, member: str, way: Way) -> None:
        """Begin a session of a member; the one that the browser had ends.

        Raises:
            Forbidden: they are not on the team.
        """
        self._house.team.member(member)
        await self._close(request)
        lasts = timedelta(hours=self._house.settings.session_hours)
        sessions = self._house.store.sessions
        secret = await sessions.open(member, way, self._house.clock(), lasts)
        self.keep(answer, self.cookie, secret)
        LOG.info("%s signed in from %s (%s)", visible(member), address_of(request), way)

    async def sign_out(self, request: Request, answer: Response, who: Member) -> None:
        """End the session of a browser."""
        await self._close(request)
        answer.delete_cookie(self.cookie, secure=self.entrance.secure, httponly=True)
        LOG.info("%s signed out from %s", visible(who.id), address_of(request))

    def keep(self, answer: Response, name: str, secret: str, *, until_back: bool = False) -> None:
        """Have the browser keep a secret, out of reach of scripts.

        ``SameSite=Strict``: no link or form of another site makes a browser send it. What has to
        come back from a sign-in service (``until_back``) is ``Lax``, and ends in ten minutes.
        """
        answer.set_cookie(
            name,
            secret,
            max_age=600 if until_back else None,
            secure=self.entrance.secure,
            httponly=True,
            samesite="lax" if until_back else "strict",
        )

    async def _by_key(self, request: Request) -> Visitor:
        scheme, _, given = request.headers["authorization"].partition(" ")
        keys = self._house.store.api_keys
        key = await keys.find(given.strip(), self._house.clock())
        member = self._known(key.member) if key else None
        if scheme.lower() != "bearer" or key is None or member is None:
            LOG.warning("an API key was refused, from %s", address_of(request))
            await self.rates.sign_in(address_of(request))
            raise NotSignedIn(
                "This API key lets nobody in: it is unknown, over or revoked.",
                remedy="Send `Authorization: Bearer KEY`; `casewright key new` makes one.",
            )
        await self.rates.request(key.key_id)
        return Visitor(member, "key")

    async def _by_session(self, request: Request) -> Visitor | None:
        secret = request.cookies.get(self.cookie, "")
        if not secret:
            return None
        idle = timedelta(hours=self._house.settings.session_idle_hours)
        sessions = self._house.store.sessions
        found = await sessions.find(secret, self._house.clock(), idle)
        if found is None:
            return None
        member = self._known(found.member)
        if member is None:
            await sessions.close(secret)
            return None
        token = token_of(secret)
        await require_own_form(request, self.entrance.scheme, token)
        return Visitor(member, "session", token)

    def _known(self, name: str) -> Member | None:
        """The member as the settings have them now, whatever they were at sign-in."""
        try:
            return self._house.team.member(name)
        except Forbidden:
            return None

    async def _close(self, request: Request) -> None:
        if secret := request.cookies.get(self.cookie, ""):
            await self._house.store.sessions.close(secret)


def open_doorkeeper(
    house: House, *, entrance: Entrance = HERE, links: Links | None = None
) -> Keeper:
    """The doorkeeper of a house.

    Args:
        house: What the server works with.
        entrance: Where it is reached.
        links: The one-time links that are given out; None: none are.

    Raises:
        UsageError: the sign-in service is set up in part only, or without a team.
        EnvironmentFault: it is set up, and Authlib is not installed.
    """
    return Keeper(house, entrance, links or Links(house.clock), oidc_of(house))


def keeper_of(request: Request) -> Keeper:
    """The doorkeeper of the server that a request came to.

    Raises:
        Forbidden: nobody can sign in to it.
    """
    keeper = request.app.state.doorkeeper
    if not isinstance(keeper, Keeper):
        raise Forbidden("Nobody can sign in to this server.")
    return keeper


def address_of(request: Request) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else "nowhere"
