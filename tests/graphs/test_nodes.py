"""Single nodes, where what they find in the store is not what was put there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.runtime import Runtime

from agents.cascade import Cascade
from casewright.errors import EvidenceIncomplete, UsageError
from casewright.models import Route, RunStatus
from graphs.nodes import Nodes
from graphs.run import Investigator
from graphs.sop import Sop
from graphs.state import Services
from tools.toolbox import Toolbox


@pytest.fixture
def runtime(investigator: Investigator, clock: Callable[[], datetime]) -> Runtime[Services]:
    """The investigator's store, as nodes see it; nothing here asks a source."""
    toolbox = Toolbox({}, None, clock)  # type: ignore[arg-type]  # never read
    services = Services(investigator.store, toolbox, None, Cascade({}), clock, 0)
    return Runtime(context=services, stream_writer=lambda told: None)


async def test_tampered_evidence_takes_the_decision_its_ground(
    investigator: Investigator, runtime: Any, late: Sop, open_ids: list[str], home: Path
) -> None:
    run = await investigator.investigate(open_ids[0])
    assert run.decision is not None
    assert run.decision.outcome in late.spec.outcomes
    ground = next(one for one in run.decision.claims if one.factor)
    digests = [one.reference for one in ground.citations if one.kind == "evidence"]
    with sqlite3.connect(home / "casewright.sqlite") as connection:
        connection.execute(
            "UPDATE evidence SET content = replace(content, '2026', '2025') WHERE digest = ?",
            [digests[0]],
        )
    state: Any = {"run_id": run.run_id}
    command = await Nodes(late).verify(state, runtime)
    assert command.goto == "route"
    checked = await investigator.store.run(run.run_id)
    assert checked is not None
    assert checked.decision is not None
    assert checked.status is RunStatus.WAITING
    assert (checked.decision.outcome, checked.decision.route) == ("escalate", Route.SENIOR)
    assert "is not in the store as it was frozen" in " ".join(checked.decision.reasons)
    assert any(one.struck and one.factor == ground.factor for one in checked.decision.claims)


async def test_what_has_no_record_or_no_decision_is_refused(
    runtime: Any, investigator: Investigator, late: Sop, open_ids: list[str], wire: Any
) -> None:
    nowhere: Any = {"run_id": "r_nope"}
    with pytest.raises(UsageError, match="no run 'r_nope'"):
        await Nodes(late).verify(nowhere, runtime)
    wire.broken = "/scans"
    with pytest.raises(EvidenceIncomplete):
        await investigator.investigate(open_ids[0])
    run = await investigator.store.latest_run(open_ids[0])
    assert run is not None
    undecided: Any = {"run_id": run.run_id, "floor": "review"}
    with pytest.raises(UsageError, match="has no decision yet"):
        await Nodes(late).route(undecided, runtime)
