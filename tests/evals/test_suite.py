import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agents.ledger import note
from casewright.errors import SourceUnavailable, UsageError
from casewright.models import (
    Case,
    Decision,
    GoldCase,
    MissingInformation,
    ModelCall,
    Money,
    Run,
    RunStatus,
)
from evals.scored import Traits
from evals.suite import Look, judge_all, run_suite

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Writer = Callable[..., GoldCase]


def _run(look: Look, outcome: str, *, asked: tuple[str, ...] = (), **other: object) -> Run:
    case = Case(
        case_id=look.case_id,
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="S-1",
        region="US",
        channel="appeal",
        opened_at=NOW,
        impact=Money(cents=100, currency="USD"),
    )
    missing = MissingInformation(factor="f", actions=asked, party="seller", question="Which?")
    decision = Decision(
        outcome=outcome,
        row=1,
        factors=(),
        claims=(),
        missing=(missing, missing) if asked else (),
        graph_version="sop@1+ab",
    )
    fields = {
        "run_id": "r",
        "case": case,
        "sop": "sop",
        "graph_version": "sop@1+ab",
        "as_of": look.as_of,
        "status": RunStatus.WAITING,
        "decision": decision,
        "started_at": NOW,
        "updated_at": NOW,
    }
    return Run.model_validate(fields | other)


async def test_a_suite_is_judged_and_reported(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        said = {"c1": "overturn", "c2": "overturn", "c3": "request_information"}[look.case_id]
        return _run(look, said, asked=("scans",) if look.case_id == "c3" else ())

    cases = [gold("c1"), gold("c2", "uphold"), gold("c3", ask=("scans",))]
    report = await run_suite(cases, judge, concurrency=2)
    assert report.graph_versions == ("sop@1+ab",)
    assert (report.accuracy.numerator, report.accuracy.denominator) == (1, 2)
    assert report.outcome("overturn").asked_rightly == 1


async def test_the_judge_sees_neither_outcome_nor_what_was_withheld(gold: Writer) -> None:
    seen: list[Look] = []

    async def judge(look: Look) -> Run:
        seen.append(look)
        return _run(look, "overturn")

    await judge_all([gold("c1", ask=("scans",))], judge, concurrency=1)
    assert [look.model_dump() for look in seen] == [{"case_id": "c1", "as_of": NOW}]


async def test_results_keep_the_order_of_the_gold_cases(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        await asyncio.sleep(0.02 if look.case_id == "c0" else 0)
        return _run(look, look.case_id)

    cases = [gold(f"c{i}") for i in range(6)]
    scored = await judge_all(cases, judge, concurrency=3)
    assert [one.outcome for one in scored] == [f"c{i}" for i in range(6)]
    assert [one.gold for one in scored] == cases


@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_no_more_cases_are_in_flight_than_allowed(gold: Writer, concurrency: int) -> None:
    flying, most = 0, 0

    async def judge(look: Look) -> Run:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.001)
        flying -= 1
        return _run(look, "overturn")

    await judge_all([gold(f"c{i}") for i in range(12)], judge, concurrency=concurrency)
    assert most == min(concurrency, 12)


async def test_progress_counts_every_case_once(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        return _run(look, "overturn")

    told: list[tuple[int, int]] = []
    cases = [gold(f"c{i}") for i in range(5)]
    await run_suite(cases, judge, concurrency=2, progress=lambda *step: told.append(step))
    assert told == [(i, 5) for i in range(1, 6)]


async def test_a_known_error_scores_as_error_and_the_rest_goes_on(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        if look.case_id == "c1":
            raise SourceUnavailable("The source gave no answer.")
        return _run(look, "overturn")

    report = await run_suite([gold("c1"), gold("c2")], judge, concurrency=2)
    assert [(one.case_id, one.reason) for one in report.failures] == [
        ("c1", "The source gave no answer.")
    ]
    assert report.coverage.numerator == 1


async def test_an_unknown_error_is_not_swallowed(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await run_suite([gold("c1")], judge, concurrency=2)
    assert caught.group_contains(ZeroDivisionError)


ENDINGS = {
    "failed run": ({"status": "failed", "error": "No order."}, "No order."),
    "no decision": ({"decision": None}, "waiting without a decision"),
    "another case": ({"case_id": "c9"}, "another case: c9"),
}


@pytest.mark.parametrize(("change", "reason"), ENDINGS.values(), ids=ENDINGS.keys())
async def test_a_run_that_ends_badly_scores_as_error(
    gold: Writer, change: dict[str, object], reason: str
) -> None:
    async def judge(look: Look) -> Run:
        changed = dict(change)
        case_id = str(changed.pop("case_id", look.case_id))
        return _run(Look(case_id=case_id, as_of=look.as_of), "overturn", **changed)

    (scored,) = await judge_all([gold("c1")], judge, concurrency=1)
    assert scored.predicted == "error"
    assert reason in scored.reason


async def test_each_asked_action_counts_once(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        return _run(look, "request_information", asked=("scans", "order"))

    (scored,) = await judge_all([gold("c1")], judge, concurrency=1)
    assert scored.asked == ("scans", "order")


async def test_no_gold_cases_make_an_empty_report() -> None:
    async def judge(look: Look) -> Run:
        raise AssertionError

    assert (await run_suite([], judge, concurrency=4)).n == 0


async def test_a_concurrency_of_none_is_refused(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        raise AssertionError

    with pytest.raises(UsageError, match="concurrency"):
        await run_suite([gold("c1")], judge, concurrency=0)


async def _bare(run: Run, seconds: float) -> Traits:
    return Traits(seconds=seconds)


async def test_each_case_is_judged_as_often_as_asked_and_costs_add_up(gold: Writer) -> None:
    said = iter(["overturn", "uphold", "overturn"])

    async def judge(look: Look) -> Run:
        note(ModelCall(endpoint="e", model="m", tokens_in=10))
        return _run(look, next(said))

    (one,) = await judge_all([gold("c1")], judge, concurrency=1, inspect=_bare, repeats=3)
    assert one.outcome == "overturn"
    assert one.traits is not None
    assert one.traits.repeats == ("uphold", "overturn")
    assert (one.cost.model_calls, one.cost.tokens_in) == (3, 30)


async def test_further_runs_are_taken_by_who_remembers_nothing(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        return _run(look, "overturn")

    async def again(look: Look) -> Run:
        raise SourceUnavailable("away")

    asked = {"inspect": _bare, "again": again, "repeats": 2}
    (one,) = await judge_all([gold("c1")], judge, concurrency=1, **asked)
    assert one.predicted == "overturn"
    assert one.traits is not None
    assert one.traits.repeats == ("error",)


async def test_a_first_run_that_failed_is_not_repeated(gold: Writer) -> None:
    calls = 0

    async def judge(look: Look) -> Run:
        nonlocal calls
        calls += 1
        raise SourceUnavailable("away")

    (one,) = await judge_all([gold("c1")], judge, concurrency=1, inspect=_bare, repeats=5)
    assert (one.predicted, one.traits, calls) == ("error", None, 1)


async def test_judging_no_times_is_refused(gold: Writer) -> None:
    async def judge(look: Look) -> Run:
        return _run(look, "overturn")

    with pytest.raises(UsageError, match="0 times"):
        await judge_all([gold("c1")], judge, concurrency=1, repeats=0)
