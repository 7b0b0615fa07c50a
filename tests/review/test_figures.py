"""Figures per reviewer: what is counted, and that nobody but a lead sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.audit import reviewer
from casewright.errors import Forbidden
from casewright.first_read import FirstRead
from casewright.intervals import wilson
from casewright.models import (
    Case,
    Claim,
    Decision,
    Money,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.second_look import SecondLook
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.figures import IDLE_S
from casewright.team import Membership, Role, Team
from graphs.run import open_investigator
from review.desk import Desk
from review.figures import ReviewerFigures, figures

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CODES = {"approve": "A1", "edit": "E3", "reject": "R1", "escalate": "X1"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def store(tmp_path: Path, store_url: SecretStr) -> AsyncIterator[Store]:
    async with Store.at(Settings(home=tmp_path, store_url=store_url)) as opened:
        yield opened


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def waiting(store: Store, name: str, *, claims: int = 6) -> Run:
    case = Case(
        case_id=f"case_{name}",
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(),
        claims=tuple(Claim(sentence=f"Claim {number}.") for number in range(claims)),
        graph_version="x@1+ab",
    )
    run = Run(
        run_id=name,
        case=case,
        sop="x",
        graph_version="x@1+ab",
        as_of=NOON,
        status=RunStatus.WAITING,
        decision=decision,
        started_at=NOON,
        updated_at=NOON,
    )
    await store.save_run(run)
    return run


async def looked(store: Store, run: Run, who: str, seconds: float, citation: int = 0) -> None:
    body = {"what": "citation", "citation": citation} if citation else {"what": "decision"}
    case_id = run.case.case_id
    await store.log.note_view(case_id, reviewer(who), at(seconds), run_id=run.run_id, **body)


async def acted(
    store: Store, run: Run, who: str, act: str, seconds: float, outcome: str = ""
) -> Run:
    review = Review(
        act=ReviewAct(act), codes=(CODES[act],), reviewer=who, at=at(seconds), outcome=outcome
    )
    done = act in ("approve", "edit")
    decision = run.decision
    if outcome and decision:
        decision = decision.model_copy(update={"outcome": outcome})
    after = run.model_copy(
        update={
            "reviews": (*run.reviews, review),
            "status": RunStatus.DONE if done else RunStatus.WAITING,
            "decision": decision,
            "updated_at": at(seconds),
        }
    )
    await store.save_run(after, review=review)
    return after


async def of(store: Store, who: str) -> ReviewerFigures:
    found = await figures(store, NOON - timedelta(days=1))
    return next(one for one in found.reviewers if one.reviewer == who)


async def test_acts_overrides_and_codes(store: Store) -> None:
    for number, act in enumerate(("approve", "approve", "edit", "escalate")):
        await acted(store, await waiting(store, f"r{number}"), "ana", act, number)
    run = await acted(store, await waiting(store, "r4"), "ana", "reject", 9)
    await acted(store, run, "bo", "approve", 10)
    found = await of(store, "ana")
    assert found.cases == 5
    assert found.acts == {"approve": 2, "edit": 1, "escalate": 1, "reject": 1}
    assert (found.overrides.hits, found.overrides.n) == (2, 5)
    assert (found.overrides.low, found.overrides.high) == wilson(2, 5)
    assert found.codes == {"A1": 2, "E3": 1, "R1": 1, "X1": 1}
    everybody = (await figures(store, NOON - timedelta(days=1))).everybody
    assert (everybody.cases, everybody.overrides.n) == (5, 6)


async def test_time_is_from_the_first_view_with_long_gaps_cut(store: Store) -> None:
    run = await waiting(store, "one")
    await looked(store, run, "ana", 0)
    await looked(store, run, "ana", 60, citation=1)
    await looked(store, run, "bo", 90)
    await looked(store, run, "ana", 4_000, citation=2)
    await looked(store, run, "ana", 4_010, citation=2)
    await acted(store, run, "ana", "approve", 4_030)
    found = await of(store, "ana")
    assert found.seconds_median == pytest.approx(60 + IDLE_S + 10 + 20, abs=0.01)
    assert found.citations == 2
    assert found.unread.hits == 0


async def test_a_second_act_on_a_case_is_a_sitting_of_its_own(store: Store) -> None:
    run = await waiting(store, "one")
    await looked(store, run, "ana", 0)
    run = await acted(store, run, "ana", "reject", 100)
    await looked(store, run, "ana", 5_000)
    await acted(store, run, "ana", "approve", 5_030)
    found = await of(store, "ana")
    assert found.seconds_median == pytest.approx((100 + 30) / 2, abs=0.01)
    assert found.cases == 1


async def test_what_counts_as_unread(store: Store) -> None:
    quick, short, long, never = [
        await waiting(store, name, claims=claims)
        for name, claims in (("quick", 6), ("short", 5), ("long", 6), ("never", 6))
    ]
    for run, seconds in ((quick, 19.0), (short, 5.0), (long, 21.0)):
        await looked(store, run, "ana", 0)
        await acted(store, run, "ana", "approve", seconds)
    await acted(store, never, "ana", "approve", 99)
    found = await of(store, "ana")
    assert (found.unread.hits, found.unread.n) == (2, 3), "quick, and what was never opened"


async def test_first_reads_and_minds_changed_towards_the_proposal(store: Store) -> None:
    for name, outcome, act, then in (
        ("same", "uphold", "approve", ""),
        ("moved", "overturn", "approve", ""),
        ("stood", "overturn", "edit", "overturn"),
        ("open", "overturn", "", ""),
    ):
        run = await waiting(store, name)
        await store.first_reads.put(
            FirstRead(run_id=name, reviewer="ana", outcome=outcome, proposed="uphold", at=at(1))
        )
        if act:
            await acted(store, run, "ana", act, 2, then)
    found = await of(store, "ana")
    assert (found.first_reads.hits, found.first_reads.n) == (1, 4)
    assert (found.moved.hits, found.moved.n) == (1, 2)


async def test_second_readers_agree_or_not(store: Store) -> None:
    for name, outcome in (("agrees", "uphold"), ("differs", "overturn")):
        await acted(store, await waiting(store, name), "ana", "approve", 1)
        await store.second_looks.put(
            SecondLook(run_id=name, reviewer="qa", outcome=outcome, at=at(2))
        )
    await store.second_looks.put(
        SecondLook(run_id="differs", reviewer="cy", outcome="uphold", at=at(3))
    )
    found = await of(store, "ana")
    assert (found.second_readers.hits, found.second_readers.n) == (1, 2), "the first look counts"


async def test_what_was_before_is_not_counted_and_erased_cases_do_no_harm(store: Store) -> None:
    run = await acted(store, await waiting(store, "one"), "ana", "approve", 1)
    await store.erase(run.case.case_id, actor=reviewer("adm"), at=at(5))
    assert (await of(store, "ana")).cases == 1
    assert (await figures(store, at(60))).reviewers == ()


async def test_leads_alone_see_them_not_even_ones_own(tmp_path: Path) -> None:
    team = Team.of({role.value: Membership(roles=(role,)) for role in Role})
    async with open_investigator(Settings(home=tmp_path / "home")) as house:
        for role in Role:
            desk = Desk(house, role.value, lambda: NOON, team=team)
            if role is Role.LEAD:
                assert (await desk.figures()).reviewers == ()
                continue
            with pytest.raises(Forbidden):
                await desk.figures()
