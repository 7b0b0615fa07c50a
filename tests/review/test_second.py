"""Second looks: blind, by somebody else, and the end of a promise that is broken."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casewright.calibration import Calibration, Slice
from casewright.errors import UnknownName, UsageError
from casewright.models import Case, Decision, Money, Review, ReviewAct, Run, RunStatus
from casewright.settings import Settings
from graphs.load import read_files
from graphs.run import Investigator, open_investigator
from review.desk import Desk

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
VERSION = "late_shipment_appeal@1+000000000000"
BUILT_IN = Path(__file__).parents[2] / "graphs" / "sops" / "late_shipment_appeal"

CALIBRATION = Calibration(
    version=VERSION,
    made_at=NOON,
    expires_at=NOON + timedelta(days=90),
    author="qa",
    target=0.02,
    confidence=0.9,
    fitted=500,
    tested=1000,
    truths={"review": 1500},
    intercept=3.0,
    terms={},
    slices=(
        Slice(outcome="overturn", reviews=500, delta=0.05, threshold=0.9, accepted=400),
        Slice(outcome="uphold", reviews=500, delta=0.05, threshold=0.9, accepted=400),
    ),
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Investigator]:
    async with open_investigator(Settings(home=tmp_path / "home")) as investigator:
        files = dict(read_files(shutil.copytree(BUILT_IN, tmp_path / "sop")))
        await investigator.store.put_version(VERSION, "late_shipment_appeal", files, at=NOON)
        await investigator.store.calibrations.put(CALIBRATION)
        yield investigator


@pytest.fixture
def desk(house: Investigator) -> Callable[[str], Desk]:
    return lambda reviewer: Desk(house, reviewer, lambda: NOON)


async def closed(house: Investigator, name: str, *, drawn: bool = True, by: str = "") -> Run:
    case = Case(
        case_id=name,
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    decision = Decision(
        outcome="overturn",
        row=2,
        factors=(),
        claims=(),
        confidence=0.95,
        calibration=CALIBRATION.digest,
        graph_version=VERSION,
    )
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer=by or "x", at=NOON)
    run = Run(
        run_id=name,
        case=case,
        sop="late_shipment_appeal",
        graph_version=VERSION,
        as_of=NOON,
        status=RunStatus.DONE,
        decision=decision,
        reviews=(review,) if by else (),
        automatic=not by,
        second_look=drawn,
        started_at=NOON,
        updated_at=NOON,
    )
    await house.store.save_run(run)
    return run


async def test_a_second_reader_does_not_see_the_decision(
    house: Investigator, desk: Callable[[str], Desk]
) -> None:
    await closed(house, "c1")
    shown = await desk("bo").blind("c1")
    assert "overturn" in shown.outcomes
    told = shown.model_copy(update={"outcomes": ()}).model_dump_json()
    for secret in ("overturn", "0.95", "automatic", "confidence", "route"):
        assert secret not in told


async def test_agreeing_and_differing_and_a_senior_s_word(
    house: Investigator, desk: Callable[[str], Desk]
) -> None:
    await closed(house, "c1")
    await closed(house, "c2", by="ana")
    agreed = await desk("bo").look("c1", "overturn")
    assert (agreed.agrees, agreed.switched_off) == (True, ())
    differs = await desk("bo").look("c2", "uphold")
    assert (differs.agrees, differs.arbitrated) == (False, False)
    assert [one.case_id for one in await desk("cy").disputed()] == ["c2"]
    assert await desk("cy").second_look() == []
    settled = await desk("cy").look("c2", "overturn")
    assert settled.arbitrated
    assert await desk("cy").disputed() == ()


async def test_who_may_not_look_is_told_why(
    house: Investigator, desk: Callable[[str], Desk]
) -> None:
    await closed(house, "c1", by="ana")
    await closed(house, "plain", drawn=False)
    with pytest.raises(UsageError, match="ana has decided"):
        await desk("ana").look("c1", "overturn")
    with pytest.raises(UsageError, match="not drawn"):
        await desk("bo").look("plain", "overturn")
    with pytest.raises(UsageError, match="not drawn"):
        await desk("bo").blind("plain")
    with pytest.raises(UnknownName):
        await desk("bo").look("c1", "overtrun")
    await desk("bo").look("c1", "overturn")
    with pytest.raises(UsageError, match="nothing is open"):
        await desk("cy").look("c1", "uphold")


async def test_a_broken_promise_switches_itself_off_and_says_so_once(
    house: Investigator, desk: Callable[[str], Desk]
) -> None:
    for number in range(6):
        await closed(house, f"c{number}")
    verdicts = [await desk("bo").look(f"c{number}", "uphold") for number in range(6)]
    found = [off for verdict in verdicts for off in verdict.switched_off]
    assert [off.outcome for off in found] == [""]
    assert found[0].errors < 6
    assert "at most 2.0% was promised" in found[0].why
    standing = await house.store.calibrations.standing(VERSION)
    assert standing is not None
    assert standing.off == tuple(found)


async def test_right_decisions_switch_nothing_off(
    house: Investigator, desk: Callable[[str], Desk]
) -> None:
    for number in range(8):
        await closed(house, f"c{number}")
        await desk("bo").look(f"c{number}", "overturn")
    standing = await house.store.calibrations.standing(VERSION)
    assert standing is not None
    assert standing.off == ()
