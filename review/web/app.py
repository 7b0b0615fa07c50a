"""Puts the console and the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from review.web.admission import Doorkeeper, admit
from review.web.failures import tell_failures
from review.web.house import House
from review.web.pages import CSP, HERE, pages
from review.web.routes import cases, home, queue, reviews, turns

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    queue.router,
    cases.router,
    reviews.router,
    turns.router,
)
"""Every page and every part of the API registers here."""

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
        async with opened() as (house, doorkeeper):
            app.state.house, app.state.doorkeeper = house, doorkeeper
            yield

    app = FastAPI(
        title="casewright",
        lifespan=living,
        dependencies=[Depends(admit)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.pages = pages()
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    tell_failures(app)

    @app.middleware("http")
    async def _guarded(
        request: Request, follow: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        answer = await follow(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return app
