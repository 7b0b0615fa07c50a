"""Routes: a gate can only raise them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from casewright.models import Case, Cost, Decision, Route
from graphs.load import load_sop
from graphs.route import route
from graphs.sop import Sop


def decision(start: Route) -> Decision:
    return Decision(
        outcome="overturn",
        row=1,
        factors=(),
        claims=(),
        route=start,
        reasons=("row 1",),
        cost=Cost(),
        graph_version="small@1+abc",
    )


@pytest.mark.parametrize(("start", "floor"), list(product(Route, Route)))
def test_no_gate_lowers_a_route(
    small: Sop, case: Case, facts_of: Any, start: Route, floor: Route
) -> None:
    routed = route(facts_of(small, case), decision(start), floor=floor)
    # The small SOP's gate passes nothing without a person.
    assert routed.route.rank == max(start.rank, floor.rank, Route.REVIEW.rank)
    assert routed.reasons == ("row 1",)


def test_every_decision_waits_for_a_person(small: Sop, case: Case, facts_of: Any) -> None:
    routed = route(facts_of(small, case), decision(Route.AUTO))
    assert routed.route is Route.REVIEW


@pytest.mark.parametrize(
    ("change", "expected", "reason"),
    [
        ({"channel": "regulatory"}, Route.LEGAL, 'legal: case.channel == "regulatory"'),
        ({"impact": {"cents": 500_001, "currency": "USD"}}, Route.SENIOR,
         "senior: case.impact_cents > 500000"),
        ({"impact": {"cents": 500_000, "currency": "USD"}}, Route.REVIEW, None),
    ],
)  # fmt: skip
def test_a_condition_raises_and_says_so(
    small: Sop,
    case: Case,
    facts_of: Any,
    change: dict[str, Any],
    expected: Route,
    reason: str | None,
) -> None:
    changed = Case.model_validate({**case.model_dump(), **change})
    routed = route(facts_of(small, changed), decision(Route.AUTO))
    assert routed.route is expected
    assert routed.reasons == ("row 1", *((reason,) if reason else ()))
    again = route(facts_of(small, changed), routed)
    assert again.reasons == routed.reasons


def test_a_doubt_raises_as_well(
    case: Case, files: dict[str, str], tools: Any, facts_of: Any
) -> None:
    text = files["sop.yaml"].replace("case.impact_cents > 500000", "appeal.attempt == 2")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    routed = route(facts_of(sop, case, appeal="purged"), decision(Route.AUTO))
    assert routed.route is Route.SENIOR
