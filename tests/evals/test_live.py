"""Gold cases through the real graph, against what the simulation drew for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.models import GoldCase, Run
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge
from evals.suite import Look, judge_all
from sandbox.server import Endpoint

# Factors that the simulation draws as columns. Left out are what a statement says, which without a
# model nobody reads, and the late rate, which orders of other cases of the seller may dilute.
DRAWN = (
    "platform_fault", "scan_stalled", "carrier_outage", "buyer_changed_order",
    "prior_false_appeals",
)  # fmt: skip
CASES = 24


@pytest.fixture
def settings(tmp_path: Path, marketplace: Endpoint) -> Settings:
    return Settings(
        home=tmp_path,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,  # the sandbox shares two cores with the rest of the tests
    )


@pytest.fixture
def gold(world: Path) -> tuple[GoldCase, ...]:
    return load_gold(world / "gold.jsonl")[:CASES]


async def test_factors_are_what_the_simulation_drew_and_no_record_stays(
    settings: Settings, gold: tuple[GoldCase, ...], world: Path
) -> None:
    drawn = columns(world)
    runs: dict[str, Run] = {}
    async with live_judge(settings) as judge:

        async def watched(look: Look) -> Run:
            runs[look.case_id] = await judge(look)
            return runs[look.case_id]

        scored = await judge_all(gold, watched, concurrency=4)
    assert {one.gold.case_id for one in scored} == set(runs)
    for case_id, run in runs.items():
        assert run.decision is not None
        for factor in run.decision.factors:
            if factor.name in DRAWN and factor.known:
                assert factor.value is drawn[case_id][factor.name], f"{case_id}: {factor.name}"
    assert not (settings.home / "casewright.sqlite").exists()
    assert not (settings.home / "checkpoints.sqlite").exists()


def columns(world: Path) -> dict[str, dict[str, Any]]:
    rows = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    return {row["case_id"]: row["columns"] for row in rows}
