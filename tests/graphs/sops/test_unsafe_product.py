"""The table of ``unsafe_product`` on drawn facts, and cases of the sandbox up to the gate."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from casewright.models import RunStatus
from casewright.registry import Registry
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge
from evals.suite import Look
from graphs.catalog import Catalog
from graphs.sop import Sop
from graphs.table import match
from sandbox.casetypes.product_safety.table import TABLE
from sandbox.server import Endpoint
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO
from tools import builtin
from tools.base import Tool

CASE_TYPE = "product.safety"
DRAWS = 8_000
PRINTED = 0.84


@pytest.fixture(scope="module")
def sop() -> Sop:
    registry = Registry()
    builtin.register(registry)
    return Catalog(registry.all("tool", Tool)).load("unsafe_product")


def accuracy(sop: Sop, opened: int) -> float:
    """Share of drawn cases that the table decides as their cause deserves."""
    drawn = TABLE.draw(np.full(DRAWS, opened), np.random.default_rng(17))
    names = TABLE.flags()

    @cache
    def decided(values: tuple[bool, ...]) -> str:
        found = match(sop, dict(zip(names, values, strict=True))).row
        assert found is not None
        return found.spec.outcome

    facts = np.column_stack([drawn.columns[name] > 0.5 for name in names]).tolist()
    right = Counter(
        decided(tuple(values)) == TABLE.causes[cause].right
        for values, cause in zip(facts, drawn.cause.tolist(), strict=True)
    )
    return right[True] / DRAWS


def test_on_drawn_facts_the_table_is_as_right_as_printed(sop: Sop) -> None:
    assert accuracy(sop, 0) == pytest.approx(PRINTED, abs=0.03)


def test_drift_costs_the_printed_table(sop: Sop) -> None:
    first, second = accuracy(sop, DRIFT_ONE), accuracy(sop, DRIFT_TWO)
    assert PRINTED - 0.2 < second < first < PRINTED + 0.02


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
        runs = [await judge(Look(case_id=one.case_id, as_of=one.as_of)) for one in gold]
    for run in runs:
        assert (run.sop, run.status) == ("unsafe_product", RunStatus.WAITING)
        assert run.decision is not None
        for factor in run.decision.factors:
            if factor.known and factor.name in drawn[run.case.case_id]:
                expected = drawn[run.case.case_id][factor.name]
                assert factor.value is expected, f"{run.case.case_id}: {factor.name}"
        for claim in run.decision.claims:
            assert claim.citations
            assert not claim.struck
        grave = drawn[run.case.case_id]["serious_report"] or run.case.channel == "regulatory"
        assert [one.write.name for one in run.enforced] == ["off_sale"] * grave
    assert any(run.enforced for run in runs)
    pending = [run for run, one in zip(runs, gold, strict=True) if "cert" in one.ask]
    assert pending
    for run in pending:
        unknown = {factor.name for factor in run.decision.factors if not factor.known}
        assert {"cert_valid", "cert_forged"} <= unknown


def test_a_silent_laboratory_is_asked_before_the_item_is_cleared(sop: Sop) -> None:
    values = dict.fromkeys(sop.factors, False) | {"needs_certificate": True}
    found = match(sop, {**values, "cert_valid": None, "cert_forged": None})
    assert found.row is None
    assert set(found.blocked) == {"cert_valid", "cert_forged"}


def columns(world: Path) -> dict[str, dict[str, bool]]:
    lines = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    return {line["case_id"]: line["columns"] for line in lines if line["case_type"] == CASE_TYPE}
