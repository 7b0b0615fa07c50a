"""The world clock: it stands still unless told to move or given a speed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class WorldClock:
    """World time in epoch seconds.

    Args:
        start: World time to begin at.
        monotonic: Real seconds, steadily growing; injected.
        speed: World seconds that pass in one real second; 0 stands still.
    """

    def __init__(self, start: int, monotonic: Callable[[], float], speed: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._base, self._since, self._speed = start, monotonic(), speed

    def now(self) -> int:
        """Return the world time."""
        with self._lock:
            return self._base + int((self._monotonic() - self._since) * self._speed)

    def set(self, now: int, speed: float = 0.0) -> None:
        """Move the clock to ``now`` and let it run at ``speed``."""
        with self._lock:
            self._base, self._since, self._speed = now, self._monotonic(), speed

    @property
    def speed(self) -> float:
        """World seconds in one real second."""
        with self._lock:
            return self._speed
