"""Token buckets: how often a caller may ask each family of endpoints."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Literal

Family = Literal[
    "accounts",
    "orders",
    "logistics",
    "after-sales",
    "analytics",
    "catalogue",
    "rights",
    "identity",
    "reviews",
    "cases",
    "enforcement",
]
LIMITS: Final[dict[Family, tuple[float, float]]] = {
    "accounts": (50, 100),
    "orders": (50, 100),
    "logistics": (20, 40),
    "after-sales": (30, 60),
    "analytics": (5, 10),
    "catalogue": (20, 40),
    "rights": (10, 20),
    "identity": (2, 4),
    "reviews": (20, 40),
    "cases": (50, 100),
    "enforcement": (5, 10),
}
"""Requests a second, and the burst, by family (handbook 11.2)."""


class TokenBuckets:
    """One bucket for each caller and family.

    Args:
        monotonic: Real seconds, steadily growing; injected.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._levels: dict[tuple[str, Family], tuple[float, float]] = {}

    def wait(self, caller: str, family: Family) -> float:
        """Take one token; return 0, or the seconds until there is one, taking none."""
        rate, burst = LIMITS[family]
        with self._lock:
            now = self._monotonic()
            level, since = self._levels.get((caller, family), (burst, now))
            level = min(burst, level + (now - since) * rate)
            taken = level >= 1
            self._levels[caller, family] = (level - taken, now)
        return 0.0 if taken else (1 - level) / rate
