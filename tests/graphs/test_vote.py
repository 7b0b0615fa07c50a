"""The vote of precedents: who leads, by how much, on how many, and who speaks against it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.models import ESCALATE, Precedent
from graphs.vote import NEAR, vote


def past(case_id: str, outcome: str, agreement: float | None, **facts: bool) -> Precedent:
    return Precedent(
        case_id=case_id,
        outcome=outcome,
        closed_at=datetime(2026, 3, 1, tzinfo=UTC),
        similarity=0.01,
        situation="",
        facts=facts,
        agreement=agreement,
    )


def test_precedents_weigh_as_far_as_their_facts_agree() -> None:
    found = vote([past("a", "uphold", 0.9), past("b", "overturn", 0.3)], (), "uphold")
    assert found is not None
    assert found.outcome == "uphold"
    assert found.share == pytest.approx(0.75)
    assert found.effective == pytest.approx(1.2**2 / (0.81 + 0.09))  # Kish


@pytest.mark.parametrize("agreement", [None, 0.0, 0.4])
def test_equal_weights_count_heads(agreement: float | None) -> None:
    ends = ("uphold", "uphold", "overturn", "uphold")
    found = vote([past(str(n), end, agreement) for n, end in enumerate(ends)], (), "uphold")
    assert found is not None
    assert found.outcome == "uphold"
    assert found.share == pytest.approx(0.75)
    assert found.effective == pytest.approx(4)


def test_a_conflict_has_similar_facts_and_another_outcome() -> None:
    precedents = [past("same", "uphold", 1.0), past("near", "overturn", NEAR)]
    contrast = [past("far", "partial", NEAR - 0.01), past("other", "refuse", 1.0)]
    found = vote(precedents, contrast, "uphold")
    assert found is not None
    assert found.conflicts == ("near", "other")


def test_who_differs_in_what_was_read_since_has_no_similar_facts() -> None:
    precedents = [past("a", "overturn", 1.0, blames=True), past("b", "overturn", 1.0, blames=False)]
    found = vote([*precedents, past("c", "overturn", 1.0)], (), "uphold", {"blames": False})
    assert found is not None
    assert found.conflicts == ("b", "c")


def test_where_nothing_is_proposed_precedents_conflict_with_their_leader() -> None:
    precedents = [past(n, "uphold", 1.0) for n in "ab"] + [past("c", "overturn", 1.0)]
    found = vote(precedents, (), ESCALATE)
    assert found is not None
    assert found.conflicts == ("c",)


def test_nobody_votes_where_nobody_is() -> None:
    assert vote((), (), "uphold") is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.floats(0, 1)), min_size=1, max_size=9)
)
def test_a_vote_counts_as_no_more_than_there_are(drawn: list[tuple[str, float | None]]) -> None:
    found = vote([past(str(n), *one) for n, one in enumerate(drawn)], (), "a")
    assert found is not None
    assert 1 - 1e-9 <= found.effective <= len(drawn) + 1e-9
    assert 1 / 3 - 1e-9 <= found.share <= 1 + 1e-9
