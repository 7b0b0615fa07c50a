from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.models import (
    Case,
    ClosedCase,
    Decision,
    Factor,
    Money,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.second_look import SecondLook
from evals.new import of_reviews, of_settled

OPENED = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = OPENED + 1000 * HOUR


def case(case_id: str = "c1") -> Case:
    return Case(
        case_id=case_id,
        case_type="appeal.late_dispatch",
        subject={"appeal_id": "app_1"},
        seller_id="S-1",
        region="EU",
        channel="appeal",
        opened_at=OPENED,
        impact=Money(cents=100, currency="EUR"),
        language="es",
    )


def settled(hours: float, **more: Any) -> ClosedCase:
    held = {"facts": {"late": True, "hidden": False}, "situation": "", "outcome": "uphold"}
    return ClosedCase(case=case(), closed_at=OPENED + hours * HOUR, **held | more)


@pytest.mark.parametrize(("closed", "judged"), [(100, 48), (48, 48 - 1 / 60), (9, 9 - 1 / 60)])
def test_a_settled_case_is_judged_while_it_was_open(closed: float, judged: float) -> None:
    (one,) = of_settled([settled(closed)], after=48 * HOUR, now=NOW, facts=["late"]).closed
    assert one.gold.as_of == OPENED + judged * HOUR
    assert (one.gold.outcome, one.gold.truth, one.gold.facts) == (
        "uphold",
        "settled",
        {"late": True},
    )
    assert (one.gold.region, one.gold.language, one.gold.weight) == ("EU", "es", 1)


def test_what_was_overturned_or_is_not_over_is_left_out_and_counted() -> None:
    cases = [
        settled(60),
        settled(60, overturned_at=NOW - HOUR),
        settled(60, overturned_at=NOW + HOUR),  # nobody knows of it yet
        settled(2000),
        settled(0.01),
    ]
    found = of_settled(cases, after=48 * HOUR, now=NOW)
    assert len(found.closed) == 2
    assert found.left_out == {
        "overturned, and how it ended is not known": 1,
        "not settled yet": 1,
        "closed as soon as it was opened": 1,
    }


def review(act: ReviewAct, code: str, who: str = "ann", hours: float = 60, **more: Any) -> Review:
    return Review(act=act, codes=(code,), reviewer=who, at=OPENED + hours * HOUR, **more)


@pytest.fixture
def run() -> Callable[..., Run]:
    def write(outcome: str = "uphold", *reviews: Review, run_id: str = "r1", **more: Any) -> Run:
        factors = (
            Factor(name="late", value=True),
            Factor(name="storm", value=False, by="human"),
            Factor(name="altered", reason="nobody read it"),
        )
        fields: dict[str, Any] = {
            "run_id": run_id,
            "case": case(),
            "sop": "s",
            "graph_version": "s@1+x",
            "as_of": OPENED + 10 * HOUR,
            "status": RunStatus.DONE,
            "decision": Decision(
                outcome=outcome, row=1, factors=factors, claims=(), graph_version="s@1+x"
            ),
            "reviews": reviews,
            "started_at": OPENED,
            "updated_at": OPENED,
        }
        return Run(**fields | more)

    return write


APPROVED = review(ReviewAct.APPROVE, "A1")


def test_an_approved_case_holds_the_facts_and_one_approved_for_another_reason_does_not(
    run: Callable[..., Run],
) -> None:
    (one,) = of_reviews([run("uphold", APPROVED)]).closed
    assert (one.gold.truth, one.gold.as_of, one.overridden) == ("review", OPENED + 10 * HOUR, False)
    assert one.gold.facts == {"late": True, "storm": False}
    assert one.gold.agreement is None
    other = review(ReviewAct.APPROVE, "A2", note="the storm")
    assert of_reviews([run("uphold", other)]).closed[0].gold.facts == {"storm": False}


def test_a_changed_decision_is_an_override_and_names_what_was_set_right(
    run: Callable[..., Run],
) -> None:
    changed = review(ReviewAct.EDIT, "E4", factors={"storm": False})
    (one,) = of_reviews([run("uphold", changed, review(ReviewAct.APPROVE, "A1", hours=61))]).closed
    assert (one.overridden, one.gold.key_factors) == (True, ("storm",))
    amount = review(ReviewAct.EDIT, "E5", parameters={"amount": 5})
    assert not of_reviews([run("uphold", amount)]).closed[0].overridden


def test_several_reviewers_agree_in_part(run: Callable[..., Run]) -> None:
    runs = [
        run("overturn", review(ReviewAct.APPROVE, "A1", "bea", 80), run_id="r2"),
        run("uphold", APPROVED),
        run("overturn", review(ReviewAct.APPROVE, "A1", "cem", 70), run_id="r3"),
    ]
    (one,) = of_reviews(runs).closed
    assert (one.gold.outcome, one.gold.truth) == ("overturn", "second look")
    assert one.gold.agreement == pytest.approx(2 / 3)
    again = [run("uphold", APPROVED), run("overturn", review(ReviewAct.APPROVE, "A1", hours=70))]
    assert of_reviews(again).closed[0].gold.truth == "review"  # one reviewer, twice


def look(who: str, outcome: str, hours: float = 90) -> SecondLook:
    return SecondLook(run_id="r1", reviewer=who, outcome=outcome, at=OPENED + hours * HOUR)


def test_what_passed_alone_is_known_by_its_second_look(run: Callable[..., Run]) -> None:
    passed = run("uphold", automatic=True)
    (one,) = of_reviews([passed], {"r1": [look("dan", "uphold")]}).closed
    assert (one.gold.outcome, one.gold.truth, one.gold.agreement) == ("uphold", "second look", None)
    assert one.gold.facts == {"storm": False}  # what a person noted; the rest nobody stands by
    assert not one.overridden


def test_a_second_reader_who_differs_counts_once_somebody_has_settled_it(
    run: Callable[..., Run],
) -> None:
    decided = run("uphold", APPROVED)
    alone = of_reviews([decided], {"r1": [look("dan", "overturn")]})
    assert alone.closed == ()
    assert alone.left_out == {"a second reader differs, and nobody has settled it": 1}
    looks = [look("dan", "overturn"), look("eve", "overturn", 95)]
    (one,) = of_reviews([decided], {"r1": looks}).closed
    assert (one.gold.outcome, one.overridden) == ("overturn", True)
    assert one.gold.agreement == pytest.approx(2 / 3)


def test_what_nobody_decided_is_left_out(run: Callable[..., Run]) -> None:
    found = of_reviews(
        [
            run("uphold", automatic=True),
            run("escalate", review(ReviewAct.ESCALATE, "X2")),
            run("request_information", APPROVED),
        ]
    )
    assert found.closed == ()
    assert found.left_out == {"passed without a person": 1, "ended without an outcome": 2}
