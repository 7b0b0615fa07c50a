"""Killed with -9 in the middle of a review: nothing is lost, nothing twice, and the chain holds."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.models import ReviewAct, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from graphs.run import open_investigator
from review.desk import Desk

REVIEWER = """
import asyncio, os, signal, sys
from pathlib import Path
from casewright.clock import utc_now
from casewright.models import ReviewAct
from casewright.settings import Settings
from casewright.store import store as module
from graphs.run import open_investigator
from review.desk import Desk

home, case, at, early = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "early"
append, count = module.append, 0

async def dying(*given):
    global count
    count += 1
    if count == at and early:
        os.kill(os.getpid(), signal.SIGKILL)
    await append(*given)
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)

module.append = dying

async def main():
    async with open_investigator(Settings(home=Path(home))) as investigator:
        await Desk(investigator, "qa", utc_now).act(case, ReviewAct.APPROVE, ["A1"])

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def waiting(sourced: Settings, plain_case: str) -> Path:
    async def work() -> None:
        async with open_investigator(sourced) as investigator:
            await investigator.investigate(plain_case)

    asyncio.run(work())
    return sourced.home


@pytest.mark.parametrize(("write", "when"), [(1, "early"), (1, "late"), (2, "early"), (2, "late")])
async def test_a_review_that_is_killed_is_whole_or_not_there(
    waiting: Path, tmp_path: Path, plain_case: str, write: int, when: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(waiting, home)
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", REVIEWER, str(home), plain_case, str(write), when],
        check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    async with Store.open(home) as store:
        assert (await store.audited()).faults == ()
        run = await store.latest_run(plain_case)
        assert run is not None
        assert len(run.reviews) == write - 1
    async with open_investigator(Settings(home=home)) as investigator:
        await Desk(investigator, "qa", utc_now).act(plain_case, ReviewAct.APPROVE, ["A1"])
        run = await investigator.store.latest_run(plain_case)
        assert run is not None
        assert run.status is RunStatus.DONE
        assert (await investigator.store.audited()).faults == ()
        events = await investigator.store.log.of(plain_case)
        assert [one.kind for one in events].count(Kind.CLOSED) == 1
        reviewed = [one for one in events if one.kind is Kind.REVIEWED]
        assert len(reviewed) == len(run.reviews)
