"""Agreement of those who judged the same cases: who is compared, by what weights, what it means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr
from sklearn.metrics import cohen_kappa_score

from casewright.errors import Forbidden
from casewright.first_read import FirstRead
from casewright.models import Case, Decision, Money, Review, ReviewAct, Run, RunStatus
from casewright.profile import Profile
from casewright.proposal import Proposal
from casewright.second_look import SecondLook
from casewright.settings import Settings
from casewright.store.judgements import Judged
from casewright.team import Membership, Role, Team
from graphs.load import read_files
from graphs.run import Investigator, open_investigator
from review.agreement import LEAST, Estimate, Pair, agreements, measured, verdict
from review.desk import Desk

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
SOP = "late_shipment_appeal"
VERSION = f"{SOP}@1+000000000000"
BUILT_IN = Path(__file__).parents[2] / "graphs" / "sops" / SOP
WORDS = ("uphold", "overturn", "partial")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def house(tmp_path: Path, store_url: SecretStr) -> AsyncIterator[Investigator]:
    settings = Settings(home=tmp_path / "home", store_url=store_url)
    async with open_investigator(settings) as opened:
        files = dict(read_files(BUILT_IN))
        await opened.store.put_version(VERSION, SOP, files, at=NOON)
        yield opened


async def closed(
    house: Investigator,
    number: int,
    *,
    decided: str,
    proposed: str = "",
    second: str = "",
    first: str = "",
    automatic: bool = False,
) -> None:
    case = Case(
        case_id=f"case_{number}",
        case_type="appeal.late_dispatch",
        subject={},
        seller_id=f"sel_{number % 20}",
        region="US",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="ana", at=NOON)
    decision = Decision(outcome=decided, row=1, factors=(), claims=(), graph_version=VERSION)
    run = Run(
        run_id=f"run_{number}",
        case=case,
        sop=SOP,
        graph_version=VERSION,
        as_of=NOON,
        status=RunStatus.DONE,
        decision=decision,
        proposed=Proposal(outcome=proposed or decided, profile=Profile(outcome="", row=0)),
        reviews=() if automatic else (review,),
        automatic=automatic,
        second_look=bool(second),
        started_at=NOON,
        updated_at=NOON + timedelta(seconds=number),
    )
    await house.store.save_run(run, review=None if automatic else review)
    if second:
        look = SecondLook(run_id=run.run_id, reviewer="qa", outcome=second, at=NOON)
        await house.store.second_looks.put(look)
    if first:
        read = FirstRead(
            run_id=run.run_id, reviewer="ana", outcome=first, proposed=proposed, at=NOON
        )
        await house.store.first_reads.put(read)


async def test_who_is_compared_and_that_values_are_scikit_learn_s(house: Investigator) -> None:
    rng, said = np.random.default_rng(1), []
    for number in range(60):
        decided, proposed = WORDS[rng.integers(3)], WORDS[rng.integers(2)]
        second = decided if rng.random() < 0.8 else WORDS[rng.integers(3)]
        first = proposed if rng.random() < 0.7 else "uphold"
        await closed(house, number, decided=decided, proposed=proposed, second=second, first=first)
        said.append((decided, second, proposed, first))
    found = await agreements(house.store, house.sop_at, NOON - timedelta(days=1))
    rows = {(one.what, one.sop): one for one in found.rows}
    decided_all, second_all, proposed_all, first_all = zip(*said, strict=True)
    for what, one, other in (
        ("decision and second reader", decided_all, second_all),
        ("reviewer and proposal", decided_all, proposed_all),
        ("first read and proposal", first_all, proposed_all),
    ):
        row = rows[what, SOP]
        assert (row.n, row.sellers) == (60, 20)
        assert row.kappa.value == pytest.approx(cohen_kappa_score(one, other))
        assert row.kappa.low is not None
        assert row.kappa.high is not None
        assert row.kappa.low < row.kappa.value < row.kappa.high
        assert rows[what, ""].kappa == row.kappa
    assert rows["decision and second reader", SOP].weights == (20.0, 20.0)
    assert rows["reviewer and proposal", SOP].weights == (1.0, 1.0)


async def test_the_first_automatic_ones_stand_for_themselves(house: Investigator) -> None:
    for number in range(4):
        await closed(house, number, decided="uphold", second="uphold", automatic=True)
    await closed(house, 4, decided="uphold", second="uphold")
    found = await agreements(house.store, house.sop_at, NOON - timedelta(days=1), SOP)
    assert found.rows[0].weights == (1.0, 20.0)
    assert [one.sop for one in found.rows if one.n] == [SOP, SOP]


async def test_few_cases_are_counted_and_nothing_more(house: Investigator) -> None:
    for number in range(LEAST - 1):
        await closed(house, number, decided=WORDS[number % 3], second="uphold")
    row = (await agreements(house.store, house.sop_at, NOON - timedelta(days=1))).rows[0]
    assert (row.n, row.same) == (29, 10)
    assert row.kappa == Estimate()
    assert "fewer than 30" in row.told


def test_all_agree_and_the_interval_has_a_lower_end() -> None:
    pairs = [
        Pair(
            Judged(run_id=str(n), sop="x", version="x@1", seller_id=f"sel_{n}"),
            WORDS[n % 2],
            WORDS[n % 2],
        )
        for n in range(40)
    ]
    found = measured("reviewer and proposal", pairs)
    assert found.kappa.value == 1
    assert found.kappa.low is not None
    assert 0.7 < found.kappa.low < 0.9
    assert found.told == "target of 0.75 reached"


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (0.8, 0.76, 0.9, "target of 0.75 reached"),
        (0.8, 0.6, 0.9, "target of 0.75 reached; it may yet lie below"),
        (0.7, 0.5, 0.8, "under the target of 0.75"),
        (0.5, 0.4, 0.55, "under 0.60: the clause is unclear, not the reader"),
        (
            0.5,
            0.4,
            0.7,
            "under 0.60: the clause is unclear, not the reader, as far as these cases tell",
        ),
        (None, None, None, "both always say one and the same, so that kappa tells nothing"),
    ],
)
def test_what_a_value_means(
    value: float | None, low: float | None, high: float | None, told: str
) -> None:
    assert verdict(Estimate(value=value, low=low, high=high)) == told


async def test_who_reads_twice_and_who_settles(house: Investigator) -> None:
    team = Team.of({role.value: Membership(roles=(role,)) for role in Role})

    def desk(name: str) -> Desk:
        return Desk(house, name, lambda: NOON, team=team)

    await closed(house, 1, decided="uphold", second="")
    run = await house.store.run("run_1")
    assert run is not None
    await house.store.save_run(run.model_copy(update={"second_look": True}))
    assert [one.case_id for one in await desk("qa").second_look()] == ["case_1"]
    with pytest.raises(Exception, match="nobody has looked at it again yet"):
        await desk("qa").show("case_1")
    with pytest.raises(Forbidden, match="may not read a second time"):
        await desk("senior").look("case_1", "uphold")
    with pytest.raises(Forbidden):
        await desk("reviewer").second_look()
    await desk("qa").look("case_1", "overturn")
    assert (await desk("qa").show("case_1")).decision is not None
    with pytest.raises(Forbidden, match="settle what readers differ about"):
        await desk("qa").look("case_1", "overturn")
    with pytest.raises(Forbidden):
        await desk("qa").disputed()
    assert [one.case_id for one in await desk("senior").disputed()] == ["case_1"]
    assert (await desk("senior").look("case_1", "uphold")).arbitrated
