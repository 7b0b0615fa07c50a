"""One act at a time on a case: among tasks, among processes, and after a process that died."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from casewright.settings import Settings
from graphs.turn import Turns, open_turns

HOLDER = """
import asyncio
from casewright.settings import load_settings
from graphs.turn import open_turns

async def main():
    async with open_turns(load_settings()) as turns, turns("c1"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(tmp_path: Path, store_url: SecretStr) -> Settings:
    return Settings(home=tmp_path, store_url=store_url)


@pytest.fixture
async def turns(settings: Settings) -> AsyncIterator[Turns]:
    async with open_turns(settings) as turns:
        yield turns


async def test_of_all_who_want_a_case_one_has_it(settings: Settings) -> None:
    inside, most = 0, 0

    async def act(turns: Turns) -> None:
        nonlocal inside, most
        async with turns("c1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    async with AsyncExitStack() as stack:  # two that know nothing of each other
        both = [await stack.enter_async_context(open_turns(settings)) for _ in range(2)]
        await asyncio.gather(*(act(turns) for turns in both * 3))
    assert most == 1


async def test_those_with_other_cases_do_not_wait(turns: Turns) -> None:
    there = asyncio.Barrier(64)

    async def act(case_id: str) -> None:
        async with turns(case_id):
            await there.wait()

    acts = (act(f"case_{number:06d}") for number in range(64))
    await asyncio.wait_for(asyncio.gather(*acts), 30)


async def test_who_is_cancelled_leaves_it_free(turns: Turns) -> None:
    async def act(seconds: float) -> None:
        async with turns("c1"):
            await asyncio.sleep(seconds)

    has, waits = asyncio.create_task(act(60)), asyncio.create_task(act(60))
    await asyncio.sleep(0.1)
    for one in (waits, has):
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
    await asyncio.wait_for(act(0), 10)


async def test_a_process_that_is_killed_has_it_no_longer(settings: Settings, turns: Turns) -> None:
    given = {**os.environ, "CASEWRIGHT_HOME": str(settings.home)}
    given["CASEWRIGHT_STORE_URL"] = settings.store_url.get_secret_value()
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, env=given, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"

    async def act() -> None:
        async with turns("c1"):
            pass

    waiting = asyncio.create_task(act())
    await asyncio.sleep(0.2)
    assert not waiting.done()
    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    await asyncio.wait_for(waiting, 10)


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_connection_that_was_cut_is_made_anew(settings: Settings, turns: Turns) -> None:
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
    url = settings.store_url.get_secret_value()
    async with turns("c1"):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(cut)
    async with turns("c2"):
        pass
