"""Four eyes: who may not decide a case, for what they did before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casewright.errors import Forbidden
from casewright.models import (
    ActionRecord,
    Case,
    Decision,
    Evidence,
    EvidenceStatus,
    Money,
    Review,
    ReviewAct,
    Route,
    Run,
    RunStatus,
)
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role, Team
from graphs.gate import FourEyes
from graphs.run import open_investigator
from review.desk import Desk
from review.foureyes import require_other_eyes

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def review(who: str, act: str = "approve", minutes: int = 0) -> Review:
    code = {"approve": "A1", "edit": "E3", "reject": "R1", "escalate": "X1"}[act]
    at = NOON + timedelta(minutes=minutes)
    return Review(act=ReviewAct(act), codes=(code,), reviewer=who, at=at)


def run_of(name: str, *reviews: Review, **changed: Any) -> Run:
    case = Case(
        case_id=changed.pop("case_id", f"case_{name}"),
        case_type=changed.pop("case_type", "appeal.late_dispatch"),
        subject=changed.pop("subject", {"appeal_id": f"app_{name}"}),
        seller_id=changed.pop("seller_id", "sel_1"),
        region="US",
        channel=changed.pop("channel", "batch"),
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(),
        claims=(),
        route=changed.pop("route", Route.REVIEW),
        graph_version="x@1+ab",
    )
    known = {
        "run_id": name,
        "case": case,
        "sop": "x",
        "graph_version": "x@1+ab",
        "as_of": NOON,
        "status": RunStatus.WAITING,
        "decision": decision,
        "reviews": reviews,
        "started_at": NOON,
        "updated_at": NOON,
    }
    return Run.model_validate(known | changed)


async def save(store: Store, run: Run, violation: str = "") -> None:
    """Keep a run with its reviews and, as its appeal's record, the violation that it names."""
    actions: list[ActionRecord] = []
    if violation:
        record = Evidence.freeze(
            tool="get_appeal",
            request={"run": run.run_id},
            status=EvidenceStatus.OK,
            data={"appeal_id": f"app_{run.run_id}", "violation_id": violation},
            source="test",
            as_of=NOON,
            retrieved_at=NOON,
        )
        await store.put_evidence([record])
        actions = [ActionRecord(action="appeal", status="ok", digest=record.digest)]
    bare = run.model_copy(update={"reviews": ()})
    await store.save_run(bare, actions=actions)
    for number, one in enumerate(run.reviews, start=1):
        so_far = run.model_copy(update={"reviews": run.reviews[:number]})
        await store.save_run(so_far, review=one)


async def allowed(store: Store, run: Run, who: str, asked: FourEyes = "appeals") -> bool:
    try:
        await require_other_eyes(store, run, who, asked)
    except Forbidden:
        return False
    return True


