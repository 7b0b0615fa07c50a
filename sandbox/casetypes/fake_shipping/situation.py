"""What the reviewer of a past case noted: the observables, never the cause."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.fake_shipping.claims import Claims
from sandbox.casetypes.fake_shipping.counts import Counts
from sandbox.casetypes.fake_shipping.plan import Plan


def describe(plan: Plan, counts: Counts, claims: Claims) -> list[str]:
    """Write three or four English sentences a case."""
    empty = np.bincount(claims.case[claims.empty], minlength=len(plan))
    return [_describe_one(plan, counts, i, int(empty[i])) for i in range(len(plan))]


def _describe_one(plan: Plan, counts: Counts, case: int, empty: int) -> str:
    sentences = [
        _tracking(plan, counts, case),
        _weights(plan, counts, case),
        _claims(plan, case, empty),
        _answer(plan, case),
    ]
    return " ".join(sentences)


def _tracking(plan: Plan, counts: Counts, case: int) -> str:
    text = (
        f"Of {plan.total[case]} orders {counts.impossible[case]} had impossible scans, "
        f"{counts.reused[case]} a number used before and {counts.silent[case]} no scan"
    )
    covered = ", most of them under a carrier notice" if plan.column("carrier_gap")[case] else ""
    mended = "; the numbers were put right in time" if plan.column("labels_corrected")[case] else ""
    return f"{text}{covered}{mended}."


def _weights(plan: Plan, counts: Counts, case: int) -> str:
    if plan.weights_withheld[case]:
        return "The carrier does not weigh."
    same = "one weight declared for all" if plan.column("template_weights")[case] else "own weights"
    return f"{counts.light[case]} parcels were far too light, {same}."


def _claims(plan: Plan, case: int, empty: int) -> str:
    said = plan.column("buyers_say_empty")[case]
    told = "several buyers found nothing of worth" if said else "no pattern in what buyers wrote"
    ring = ", and they share devices" if plan.column("buyer_ring")[case] else ""
    return f"{empty} claims of empty parcels, {told}{ring}."


def _answer(plan: Plan, case: int) -> str:
    if plan.answer_withheld[case]:
        return "The seller did not answer at first."
    fault = (
        "names system, date and orders" if plan.column("concrete_fault")[case] else "stays vague"
    )
    other = ", points to another shop's shipment" if plan.column("other_source")[case] else ""
    return f"The seller {fault}{other}."
