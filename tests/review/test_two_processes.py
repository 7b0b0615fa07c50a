"""Two processes at one case, one of them killed: on a file and on a server it is decided once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.audit import Actor, Kind
from casewright.clock import utc_now
from casewright.models import ReviewAct, Run, RunStatus
from casewright.settings import Settings
from graphs.checkpoints import checkpoints_of
from graphs.run import Investigator, open_investigator
from review.desk import Desk
from review.erasing import erase_case
from sandbox.server import Endpoint

BEGINNER = """
import asyncio, os, signal, sys
from casewright.journal import Journal
from casewright.settings import load_settings
from graphs.run import open_investigator

case, calls = sys.argv[1], int(sys.argv[2])
keep = Journal.keep

async def dying(self, *given):
    global calls
    calls -= 1
    if calls == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    await keep(self, *given)

Journal.keep = dying

async def main():
    async with open_investigator(load_settings()) as investigator:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print((await investigator.investigate(case)).run_id, flush=True)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(tmp_path: Path, store_url: SecretStr, marketplace: Endpoint) -> Settings:
    return Settings(
        home=tmp_path / "home",
        store_url=store_url,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,
    )


async def begin(settings: Settings, case_id: str, dies_at: int) -> asyncio.subprocess.Process:
    """A process that is ready to begin a case; it dies with its so manieth call."""
    given = {
        **os.environ,
        "CASEWRIGHT_HOME": str(settings.home),
        "CASEWRIGHT_STORE_URL": settings.store_url.get_secret_value(),
        "CASEWRIGHT_SOURCE_URL": settings.source_url,
        "CASEWRIGHT_SOURCE_TOKEN": settings.source_token.get_secret_value(),
    }
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BEGINNER, case_id, str(dies_at), env=given, **pipes
    )
    assert made.stdout is not None
    assert await made.stdout.readline() == b"ready\n"
    return made


async def ended(process: asyncio.subprocess.Process) -> str:
    told, _ = await process.communicate(b"go\n")
    return told.decode().strip()


async def test_a_case_is_begun_once_survives_its_process_and_is_erased(
    settings: Settings, plain_case: str
) -> None:
    async with open_investigator(settings) as investigator:  # its files are there before the others
        processes = [await begin(settings, plain_case, dies) for dies in (3, 0)]
        _, told = await asyncio.gather(*map(ended, processes))
        assert {one.returncode for one in processes} <= {0, -signal.SIGKILL}
        (run,) = await investigator.store.runs()
        assert told == run.run_id
        assert run.status is RunStatus.WAITING
        await _closed(investigator, run)
    async with checkpoints_of(settings) as saver:
        assert [one async for one in saver.alist(None)]
    erased = await erase_case(settings, plain_case, Actor(role="admin", id="dpo"), utc_now)
    assert erased.evidence
    async with open_investigator(settings) as investigator:
        assert (await investigator.store.audited()).faults == ()
    async with checkpoints_of(settings) as saver:
        assert not [one async for one in saver.alist(None)]


async def _closed(investigator: Investigator, run: Run) -> None:
    case_id = run.case.case_id
    await Desk(investigator, "qa", utc_now).act(case_id, ReviewAct.APPROVE, ["A1"])
    closed = await investigator.store.run(run.run_id)
    assert closed is not None
    assert closed.status is RunStatus.DONE
    kinds = [one.kind for one in await investigator.store.log.of(case_id)]
    assert kinds.count(Kind.ENTERED) == kinds.count(Kind.CLOSED) == 1
    assert (await investigator.store.audited()).faults == ()
