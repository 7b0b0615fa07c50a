from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casewright.clock import utc_now


def test_the_system_clock_tells_the_present_moment_in_utc() -> None:
    now = utc_now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)
