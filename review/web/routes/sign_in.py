"""Signing in, by a one-time link or through a sign-in service, and out again."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from casewright.errors import Forbidden
from casewright.visible import visible
from review.web.doors.forgery import require_same_origin
from review.web.doors.keeper import LOG, Keeper, address_of, keeper_of
from review.web.doors.oidc import Oidc, member_named
from review.web.house import house_of
from review.web.pages import page
from review.web.visitor import visitor_of

router = APIRouter()

BACK: Final = "/sign-in/oidc/done"
AWAY: Final = "casewright-away"
"""Name of the cookie that a browser keeps while it is at the sign-in service."""

Token = Annotated[str, Form(max_length=200)]
Linked = Annotated[str, Query(alias="token", max_length=200)]


@router.get("/sign-in")
async def sign_in_page(request: Request, token: Linked = "") -> Response:
    """Ask for the one-time token, or offer the sign-in service.

    Opening a link uses nothing up: programs that show previews of links open them as well.
    """
    keeper = keeper_of(request)
    return page(
        request,
        "sign_in.html",
        title="Sign in",
        token=token,
        service=keeper.oidc is not None,
        links=not keeper.entrance.public,
    )


@router.post("/sign-in")
async def sign_in(request: Request, token: Token = "") -> Response:
    """Take a one-time token."""
    keeper = keeper_of(request)
    require_same_origin(request, keeper.entrance.scheme)
    await keeper.rates.sign_in(address_of(request))
    member = keeper.links.take(token)
    if member is None:
        LOG.warning("a one-time token was refused, from %s", address_of(request))
        raise Forbidden(
            "This token signs nobody in: it is unknown, was used, or is over ten minutes old.",
            remedy="`casewright console` prints a new one when it starts.",
        )
    answer = RedirectResponse("/", status_code=303)
    await keeper.sign_in(request, answer, member, "link")
    return answer


@router.get("/sign-in/oidc")
async def sign_in_elsewhere(request: Request) -> Response:
    """Send somebody to the sign-in service.

    A link, not a form: the pages' ``form-action`` lets no form lead to another site.
    """
    keeper = keeper_of(request)
    await keeper.rates.sign_in(address_of(request))
    url, browser = await _service(keeper).begin(_back(request, keeper))
    answer = RedirectResponse(url, status_code=303)
    keeper.keep(answer, _away(keeper), browser, until_back=True)
    return answer


@router.get(BACK)
async def signed_in_elsewhere(request: Request) -> Response:
    """Take somebody who comes back from the sign-in service.

    The page goes on by itself. A redirect would not do: the browser counts it as sent by the
    service, and holds a ``SameSite=Strict`` cookie back.
    """
    keeper = keeper_of(request)
    await keeper.rates.sign_in(address_of(request))
    browser = request.cookies.get(_away(keeper), "")
    try:
        claim = await _service(keeper).finish(browser, dict(request.query_params))
        member = member_named(claim, house_of(request).settings.team)
    except Forbidden as error:
        told = visible(error.message)
        LOG.warning("a sign-in was refused, from %s: %s", address_of(request), told)
        raise
    answer = page(request, "signed_in.html", title="Signed in")
    await keeper.sign_in(request, answer, member, "oidc")
    answer.delete_cookie(_away(keeper), secure=keeper.entrance.secure, httponly=True)
    answer.headers["Refresh"] = "0;url=/"
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    answer = RedirectResponse("/sign-in", status_code=303)
    await keeper_of(request).sign_out(request, answer, visitor_of(request).member)
    return answer


def _service(keeper: Keeper) -> Oidc:
    if keeper.oidc is None:
        raise Forbidden("No sign-in service is set up.", remedy="See docs/console.md.")
    return keeper.oidc


def _back(request: Request, keeper: Keeper) -> str:
    return f"{keeper.entrance.scheme}://{request.headers['host']}{BACK}"


def _away(keeper: Keeper) -> str:
    return f"__Host-{AWAY}" if keeper.entrance.secure else AWAY
