"""What a server does beside answering: it investigates what was submitted, and tells webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from review.delivery import keep_delivering
from review.submitting import Submissions
from review.web.house import House


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
    tasks = [
        asyncio.create_task(submissions.keep_draining(), name="submissions"),
        asyncio.create_task(keep_delivering(house.store, settings, house.clock), name="webhooks"),
    ]
    for task in tasks:
        task.add_done_callback(_told)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _told(task: asyncio.Task[None]) -> None:
    """Have the loop tell at once that a task broke, and not when somebody asks for its result."""
    if not task.cancelled() and (error := task.exception()):
        told = f"The server no longer works at its {task.get_name()}."
        task.get_loop().call_exception_handler({"message": told, "exception": error, "task": task})
