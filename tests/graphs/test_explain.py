from __future__ import annotations

from itertools import product

import pytest

from casewright.models import Decision, Factor
from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.explain import explain
from graphs.sop import Sop
from graphs.table import match
from tools.base import Tool

CALM = {
    "in_window": True,
    "platform_fault": False,
    "dispatched_in_time": False,
    "scan_stalled": False,
    "carrier_outage": False,
    "handover_proved": False,
    "papers_altered": False,
    "buyer_changed_order": False,
    "statement_contradicts_scans": None,
    "prior_false_appeals": False,
    "rest_within_limit": False,
}


@pytest.fixture(scope="module")
def sop() -> Sop:
    return Catalog(load_plugins().all("tool", Tool)).load("late_shipment_appeal")


def decided(sop: Sop, values: dict[str, bool | None]) -> Decision:
    row = match(sop, values).row
    return Decision(
        outcome=row.spec.outcome if row else "escalate",
        row=row.number if row else 0,
        factors=tuple(Factor(name=name, value=value) for name, value in values.items()),
        claims=(),
        graph_version="v",
    )


def test_rows_are_told_as_the_case_met_them(sop: Sop) -> None:
    told = {row.number: row for row in explain(sop, decided(sop, CALM)).rows}
    assert told[10].ended == "matched"
    assert {told[n].ended for n in range(1, 10)} == {"did not match"}
    assert told[3].because == {"dispatched_in_time": False, "scan_stalled": False}
    early = {r.number: r for r in explain(sop, decided(sop, {**CALM, "in_window": False})).rows}
    assert early[1].ended == "matched"
    assert early[2].ended == "not reached"


def test_a_row_out_of_force_is_told(sop: Sop) -> None:
    decision = decided(sop, {**CALM, "handover_proved": True}).model_copy(
        update={"row": 10, "outcome": "uphold"}
    )
    assert {r.number: r.ended for r in explain(sop, decision).rows}[5] == "not in force"


def test_an_unknown_that_hides_nothing_is_told(sop: Sop) -> None:
    values = {**CALM, "prior_false_appeals": True}
    told = {row.number: row for row in explain(sop, decided(sop, values)).rows}
    assert told[7].ended == "unknown"


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_the_nearest_change_leads_there_and_no_smaller_one_does(
    sop: Sop, flips: tuple[bool, ...]
) -> None:
    names = ("dispatched_in_time", "carrier_outage", "rest_within_limit")
    values = {**CALM, **dict(zip(names, flips, strict=True))}
    explanation = explain(sop, decided(sop, values))
    for other in explanation.otherwise:
        assert other.reachable
        changed = {**values, **other.changes}
        row = match(sop, changed).row
        assert row is not None
        assert row.spec.outcome == other.outcome
        for left_out in other.changes:
            fewer = {n: v for n, v in other.changes.items() if n != left_out}
            nearer = match(sop, {**values, **fewer}).row
            assert nearer is None or nearer.spec.outcome != other.outcome
