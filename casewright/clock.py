"""Time is UTC and injected, so that tests and replays choose it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment as an aware UTC datetime."""


def utc_now() -> datetime:
    """The system clock in UTC."""
    return datetime.now(UTC)
