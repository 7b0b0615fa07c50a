"""What the reviewer of a past case noted: the observables, never the cause."""

from __future__ import annotations

from sandbox.casetypes.fake_orders.counts import Counts
from sandbox.casetypes.fake_orders.plan import Plan


def describe(plan: Plan, counts: Counts) -> list[str]:
    """Write four or five English sentences a case."""
    return [_describe_one(plan, counts, case) for case in range(len(plan))]


def _describe_one(plan: Plan, counts: Counts, case: int) -> str:
    sentences = [
        _rhythm(plan, counts, case),
        _ring(plan, counts, case),
        _money(plan, case),
        _goods(plan, counts, case),
        _answer(plan, case),
    ]
    return " ".join(sentences)


def _rhythm(plan: Plan, counts: Counts, case: int) -> str:
    text = (
        f"{plan.total[case]} orders in two weeks, {plan.days[case].max()} on the busiest day "
        f"against {plan.usual[case]} on a usual one"
    )
    brought = ", most of them from a campaign" if plan.column("campaign_explains")[case] else ""
    bulk = f", {counts.bulk[case]} to one address" if counts.bulk[case] > 2 else ""
    return f"{text}{brought}{bulk}."


def _ring(plan: Plan, counts: Counts, case: int) -> str:
    if not plan.column("ring_orders")[case]:
        return "The buyers have little in common."
    tied = ", one of them on a device of the seller" if plan.column("seller_tied")[case] else ""
    gain = "; creators earned on them" if plan.column("commission_gain")[case] else ""
    return f"{counts.ring_buyers[case]} buyers share devices or addresses{tied}{gain}."


def _money(plan: Plan, case: int) -> str:
    if plan.money_withheld[case]:
        return "The payment provider had not answered."
    paid = plan.column("seller_paid")[case]
    return "Money leads back to the seller." if paid else "No money leads back to the seller."


def _goods(plan: Plan, counts: Counts, case: int) -> str:
    hollow = plan.column("hollow_parcels")[case]
    weight = f"{counts.light[case]} parcels weighed next to nothing" if hollow else "Weights fit"
    echo = "reviews came within a day" if plan.column("review_echo")[case] else "reviews took days"
    return f"{weight}, {echo}."


def _answer(plan: Plan, case: int) -> str:
    if plan.answer_withheld[case]:
        return "The seller did not answer at first."
    stated = plan.column("insider_buying_stated")[case]
    return "The seller names who ordered." if stated else "The seller names no buyer."
