"""Held balances: the printed table on drawn facts, and cases through the graph."""

from __future__ import annotations

import json

import pytest

from evals.gold import load_gold
from graphs.examples import example_outcome
from graphs.run import Wish
from sandbox.casetypes.payout_hold.table import TABLE

NAME = "payout_hold_release"
DUE = dict.fromkeys(TABLE.columns, False) | {
    "payee_verified": True, "exposure_covered": True, "surplus": True, "cause_cleared": True,
}  # fmt: skip
VISIBLE = frozenset(TABLE.columns) - {"hardship_stated"}


def test_the_table_is_as_good_as_the_handbook_says(on_drawn_facts):
    score = on_drawn_facts(NAME, TABLE, dict)
    assert score.decided == 1.0
    assert score.right == pytest.approx(0.85, abs=0.03)


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


def gold(world):
    every = load_gold(world / "gold.jsonl")
    return [one for one in every if one.case_type == "payout.hold_release"]


async def test_factors_are_what_the_simulation_drew_and_claims_hold(investigator, world):
    causes = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    drawn = {line["case_id"]: line["columns"] for line in causes}
    decided = 0
    for one in gold(world)[:8]:
        run = await investigator.investigate(one.case_id, Wish(as_of=one.as_of))
        known = {factor.name: factor.value for factor in run.decision.factors if factor.known}
        for name in VISIBLE & set(known):
            assert known[name] is drawn[one.case_id][name], f"{one.case_id}: {name}"
        assert all(claim.struck == "" for claim in run.decision.claims)
        asked = {name for want in run.decision.missing for name in want.actions}
        assert asked <= set(one.ask)
        assert "bank" not in one.ask or asked == {"bank"}
        decided += run.decision.row > 0
    assert decided > 3


async def test_what_is_released_is_what_exceeds_the_loss(investigator, world):
    part = [one for one in gold(world) if one.outcome == "partial_release" and not one.ask]
    run = await investigator.investigate(part[0].case_id, Wish(as_of=part[0].as_of))
    assert run.decision.outcome == "partial_release"
    (amount,) = [one for one in run.decision.parameters if one.name == "amount_cents"]
    assert amount.value > 0
