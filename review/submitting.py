"""Takes in cases to be investigated, and investigates them in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from filelock import AsyncFileLock, Timeout
from sqlalchemy.exc import OperationalError

from casewright.clock import Clock
from casewright.errors import CasewrightError, Forbidden
from casewright.models import Run, RunStatus
from casewright.store import Store
from casewright.store.submissions import Submitted
from casewright.team import Member, Permission
from graphs.run import Investigator, Wish
from graphs.turn import FOLDER
from review.checks import Overlay

ATTEMPTS: Final = 8
"""How often a case is tried before it is left as failed."""

PAUSE_S: Final = 10
"""Before a case is tried again, doubled with each failure."""

STANDING: Final = (RunStatus.WAITING, RunStatus.DONE)
"""Where a run stands that needs no investigation."""


async def submit(
    investigator: Investigator, member: Member, case_id: str, clock: Clock
) -> Run | None:
    """Accept a case of the source for investigation.

    Args:
        investigator: Holds the runs.
        member: Who asks for it.
        case_id: The case.
        clock: The present moment.

    Returns:
        The case's run where it waits or has ended: nothing is to be done. None: it was accepted.

    Raises:
        Forbidden: the member may not submit, or does not see the case.
        UnknownCase: the source knows no such case.
        SourceError: the source does not answer.
    """
    member.require(Permission.SUBMIT)
    check = await Overlay(investigator, member.id, clock).run(case_id)
    run = check or await investigator.store.latest_run(case_id)
    case, sop = (run.case, run.sop) if run else await investigator.announced(case_id)
    if not member.sees(region=case.region, sop=sop, language=case.language):
        raise Forbidden(f"Case {case_id!r} is not among those of {member.id}.")
    if run is not None and run.status in STANDING:
        return run
    await investigator.store.submissions.put(case_id, member.id, clock())
    return None


class Submissions:
    """Investigates what was submitted.

    A case is taken off the list once its run waits or has ended, so that one that was begun when
    the process died goes on where it stopped. One process on a machine does it at a time.

    Args:
        investigator: Holds the runs.
        home: The home folder.
        clock: The present moment.
        at_once: Most cases at once.
    """

    def __init__(
        self, investigator: Investigator, home: Path, clock: Clock, *, at_once: int
    ) -> None:
        self._investigator = investigator
        self._lock = home / FOLDER / "submissions"
        self._clock = clock
        self._at_once = at_once
        (home / FOLDER).mkdir(parents=True, exist_ok=True)

    async def keep_draining(
        self, *, pause_s: float = 0.5, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Investigate what is due, for ever; where another process does, wait until it is gone.

        Args:
            pause_s: How often to look what is due, in seconds.
            sleep: How to wait.
        """
        while True:
            # A store that is locked or full is asked again after the pause.
            with suppress(Timeout, OperationalError):
                async with AsyncFileLock(self._lock, timeout=0):
                    await self._work(pause_s, sleep)
            await sleep(pause_s)

    async def _work(self, pause_s: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        flying: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                await self._start(flying)
                await sleep(pause_s)
                for case_id in [one for one, task in flying.items() if task.done()]:
                    await flying.pop(case_id)
        finally:
            for task in flying.values():
                task.cancel()
            await asyncio.gather(*flying.values(), return_exceptions=True)

    async def _start(self, flying: dict[str, asyncio.Task[None]]) -> None:
        """Begin with what is due and not begun, as far as there is room."""
        if len(flying) == self._at_once:
            return
        due = await self._store.submissions.due(
            self._clock(), limit=self._at_once, attempts=ATTEMPTS
        )
        for one in due:
            if one.case_id not in flying and len(flying) < self._at_once:
                flying[one.case_id] = asyncio.create_task(self._one(one))

    @property
    def _store(self) -> Store:
        return self._investigator.store

    async def _one(self, one: Submitted) -> None:
        try:
            await self._investigator.investigate(one.case_id, Wish(by=one.member))
        except (CasewrightError, OSError) as error:
            await self._failed(one, error)
        else:
            await self._store.submissions.done(one.case_id)

    async def _failed(self, one: Submitted, error: Exception) -> None:
        pause = timedelta(seconds=PAUSE_S * 2**one.failures)
        await self._store.submissions.failed(one.case_id, str(error), self._clock() + pause)
