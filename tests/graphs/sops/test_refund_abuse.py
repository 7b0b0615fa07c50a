"""Refund abuse: the account's score, and what the cases that wait wait for."""

from __future__ import annotations

from casewright.models import ALWAYS_OUTCOMES

SIGNS = {"missing_habit": 2, "denied_before": 2, "linked_denied": 1, "refund_heavy": 1}


async def test_the_signs_of_the_account_add_up_to_what_was_drawn(to_the_gate):
    taken = await to_the_gate("refund_abuse", 10)
    for one in taken:
        values = {factor.name: factor.value for factor in one.run.decision.factors}
        points = sum(points for name, points in SIGNS.items() if values[name])
        assert (points >= 3) is one.drawn["account"]
    waiting = [one.run.decision for one in taken if one.run.decision.outcome in ALWAYS_OUTCOMES]
    wanted = {missing.factor for decision in waiting for missing in decision.missing}
    assert wanted & {"photos_borrowed", "switched", "worn", "fault_shown"}
