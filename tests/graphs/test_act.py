"""What a reviewer's act does to a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from casewright.models import Decision, Factor, Review, Route
from graphs.act import corrected, escalated_to, settled

Act = Callable[..., Review]

PROPOSAL = Decision(
    outcome="overturn", row=1, factors=(), claims=(), reasons=("row 1",), graph_version="s@1+a"
)


def test_an_approved_proposal_stands(act: Act) -> None:
    assert settled(PROPOSAL, act("approve", "A1")) == PROPOSAL


def test_an_edited_outcome_replaces_the_proposal_and_says_who_and_why(act: Act) -> None:
    final = settled(PROPOSAL, act("edit", "E1", outcome="uphold", note="the storm was over"))
    assert (final.outcome, final.row) == ("uphold", 1)
    assert final.reasons == (
        "row 1",
        "ana changed overturn to uphold (E1): the storm was over",
    )
    bare = settled(PROPOSAL, act("edit", "E3", "E5", outcome="uphold"))
    assert bare.reasons[-1] == "ana changed overturn to uphold (E3, E5)"


@pytest.mark.parametrize(
    ("codes", "present", "then"),
    [
        (["X1"], Route.AUTO, Route.SENIOR),
        (["X1"], Route.REVIEW, Route.SENIOR),
        (["X4"], Route.SENIOR, Route.LEGAL),
        (["X1"], Route.LEGAL, Route.LEGAL),
        (["X2"], Route.REVIEW, Route.LEGAL),
        (["X1", "X2"], Route.AUTO, Route.LEGAL),
    ],
)
def test_an_escalation_goes_one_step_up_or_to_counsel(
    act: Act, codes: list[str], present: Route, then: Route
) -> None:
    assert escalated_to(act("escalate", *codes), present) is then


def test_a_corrected_factor_cites_the_frozen_review(act: Act) -> None:
    review = act("edit", "E4", factors={"a": False}, note="the quote is about another order")
    factors = (Factor(name="a", value=True), Factor(name="b", value=True))
    frozen, changed = corrected(factors, review, datetime(2026, 6, 11, tzinfo=UTC))
    assert frozen.intact()
    assert frozen.data == review.model_dump(mode="json")
    assert changed[1] == factors[1]
    assert (changed[0].value, changed[0].by) == (False, "human")
    assert changed[0].reason == "the quote is about another order"
    (cited,) = changed[0].citations
    assert (cited.reference, cited.pointer, cited.quote) == (frozen.digest, "/factors/a", False)
    assert cited.label == "review by ana"
