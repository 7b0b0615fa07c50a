"""The console over a home folder with reviewed cases, its door kept by a labelled imitation.

``x-test-member`` names who a request comes from: signing in is tested on its own, with the real
doorkeeper, in test_doors.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import Request

from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from graphs.run import open_investigator
from review.web.admission import Doorkeeper
from review.web.app import application
from review.web.house import House, open_house
from review.web.visitor import Visitor

CSRF = "imitated-token"
BASE = "http://127.0.0.1"

TEAM = {role.value: Membership(roles=(role,)) for role in Role}
"""A member of each role, named like it."""

As = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]
Serve = Callable[[Settings], AbstractAsyncContextManager[As]]


class ImitatedDoorkeeper:
    """Believes whatever name a request gives; an imitation of the real doorkeeper, for tests."""

    def __init__(self, team: Team) -> None:
        self._team = team

    async def visitor(self, request: Request) -> Visitor | None:
        name = request.headers.get("x-test-member")
        return Visitor(self._team.member(name), "session", CSRF) if name else None


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[As]:
    """Clients for members of a server with these settings."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[House, Doorkeeper]]:
        async with open_house(settings) as house:
            yield house, ImitatedDoorkeeper(house.team)

    app = application(opened)

    @asynccontextmanager
    async def client(member: str) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"x-test-member": member} if member else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, headers=headers
        ) as opened_client:
            yield opened_client

    async with app.router.lifespan_context(app):
        yield client


@pytest.fixture
def teamed(sourced: Settings) -> Settings:
    """The settings of the module's home folder, with a team of one member a role."""
    return sourced.model_copy(update={"team": TEAM})


@pytest.fixture
def serve() -> Serve:
    """Serves the console: ``async with serve(settings) as client, client("reviewer") as http``."""
    return served


@pytest.fixture
def teamed_home(teamed: Settings, tmp_path: Path) -> Settings:
    """The same with a home folder of the test's own."""
    return teamed.model_copy(update={"home": tmp_path / "home"})


@pytest.fixture
async def waiting(teamed_home: Settings, plain_case: str) -> Settings:
    """The plain case taken to its gate, in a home folder of the test's own."""
    async with open_investigator(teamed_home) as investigator:
        await investigator.investigate(plain_case)
    return teamed_home


@pytest.fixture
def once() -> Callable[[], dict[str, str]]:
    """Headers with an idempotency key that was never used."""
    return lambda: {"Idempotency-Key": uuid4().hex}
