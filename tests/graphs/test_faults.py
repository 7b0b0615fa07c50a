"""A case whose model endpoint does something wrong, through the whole graph over real HTTP.

``benchmarks/faults.py`` takes every fault through every mode; here are one of each sort.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.model import reader
from casewright.models import ESCALATE, Run, RunStatus
from casewright.settings import Settings
from evals.gold import load_gold
from graphs.run import Wish
from graphs.verify import fault
from sandbox.model.server import simulating
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox

CASE, QUESTION = "case_000331", "fault_shown"
"""A claim that is refunded where the buyer shows a fault: whether it is shown, the model reads."""

BOUND_S = 30.0
"""Far more than a case takes, on a busy machine too, and less than one that waits for ever."""

Take = Callable[[str], Any]


@pytest.fixture(scope="module")
def simulated(world: Path) -> Iterator[str]:
    with simulating(world) as url:
        yield url


@pytest.fixture
async def take(
    opened: Any, settings: Settings, tools: Any, clock: Any, world: Path, simulated: str
) -> AsyncIterator[Take]:
    """Takes the case to the gate with a simulated model, and looks its citations up anew."""
    source = HttpSource(settings.source_url, settings.source_token.get_secret_value())
    (gold,) = (one for one in load_gold(world / "gold.jsonl") if one.case_id == CASE)

    async def taken(model: str, **changed: Any) -> Run:
        given = {"model": model, "model_base_url": simulated, "model_mode": "tools", **changed}
        reading = reader(settings.model_copy(update=given), Toolbox(tools, source, clock))
        async with opened(reader=reading) as investigator, asyncio.timeout(BOUND_S):
            await investigator.investigate(CASE, Wish(as_of=gold.as_of))
            run = await investigator.store.latest_run(CASE)
            assert run.status is RunStatus.WAITING
            cited = run.decision.citations
            digests = {one.reference for one in cited if one.kind != "policy"}
            stored = await investigator.store.evidence_of(digests)
            policy = (await investigator.sop_of(run)).policy
            assert [told for one in cited if (told := fault(one, stored, policy))] == []
        return run

    async with source:
        yield taken


async def test_without_a_fault_the_reading_decides(take: Take) -> None:
    run = await take("simulated-expert")
    assert run.decision.outcome == "refund_seller_pays"
    assert run.decision.factor(QUESTION).by == "model"


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("invented_quote", {}, "the quote does not stand, character for character"),
        ("hang", {"model_timeout_s": 0.4}, "did not answer in time"),
        ("endless_tools", {}, "the model gave no answer"),
        ("cut_stream", {}, "broke off (Connection error: RemoteProtocolError)"),
        ("malformed_arguments", {"model_mode": "json"}, "the model gave no answer"),
        ("prose", {"model_mode": "schema"}, "the model gave no answer"),
    ],
)
async def test_with_a_fault_the_case_goes_to_a_person_with_the_reason(
    take: Take, name: str, changed: dict[str, Any], told: str
) -> None:
    decision = (await take(f"simulated-faulty:{name}", **changed)).decision
    assert decision.outcome == ESCALATE
    assert [one.factor for one in decision.missing] == [QUESTION]
    assert told in decision.factor(QUESTION).reason
    assert decision.cost.model_calls >= 1
