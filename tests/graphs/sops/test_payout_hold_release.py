"""Held balances: each row of the table, what is asked for, and what is released."""

from __future__ import annotations

import pytest

from graphs.examples import example_outcome
from sandbox.casetypes.payout_hold.table import TABLE

NAME = "payout_hold_release"
DUE = dict.fromkeys(TABLE.columns, False) | {
    "payee_verified": True, "exposure_covered": True, "surplus": True, "cause_cleared": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "outcome", "row"),
    [
        ({}, "release", 6),
        ({"court_hold": True}, "keep_hold", 1),
        ({"payee_verified": False}, "keep_hold", 2),
        ({"takeover_signs": True}, "keep_hold", 3),
        ({"open_severe": True}, "keep_hold", 4),
        ({"spike": True, "slow_delivery": True, "young_account": True}, "keep_hold", 5),
        ({"spike": True, "slow_delivery": True}, "release", 6),
        ({"spike": True, "disputes_high": True, "young_account": True}, "keep_hold", 5),
        ({"cause_cleared": False}, "partial_release", 7),
        ({"cause_cleared": False, "surplus": False, "overdue": True}, "release", 8),
        ({"cause_cleared": False, "surplus": False}, "keep_hold", 9),
        ({"hardship_stated": True, "cause_cleared": False, "surplus": False}, "keep_hold", 9),
    ],
)
def test_each_row_decides_what_it_says(load, changed, outcome, row):
    assert example_outcome(load(NAME), DUE | changed) == (outcome, row)


async def test_only_the_banks_answer_is_asked_for_and_only_what_exceeds_the_loss_released(
    to_the_gate,
):
    taken = await to_the_gate(NAME, None)
    for one in taken:
        asked = {name for want in one.run.decision.missing for name in want.actions}
        assert asked <= set(one.gold.ask)
        assert "bank" not in one.gold.ask or asked == {"bank"}
    parts = [one.run.decision for one in taken if one.run.decision.outcome == "partial_release"]
    assert parts
    for decision in parts:
        (amount,) = [one for one in decision.parameters if one.name == "amount_cents"]
        assert amount.value > 0
