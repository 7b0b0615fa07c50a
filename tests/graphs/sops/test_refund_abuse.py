"""The table of ``refund_abuse`` on drawn facts, and cases of the sandbox up to the gate."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from casewright.models import ALWAYS_OUTCOMES, Run, RunStatus
from casewright.registry import Registry
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge
from evals.suite import Look
from graphs.catalog import Catalog
from graphs.sop import Sop
from graphs.table import match
from sandbox.casetypes.refund_abuse.table import TABLE
from sandbox.server import Endpoint
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO
from tools import builtin
from tools.base import Tool

CASE_TYPE = "aftersales.refund_abuse"
DRAWS = 6_000
PRINTED = 0.86
SIGNS = ("missing_habit", "denied_before", "linked_denied", "refund_heavy")
CASES = 10


@pytest.fixture(scope="module")
def sop() -> Sop:
    registry = Registry()
    builtin.register(registry)
    return Catalog(registry.all("tool", Tool)).load("refund_abuse")


def accuracy(sop: Sop, opened: int) -> float:
    """Share of drawn cases that the table decides as their cause deserves."""
    drawn = TABLE.draw(np.full(DRAWS, opened), np.random.default_rng(17))
    right: Counter[bool] = Counter()
    for case in range(DRAWS):
        values = {name: bool(column[case] > 0.5) for name, column in drawn.columns.items()}
        values |= dict.fromkeys(SIGNS, values.pop("account")) | {"out_of_time": False}
        found = match(sop, values).row
        deserved = TABLE.causes[int(drawn.cause[case])].right
        right[found is not None and found.spec.outcome == deserved] += 1
    return right[True] / DRAWS


def test_on_drawn_facts_the_table_is_as_right_as_printed(sop: Sop) -> None:
    assert accuracy(sop, 0) == pytest.approx(PRINTED, abs=0.03)


def test_drift_costs_the_printed_table(sop: Sop) -> None:
    first, second = accuracy(sop, DRIFT_ONE), accuracy(sop, DRIFT_TWO)
    assert PRINTED - 0.2 < second < first < PRINTED


@pytest.fixture
def settings(tmp_path: Path, marketplace: Endpoint) -> Settings:
    return Settings(
        home=tmp_path,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,  # the sandbox shares two cores with the rest of the tests
    )


async def test_cases_reach_the_gate_with_facts_as_drawn_and_citations_that_hold(
    settings: Settings, world: Path
) -> None:
    drawn = columns(world)
    gold = [one for one in load_gold(world / "gold.jsonl") if one.case_type == CASE_TYPE]
    async with live_judge(settings) as judge:
        runs = [await judge(Look(case_id=one.case_id, as_of=one.as_of)) for one in gold[:CASES]]
    assert {run.sop for run in runs} == {"refund_abuse"}
    for run in runs:
        assert run.status is RunStatus.WAITING
        reads_as_drawn(run, drawn[run.case.case_id])
    asked = {
        one.factor
        for run in runs
        if run.decision and run.decision.outcome in ALWAYS_OUTCOMES
        for one in run.decision.missing
    }
    assert asked & {"photos_borrowed", "switched", "worn", "fault_shown"}


def reads_as_drawn(run: Run, drawn: dict[str, bool]) -> None:
    """Every known factor is as drawn, the signs add up to the score, and citations hold."""
    assert run.decision is not None
    for factor in run.decision.factors:
        if factor.known and factor.name in drawn:
            assert factor.value is drawn[factor.name], f"{run.case.case_id}: {factor.name}"
    values: dict[str, Any] = {one.name: one.value for one in run.decision.factors}
    points = sum(2 if name in SIGNS[:2] else 1 for name in SIGNS if values[name])
    assert (points >= 3) is drawn["account"]
    for claim in run.decision.claims:
        assert claim.citations
        assert not claim.struck


def columns(world: Path) -> dict[str, dict[str, bool]]:
    lines = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    return {line["case_id"]: line["columns"] for line in lines if line["case_type"] == CASE_TYPE}
