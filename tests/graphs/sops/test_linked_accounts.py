"""Linked accounts: whose word is wanted of the cases that wait."""

from __future__ import annotations

from casewright.models import ALWAYS_OUTCOMES


async def test_the_seller_is_heard_on_transfers_and_on_who_is_who(to_the_gate):
    taken = await to_the_gate("linked_accounts", 10)
    waiting = [one.run.decision for one in taken if one.run.decision.outcome in ALWAYS_OUTCOMES]
    wanted = {missing.factor for decision in waiting for missing in decision.missing}
    assert wanted & {"transfer_proved", "separate_people"}