async def test_both_appeals_of_one_violation_are_decided_by_two(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        await save(store, run_of("one", review("ana"), status=RunStatus.DONE), "vio_1")
        second, other = run_of("two"), run_of("three")
        await save(store, second, "vio_1")
        await save(store, other, "vio_2")
        told = r"ana acted on case 'case_one' about the same matter\. Somebody else"
        with pytest.raises(Forbidden, match=told):
            await require_other_eyes(store, second, "ana", "appeals")
        assert await allowed(store, second, "bo")
        assert await allowed(store, other, "ana"), "the same seller, and nothing else in common"
        assert not await allowed(store, other, "ana", "party")


async def test_an_appeal_against_ones_own_decision(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        decided = run_of("one", review("ana"), status=RunStatus.DONE, case_type="integrity.fake")
        await save(store, decided)
        against = run_of("two", channel="appeal", subject={"case_id": "case_one"})
        await save(store, against)
        assert not await allowed(store, against, "ana")
        assert await allowed(store, against, "bo")


async def test_an_sop_can_ask_for_more(tmp_path: Path) -> None:
    same: dict[str, Any] = {"case_type": "buyer.refund", "subject": {"claim_id": "clm_1"}}
    async with Store.open(tmp_path) as store:
        await save(store, run_of("one", review("ana"), status=RunStatus.DONE, **same))
        again = run_of("two", **same)
        await save(store, again)
        assert await allowed(store, again, "ana", "appeals")
        assert not await allowed(store, again, "ana", "matter")


async def test_who_handled_a_case_at_a_lower_level_does_not_decide_it(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        acts = (review("cy", "reject"), review("ana", "escalate", 1), review("bo", "reject", 2))
        raised = run_of("one", *acts, route=Route.SENIOR)
        await save(store, raised)
        with pytest.raises(Forbidden, match="ana escalated case 'case_one' themselves"):
            await require_other_eyes(store, raised, "ana", "appeals")
        with pytest.raises(Forbidden, match="cy acted on case 'case_one' before it was escalated"):
            await require_other_eyes(store, raised, "cy", "appeals")
        assert await allowed(store, raised, "bo"), "acted at the level where it is now"


async def test_a_newer_run_of_a_case_on_a_higher_route(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        await save(store, run_of("one", review("ana"), status=RunStatus.DONE))
        higher = run_of("two", case_id="case_one", subject={}, route=Route.SENIOR)
        level = run_of("three", case_id="case_one", subject={})
        await save(store, higher)
        assert not await allowed(store, higher, "ana")
        assert await allowed(store, level, "ana"), "it came back to the level where it was"


async def test_claim_assign_and_act_refuse(sourced: Settings, plain_case: str) -> None:
    roles = (Role.REVIEWER, Role.SENIOR, Role.LEAD)
    team = Team.of({name: Membership(roles=roles) for name in ("ana", "bo")})
    async with open_investigator(sourced) as house:
        await house.investigate(plain_case)

        def desk(who: str) -> Desk:
            return Desk(house, who, lambda: NOON, team=team)

        await desk("ana").act(plain_case, ReviewAct.ESCALATE, ["X1"])
        refused = "ana escalated case"
        with pytest.raises(Forbidden, match=refused):
            await desk("ana").claim(plain_case)
        with pytest.raises(Forbidden, match=refused):
            await desk("bo").assign(plain_case, "ana")
        with pytest.raises(Forbidden, match=refused):
            await desk("ana").act(plain_case, ReviewAct.APPROVE, ["A1"])
        run = await desk("bo").act(plain_case, ReviewAct.APPROVE, ["A1"])
        assert run.status is RunStatus.DONE


PEOPLE = ("ana", "bo", "cy")


@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 3), st.booleans()), max_size=8),
    st.sampled_from(("appeals", "matter", "party")),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nobody_decides_two_appeals_of_one_violation(
    tmp_path_factory: pytest.TempPathFactory,
    turns: Sequence[tuple[str, int, bool]],
    asked: FourEyes,
) -> None:
    """Whoever is given whichever appeal: those who decided two have none in common."""

    async def work() -> None:
        decided: list[tuple[str, int]] = []
        async with Store.open(tmp_path_factory.mktemp("store")) as store:
            for number, (who, violation, first) in enumerate(turns):
                run = run_of(f"r{number}", channel="appeal" if first else "batch")
                await save(store, run, f"vio_{violation}")
                if await allowed(store, run, who, asked):
                    closed = run.model_copy(
                        update={"reviews": (review(who),), "status": RunStatus.DONE}
                    )
                    await store.save_run(closed, review=closed.reviews[0])
                    decided.append((who, violation))
        assert len(set(decided)) == len(decided)
        if asked == "party":
            assert len({who for who, _ in decided}) == len(decided)

    asyncio.run(work())


def test_the_gate_asks_for_it_unless_an_sop_asks_for_more(sourced: Settings) -> None:
    from graphs.gate import GateSpec

    assert GateSpec().four_eyes == "appeals"
    assert GateSpec.model_validate({"four_eyes": "party"}).four_eyes == "party"
