from collections.abc import Callable

import pytest

from evals.automatic import AutoCoverage, AutoPrecision
from evals.measures import Metric, MetricContext
from evals.proofs import CitationValidity, ClaimSupport, FactorAccuracy, RequiredActions
from evals.scored import Scored, Traits

Writer = Callable[..., Scored]
NOTHING = MetricContext()


def _with(case: Scored, **traits: object) -> Scored:
    return case.model_copy(update={"traits": Traits.model_validate(traits)})


def _share(metric: Metric, cases: list[Scored]) -> tuple[float | None, int]:
    found = metric.measure(cases, NOTHING)
    return found.value, found.n


def test_factors_are_held_against_gold_facts(scored: Writer) -> None:
    facts = {"a": True, "b": False, "n": 3, "w": "red", "unread": True}
    factors = {"a": True, "b": True, "n": None, "w": "red", "other": 1}
    found = FactorAccuracy().measure(
        [_with(scored("x", "x", facts=facts), factors=factors)], NOTHING
    )
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert (found.part("unknown").value, found.part("unknown").n) == (0.25, 4)
    assert found.part("appeal.late_dispatch b").value == 0
    assert found.part("appeal.late_dispatch n").value is None


def test_key_factors_alone_count_where_gold_names_them(scored: Writer) -> None:
    case = scored("x", "x", facts={"a": True, "b": False, "c": True}, key_factors=("b", "c", "d"))
    found = FactorAccuracy().measure([_with(case, factors={"a": False, "b": False})], NOTHING)
    assert (found.value, found.n) == (1, 1)  # c is not among the run's factors: unknown
    assert found.part("unknown").value == 0.5


def test_a_truth_value_is_no_number(scored: Writer) -> None:
    case = _with(scored("x", "x", facts={"a": True}), factors={"a": 1})
    assert _share(FactorAccuracy(), [case]) == (0, 1)


def test_required_actions(scored: Writer) -> None:
    ran = _with(scored("x", "x"), actions={"order": "ok"})
    failed = _with(scored("x", "x"), actions={"order": "error"}, unrun=("order",))
    wanted = scored("x", "x", actions=("order", "scans"))
    half = _with(wanted, actions={"order": "no_data", "scans": "not_run"})
    absent = _with(wanted, actions={"order": "ok"})
    cases = [ran, failed, half, absent, scored("x", "x")]
    found = RequiredActions().measure(cases, NOTHING)
    assert (found.value, found.n) == (0.25, 4)
    assert found.part("actions that gold names").value == 0.5


def test_citations_and_claims(scored: Writer) -> None:
    cases = [
        _with(scored("x", "x"), citations=4, faulty=1, claims=3, struck=1),
        _with(scored("x", "x"), citations=6, claims=2),
        scored("x", "x"),
    ]
    assert _share(CitationValidity(), cases) == (0.9, 10)
    assert _share(ClaimSupport(), cases) == (pytest.approx(5 / 6), 6)


def test_what_could_pass_without_a_person(scored: Writer) -> None:
    cases = [
        _with(scored("x", "x"), route="auto-eligible"),
        _with(scored("x", "y"), route="auto-eligible"),
        _with(scored("x", "request_information"), route="auto-eligible"),
        _with(scored("x", "x"), route="senior"),
        scored("x", "x"),
    ]
    assert _share(AutoPrecision(), cases) == (0.5, 2)
    assert _share(AutoCoverage(), cases) == (0.5, 4)
