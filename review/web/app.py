"""Puts the console and the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from review.web.admission import Doorkeeper, admit
from review.web.background import background
from review.web.description import described
from review.web.failures import tell_failures
from review.web.house import House
from review.web.pages import CSP, HERE, pages
from review.web.routes import (
    api_case,
    api_claim,
    api_description,
    api_queue,
    api_review,
    api_run,
    api_submission,
    home,
)
from review.web.wire import BoundedBody, HeadAsGet

API: Final[tuple[APIRouter, ...]] = (
    api_description.router,
    api_queue.router,
    api_queue.writes,
    api_submission.router,
    api_case.router,
    api_claim.router,
    api_review.router,
    api_run.router,
)
"""Every part of the API registers here."""

ROUTERS: Final[tuple[APIRouter, ...]] = (home.router, *API)
"""Every page registers here."""

HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What every answer carries: nothing is kept by a browser, framed or read by another site."""

Opened = Callable[[], AbstractAsyncContextManager[tuple[House, Doorkeeper]]]


def application(opened: Opened) -> FastAPI:
    """The ASGI application.

    Args:
        opened: Opens the house and says who keeps its door; both live as long as the server.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        async with opened() as (house, doorkeeper), background(house):
            app.state.house, app.state.doorkeeper = house, doorkeeper
            yield

    app = FastAPI(
        title="casewright",
        lifespan=living,
        dependencies=[Depends(admit)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.pages = pages()
    app.state.description = cache(lambda: described(API))
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    tell_failures(app)

    app.add_middleware(HeadAsGet)
    app.add_middleware(BoundedBody)

    @app.middleware("http")
    async def _guarded(
        request: Request, follow: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        answer = await follow(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return app


def to(path: str) -> RedirectResponse:
    """Go on with another page, after a form was taken."""
    return RedirectResponse(path, status_code=303)
