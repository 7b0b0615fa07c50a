"""The built-in SOPs against what the simulation draws, by table and through the graph."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.models import GoldCase, Run, RunStatus
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge
from evals.suite import Look
from graphs.catalog import Catalog
from graphs.sop import Sop
from sandbox.server import Endpoint
from tools.base import Tool


@dataclass(frozen=True)
class Gated:
    """A gold case, its run up to the gate, and what the simulation drew for it."""

    gold: GoldCase
    run: Run
    drawn: Mapping[str, bool]


Through = Callable[[str, int | None], Awaitable[list[Gated]]]


@pytest.fixture(scope="session")
def load(tools: dict[str, Tool]) -> Callable[[str], Sop]:
    """Loads a built-in SOP once."""
    return cache(Catalog(tools).load)


@pytest.fixture
def settings(tmp_path: Path, marketplace: Endpoint) -> Settings:
    """Settings that point at the shared sandbox."""
    return Settings(
        home=tmp_path,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,  # the sandbox shares two cores with the rest of the tests
    )


@pytest.fixture
def to_the_gate(settings: Settings, world: Path, load: Callable[[str], Sop]) -> Through:
    """Takes gold cases of an SOP through the graph, without a model, and checks what all must hold.

    Each waits at the gate; every factor that evidence established is as drawn; every claim cites,
    and none is struck.
    """
    lines = (world / "causes.jsonl").read_text("utf-8").splitlines()
    drawn = {line["case_id"]: line["columns"] for line in map(json.loads, lines)}

    async def taken(name: str, most: int | None = None) -> list[Gated]:
        case_type = load(name).spec.case_type
        every = load_gold(world / "gold.jsonl")
        gold = [one for one in every if one.case_type == case_type][:most]
        assert gold
        async with live_judge(settings) as judge:
            runs = [await judge(Look(case_id=one.case_id, as_of=one.as_of)) for one in gold]
        for run in runs:
            assert (run.sop, run.status) == (name, RunStatus.WAITING)
            holds(run, drawn[run.case.case_id])
        return [Gated(one, run, drawn[one.case_id]) for one, run in zip(gold, runs, strict=True)]

    return taken


def holds(run: Run, drawn: Mapping[str, bool]) -> None:
    assert run.decision is not None
    for factor in run.decision.factors:
        if factor.known and not factor.reason and factor.name in drawn:
            assert factor.value is drawn[factor.name], f"{run.case.case_id}: {factor.name}"
    for claim in run.decision.claims:
        assert claim.citations
        assert not claim.struck
