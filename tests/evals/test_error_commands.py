"""What the errors are attributed from: the judge sees a look alone, and nothing is asked twice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from casewright.models import GoldCase, Run
from casewright.settings import Settings
from evals.attribution import Miss, attribute, wrong
from evals.gold import load_gold
from evals.live import Bench, Seen, live_bench
from evals.scored import Scored
from evals.suite import Look, judge_all
from graphs.assess import assess

CASES = 12
TYPE = "appeal.late_dispatch"


@pytest.fixture
def gold(worlds: Callable[[int], Settings]) -> tuple[GoldCase, ...]:
    every = load_gold(worlds(7).home / "sandbox" / "gold.jsonl")
    return tuple(case for case in every if case.case_type == TYPE)[:CASES]


def spoilt(case: GoldCase) -> GoldCase:
    """The same case with other gold answers."""
    facts = {name: not value for name, value in case.facts.items()}
    return case.model_copy(update={"outcome": "partial", "facts": facts, "ask": ()})


async def looked_at(
    bench: Bench, gold: tuple[GoldCase, ...]
) -> tuple[list[Look], tuple[Scored, ...]]:
    looks: list[Look] = []

    async def judge(look: Look) -> Run:
        looks.append(look)
        return await bench.judge(look)

    return looks, await judge_all(gold, judge, concurrency=4)


async def test_the_judge_gets_a_look_and_gold_answers_change_no_decision(
    worlds: Callable[[int], Settings], gold: tuple[GoldCase, ...]
) -> None:
    settings = worlds(7)
    async with live_bench(settings) as bench:
        looks, scored = await looked_at(bench, gold)
        decided = [await bench.seen(case.case_id) for case in gold]
    assert {type(look) for look in looks} == {Look}
    assert set(Look.model_fields) == {"case_id", "as_of"}
    async with live_bench(settings) as bench:
        _, again = await looked_at(bench, tuple(map(spoilt, gold)))
        otherwise = [await bench.seen(case.case_id) for case in gold]
    assert [one.outcome for one in again] == [one.outcome for one in scored]
    assert [factors_of(one) for one in otherwise] == [factors_of(one) for one in decided]


def factors_of(seen: Seen) -> list[str]:
    assert seen.run is not None
    assert seen.run.decision is not None
    return [factor.model_dump_json(exclude={"citations"}) for factor in seen.run.decision.factors]


async def test_what_was_seen_is_the_frozen_evidence_with_the_source_gone(
    worlds: Callable[[int], Settings],
    gold: tuple[GoldCase, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with live_bench(worlds(7)) as bench:
        _, scored = await looked_at(bench, gold)
        monkeypatch.setattr("tools.sources.http.HttpSource.get", None)
        seen = {case.case_id: await bench.seen(case.case_id) for case in gold}
    for one in filter(wrong, scored):
        held = seen[one.gold.case_id]
        assert held.run is not None
        assert held.facts is not None
        assert {record.status for record in held.facts.records.values()} <= {
            "ok", "no_data", "not_needed", "not_run",
        }  # fmt: skip
        assert held.run.decision is not None
        ruled = {factor.name: factor.value for factor in assess(held.facts) if factor.known}
        assert ruled == {name: held.run.decision.factor(name).value for name in ruled}
        found = attribute(Miss(one, held.run.decision, held.facts))
        assert found.parts


async def test_a_case_that_the_source_does_not_know_leaves_its_error(
    worlds: Callable[[int], Settings], gold: tuple[GoldCase, ...]
) -> None:
    stranger = gold[0].model_copy(update={"case_id": "case_999999"})
    async with live_bench(worlds(7)) as bench:
        _, (scored,) = await looked_at(bench, (stranger,))
        seen = await bench.seen("case_999999")
    assert seen.run is None
    one = attribute(Miss(scored, error=seen.error))
    assert [part.kind for part in one.parts] == ["unattributed"]
    assert "case_999999" in one.parts[0].told
    assert json.loads(one.model_dump_json())["said"] == "error"
