"""What a server does beside answering: it investigates, sends, asks, and tells webhooks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.exc import OperationalError

from casewright.errors import CasewrightError
from graphs.answers import take_answers
from graphs.deliver import deliver_due
from review.delivery import keep_delivering
from review.submitting import Submissions
from review.web.house import House

SENDING_S: Final = 2.0
"""Between two looks at what is due to be sent to the marketplace, in seconds."""

ASKING_S: Final = 60.0
"""Between two looks for answers to what parties were asked, in seconds."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def background(house: House) -> AsyncIterator[None]:
    """Work in the background while inside; what is under way at the end goes on at the next start.

    Args:
        house: The house.
    """
    settings = house.settings
    submissions = Submissions(
        house.investigator, settings.home, house.clock, at_once=settings.concurrency
    )
    work = {
        "submissions": submissions.keep_draining(),
        "webhooks": keep_delivering(house.store, settings, house.clock),
        "outbox": again_and_again("outbox", lambda: deliver_due(house.investigator), SENDING_S),
        "warming": warm(house),
        "answers": again_and_again("answers", lambda: take_answers(house.investigator), ASKING_S),
    }
    tasks = [asyncio.create_task(one, name=name) for name, one in work.items()]
    for task in tasks:
        task.add_done_callback(_told)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def warm(house: House) -> None:
    """Load and compile what the first case would wait for; a graph that cannot be is told and left.

    Args:
        house: The house.
    """
    await house.veil.warm()
    for version in await house.store.queue.versions():
        try:
            await house.investigator.ready(version)
        except CasewrightError as error:
            _log.warning("%s cannot be made ready: %s", version, error)
        await asyncio.sleep(0)  # requests go first


async def again_and_again(name: str, work: Callable[[], Awaitable[object]], pause_s: float) -> None:
    """Do something for ever; what fails is told in the server's log and tried the next time.

    Args:
        name: What it is, for the log.
        work: Does it once.
        pause_s: Between two times, in seconds.
    """
    while True:
        try:
            await work()
        except (CasewrightError, OperationalError, OSError) as error:
            _log.warning("%s: %s", name, error)
        await asyncio.sleep(pause_s)


def _told(task: asyncio.Task[None]) -> None:
    """Have the loop tell at once that a task broke, and not when somebody asks for its result."""
    if not task.cancelled() and (error := task.exception()):
        told = f"The server no longer works at its {task.get_name()}."
        task.get_loop().call_exception_handler({"message": told, "exception": error, "task": task})
