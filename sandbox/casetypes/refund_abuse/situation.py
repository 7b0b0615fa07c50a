"""What a past reviewer noted of a refund case: observables only."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.casetypes.refund_abuse.returns import Inspections

_KINDS: Final = {
    "not_received": "The claim is that nothing came: not received",
    "empty_parcel": "The claim is that nothing came: empty parcel",
    "not_as_described": "The claim is about goods that came: not as described",
    "defective": "The claim is about goods that came: defective",
    "wrong_item": "The claim is about goods that came: wrong item",
    "changed_mind": "The claim is about goods that came: changed mind",
}


def describe(plan: Plan, seen: Inspections, rng: np.random.Generator) -> list[str]:
    """Write three or four English sentences a case."""
    return [_describe_one(plan, seen, case, rng) for case in range(len(plan))]


def _describe_one(plan: Plan, seen: Inspections, case: int, rng: np.random.Generator) -> str:
    buyer = "The buyer" if rng.random() < 0.5 else "The customer"
    return " ".join(
        (
            f"{_KINDS[plan.kind[case]]}{_told(plan, case)}.",
            f"{_scans(plan, case)}.",
            f"{_return(plan, seen, case)}{_photos(plan, case)}.",
            f"{buyer} {_account(plan, case)}.",
        )
    )


def _told(plan: Plan, case: int) -> str:
    """What the reviewer read in the words of the buyer."""
    fault = plan.column("fault_shown")[case]
    shown = "" if plan.column("says_missing")[case] else ", with no fault shown on arrival"
    breaks = ", in a story that contradicts the scans or the messages"
    return (", with a fault that was there on arrival" if fault else shown) + (
        breaks if plan.column("story_breaks")[case] else ""
    )


def _scans(plan: Plan, case: int) -> str:
    if plan.column("never_sent")[case]:
        return "The carrier never took the parcel in, there is no acceptance scan"
    if plan.column("lost")[case]:
        return "The parcel was handed over and not delivered by the day it was due"
    if not plan.arrived[case]:
        return "The parcel was handed over and still on its way"
    damaged = ", an exception noted on the way" if plan.column("transit_damage")[case] else ""
    place = "at the place" if plan.column("delivered_there")[case] else "not at the place"
    return f"The parcel was delivered {place} of the address{damaged}"


def _return(plan: Plan, seen: Inspections, case: int) -> str:
    if not plan.returned[case]:
        return "Nothing was sent back"
    if plan.inspection_withheld[case]:
        return "A return was under way, not inspected yet"
    if plan.column("switched")[case]:
        return "The warehouse found another item, or none, in the return"
    used = "used" if plan.column("worn")[case] else "not exchanged"
    return f"The return was inspected by the {seen.by[case]} and found {used}"


def _photos(plan: Plan, case: int) -> str:
    """The photos; what was not to be had is not told."""
    borrowed = plan.column("photos_borrowed")[case] and not plan.photos_withheld[case]
    return ", and photos were seen before or made by a machine" if borrowed else ""


def _account(plan: Plan, case: int) -> str:
    if plan.column("account")[case]:
        return "had claims refused before, parcels reported as not received, or many refunds"
    return "had few claims before"
