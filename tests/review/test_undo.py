"""Undoing a decision: who may, what they are told, and what nobody learns from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from syrupy.assertion import SnapshotAssertion

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.errors import Forbidden, UsageError
from casewright.models import ClosedCase, ReviewAct, Route, RunStatus
from casewright.settings import Settings
from casewright.team import Membership, Permission, Role, Team
from casewright.undoing import Undoing
from evals.calibrate_reviews import from_store
from graphs.remember import closed_reviews
from graphs.run import Investigator, open_investigator
from graphs.undo import undoing
from knowledge_base.precedents import Precedents
from review.desk import Desk
from review.may import require_may_undo
from review.undo_report import render_undoing
from sandbox.server import Endpoint

TEAM = Team.of(
    {
        "ana": Membership(roles=(Role.REVIEWER,)),
        "bo": Membership(roles=(Role.REVIEWER,)),
        "sen": Membership(roles=(Role.SENIOR,)),
        "lea": Membership(roles=(Role.LEAD,)),
        "leg": Membership(roles=(Role.LEGAL,)),
        "qa": Membership(roles=(Role.QA,)),
        "far": Membership(roles=(Role.SENIOR,), regions=("MOON",)),
    }
)

Opened = Callable[..., AbstractAsyncContextManager[Investigator]]


@pytest.fixture
def opened(tmp_path: Path, marketplace: Endpoint) -> Opened:
    """An investigator whose decisions are carried out after so many minutes."""

    @asynccontextmanager
    async def opened(minutes: float = 5) -> AsyncIterator[Investigator]:
        settings = Settings(
            home=tmp_path / "home",
            source_url=marketplace.base_url,
            source_token=SecretStr(marketplace.read_token),
            enforce_token=SecretStr(marketplace.enforce_token),
            source_timeout_s=60,
            enforce="on",
            undo_minutes=minutes,
        )
        async with open_investigator(settings) as investigator:
            yield investigator

    return opened


@pytest.fixture
async def desks(opened: Opened, plain_case: str) -> AsyncIterator[Callable[[str], Desk]]:
    """The desks of the team, over a case that ana has just decided."""
    async with opened() as investigator:
        await investigator.investigate(plain_case)

        def desk(name: str) -> Desk:
            return Desk(investigator, name, utc_now, team=TEAM)

        await desk("ana").act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
        yield desk


@pytest.mark.parametrize("name", ["bo", "qa", "far"])
async def test_others_may_not(desks: Callable[[str], Desk], plain_case: str, name: str) -> None:
    for ask in (desks(name).undoing(plain_case), desks(name).undo(plain_case, "I say so.")):
        with pytest.raises(Forbidden):
            await ask
    assert (await desks("ana").show(plain_case)).status is RunStatus.DONE


@pytest.mark.parametrize("name", ["ana", "sen", "lea"])
async def test_who_decided_and_who_leads_may(
    desks: Callable[[str], Desk], plain_case: str, name: str
) -> None:
    assert (await desks("ana").waiting_writes(plain_case)) != ()
    run = await desks(name).undo(plain_case, "The seller's second parcel was overlooked.")
    assert run.status is RunStatus.WAITING
    assert [one.by for one in run.undone] == [name]
    assert await desks("ana").waiting_writes(plain_case) == ()
    again = await desks("bo").act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
    assert again.status is RunStatus.DONE
    assert [one.reviewer for one in again.standing] == ["bo"]


async def test_what_counsel_decided_counsel_takes_back(
    desks: Callable[[str], Desk], plain_case: str
) -> None:
    run = await desks("ana").show(plain_case)
    assert run.decision is not None
    legal = run.decision.model_copy(update={"route": Route.LEGAL})
    by_counsel = run.model_copy(update={"decision": legal})
    for name in ("sen", "lea"):
        with pytest.raises(Forbidden, match="legal"):
            require_may_undo(TEAM.member(name), by_counsel)
    require_may_undo(TEAM.member("leg"), by_counsel)
    assert TEAM.member("leg").may(Permission.UNDO)


async def test_a_reason_is_asked_for_and_nobody_reads_it_in_the_log(
    desks: Callable[[str], Desk], opened: Opened, plain_case: str
) -> None:
    with pytest.raises(UsageError, match="reason"):
        await desks("ana").undo(plain_case, "  ")
    run = await desks("ana").undo(plain_case, "Maria Gómez called me.")
    async with opened() as investigator:
        events = await investigator.store.log.of(plain_case)
        assert (await investigator.store.audited()).faults == ()
    [event] = [one for one in events if one.kind is Kind.REOPENED]
    assert (event.actor.role, event.actor.id) == ("reviewer", "ana")
    assert "Gómez" not in str(events)
    assert run.undone[0].why == "Maria Gómez called me."


async def test_an_undone_review_teaches_nothing(
    opened: Opened, plain_case: str, tmp_path: Path
) -> None:
    async with opened() as investigator:
        run = await investigator.investigate(plain_case)
        desk = Desk(investigator, "ana", utc_now)
        await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
        [learned] = await from_store(investigator.store, run.graph_version)
        assert not learned.right
        await desk.undo(plain_case, "Too early.")
        assert await from_store(investigator.store, run.graph_version) == ()
        await desk.act(plain_case, ReviewAct.APPROVE, ["A1"])
        [learned] = await from_store(investigator.store, run.graph_version)
        assert learned.right


async def test_the_knowledge_base_forgets_what_was_undone(opened: Opened, plain_case: str) -> None:
    async with opened() as investigator:
        await investigator.investigate(plain_case)
        desk = Desk(investigator, "ana", utc_now)
        run = await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
        held = investigator.precedents
        assert held is not None
        [closed] = closed_reviews([run])
        held.ingest([closed])
        assert found(held, closed) == [plain_case]
        await desk.undo(plain_case, "Too early.")
        assert found(held, closed) == []
        again = await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
        assert held.ingest(closed_reviews([again])).replaced == 1
        assert found(held, closed) == [plain_case]


def found(held: Precedents, closed: ClosedCase) -> list[str]:
    """What somebody with another such case is shown."""
    case = closed.case
    other = case.model_copy(
        update={
            "case_id": "case_999999",
            "seller_id": "sel_99999",
            "linked_seller_ids": (),
            "party_ids": (),
            "subject": {},
        }
    )
    clauses = frozenset(closed.clauses)
    near = held.search(other, as_of=utc_now(), text=closed.situation, k=5, in_force=clauses)
    return [one.case_id for one in near]


async def test_what_was_sent_is_told_first(
    opened: Opened, plain_case: str, snapshot: SnapshotAssertion
) -> None:
    async with opened(minutes=0) as investigator:
        await investigator.investigate(plain_case)
        desk = Desk(investigator, "ana", utc_now)
        await desk.act(plain_case, ReviewAct.EDIT, ["E3"], outcome="overturn")
        told: Undoing = await desk.undoing(plain_case)
        assert str(render_undoing(told)) == snapshot
        with pytest.raises(UsageError, match="--yes"):
            await desk.undo(plain_case, "Too early.")
        run = await desk.undo(plain_case, "Too early.", sent=True)
        ends: list[Any] = [(one.write.do, one.status, one.retracted) for one in run.enforced]
        assert ends == snapshot
        assert (await undoing(run, investigator.services)).effects == ()
