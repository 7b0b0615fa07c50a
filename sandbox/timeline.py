"""The instants the world hangs on, and how they are written. All times are UTC epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

HOUR: Final = 3600
DAY: Final = 24 * HOUR


def instant(text: str) -> int:
    """Return the epoch second of an RFC 3339 instant.

    Raises:
        ValueError: The text is no instant, or names no offset from UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return int(moment.timestamp())


def rfc3339(second: int) -> str:
    """Write an epoch second as an RFC 3339 instant in UTC."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


HISTORY_START: Final = instant("2025-01-06T00:00:00Z")
CLOCK_START: Final = instant("2026-06-01T08:00:00Z")
EDIT_LOG_START: Final = instant("2024-02-01T00:00:00Z")
"""Listings made before this day have edits that no log holds."""
DRIFT_ONE: Final = instant("2026-02-02T00:00:00Z")
DRIFT_TWO: Final = instant("2026-05-04T00:00:00Z")
SCAN_RULE_FROM: Final = instant("2026-03-01T00:00:00Z")
WEIGHT_SCHEMA_CHANGE: Final = instant("2026-04-06T00:00:00Z")
OPEN_SPAN: Final = 28 * DAY
BACKGROUND_END: Final = CLOCK_START + 30 * DAY
