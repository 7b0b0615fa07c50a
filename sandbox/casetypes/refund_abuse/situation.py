"""What a past reviewer noted of a refund case: observables only."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.casetypes.refund_abuse.returns import Inspections

_KINDS: Final = {
    "not_received": "says that nothing was received",
    "empty_parcel": "says that the parcel was empty",
    "not_as_described": "says that the item is not as described",
    "defective": "says that the item is defective",
    "wrong_item": "says that another item came",
    "changed_mind": "no longer wants the item",
}


def describe(plan: Plan, seen: Inspections, rng: np.random.Generator) -> list[str]:
    """Write two to four English sentences a case."""
    return [_describe_one(plan, seen, case, rng) for case in range(len(plan))]


def _describe_one(plan: Plan, seen: Inspections, case: int, rng: np.random.Generator) -> str:
    buyer = "The buyer" if rng.random() < 0.5 else "The customer"
    sentences = [
        f"{buyer} {_KINDS[plan.kind[case]]}.",
        _scans(plan, case),
        _return(plan, seen, case),
        _account(plan, case),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _scans(plan: Plan, case: int) -> str:
    damaged = ", with a damage scan on the way" if plan.column("transit_damage")[case] else ""
    if plan.column("never_sent")[case]:
        return "The carrier has no acceptance scan."
    if not plan.arrived[case]:
        return f"The scans end before delivery{damaged}."
    place = "at the address" if plan.column("delivered_there")[case] else "at another place"
    return f"The parcel was scanned as delivered {place}{damaged}."


def _return(plan: Plan, seen: Inspections, case: int) -> str:
    if not plan.returned[case]:
        return ""
    if plan.inspection_withheld[case]:
        return "A return was under way, not inspected yet."
    found = seen.condition[case].replace("_", " ")
    return f"A return was inspected by the {seen.by[case]}: {found}."


def _account(plan: Plan, case: int) -> str:
    """The account and the photos; what was not to be had is not told."""
    record = "a long record of claims" if plan.column("account")[case] else "an ordinary account"
    if plan.photos_withheld[case]:
        return f"The buyer has {record}."
    borrowed = plan.column("photos_borrowed")[case]
    return f"The buyer has {record}{', and a photo was not their own' if borrowed else ''}."
