"""What a server does beside answering: it investigates what was submitted, and tells webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
