"""What waits, in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casewright.enforcement import Enforced, PlannedAction
from casewright.models import Case, Cost, Decision, Money, Route, Run, RunStatus
from casewright.settings import Settings
from graphs.run import Investigator, open_investigator
from review.desk import Desk

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
async def investigator(tmp_path: Path) -> AsyncIterator[Investigator]:
    async with open_investigator(Settings(home=tmp_path / "home")) as investigator:
        yield investigator


def run_of(name: str, hours: int | None, **changes: Any) -> Run:
    case = Case(
        case_id=name,
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="appeal",
        opened_at=NOON,
        impact=Money(cents=changes.pop("cents", 100), currency="USD"),
    )
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(),
        claims=(),
        route=changes.pop("route", Route.REVIEW),
        cost=Cost(),
        graph_version="x@1+0",
    )
    plain: dict[str, Any] = {
        "run_id": name,
        "case": case,
        "sop": "x",
        "graph_version": "x@1+0",
        "as_of": NOON,
        "status": RunStatus.WAITING,
        "decision": decision,
        "due_at": None if hours is None else NOON + timedelta(hours=hours),
        "started_at": NOON,
        "updated_at": NOON,
    }
    return Run(**{**plain, **changes})


def measure() -> tuple[Enforced, ...]:
    write = PlannedAction(do="remove_listing", purpose="interim", name="off_sale", key="ab" * 32)
    return (Enforced(write=write, status="done", at=NOON),)


async def test_what_was_drawn_is_listed(investigator: Investigator) -> None:
    await investigator.store.save_run(run_of("plain", 1, status=RunStatus.DONE))
    await investigator.store.save_run(run_of("drawn", 1, status=RunStatus.DONE, second_look=True))
    found = await Desk(investigator, "ana", lambda: NOON).second_look()
    assert [one.case_id for one in found] == ["drawn"]
