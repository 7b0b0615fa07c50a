"""Profiles: what agrees counts, by what it tells; what is unknown counts neither way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.models import ClosedCase
from knowledge_base.precedents import Precedents
from knowledge_base.profile import FLOOR, Candidate, agreements, ranked, weights

Closer = Callable[..., ClosedCase]
values = st.booleans() | st.integers(0, 9) | st.floats(-5, 5) | st.sampled_from(["a", "b"])
profiles = st.dictionaries(st.sampled_from("pqrs"), values, max_size=4)


@pytest.fixture(scope="module")
def past(closed: Closer) -> Callable[..., ClosedCase]:
    def past(outcome: str = "uphold", **facts: Any) -> ClosedCase:
        return closed("c", outcome=outcome, facts=facts)

    return past


def test_agreement_is_the_share_of_facts_that_are_the_same(past: Closer) -> None:
    candidates = [
        past(late=True, tier="top"),
        past(late=True, tier="new"),
        past(late=False, tier="new"),
    ]
    assert agreements({"late": True, "tier": "top"}, candidates) == (1.0, 0.5, 0.0)


def test_numbers_agree_by_their_distance_over_the_range(past: Closer) -> None:
    candidates = [past(days=2), past(days=4), past(days=12)]
    assert agreements({"days": 2}, candidates) == pytest.approx((1.0, 0.8, 0.0))


def test_a_fact_that_tells_the_outcome_weighs_more_than_one_that_does_not(past: Closer) -> None:
    candidates = [
        past(outcome, telling=outcome == "uphold", idle=bool(n % 2))
        for n in range(20)
        for outcome in ("uphold", "overturn")
    ]
    found = weights(["telling", "idle"], candidates)
    assert found["idle"] == FLOOR
    assert found["telling"] == pytest.approx(FLOOR + 1, abs=0.05)


def test_what_a_candidate_does_not_know_counts_as_the_mean(past: Closer) -> None:
    candidates = [past(late=True), past(late=False), past(tier="top")]
    assert agreements({"late": True}, candidates) == (1.0, 0.0, 0.5)


def test_without_a_fact_on_both_sides_the_order_stays(past: Closer) -> None:
    candidates = [Candidate(past(late=True), 0.3), Candidate(past(), 0.2)]
    assert agreements({"other": True}, [one.closed for one in candidates]) == (None, None)
    assert ranked({"other": True}, candidates) == tuple(candidates)


def test_facts_go_before_words_and_words_among_like_facts(past: Closer) -> None:
    candidates = [Candidate(past(late=n > 1), score) for n, score in enumerate((4, 3, 2, 1))]
    assert [one.score for one in ranked({"late": True}, candidates)] == [2, 1, 4, 3]


@settings(max_examples=200)
@given(
    profile=profiles, others=st.lists(profiles, max_size=6), ends=st.lists(st.sampled_from("xy"))
)
def test_an_agreement_is_a_share_and_a_twin_has_the_highest(
    past: Closer, profile: Mapping[str, Any], others: list[Mapping[str, Any]], ends: list[str]
) -> None:
    outcomes = [*ends, *"x" * len(others)]
    candidates = [past(end, **facts) for end, facts in zip(outcomes, others, strict=False)]
    found = agreements(profile, [*candidates, past(**profile)])
    assert all(one is None or -1e-9 <= one <= 1 + 1e-9 for one in found)
    if profile:
        assert found[-1] == pytest.approx(1.0)


def test_facts_move_what_is_retrieved_and_every_outcome_has_its_examples(
    base: Precedents, closed: Closer, start: Any
) -> None:
    far = [
        closed(f"far {n}", outcome="uphold", situation="An outage.", facts={"late": False})
        for n in range(3)
    ]
    near = closed("near", outcome="overturn", situation="Rain.", facts={"late": True})
    base.ingest([*far, near])
    asked = {
        "case": closed("now", seller="S-now").case,
        "as_of": start + timedelta(days=1),
        "text": "an outage",
    }
    plain = base.search(**asked, k=1)
    assert plain[0].case_id.startswith("far")
    assert plain[0].agreement is None
    first = base.search(**asked, k=1, facts={"late": True})[0]
    assert (first.case_id, first.agreement) == ("near", 1.0)
    assert [one.outcome for one in base.examples(**asked)] == ["uphold", "overturn"]
    counted = [one.outcome for one in base.examples(**asked, per_outcome=2)]
    assert sorted(counted) == ["overturn", "uphold", "uphold"]
