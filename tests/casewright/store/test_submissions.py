from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casewright.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def due(store: Store, at: datetime, **changed: int) -> list[str]:
    bounds = {"limit": 10, "attempts": 3} | changed
    found = await store.submissions.due(at, limit=bounds["limit"], attempts=bounds["attempts"])
    return [one.case_id for one in found]


async def test_what_came_first_is_due_first_until_it_is_done(store: Store) -> None:
    for hours, case_id in enumerate(("c1", "c2", "c3")):
        await store.submissions.put(case_id, "ana", NOON + timedelta(hours=hours))
    late = NOON + timedelta(days=1)
    assert await due(store, late) == ["c1", "c2", "c3"]
    assert await due(store, late, limit=2) == ["c1", "c2"]
    assert await due(store, NOON) == ["c1"]
    await store.submissions.done("c1")
    assert await due(store, late) == ["c2", "c3"]
    assert await store.submissions.of("c1") is None


async def test_what_failed_is_due_again_after_its_pause_and_not_for_ever(store: Store) -> None:
    await store.submissions.put("c1", "ana", NOON)
    for number in range(3):
        assert await due(store, NOON + timedelta(hours=number)) == ["c1"]
        await store.submissions.failed("c1", "away", NOON + timedelta(hours=number + 1))
        assert await due(store, NOON + timedelta(hours=number, minutes=59)) == []
    assert await due(store, NOON + timedelta(days=9)) == []
    assert await store.submissions.of("c1") == ("c1", "ana", 3, "away")


async def test_what_is_submitted_again_is_tried_anew_for_whoever_came_first(store: Store) -> None:
    await store.submissions.put("c1", "ana", NOON)
    for _ in range(3):
        await store.submissions.failed("c1", "away", NOON)
    await store.submissions.put("c1", "bo", NOON)
    assert await store.submissions.of("c1") == ("c1", "ana", 0, "")
    assert await due(store, NOON) == ["c1"]
