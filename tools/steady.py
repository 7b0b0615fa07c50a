"""An inbox whose clock is read once for many cases, so that they ask as of the same moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from tools.base import Query
from tools.inbox import Inbox
from tools.sources.page import Page


class SteadyInbox:
    """An inbox that says the same moment until its reading is too old.

    The moment is never later than the source's own, so what a case asks as of it is settled.

    Args:
        inbox: The inbox whose clock is read.
        freshness_s: How long one reading serves, in seconds.
        timer: Seconds that pass, such as ``time.monotonic``.
    """

    def __init__(
        self, inbox: Inbox, freshness_s: float, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._inbox = inbox
        self._freshness_s = freshness_s
        self._timer = timer
        self._reading = asyncio.Lock()
        self._read: tuple[datetime, float] | None = None

    async def page(self, path: str, query: Query) -> Page:
        """See :meth:`tools.inbox.Inbox.page`."""
        return await self._inbox.page(path, query)

    async def now(self) -> datetime:
        """The moment of the last reading, or of a new one.

        Raises:
            SourceError: the source does not say.
        """
        async with self._reading:
            if self._read is None or self._timer() - self._read[1] >= self._freshness_s:
                # Its age counts from before the call: the answer may have been long on its way.
                began = self._timer()
                self._read = await self._inbox.now(), began
            return self._read[0]
