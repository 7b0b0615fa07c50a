"""Time is UTC and injected, so that tests and replays choose it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment as an aware UTC datetime."""


def utc_now() -> datetime:
    """The system clock in UTC."""
    return datetime.now(UTC)


def in_seconds(moment: datetime) -> int:
    """A moment as whole seconds since 1970 in UTC, as some tables keep it."""
    return int(moment.timestamp())


def of_seconds(seconds: int) -> datetime:
    """The moment of so many seconds since 1970 in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
