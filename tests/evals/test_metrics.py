import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.intervals import wilson
from casewright.models import GoldCase, RunStatus
from evals.metrics import Rate, Report, summarise
from evals.scored import Scored

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]


@pytest.fixture
def hand(scored: Writer, apart: Apart) -> Report:
    """Ten cases whose figures are easy to work out by hand."""
    asks = {"asked": ("scans",)}
    cases = [
        scored("overturn", "overturn"),
        scored("overturn", "overturn"),
        scored("overturn", "overturn"),
        scored("overturn", "uphold"),
        scored("uphold", "uphold"),
        scored("uphold", "overturn"),
        scored("overturn", "request_information", ask=("scans", "appeal"), **asks),
        scored("uphold", "request_information", ask=("order",), **asks),
        scored("uphold", "escalate"),
        scored("partial", ""),
    ]
    return summarise(apart(cases))


def _parts(rate: Rate) -> tuple[int, int]:
    return rate.numerator, rate.denominator


def test_precision_recall_and_f1_by_hand(hand: Report) -> None:
    overturn = hand.outcome("overturn")
    assert _parts(overturn.precision) == (3, 4)
    assert _parts(overturn.recall) == (3, 4)
    assert _parts(overturn.f1) == (6, 8)
    assert (overturn.support, overturn.asked_rightly) == (5, 1)
    uphold = hand.outcome("uphold")
    assert _parts(uphold.precision) == (1, 2)
    assert _parts(uphold.recall) == (1, 4)
    assert uphold.f1.value == pytest.approx(2 * 0.5 * 0.25 / 0.75)
    assert (uphold.support, uphold.asked_rightly) == (4, 0)


def test_an_outcome_never_predicted_has_no_precision(hand: Report) -> None:
    partial = hand.outcome("partial")
    assert partial.precision.value is None
    assert (partial.precision.low, partial.precision.high) == (0.0, 1.0)
    assert partial.recall.value == 0.0
    with pytest.raises(KeyError):
        hand.outcome("dismiss")


def test_shares_by_hand(hand: Report) -> None:
    assert _parts(hand.coverage) == (6, 10)
    assert _parts(hand.accuracy) == (4, 6)
    assert _parts(hand.requests) == (2, 10)
    assert _parts(hand.appropriate) == (1, 2)
    assert _parts(hand.first_look) == (5, 10)
    assert _parts(hand.escalations) == (1, 10)
    assert _parts(hand.errors) == (1, 10)
    assert hand.accuracy.reason == "4 of 6 decided cases have the gold outcome"
    assert (hand.accuracy.low, hand.accuracy.high) == wilson(4, 6)


def test_the_confusion_matrix_by_hand(hand: Report) -> None:
    columns = ("overturn", "partial", "uphold", "request_information", "escalate", "error")
    assert {gold: tuple(cells) for gold, cells in hand.confusion.items()} == dict.fromkeys(
        ("overturn", "partial", "uphold"), columns
    )
    assert tuple(hand.confusion["overturn"].values()) == (3, 0, 1, 1, 0, 0)
    assert tuple(hand.confusion["uphold"].values()) == (1, 0, 1, 1, 1, 0)
    assert tuple(hand.confusion["partial"].values()) == (0, 0, 0, 0, 0, 1)


def test_f1_from_the_four_counts(scored: Writer, apart: Apart) -> None:
    # 20 true positives, 10 false positives and 5 false negatives: F1 = 2·20 / (2·20 + 10 + 5).
    cases = [scored("uphold", "uphold")] * 20
    cases += [scored("overturn", "uphold")] * 10 + [scored("uphold", "overturn")] * 5
    score = summarise(apart(cases)).outcome("uphold")
    assert score.precision.value == pytest.approx(20 / 30)
    assert score.recall.value == pytest.approx(20 / 25)
    assert score.f1.value == pytest.approx(40 / 55)
    star = wilson(20, 35)
    assert (score.f1.low, score.f1.high) == tuple(2 * end / (1 + end) for end in star)


def test_a_failed_run_is_an_error_whatever_it_said(gold: Callable[..., GoldCase]) -> None:
    failed = Scored(
        gold=gold(), outcome="overturn", status=RunStatus.FAILED, reason="The source is down."
    )
    report = summarise([failed])
    assert _parts(report.errors) == (1, 1)
    assert _parts(report.coverage) == (0, 1)
    assert report.outcome("overturn").precision.denominator == 0
    assert [(one.case_id, one.reason) for one in report.failures] == [("c1", "The source is down.")]


def test_asking_for_what_was_not_withheld_is_a_miss(scored: Writer) -> None:
    report = summarise([scored("overturn", "request_information", asked=("scans",))])
    assert _parts(report.outcome("overturn").recall) == (0, 1)
    assert _parts(report.appropriate) == (0, 1)


