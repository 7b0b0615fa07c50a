"""Analytics jobs: the first request starts one, and its result is there after a while."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final

KEPT: Final = 24 * 3600
SHORTEST, LONGEST = 2.0, 90.0


class Jobs:
    """Remembers which analytics results are ready.

    Args:
        seconds: The service's own time.
        seed: What the durations are drawn from.
    """

    def __init__(self, seconds: Callable[[], float], seed: int) -> None:
        self._lock = threading.Lock()
        self._seconds, self._seed = seconds, seed
        self._ready: dict[str, float] = {}

    def wait(self, key: str) -> float:
        """Start the job ``key`` unless it runs or its result is kept.

        Returns:
            Seconds until the result is there; 0 where it is.
        """
        with self._lock:
            now = self._seconds()
            ready = self._ready.get(key)
            if ready is None or now - ready > KEPT:
                ready = now + self._duration(key)
                self._ready[key] = ready
        return max(0.0, ready - now)

    def _duration(self, key: str) -> float:
        # Most jobs are short: the exponent leans the draw towards the lower end.
        share = random.Random(f"{self._seed}/{key}").random() ** 4
        return SHORTEST + share * (LONGEST - SHORTEST)
