from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.measures import MetricContext
from evals.scored import Scored, Traits
from evals.stability import PassHatK, SameOutcome, all_right

Writer = Callable[..., Scored]
NOTHING = MetricContext()


def _runs(scored: Writer, *outcomes: str, seller: str = "S-1") -> Scored:
    case = scored("x", outcomes[0], seller_id=seller)
    return case.model_copy(update={"traits": Traits(repeats=outcomes[1:])})


def test_pass_hat_k_by_hand(scored: Writer) -> None:
    """Of 4 runs 4 and 2 right: pass^1 = 0.75, pass^2 = (1 + 1/6) / 2, pass^3 = pass^4 = 0.5."""
    cases = [_runs(scored, "x", "x", "x", "x"), _runs(scored, "x", "x", "y", "", seller="S-2")]
    found = PassHatK().measure([*cases, scored("x", "x")], NOTHING)
    values = [one.value for one in found.parts]
    assert values == pytest.approx([0.75, 7 / 12, 0.5, 0.5])
    assert (found.value, found.n) == (0.5, 2)
    assert [one.name for one in found.parts] == ["pass^1", "pass^2", "pass^3", "pass^4"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["x", "y"]), min_size=2, max_size=6), st.data())
def test_it_is_the_share_of_draws_that_are_all_right(
    scored: Writer, runs: list[str], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(runs)))
    draws = list(combinations(runs, k))
    expected = sum(set(draw) == {"x"} for draw in draws) / len(draws)
    assert all_right(_runs(scored, *runs), k) == pytest.approx(expected, abs=1e-9)


def test_k_is_what_every_repeated_case_has(scored: Writer) -> None:
    cases = [_runs(scored, "x", "x", "x"), _runs(scored, "x", "y")]
    assert len(PassHatK().measure(cases, NOTHING).parts) == 2


def test_same_outcome_right_or_wrong(scored: Writer) -> None:
    cases = [_runs(scored, "x", "x"), _runs(scored, "y", "y"), _runs(scored, "x", "y")]
    cases += [_runs(scored, "", ""), scored("x", "x")]
    found = SameOutcome().measure(cases, NOTHING)
    assert (found.value, found.n) == (0.75, 4)
