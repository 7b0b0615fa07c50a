"""First reads: the proposal is shown to nobody who has not said what they would decide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.errors import Forbidden, UnknownName, UsageError
from casewright.hits import Sought
from casewright.models import ReviewAct
from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from cli import app
from graphs.run import Investigator, open_investigator
from graphs.sampling import read_first
from review.desk import Desk
from review.first_read import FirstReadOwed

TEAM = Team.of(
    {
        "ana": Membership(roles=(Role.SENIOR,)),
        "bo": Membership(roles=(Role.SENIOR,)),
        "lea": Membership(roles=(Role.LEAD,)),
    }
)


@pytest.fixture
def settings(sourced: Settings) -> Settings:
    return sourced.model_copy(update={"blind_first": 1.0})


@pytest.fixture
async def house(settings: Settings, plain_case: str) -> AsyncIterator[Investigator]:
    async with open_investigator(settings) as opened:
        await opened.investigate(plain_case)
        yield opened


@pytest.fixture
def desk(house: Investigator) -> Callable[[str], Desk]:
    return lambda who: Desk(house, who, utc_now, team=TEAM)


async def test_nothing_of_the_proposal_is_shown_before(
    desk: Callable[[str], Desk], plain_case: str, house: Investigator
) -> None:
    ana = desk("ana")
    run = await house.store.latest_run(plain_case)
    assert run is not None
    assert run.decision is not None
    assert await ana.owes_first_read(plain_case)
    for refused in (
        ana.show(plain_case),
        ana.view(plain_case),
        ana.follow(plain_case, 1),
        ana.act(plain_case, ReviewAct.APPROVE, ["A1"]),
    ):
        with pytest.raises(FirstReadOwed, match="review read case_"):
            await refused
    shown = await ana.blind_case(plain_case)
    assert run.decision.outcome in shown.outcomes
    assert shown.evidence
    told = shown.model_copy(update={"outcomes": ()}).model_dump_json()
    assert all(claim.sentence not in told for claim in run.decision.claims)
    listed = await ana.queue()
    assert [one.outcome for one in listed.items if one.case_id == plain_case] == [""]
    claimed = await ana.claim(plain_case)
    assert (claimed.outcome, claimed.stability) == ("", None)
    await ana.release(plain_case)
    place = await ana.place(plain_case)
    assert place is not None
    assert place.outcome == ""


async def test_lists_of_runs_do_not_tell_the_proposal_either(
    desk: Callable[[str], Desk], plain_case: str, house: Investigator
) -> None:
    ana, run = desk("ana"), await house.store.latest_run(plain_case)
    assert run is not None
    assert run.decision is not None
    exactly = await ana.register.find(Sought(case_id=plain_case))
    assert [one.outcome for one in exactly.items] == [""]
    found = await ana.register.find(Sought(text=plain_case))
    assert [one.outcome for one in found.items] == [""]
    by_it = await ana.register.find(Sought(text=plain_case, outcomes=(run.decision.outcome,)))
    assert (by_it.items, by_it.total) == ((), 0)
    with pytest.raises(FirstReadOwed):
        await ana.register.run(run.run_id)
    lea = desk("lea")  # decides nothing, and owes nothing
    assert (await lea.register.run(run.run_id)).run_id == run.run_id
    found = await lea.register.find(Sought(text=plain_case))
    assert [one.outcome for one in found.items] == [run.decision.outcome]


async def test_a_lead_who_decides_nothing_owes_nothing(
    desk: Callable[[str], Desk], plain_case: str
) -> None:
    assert not await desk("lea").owes_first_read(plain_case)
    assert (await desk("lea").show(plain_case)).decision is not None
    with pytest.raises(Forbidden):
        await desk("lea").first_read(plain_case, "uphold")


async def test_then_it_is_shown_to_who_said_it_alone(
    desk: Callable[[str], Desk], plain_case: str, house: Investigator
) -> None:
    ana = desk("ana")
    with pytest.raises(UnknownName):
        await ana.first_read(plain_case, "upheld")
    read = await ana.first_read(plain_case, "uphold", note="two scans are late")
    assert read.agrees == (read.proposed == "uphold")
    with pytest.raises(UsageError, match="not to be read"):
        await ana.first_read(plain_case, "overturn")
    assert (await ana.view(plain_case)).decision is not None
    assert await desk("bo").owes_first_read(plain_case)
    event = next(one for one in await house.store.log.of(plain_case) if one.kind is Kind.FIRST_READ)
    assert (event.actor.id, event.body["outcome"]) == ("ana", "uphold")
    assert "scans" not in str(event.body)
    assert not (await house.store.audited(plain_case)).faults
    listed = await ana.queue()
    assert [one.outcome for one in listed.items if one.case_id == plain_case] == [read.proposed]


def test_the_command_shows_it_blind_and_says_how_to_go_on(
    house: Any, settings: Settings, plain_case: str
) -> None:
    environment = {
        "CASEWRIGHT_HOME": str(settings.home),
        "CASEWRIGHT_BLIND_FIRST": "1",
        "CASEWRIGHT_SOURCE_URL": settings.source_url,
        "COLUMNS": "200",
    }
    runner = CliRunner()
    shown = runner.invoke(app, ["review", "show", plain_case, "--as", "eve"], env=environment)
    assert shown.exit_code == 0
    assert "Read it first" in shown.stdout
    assert f"casewright review read {plain_case} --outcome" in shown.stdout
    said = ["review", "read", plain_case, "--outcome", "uphold", "--as", "eve"]
    assert runner.invoke(app, said, env=environment).exit_code == 0
    then = runner.invoke(app, ["review", "show", plain_case, "--as", "eve"], env=environment)
    assert "Read it first" not in then.stdout


def test_the_draw_is_keyed_nested_and_of_the_share() -> None:
    cases = [f"case_{number}" for number in range(4000)]
    tenth = {one for one in cases if read_first(one, 0.1, key=b"k")}
    fifth = {one for one in cases if read_first(one, 0.2, key=b"k")}
    assert tenth < fifth
    assert 300 < len(tenth) < 500
    assert tenth != {one for one in cases if read_first(one, 0.1, key=b"other")}
