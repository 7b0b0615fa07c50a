"""Gathering: order, parallelism, and what is recorded of actions that were not run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from casewright.errors import ExpressionError, SourceRefused, SourceUnavailable
from casewright.models import Case, EvidenceStatus
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.load import load_sop
from graphs.sop import Sop
from tools.base import Answer, Query, Tool
from tools.toolbox import Toolbox

KINDS = {"scans": "scans", "documents": "docs", "appeals": "appeal", "orders": "order"}


@dataclass
class Source:
    """Answers from a table, and notes when each call started and ended."""

    answers: dict[str, Any]
    takes_s: float = 0.0
    seen: dict[str, tuple[float, float]] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    moments: set[datetime] = field(default_factory=set)

    async def get(self, path: str, query: Query, *, as_of: datetime, paged: bool = False) -> Answer:
        name = next(name for part, name in KINDS.items() if part in path)
        started = time.perf_counter()
        self.queries[name] = {**query, "path": path}
        self.moments.add(as_of)
        await asyncio.sleep(self.takes_s)
        self.seen[name] = (started, time.perf_counter())
        given = self.answers[name]
        if isinstance(given, Exception):
            raise given
        if isinstance(given, str):
            return Answer(EvidenceStatus.NO_DATA, reason=given)
        return Answer(EvidenceStatus.OK, dict(given), source="table")


Gather = Callable[..., Any]


@pytest.fixture
def gather(tools: dict[str, Tool], case: Case, clock: Callable[[], datetime]) -> Gather:
    async def gather(sop: Sop, source: Source) -> Facts:
        as_of = clock()
        frozen = freeze_case(case, as_of=as_of, at=as_of)
        return await Gathering(sop, frozen, Toolbox(tools, source, clock), as_of).run()

    return gather


def statuses(facts: Facts) -> dict[str, str]:
    return {name: record.status for name, record in facts.records.items()}


async def test_arguments_come_from_what_was_gathered_before(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    source = Source(answers)
    facts = await gather(small, source)
    assert statuses(facts) == dict.fromkeys(["appeal", "order", "scans", "docs"], "ok")
    assert source.queries["order"]["path"] == "/v1/orders/ord_1"
    assert source.queries["scans"]["path"] == "/v1/orders/ord_1/scans"
    assert source.queries["docs"]["ref_id"] == "app_1"
    assert len(source.moments) == 1
    for record in facts.records.values():
        assert facts.evidence[record.digest].intact()


async def test_each_waits_for_what_it_reads_and_for_nothing_else(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    source = Source(answers, takes_s=0.05)
    await gather(small, source)
    ended, started = source.seen["appeal"][1], source.seen["order"][0]
    assert ended <= started
    assert source.seen["order"][1] <= source.seen["scans"][0]
    # Order and documents both wait for the appeal alone, so they overlap.
    latest_start = max(source.seen["order"][0], source.seen["docs"][0])
    assert latest_start < min(source.seen["order"][1], source.seen["docs"][1])


async def test_what_needs_the_unknown_is_not_run(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    answers["order"] = "purged"
    source = Source(answers)
    facts = await gather(small, source)
    assert statuses(facts) == {
        "appeal": "ok",
        "order": "no_data",
        "scans": "not_run",
        "docs": "ok",
    }
    assert facts.records["order"].reason == "purged"
    assert facts.records["scans"].reason == "order found nothing (purged)"
    assert facts.records["scans"].digest == ""
    assert "scans" not in source.seen


async def test_an_absent_field_is_no_argument(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    del answers["appeal"]["order_id"]
    facts = await gather(small, Source(answers))
    assert facts.records["order"].status == "not_run"
    assert facts.records["order"].reason == "appeal.order_id is absent"


async def test_an_argument_that_the_tool_refuses_is_not_run(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    answers["appeal"]["order_id"] = "../admin"
    facts = await gather(small, Source(answers))
    assert facts.records["order"].status == "not_run"
    assert "order_id" in facts.records["order"].reason


async def test_when_decides_whether_an_action_is_needed(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    answers["appeal"]["attempt"] = 2
    source = Source(answers)
    facts = await gather(small, source)
    assert facts.records["docs"].status == "not_needed"
    assert "docs" not in source.seen
    answers["appeal"] = "purged"
    facts = await gather(small, Source(answers))
    assert facts.records["docs"].status == "not_run"
    assert facts.records["docs"].reason == "appeal found nothing (purged)"


async def test_an_error_keeps_the_others(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    answers["order"] = SourceUnavailable("down", code="http_503")
    facts = await gather(small, Source(answers))
    assert statuses(facts) == {
        "appeal": "ok",
        "order": "error",
        "scans": "not_run",
        "docs": "ok",
    }
    assert facts.records["order"].reason == "http_503"
    assert facts.evidence[facts.records["order"].digest].status is EvidenceStatus.ERROR


async def test_a_source_that_refuses_us_stops_everything(
    small: Sop, answers: dict[str, Any], gather: Gather
) -> None:
    answers["order"] = SourceRefused("token expired", code="token_expired")
    with pytest.raises(SourceRefused, match="token expired"):
        await gather(small, Source(answers))


async def test_an_argument_that_cannot_be_computed_is_the_sops_fault(
    answers: dict[str, Any], files: dict[str, str], tools: dict[str, Tool], gather: Gather
) -> None:
    # What dyn() gives has any type, so that only the evaluation can tell.
    condition = "when: dyn(appeal.attempt) < 'x'"
    text = files["sop.yaml"].replace("when: appeal.attempt == 1", condition)
    sop = load_sop({**files, "sop.yaml": text}, tools)
    with pytest.raises(ExpressionError, match=r"dyn\(appeal\.attempt\) < 'x'"):
        await gather(sop, Source(answers))
