"""A case that was investigated and reviewed, its home folder shared by the tests of a module."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.clock import utc_now
from casewright.models import ReviewAct
from casewright.settings import Settings
from graphs.run import open_investigator
from review.desk import Desk
from sandbox.server import Endpoint


@pytest.fixture(scope="module")
def sourced(tmp_path_factory: pytest.TempPathFactory, marketplace: Endpoint) -> Settings:
    """Settings with a home folder of the module's own."""
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,
        reviewer="ana",
    )


@pytest.fixture(scope="module")
def settled(sourced: Settings, plain_case: str) -> Settings:
    """The plain case taken to its gate, looked at, a citation followed, and approved."""

    async def work() -> None:
        async with open_investigator(sourced) as investigator:
            await investigator.investigate(plain_case)
            desk = Desk(investigator, "qa", utc_now)
            await desk.view(plain_case)
            await desk.follow(plain_case, 1)
            await desk.act(plain_case, ReviewAct.APPROVE, ["A1"])

    asyncio.run(work())
    return sourced


@pytest.fixture
def home(settled: Settings) -> Path:
    """Where it is kept."""
    return settled.home
