from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casewright.clock import in_seconds, of_seconds, utc_now


def test_the_system_clock_tells_the_present_moment_in_utc() -> None:
    now = utc_now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_whole_seconds_are_a_moment_and_back() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert of_seconds(in_seconds(noon)) == noon
    assert of_seconds(in_seconds(noon + timedelta(milliseconds=999))) == noon
