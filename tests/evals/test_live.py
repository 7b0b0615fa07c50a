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
from evals.live import live_bench, live_judge
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


async def test_an_eval_never_writes_to_the_source(
    settings: Settings, world: Path, marketplace: Endpoint
) -> None:
    """Whatever is set for real cases: a measure that is due at once stays undone."""
    on = {"enforce": "on", "automatic": "on", "enforce_token": SecretStr(marketplace.enforce_token)}
    unsafe = [one for one in load_gold(world / "gold.jsonl") if one.case_type == "product.safety"]
    async with live_bench(settings.model_copy(update=on)) as bench:
        looks = [Look(case_id=one.case_id, as_of=one.as_of) for one in unsafe[:12]]
        runs = [await bench.judge(look) for look in looks]
    assert {one.status for run in runs for one in run.enforced} == {"planned"}


async def test_traits_are_what_the_run_rested_on(
    settings: Settings, gold: tuple[GoldCase, ...]
) -> None:
    async with live_bench(settings) as bench:
        (one,) = await judge_all(gold[:1], bench.judge, concurrency=1, inspect=bench.traits)
    assert (traits := one.traits) is not None
    assert traits.profile.outcome == one.outcome
    assert traits.profile.region == one.gold.region
    assert traits.actions["appeal"] == "ok"
    assert traits.seconds > 0
    assert traits.citations > 0
    assert traits.faulty == 0