def test_a_gold_case_that_ends_in_a_request_is_right_without_being_set_aside(
    scored: Writer,
) -> None:
    asks = {"asked": ("scans",), "ask": ("scans",)}
    report = summarise([scored("request_information", "request_information", **asks)])
    score = report.outcome("request_information")
    assert (_parts(score.recall), score.asked_rightly) == ((1, 1), 0)
    assert _parts(report.appropriate) == _parts(report.first_look) == (1, 1)


def test_no_cases_say_nothing() -> None:
    report = summarise([])
    assert (report.n, report.window, report.outcomes, report.slices) == (0, None, (), ())
    assert report.coverage.value is None


def test_slices_under_thirty_cases_show_counts_only(scored: Writer) -> None:
    cases = [scored("uphold", "uphold", region="US")] * 30
    cases += [scored("uphold", "overturn", region="MX", language="es")] * 29
    by = {(one.dimension, one.value): one for one in summarise(cases).slices}
    us, mexico = by["region", "US"], by["region", "MX"]
    assert us.accuracy is not None
    assert (_parts(us.accuracy), us.outcomes[0].outcome) == ((30, 30), "uphold")
    assert (mexico.coverage, mexico.accuracy, mexico.outcomes) == (None, None, ())
    assert (mexico.n, mexico.decided, mexico.right, mexico.asked) == (29, 29, 0, 0)
    assert by["language", "es"].n == 29
    assert by["channel", "appeal"].n == by["case_type", "appeal.late_dispatch"].n == 59


def test_versions_and_window_are_named(scored: Writer) -> None:
    early, late = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 7))
    cases = [scored("uphold", "uphold", as_of=when) for when in (late, early)]
    versions = [one.model_copy(update={"graph_version": "sop@2+ab"}) for one in cases]
    report = summarise([*versions, scored("uphold", "")])
    assert report.window == (early, late)
    assert report.graph_versions == ("sop@2+ab",)


def test_a_report_survives_json(hand: Report) -> None:
    assert Report.model_validate_json(hand.model_dump_json()) == hand


outcomes = st.sampled_from(["overturn", "uphold", "partial"])
predictions = outcomes | st.sampled_from(["request_information", "escalate", ""])
regions = st.sampled_from(["US", "MX", "EU"])
actions = st.sampled_from([(), ("scans",), ("order", "scans")])
cases = st.lists(st.tuples(outcomes, predictions, regions, actions, actions), max_size=90)


def _reports(scored: Writer, drawn: list[tuple]) -> tuple[list[Scored], Report]:
    made = [
        scored(is_, said, region=region, asked=asked, ask=ask)
        for is_, said, region, asked, ask in drawn
    ]
    return made, summarise(made)


@given(cases)
def test_counts_add_up(scored: Writer, drawn: list[tuple]) -> None:
    _, report = _reports(scored, drawn)
    assert sum(sum(row.values()) for row in report.confusion.values()) == report.n
    assert sum(one.support for one in report.outcomes) == report.n
    decided = report.coverage.numerator
    assert sum(one.precision.denominator for one in report.outcomes) == decided
    others = (report.requests, report.escalations, report.errors)
    assert decided + sum(rate.numerator for rate in others) == report.n
    hits = sum(one.precision.numerator for one in report.outcomes)
    aside = sum(one.asked_rightly for one in report.outcomes)
    assert report.accuracy.numerator == hits
    assert report.first_look.numerator == hits + aside


@given(cases)
def test_slices_of_a_dimension_add_up_to_the_whole(scored: Writer, drawn: list[tuple]) -> None:
    _, report = _reports(scored, drawn)
    for dimension in {one.dimension for one in report.slices}:
        parts = [one for one in report.slices if one.dimension == dimension]
        assert sum(one.n for one in parts) == report.n
        assert sum(one.right for one in parts) == report.accuracy.numerator
        assert sum(one.asked for one in parts) == report.requests.numerator


@given(cases)
def test_f1_is_the_harmonic_mean_inside_its_interval(scored: Writer, drawn: list[tuple]) -> None:
    _, report = _reports(scored, drawn)
    for one in report.outcomes:
        if one.f1.value is not None:
            assert one.f1.low <= one.f1.value + 1e-12
            assert one.f1.value <= one.f1.high + 1e-12
        if one.precision.value and one.recall.value:
            p, r = one.precision.value, one.recall.value
            assert one.f1.value == pytest.approx(2 * p * r / (p + r))


@given(cases, st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(
    scored: Writer, drawn: list[tuple], shuffler: random.Random
) -> None:
    made, report = _reports(scored, drawn)
    shuffler.shuffle(made)
    again = summarise(made)
    assert again.model_dump(exclude={"failures"}) == report.model_dump(exclude={"failures"})
