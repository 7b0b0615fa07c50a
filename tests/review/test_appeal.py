"""Appeals: who can appeal what, until when, how often, and what becomes of the first decision."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.errors import Forbidden, UsageError
from casewright.models import ReviewAct, Run, RunStatus
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from evals.new import of_reviews
from graphs.appeal import closes
from graphs.catalog import Catalog
from graphs.remember import closed_reviews
from graphs.run import Investigator, open_investigator
from review.desk import Desk
from sandbox.server import Endpoint
from tools.base import Tool

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAID = "The carrier's depot was closed. <script>alert(1)</script>"


@pytest.fixture
async def investigator(tmp_path: Path, marketplace: Endpoint) -> AsyncIterator[Investigator]:
    settings = Settings(
        home=tmp_path / "home",
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,
    )
    async with open_investigator(settings) as investigator:
        yield investigator


@pytest.fixture
async def desk(investigator: Investigator, plain_case: str) -> Desk:
    """A desk; the plain case is decided."""
    desk = Desk(investigator, "ana", utc_now)
    await investigator.investigate(plain_case)
    await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="uphold")
    return desk


async def decided(investigator: Investigator, case_id: str, outcome: str) -> Run:
    run = await investigator.investigate(case_id)
    assert run.status is RunStatus.WAITING
    other = Desk(investigator, f"reader of {case_id}", utc_now)  # nobody decides twice in a matter
    return await other.act(case_id, ReviewAct.EDIT, ["E3"], outcome=outcome)


async def test_an_appeal_is_a_case_of_its_own_linked_both_ways(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    opened = await desk.appeal(plain_case, "seller", SAID, language="es")
    first = await desk.show(plain_case)
    case = opened.case
    assert (case.case_id, case.appeal_of) == (f"{plain_case}-appeal-1", plain_case)
    assert (case.subject, case.seller_id) == (first.case.subject, first.case.seller_id)
    assert (case.channel, case.language, case.text) == ("appeal", "es", SAID)
    assert opened.by == "seller (ana)"
    assert await desk.appeals(plain_case) == (case.case_id,)
    (told,) = [
        one for one in await investigator.store.log.of(plain_case) if one.kind is Kind.APPEALED
    ]
    assert (told.body["appeal"], told.body["by"]) == (case.case_id, "seller")

    run = await investigator.investigate(case.case_id)
    assert (run.sop, run.appeal_of) == (first.sop, plain_case)
    assert run.status is RunStatus.WAITING
    digest = next(
        one.body["digest"]
        for one in await investigator.store.log.of(case.case_id)
        if one.kind is Kind.EVIDENCE and one.body.get("tool") == "get_case"
    )
    frozen = await investigator.store.evidence(digest)
    assert (frozen.data or {})["text"] == SAID
    assert frozen.untrusted == ("/text",)
    assert (await investigator.store.audited()).faults == ()


async def test_the_same_appeal_again_is_the_same(desk: Desk, plain_case: str) -> None:
    first = await desk.appeal(plain_case, "seller", SAID)
    assert await desk.appeal(plain_case, "seller", f" {SAID}\n") == first
    with pytest.raises(UsageError, match="is open already"):
        await desk.appeal(plain_case, "seller", "Something else.")


async def test_two_appeals_at_most_and_the_second_brings_something_new(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    first = await desk.appeal(plain_case, "seller", SAID)
    await decided(investigator, first.case.case_id, "uphold")
    with pytest.raises(UsageError, match="brings something new"):
        await desk.appeal(first.case.case_id, "seller", SAID)
    second = await desk.appeal(plain_case, "seller", "Here is the depot's letter.")
    assert second.case.case_id == f"{plain_case}-appeal-2"
    assert second.case.appeal_of == first.case.case_id
    await decided(investigator, second.case.case_id, "overturn")
    for case_id in (plain_case, first.case.case_id, second.case.case_id):
        with pytest.raises(UsageError, match="appealed twice"):
            await desk.appeal(case_id, "seller", "Once more.")


async def test_only_what_is_decided_can_be_appealed(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    with pytest.raises(UsageError, match="never investigated"):
        await desk.appeal("case_999999", "seller", SAID)
    waiting = await desk.appeal(plain_case, "seller", SAID)
    await investigator.investigate(waiting.case.case_id)
    with pytest.raises(UsageError, match="is not decided"):
        await desk.appeal(waiting.case.case_id, "seller", "And again.")
    for words, told in (("  ", "is empty"), ("x" * 20_001, "at most 20,000")):
        with pytest.raises(UsageError, match=told):
            await desk.appeal(plain_case, "seller", words)


async def test_it_is_too_late_once_the_window_has_closed(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    run = await desk.show(plain_case)
    days = 180 if run.case.region in ("EU", "UK") else 30
    end = run.reviews[-1].at + timedelta(days=days)
    late = Desk(investigator, "ana", lambda: end + timedelta(seconds=1))
    with pytest.raises(UsageError, match=r"ended on .* \(APL-1\.1\)"):
        await late.appeal(plain_case, "seller", SAID)
    in_time = Desk(investigator, "ana", lambda: end)
    assert (await in_time.appeal(plain_case, "seller", SAID)).case.appeal_of == plain_case


@pytest.mark.parametrize("sop", ["late_shipment_appeal", "fake_orders"])
@pytest.mark.parametrize(
    ("region", "number", "days"), [("US", 1, 30), ("EU", 1, 180), ("UK", 1, 180), ("EU", 2, 15)]
)
def test_windows_are_those_of_the_policy(sop: str, region: str, number: int, days: int) -> None:
    loaded = Catalog(load_plugins().all("tool", Tool), None).load(sop)
    assert closes(loaded, number, NOON, region) == NOON + timedelta(days=days)


async def test_who_may_not_submit_or_does_not_see_the_case_is_refused(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    team = Team.of(
        {
            "ro": Membership(roles=(Role.REVIEWER,)),
            "far": Membership(roles=(Role.ANALYST,), regions=("nowhere",)),
        }
    )
    for name in ("ro", "far"):
        with pytest.raises(Forbidden):
            await Desk(investigator, name, utc_now, team=team).appeal(plain_case, "seller", SAID)


async def test_what_an_appeal_leads_away_from_is_overturned(
    investigator: Investigator, desk: Desk, plain_case: str
) -> None:
    first = await desk.appeal(plain_case, "seller", SAID)
    upheld = await decided(investigator, first.case.case_id, "uphold")
    runs = await investigator.store.runs(RunStatus.DONE)
    assert all(one.overturned_at is None for one in closed_reviews(runs))
    second = await desk.appeal(plain_case, "seller", "Here is the depot's letter.")
    over = await decided(investigator, second.case.case_id, "overturn")
    runs = await investigator.store.runs(RunStatus.DONE)
    closed = {one.case.case_id: one for one in closed_reviews(runs)}
    assert closed[upheld.case.case_id].overturned_at == over.reviews[-1].at
    # The first decision was the same as the first appeal's: it fell with that.
    assert closed[plain_case].overturned_at == over.reviews[-1].at
    assert closed[over.case.case_id].overturned_at is None

    (gold,) = of_reviews(runs).closed
    assert (gold.gold.case_id, gold.gold.outcome, gold.gold.truth) == (
        plain_case, "overturn", "appeal"
    )  # fmt: skip
