"""Lets a request in, or not: who it comes from, and whether their roles allow the route."""

from __future__ import annotations

from typing import Protocol

from fastapi import Request

from casewright.errors import CasewrightError, Forbidden
from casewright.team import Permission
from review.web.rights import RIGHTS, Door
from review.web.visitor import Visitor


class NotSignedIn(CasewrightError):
    """Nobody is known to be behind the request."""


class Doorkeeper(Protocol):
    """Tells who a request comes from."""

    async def visitor(self, request: Request) -> Visitor | None:
        """Who it is, or None.

        Raises:
            Forbidden: whoever it is may not send this request as they did (CSRF, rate limits).
        """
        ...


async def admit(request: Request) -> None:
    """Let a request in, with its visitor in ``request.state.visitor``.

    Raises:
        NotSignedIn: the route asks for somebody, and nobody is there.
        Forbidden: the route is not among those that are known, or the visitor may not use it.
    """
    route = request.scope["route"]
    needs = RIGHTS.get((request.method, route.path_format))
    if needs is None:
        raise Forbidden(f"No rule says who may {request.method} {route.path_format}.")
    if needs is Door.PUBLIC:
        return
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    visitor = await doorkeeper.visitor(request)
    if visitor is None:
        raise NotSignedIn("You are not signed in.", remedy="Sign in, or send an API key.")
    request.state.visitor = visitor
    if isinstance(needs, Permission):
        visitor.member.require(needs)
