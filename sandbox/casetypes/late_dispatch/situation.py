"""What a past reviewer noted of a case: observables only, never cause, outcome or clause."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.late_dispatch.cited import Cited
from sandbox.casetypes.late_dispatch.plan import Plan
from sandbox.streams import Ints
from sandbox.timeline import HOUR


def describe(plan: Plan, cited: Cited, rng: np.random.Generator) -> list[str]:
    """Write two to four English sentences a case."""
    cited_orders = np.bincount(cited.case[cited.cited], minlength=len(plan))
    return [_describe_one(plan, i, int(cited_orders[i]), rng) for i in range(len(plan))]


def _describe_one(plan: Plan, case: int, cited_orders: int, rng: np.random.Generator) -> str:
    papers = [_manifest(plan, case), _documents(plan, case)]
    events = [_alert(plan, case), _asked(plan, case), _incident(plan, case)]
    sentences = [
        _scan(plan, case, rng),
        _join([text for text in events if text]),
        _join([text for text in papers if text]),
        _record(plan, case, cited_orders),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _join(parts: list[str]) -> str:
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _scan(plan: Plan, case: int, rng: np.random.Generator) -> str:
    if plan.scans_withheld[case]:
        return "No carrier scans could be had for the order."
    hours = round(float(plan.first_at[case] - plan.ship_by[case]) / HOUR)
    side = "after" if hours >= 0 else "before"
    text = (
        f"First carrier scan {abs(hours)} hours {side} ship-by"
        if rng.random() < 0.5
        else f"The carrier first scanned the parcel {abs(hours)} h {side} the ship-by time"
    )
    still = int(_hours(plan.second_after)[case])
    return f"{text}, then {still} hours without a further scan." if still >= 72 else f"{text}."


def _hours(seconds: Ints) -> Ints:
    return np.asarray(seconds // HOUR, dtype=np.int64)


def _alert(plan: Plan, case: int) -> str:
    if plan.column("carrier_outage")[case]:
        return "a carrier notice covered the origin and the window"
    return "no carrier notice covered the origin in the window"


def _asked(plan: Plan, case: int) -> str:
    return (
        "the buyer requested a change before ship-by"
        if plan.column("buyer_changed_order")[case]
        else ""
    )


def _incident(plan: Plan, case: int) -> str:
    return "one of our incidents touched the seller" if plan.column("platform_fault")[case] else ""


def _manifest(plan: Plan, case: int) -> str:
    if plan.manifest_withheld[case]:
        return "no hand-over record was supplied"
    seen = plan.column("handover_proved")[case]
    return "a signed hand-over record in time was seen" if seen else "no signed hand-over record"


def _documents(plan: Plan, case: int) -> str:
    return "an attached document was altered" if plan.column("papers_altered")[case] else ""


def _record(plan: Plan, case: int, cited_orders: int) -> str:
    orders = "1 order was cited" if cited_orders == 1 else f"{cited_orders} orders were cited"
    again = plan.column("prior_false_appeals")[case]
    return _join([orders, *(["several earlier appeals were refused"] if again else [])])
