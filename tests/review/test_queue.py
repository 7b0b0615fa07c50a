"""The queue: what goes first, who may see and take what, and what the log says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from casewright.audit import Kind, reviewer
from casewright.enforcement import Enforced, PlannedAction
from casewright.errors import Forbidden, Taken, UsageError
from casewright.models import Case, Decision, Money, Route, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Member, Permission, Role
from casewright.waiting import RENEWALS, Wanted

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANA, BO = reviewer("ana"), reviewer("bo")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def store(tmp_path: Path, store_url: SecretStr) -> AsyncIterator[Store]:
    async with Store.at(Settings(home=tmp_path, store_url=store_url)) as opened:
        yield opened


def run_of(name: str, hours: float = 24, *, stake: int = 100, **changed: Any) -> Run:
    case = Case(
        case_id=f"case_{name}",
        case_type="appeal.late_dispatch",
        subject={"appeal_id": f"app_{name}"},
        seller_id=changed.pop("seller_id", "sel_1"),
        region=changed.pop("region", "US"),
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
        language=changed.pop("language", "en"),
    )
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(),
        claims=(),
        route=changed.pop("route", Route.REVIEW),
        graph_version="late_dispatch_appeal@1+ab",
    )
    known = {
        "run_id": name,
        "case": case,
        "sop": "late_dispatch_appeal",
        "graph_version": decision.graph_version,
        "as_of": NOON,
        "status": RunStatus.WAITING,
        "decision": decision,
        "due_at": NOON + timedelta(hours=hours),
        "stake_cents": stake,
        "started_at": NOON,
        "updated_at": NOON,
    }
    return Run.model_validate(known | changed)


def measure() -> tuple[Enforced, ...]:
    write = PlannedAction(do="remove_listing", purpose="interim", name="off_sale", key="ab" * 32)
    return (Enforced(write=write, status="done", at=NOON),)


async def listed(store: Store, **wanted: Any) -> list[str]:
    page = await store.queue.page(Wanted(**wanted), NOON)
    return [one.run_id for one in page.items]


async def test_measures_first_then_what_is_over_then_time_left_by_stake(store: Store) -> None:
    for run in (
        run_of("late_cheap", 48, stake=10),
        run_of("late_dear", 48, stake=1_000),
        run_of("soon_cheap", 24, stake=10),
        run_of("over_cheap", -2, stake=10),
        run_of("over_dear", -1, stake=1_000),
        run_of("measure", 96, enforced=measure()),
        run_of("closed", 1, status=RunStatus.DONE),
    ):
        await store.save_run(run)
    assert await listed(store) == [
        "measure", "over_dear", "over_cheap", "late_dear", "soon_cheap", "late_cheap"
    ]  # fmt: skip


async def test_a_run_that_waits_no_more_is_not_listed(store: Store) -> None:
    run = run_of("one")
    await store.save_run(run)
    await store.save_run(run.model_copy(update={"status": RunStatus.DONE}))
    assert await listed(store) == []


async def test_filters_and_counts(store: Store) -> None:
    await store.save_run(run_of("us"))
    await store.save_run(run_of("mx", region="MX", language="es", route=Route.SENIOR))
    assert await listed(store, regions=("MX",)) == ["mx"]
    assert await listed(store, languages=("en",)) == ["us"]
    assert await listed(store, routes=("senior",)) == ["mx"]
    assert await listed(store, regions=("'; DROP TABLE queue; --",)) == []
    await store.save_run(run_of("us_too"))
    groups = await store.queue.groups(Wanted(), NOON)
    assert {(one.region, one.route, one.count) for one in groups} == {
        ("US", "review", 2),
        ("MX", "senior", 1),
    }


async def test_versions_that_cases_wait_with(store: Store) -> None:
    await store.save_run(run_of("one", graph_version="b@1+0"))
    for name in ("two", "three"):
        await store.save_run(run_of(name, graph_version="a@1+0"))
    assert await store.queue.versions() == ("a@1+0", "b@1+0")


async def test_a_member_sees_their_own_regions_alone(store: Store) -> None:
    await store.save_run(run_of("us"))
    await store.save_run(run_of("mx", region="MX"))
    mexican = Member("eva", frozenset({Role.REVIEWER}), frozenset({"MX"}))
    page = await store.queue.page(Wanted().within(mexican), NOON)
    assert [one.run_id for one in page.items] == ["mx"]
    asked = Wanted(regions=("US",)).within(mexican)
    assert (await store.queue.page(asked, NOON)).total == 0


async def test_pages_go_on_where_the_last_one_ended(store: Store) -> None:
    for number in range(5):
        await store.save_run(run_of(f"run-{number}", 24 + number))
    first = await store.queue.page(Wanted(), NOON, limit=2)
    second = await store.queue.page(Wanted(), NOON, limit=2, offset=2)
    assert [one.run_id for one in (*first.items, *second.items)] == [
        "run-0", "run-1", "run-2", "run-3"
    ]  # fmt: skip
    assert first.total == 5


async def test_one_claims_and_the_other_is_told(store: Store) -> None:
    await store.save_run(run_of("one"))
    mine = await store.queue.claim("case_one", ANA, NOON)
    assert mine.claimed_by == "ana"
    with pytest.raises(Taken, match=r"ana has case 'case_one', until 12:20 UTC"):
        await store.queue.claim("case_one", BO, NOON)
    assert await listed(store, whose="mine", me="ana") == ["one"]
    assert await listed(store, whose="free", me="bo") == []


async def test_a_lease_ends_by_itself(store: Store) -> None:
    await store.save_run(run_of("one"))
    await store.queue.claim("case_one", ANA, NOON)
    later = NOON + timedelta(minutes=21)
    assert (await store.queue.claim("case_one", BO, later)).claimed_by == "bo"
    with pytest.raises(Taken, match="bo has it"):
        await store.queue.renew("case_one", ANA, later)


async def test_a_claim_is_renewed_twice(store: Store) -> None:
    await store.save_run(run_of("one"))
    await store.queue.claim("case_one", ANA, NOON)
    for _ in range(RENEWALS):
        await store.queue.renew("case_one", ANA, NOON)
    with pytest.raises(UsageError, match="renewed 2 times"):
        await store.queue.renew("case_one", ANA, NOON)


async def test_what_is_held_stays_with_who_holds_it_until_then(store: Store) -> None:
    await store.save_run(run_of("one"))
    until = NOON + timedelta(hours=3)
    await store.queue.hold("case_one", until, "the carrier's answer", ANA, NOON)
    assert await listed(store, held=False) == []
    with pytest.raises(Taken, match="ana's to decide"):
        await store.queue.claim("case_one", BO, NOON)
    assert (await store.queue.resume("case_one", ANA, NOON)).held_until is None
    after = await store.queue.page(Wanted(held=False), until + timedelta(seconds=1))
    assert after.total == 1


async def test_handed_back_it_is_anybodys(store: Store) -> None:
    await store.save_run(run_of("one"))
    await store.queue.assign("case_one", "ana", BO, NOON)
    await store.queue.release("case_one", ANA, NOON, reason="a friend's shop")
    assert (await store.queue.claim("case_one", BO, NOON)).claimed_by == "bo"


async def test_what_does_not_wait_cannot_be_claimed(store: Store) -> None:
    with pytest.raises(UsageError, match="does not wait"):
        await store.queue.claim("case_one", ANA, NOON)


async def test_the_log_tells_who_had_it(store: Store) -> None:
    await store.save_run(run_of("one"))
    await store.queue.claim("case_one", ANA, NOON)
    await store.queue.renew("case_one", ANA, NOON)
    await store.queue.release("case_one", ANA, NOON)
    kinds = [one.kind for one in await store.log.of("case_one")][-3:]
    assert kinds == [Kind.CLAIMED, Kind.RENEWED, Kind.RELEASED]
    assert (await store.audited()).faults == ()


def test_who_may_not_is_told_who_may() -> None:
    analyst = Member("al", frozenset({Role.ANALYST}))
    with pytest.raises(Forbidden, match=r"al may not review\. It takes one of: reviewer"):
        analyst.require(Permission.REVIEW)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["claim", "renew", "release"]), st.sampled_from(["ana", "bo"]),
                  st.integers(0, 30)),
        max_size=12,
    )
)  # fmt: skip
async def test_never_do_two_have_a_case(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, int]]
) -> None:
    holder, until, now = "", NOON, NOON
    async with Store.open(tmp_path_factory.mktemp("queue")) as store:
        await store.save_run(run_of("one"))
        for act, who, minutes in acts:
            now += timedelta(minutes=minutes)
            held_by_other = holder not in ("", who) and until > now
            try:
                found = await getattr(store.queue, act)("case_one", reviewer(who), now)
            except (Taken, UsageError):
                continue
            assert not held_by_other
            holder, until = found.claimed_by, found.lease_until or now
