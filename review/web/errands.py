"""What goes on in the background of a server: tasks with a name, live progress and an end.

Nothing here outlives the process. A run that was cut off goes on where it stopped when somebody
starts it again, since its checkpoints and its record lie in the home folder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from casewright.clock import Clock, utc_now
from casewright.errors import CasewrightError, EnvironmentFault
from casewright.telemetry import Step

KEPT: Final = 100
"""How many that have ended are remembered."""

AT_ONCE: Final = 4
"""How many go on beside each other; the others wait for their turn."""

UNFORESEEN: Final = "It failed for a reason that nobody foresaw; the server's log tells it."

_log = logging.getLogger(__name__)


@dataclass
class Errand:
    """One task.

    Attributes:
        name: What it is about, such as ``run case_000158``; one of a name goes on at a time.
        who: Who asked for it.
        started_at: When.
        ended_at: When it ended; None while it goes on.
        steps: The steps that were taken, oldest first.
        done: How much is done.
        total: Of how much; 0 while that is not known.
        result: What came of it, or None.
        error: Why it failed, or empty.
        remedy: What to do about it, or empty.
        halted: Whether the server wants it to end; work in a thread has to look.
        waits: Whether it has not begun, since others go on.
    """

    name: str
    who: str
    started_at: datetime
    ended_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    done: int = 0
    total: int = 0
    result: Any = None
    error: str = ""
    remedy: str = ""
    halted: bool = False
    waits: bool = True

    @property
    def going(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    def listen(self, step: Step) -> None:
        """Take note of a step; a ``Listener``."""
        self.steps.append(step)

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.done, self.total = done, total
        if self.halted:
            raise EnvironmentFault("The server ended.")


Work = Callable[[Errand], Awaitable[Any]]


class Errands:
    """The background tasks of one server.

    Args:
        clock: The present moment.
        at_once: How many go on beside each other.
    """

    def __init__(self, clock: Clock = utc_now, *, at_once: int = AT_ONCE) -> None:
        self._clock = clock
        self._errands: dict[str, Errand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(at_once)

    def start(self, name: str, who: str, work: Work) -> Errand:
        """Start a task; where one of that name goes on already, that one is told instead.

        Args:
            name: What it is about.
            who: Who asks for it.
            work: Does it, and takes note of its progress.
        """
        before = self._errands.get(name)
        if before and before.going:
            return before
        errand = Errand(name, who, self._clock())
        self._errands.pop(name, None)
        self._errands[name] = errand
        self._forget()
        task = asyncio.create_task(self._carried(errand, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return errand

    def of(self, name: str) -> Errand | None:
        """The task of that name, also one that has ended, or None."""
        return self._errands.get(name)

    def all(self) -> Mapping[str, Errand]:
        """Those that are known, oldest first."""
        return dict(self._errands)

    async def stop(self) -> None:
        """End what goes on."""
        for errand in self._errands.values():
            errand.halted = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carried(self, errand: Errand, work: Work) -> None:
        errand.error = UNFORESEEN
        try:
            async with self._room:
                errand.waits = False
                errand.result = await work(errand)
            errand.error = ""
        except asyncio.CancelledError:
            errand.error = "It was cut off, since the server ended."
            raise
        except CasewrightError as error:
            errand.error, errand.remedy = error.message, error.remedy
        finally:
            errand.ended_at = self._clock()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("errand %r failed", task.get_name(), exc_info=error)

    def _forget(self) -> None:
        ended = [name for name, one in self._errands.items() if not one.going]
        for name in ended[: max(0, len(ended) - KEPT)]:
            del self._errands[name]
