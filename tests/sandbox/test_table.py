from __future__ import annotations

import numpy as np
import pytest

from sandbox.casetypes import CASE_TYPES
from sandbox.casetypes.late_dispatch.table import TABLE
from sandbox.casetypes.table import Cause, CauseTable, Chance, Drift, LogNormal, Normal
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO


def draw(opened, count=20_000):
    rng = np.random.default_rng(0)
    return TABLE.draw(np.full(count, opened, dtype=np.int64), rng)


def rate(drawn, name):
    number = [cause.name for cause in TABLE.causes].index(name)
    return float((drawn.cause == number).mean()), drawn.cause == number


def test_rates_of_the_printed_table_sum_to_one():
    assert sum(cause.rate for cause in TABLE.causes) == pytest.approx(1.0)
    assert {cause.right for cause in TABLE.causes} == {"overturn", "uphold", "partial"}


@pytest.mark.parametrize(
    ("opened", "prescan", "altered", "contradicts"),
    [
        (DRIFT_ONE - 1, 0.04, 0.74, 0.52),
        (DRIFT_ONE, 0.10 / 1.06, 0.30, 0.52),
        (DRIFT_TWO, 0.10 / 1.06, 0.30, 0.20),
    ],
)
def test_drift_moves_shares_and_columns(opened, prescan, altered, contradicts):
    drawn = draw(opened)
    assert rate(drawn, "prescan")[0] == pytest.approx(prescan, abs=0.006)
    lies = rate(drawn, "slow_lies")[1]
    assert drawn.columns["papers_altered"][lies].mean() == pytest.approx(altered, abs=0.03)
    assert drawn.columns["statement_contradicts_scans"][lies].mean() == pytest.approx(
        contradicts, abs=0.03
    )


def test_columns_of_every_cause_follow_their_cells():
    drawn = draw(0, count=60_000)
    for number, cause in enumerate(TABLE.causes):
        rows = drawn.cause == number
        for name, cell in cause.cells.items():
            values = drawn.columns[name][rows]
            if isinstance(cell, Chance):
                assert values.mean() == pytest.approx(cell.p, abs=0.04)
            elif isinstance(cell, LogNormal):
                assert np.median(values) == pytest.approx(cell.median, rel=0.1)
            else:
                assert isinstance(cell, Normal)
                assert values.mean() == pytest.approx(cell.mean, abs=0.5)


def test_columns_are_independent_given_the_cause():
    drawn = draw(0, count=60_000)
    rows = rate(drawn, "slow_lies")[1]
    pair = np.corrcoef(
        drawn.columns["papers_altered"][rows], drawn.columns["statement_contradicts_scans"][rows]
    )
    assert abs(pair[0, 1]) < 0.05


def test_a_table_without_drift_stays_as_it_is():
    cause = Cause("only", 1.0, "uphold", True, {"seen": Chance(1.0)})
    table = CauseTable((cause,))
    assert table.at(2**31) == (cause,)
    drifting = CauseTable((cause,), (Drift(5, {}, {("only", "seen"): Chance(0.0)}),))
    drawn = drifting.draw(np.array([4, 5]), np.random.default_rng(1))
    assert drawn.columns["seen"].tolist() == [1.0, 0.0]


def test_case_types_have_names_and_shares_of_their_own():
    names = [case_type.name for case_type in CASE_TYPES]
    assert len(set(names)) == len(names)
    assert sum(case_type.share for case_type in CASE_TYPES) == pytest.approx(1)
