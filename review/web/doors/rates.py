"""How often somebody may try: signing in by address, the API by key."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from casewright.errors import TooMany
from casewright.settings import Settings


class Rates:
    """Counts of one server, in its memory.

    Args:
        settings: Say how often.
    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._sign_ins = RateLimitItemPerMinute(settings.sign_ins_per_minute)
        self._requests = RateLimitItemPerMinute(settings.api_requests_per_minute)

    async def sign_in(self, address: str) -> None:
        """Count an attempt to sign in.

        Raises:
            TooMany: it is one too many.
        """
        await self._count(self._sign_ins, "sign-in", address)

    async def request(self, key_id: str) -> None:
        """Count a request with an API key.

        Raises:
            TooMany: it is one too many.
        """
        await self._count(self._requests, "key", key_id)

    async def _count(self, limit: RateLimitItem, what: str, who: str) -> None:
        if await self._limiter.hit(limit, what, who):
            return
        frees = (await self._limiter.get_window_stats(limit, what, who)).reset_time
        wait_s = max(1, math.ceil(frees - time.time()))
        raise TooMany(
            f"That was more than {limit.amount} times in a minute.",
            remedy=f"Try again in {wait_s} seconds.",
            wait_s=wait_s,
        )
