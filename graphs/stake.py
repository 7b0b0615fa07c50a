"""What is at stake in a decision that waits: what it is expected to cost if it is wrong."""

from __future__ import annotations

from casewright.models import Decision
from graphs.costs import CostSpec


def stake(costs: CostSpec | None, decision: Decision) -> int:
    """Expected cost in cents of the SOP's currency: (1 - confidence) times the worst cost.

    That is what the handbook orders queues by (12, Queues; the cost matrix is 0.6). Where nothing
    is known of the confidence, it is taken to be none: what is not calibrated goes first. A case
    that is left to a person costs that person's time.

    Args:
        costs: What the SOP's wrong decisions cost; None: nothing is known, and all weigh alike.
        decision: The proposal.
    """
    if costs is None:
        return 0
    if decision.outcome not in costs.order:
        return costs.undecided(decision.route.value)
    wrong = (costs.wrong(gold, decision.outcome) for gold in costs.order)
    worst = max((one.borne.total for one in wrong if one), default=0)
    return round((1 - (decision.confidence or 0)) * worst)
