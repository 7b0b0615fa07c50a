from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casewright.models import Case, Decision, Money, Route, Run, RunStatus
from casewright.store import Store
from casewright.team import Member

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def keep(store: Store, name: str, hours: int, **changed: str) -> None:
    case = Case(
        case_id=changed.get("case_id", f"case_{name}"),
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region=changed.get("region", "US"),
        language=changed.get("language", "en"),
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    status = RunStatus(changed.get("status", "running"))
    decision = Decision(outcome="uphold", row=1, factors=(), claims=(), graph_version="a@1+ab")
    at = NOON + timedelta(hours=hours)
    run = Run(
        run_id=name,
        case=case,
        sop=changed.get("sop", "a"),
        graph_version="a@1+ab",
        as_of=NOON,
        status=status,
        decision=None if status is RunStatus.RUNNING else decision,
        started_at=at,
        updated_at=at,
    )
    await store.save_run(run)


async def listed(store: Store, member: Member | None = None, **wanted: object) -> list[str]:
    found = await store.listing.page(member or Member("ana"), **wanted)  # type: ignore[arg-type]
    return [one.run_id for one in found]


async def test_the_newest_come_first_page_by_page(store: Store) -> None:
    for hour, name in enumerate("abcde"):
        await keep(store, name, hour)
    assert await listed(store) == ["e", "d", "c", "b", "a"]
    assert await listed(store, limit=2, offset=1) == ["d", "c"]
    assert await listed(store, offset=9) == []


async def test_filters_hold_together(store: Store) -> None:
    await keep(store, "a", 0, status="done", sop="x")
    await keep(store, "b", 1, status="done")
    await keep(store, "c", 2, case_id="case_b", status="waiting")
    assert await listed(store, status=RunStatus.DONE) == ["b", "a"]
    assert await listed(store, status=RunStatus.DONE, sop="x") == ["a"]
    assert await listed(store, case_id="case_b") == ["c", "b"]


async def test_a_member_sees_their_own_alone(store: Store) -> None:
    await keep(store, "a", 0, region="US", sop="x")
    await keep(store, "b", 1, region="EU", language="de")
    await keep(store, "c", 2, region="EU", sop="x")
    assert await listed(store, Member("m", regions=frozenset({"EU"}))) == ["c", "b"]
    assert await listed(store, Member("m", languages=frozenset({"de", "fr"}))) == ["b"]
    own = Member("m", regions=frozenset({"EU"}), sops=frozenset({"x"}))
    assert await listed(store, own) == ["c"]
    assert await listed(store, own, sop="a") == []


async def test_a_run_is_told_in_short(store: Store) -> None:
    await keep(store, "a", 0, status="waiting")
    await keep(store, "b", 1)
    without, one = await store.listing.page(Member("ana"))
    assert (one.outcome, one.route, one.automatic) == ("uphold", Route.REVIEW.value, False)
    assert (without.outcome, without.route, without.error) == ("", "", "")
    assert (one.region, one.case_type, one.started_at) == ("US", "appeal.late_dispatch", NOON)
