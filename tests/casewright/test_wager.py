"""The wager against a promise: whoever keeps it is seldom accused, whoever breaks it is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from casewright.wager import e_value

counts = st.integers(0, 400)
targets = st.floats(0.005, 0.3)


@settings(deadline=None)
@given(counts, st.floats(0, 1), targets)
def test_on_average_the_stake_never_grows_while_the_promise_holds(
    looked: int, share: float, target: float
) -> None:
    error = share * target
    chances = binom.pmf(np.arange(looked + 1), looked, error)
    stakes = [e_value(looked, errors, target) for errors in range(looked + 1)]
    assert float(chances @ np.array(stakes)) <= 1 + 1e-6


@settings(deadline=None)
@given(counts, st.data(), targets)
def test_an_error_is_evidence_and_a_right_decision_speaks_for_the_promise(
    looked: int, data: st.DataObject, target: float
) -> None:
    errors = data.draw(st.integers(0, looked))
    now = e_value(looked, errors, target)
    assert e_value(looked + 1, errors + 1, target) > now or now > 1e300
    assert e_value(looked + 1, errors, target) < now or now > 1e300


def test_looking_after_every_case_accuses_few_who_keep_it_and_finds_who_does_not() -> None:
    rng = np.random.default_rng(5)

    def accused(error: float) -> float:
        paths = (rng.random((400, 1500)) < error).cumsum(axis=1)
        known = {}
        hits = 0
        for path in paths:
            for looked in range(10, 1501, 10):
                key = (looked, int(path[looked - 1]))
                if key not in known:
                    known[key] = e_value(*key, 0.02)
                if known[key] >= 20:
                    hits += 1
                    break
        return hits / len(paths)

    assert accused(0.02) <= 0.05
    assert accused(0.06) >= 0.95


@pytest.mark.parametrize(("looked", "errors", "target"), [(1, 2, 0.1), (1, -1, 0.1), (1, 0, 0.0)])
def test_counts_that_cannot_be_are_refused(looked: int, errors: int, target: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        e_value(looked, errors, target)
