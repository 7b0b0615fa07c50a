"""Thresholds that hold: properties, and worlds in which the true error is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.calibration import Calibration
from casewright.errors import UsageError
from casewright.profile import Profile
from evals.calibrate import Wanted, calibrate
from evals.calibrate_fit import Reviewed
from evals.calibrate_thresholds import Level, Tried, errorless, p_value, thresholds, upper_bound

AT = datetime(2026, 6, 1, tzinfo=UTC)
ROWS = (0.001, 0.004, 0.012, 0.03, 0.08, 0.25)
"""How often each row of a made-up table is wrong."""


def world(count: int, seed: int, cases: int = 1) -> list[Reviewed]:
    """Reviewed cases, each of a row drawn evenly, ``cases`` of them a party."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(ROWS), count)
    wrong = rng.random(count) < np.array(ROWS)[rows]
    return [
        Reviewed(profile(int(row)), not bool(bad), f"{seed}/{number // cases}")
        for number, (row, bad) in enumerate(zip(rows, wrong, strict=True))
    ]


def profile(row: int) -> Profile:
    outcome = "overturn" if row % 2 else "uphold"
    return Profile(outcome=outcome, row=row, stability=2, vote=1 - row / 10, region="US")


def learned(reviewed: Sequence[Reviewed], **wanted: float) -> Calibration:
    return calibrate("x@1+0", reviewed, Wanted(**wanted), author="qa", at=AT)  # type: ignore[arg-type]


def passing(found: Calibration) -> list[int]:
    """The rows whose decisions pass."""
    passed = []
    for row in range(len(ROWS)):
        slice_ = found.slice_of(profile(row).outcome, "US")
        sure = found.confidence_of(profile(row))
        if slice_ is not None and slice_.threshold is not None and sure >= slice_.threshold:
            passed.append(row)
    return passed


def test_the_promise_is_broken_in_few_worlds() -> None:
    """40 worlds at 90%: 4 broken ones are to be expected at most, and 9 are already rare."""
    broken = some = 0
    for seed in range(40):
        rows = passing(learned(world(2400, seed)))
        some += bool(rows)
        broken += bool(rows) and np.mean([ROWS[row] for row in rows]) > 0.02
    assert some >= 20
    assert broken <= 8


def test_surer_decisions_pass_first() -> None:
    found = learned(world(6000, 1))
    sure = [found.confidence_of(profile(row)) for row in range(len(ROWS))]
    assert sure == sorted(sure, reverse=True)
    assert 0 in passing(found)
    assert 5 not in passing(found)


def test_the_same_reviews_give_the_same_calibration_in_any_order_of_slices() -> None:
    reviewed = world(1500, 3)
    assert learned(reviewed).digest == learned(reviewed).digest


def test_where_no_threshold_holds_it_says_how_many_reviews_are_needed() -> None:
    few = learned(world(400, 1))
    assert passing(few) == []
    for one in few.slices:
        assert one.threshold is None
        assert one.needed is None or one.needed > 0
    assert any(one.needed for one in few.slices)
    bad = [Reviewed(profile(1), number % 4 > 0, str(number)) for number in range(1200)]
    (slice_,) = learned(bad).slices
    assert (slice_.threshold, slice_.needed) == (None, None)


def test_errorless_reviews_are_told_as_printed() -> None:
    assert errorless(0.02, 0.1) == 114  # (1 - 0.02)^114 < 0.1 < (1 - 0.02)^113
    assert (
        p_value(Level(0.5, 114, 0, 114, 0), 0.02) <= 0.1 < p_value(Level(0.5, 113, 0, 113, 0), 0.02)
    )


def test_nothing_is_learned_from_nothing() -> None:
    with pytest.raises(UsageError, match="no reviewed case"):
        learned([])


def test_reviews_that_all_agree_are_no_certainty() -> None:
    found = learned([Reviewed(profile(1), True, str(number)) for number in range(900)])
    assert found.confidence_of(profile(1)) < 1
    assert passing(found)[:1] == [1]


def test_many_cases_of_few_sellers_prove_less() -> None:
    """Each seller counts as one case."""
    alone = [Reviewed(profile(1), True, str(number)) for number in range(900)]
    alike = [Reviewed(profile(1), True, str(number // 30)) for number in range(900)]
    assert learned(alone).slices[0].threshold is not None
    assert learned(alike).slices[0].threshold is None


def test_a_region_with_enough_reviews_is_tested_by_itself() -> None:
    rng = np.random.default_rng(2)
    reviewed = [
        Reviewed(
            profile(1).model_copy(update={"region": region}),
            bool(rng.random() > error),
            f"{region}{number}",
        )
        for region, error, count in (("US", 0.001, 1500), ("EU", 0.2, 1500), ("UK", 0.001, 100))
        for number in range(count)
    ]
    found = {one.name: one for one in learned(reviewed).slices}
    assert set(found) == {"overturn in US", "overturn in EU", "overturn"}
    assert found["overturn in US"].threshold is not None
    assert found["overturn in EU"].threshold is None


cases = st.lists(
    st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 400)), min_size=100, max_size=500
)


def tried(drawn: list[tuple[int, bool, int]]) -> list[Tried]:
    return [
        Tried(Profile(outcome="overturn"), right or score > 2, str(party), score / 10)
        for score, right, party in drawn
    ]


def grid(_: str) -> list[float]:
    return [n / 10 for n in range(9, -1, -1)]


@settings(max_examples=40, deadline=None)
@given(cases, st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_what_passes_is_bounded_and_a_milder_target_takes_nothing_away(
    drawn: list[tuple[int, bool, int]], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    strict, mild = (
        thresholds(tried(drawn), grid, target=target, delta=0.1)[0] for target in (low, high)
    )
    for slice_, target in ((strict, low), (mild, high)):
        if slice_.threshold is not None:
            assert slice_.errors / slice_.accepted <= slice_.upper <= target
            assert slice_.needed is None
    if strict.threshold is not None:
        assert mild.threshold is not None
        assert mild.threshold <= strict.threshold


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 500), st.floats(0.001, 0.2))
def test_the_bound_is_the_test_turned_round(errors: int, n: int, delta: float) -> None:
    if errors < n:
        bound = upper_bound(errors, n, delta)
        assert p_value(Level(0, n, errors, n, errors), bound) == pytest.approx(delta, rel=1e-6)
