"""Puts the console and the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from review.web.admission import Doorkeeper, admit
from review.web.background import background
from review.web.description import described
from review.web.doors.entrance import LOCAL_HOSTS
from review.web.failures import tell_failures
from review.web.house import House
from review.web.pages import CSP, HERE, pages
from review.web.routes import (
    agreement,
    api_case,
    api_claim,
    api_description,
    api_gate,
    api_queue,
    api_review,
    api_run,
    api_submission,
    ask,
    audit,
    cases,
    dossiers,
    figures,
    first_read,
    home,
    notes,
    queue,
    reviews,
    runs,
    search,
    second_looks,
    sign_in,
    turns,
    undo,
)
from review.web.wire import LARGEST_BODY, BoundedBody, HeadAsGet

API: Final[tuple[APIRouter, ...]] = (
    api_description.router,
    api_queue.router,
    api_queue.writes,
    api_submission.router,
    api_case.router,
    api_claim.router,
    api_review.router,
    api_gate.router,
    api_gate.writes,
    api_run.router,
)
"""Every part of the API registers here."""

ROUTERS: Final[tuple[APIRouter, ...]] = (
    agreement.router,
    ask.router,
    audit.router,
    cases.router,
    dossiers.router,
    figures.router,
    first_read.router,
    home.router,
    notes.router,
    queue.router,
    reviews.router,
    runs.router,
    search.router,
    second_looks.router,
    sign_in.router,
    turns.router,
    undo.router,
    *API,
)
"""Every page registers here, and the API."""

HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What every answer carries: nothing is kept by a browser, framed or read by another site.

Without a referrer for our own pages, older browsers would not say where a form comes from.
"""

Opened = Callable[[], AbstractAsyncContextManager[tuple[House, Doorkeeper]]]


def application(
    opened: Opened, *, hosts: Sequence[str] = LOCAL_HOSTS, largest_body: int = LARGEST_BODY
) -> FastAPI:
    """The ASGI application.

    Args:
        opened: Opens the house and says who keeps its door; both live as long as the server.
        hosts: Names that it answers to; a request to another one is refused.
        largest_body: Bytes that a request may bring, whether it says how many or not.
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
    app.add_middleware(BoundedBody, most=largest_body)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*hosts], www_redirect=False)

    @app.middleware("http")
    async def _guarded(
        request: Request, follow: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        answer = await follow(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return app
