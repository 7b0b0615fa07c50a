"""What came back and what was photographed: returns, inspections and photos of refund cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.refund_abuse.parcels import Shipments
from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.streams import Bools, Floats, Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional

SENT_BACK: Final = ("accepted", "departed", "arrived", "delivered")


@dataclass(frozen=True)
class Inspections:
    """What an inspection found, by case; of no meaning where nothing was sent back.

    ``serial`` is 1 for the right serial number, 0 for another one, and -1 where none was read.
    ``ratio`` is the weight of the return over that of the goods sent.
    """

    by: list[str]
    condition: list[str]
    serial: Ints
    ratio: Floats


def draw_inspections(plan: Plan, rng: np.random.Generator) -> Inspections:
    """Draw the inspections; only the warehouse's own ever shows that goods were exchanged."""
    count = len(plan)
    switched, worn = plan.column("switched"), plan.column("worn")
    kind = rng.choice(3, size=count, p=(0.5, 0.25, 0.25))
    empty, mismatch = switched & ~worn & (kind == 1), switched & (worn | (kind == 2))
    told = ~switched & ~worn & plan.near & (rng.random(count) < 0.4)
    harmed = np.where(plan.column("fault_shown"), 0.6, 0.2)
    usual = np.where(rng.random(count) < harmed, "damaged", "as_sent")
    condition = np.where(told | (switched & (kind == 0)), "wrong_item", usual)
    condition = np.where(worn, "used", np.where(empty, "empty", condition))
    seller = told | (~switched & (rng.random(count) < 0.25))
    serial = np.where(rng.random(count) < 0.6, 1, -1)
    serial = np.where(mismatch, 0, np.where(switched | told, -1, serial))
    return Inspections(
        by=[str(name) for name in np.where(seller, "seller", "warehouse").tolist()],
        condition=[str(name) for name in condition.tolist()],
        serial=serial.astype(np.int64),
        ratio=_ratios(plan, switched, empty, rng),
    )


def _ratios(plan: Plan, switched: Bools, empty: Bools, rng: np.random.Generator) -> Floats:
    """N(.98,.04); LN(.6,.4) of another item, LN(.08,.4) of nothing (handbook 6, Rows).

    Wet paper brings the weight of some close to that of the goods.
    """
    count = len(plan)
    usual = rng.normal(0.98, 0.04, count)
    other = np.where(plan.near, rng.uniform(0.9, 1.08, count), lognormal(rng, 0.6, 0.4, count))
    nothing = lognormal(rng, 0.08, 0.4, count)
    return np.where(empty, nothing, np.where(switched, other, usual))


def plant_returns(
    stage: Stage,
    plan: Plan,
    goods: Shipments,
    claim: Ints,
    seen: Inspections,
    rng: np.random.Generator,
) -> None:
    """Write the scans of the parcels that went back, and the inspections of what they held."""
    rows = np.flatnonzero(plan.returned)
    count = len(rows)
    start = plan.claimed_at[rows] + whole(rng.uniform(0.5, 2, count) * DAY)
    back = start + whole(rng.uniform(2, 5, count) * DAY)
    weight = np.maximum(whole(goods.weight_g * seen.ratio), 5)[rows]
    steps = len(SENT_BACK)
    share = np.tile(np.arange(steps) / (steps - 1), count)
    at = np.repeat(start, steps) + whole(share * np.repeat(back - start, steps))
    stage.writer.add(
        "return_scans",
        {
            "claim_no": np.repeat(claim[rows], steps),
            "seq": np.tile(np.arange(steps), count),
            "at": at,
            "kind": list(SENT_BACK) * count,
            "weight_g": optional(np.repeat(weight, steps), np.tile(np.arange(steps), count) == 3),
            "recorded_at": at + HOUR,
        },
    )
    _write_inspections(stage, plan, claim, seen, rows, back, rng)


def _write_inspections(
    stage: Stage,
    plan: Plan,
    claim: Ints,
    seen: Inspections,
    rows: Ints,
    back: Ints,
    rng: np.random.Generator,
) -> None:
    """Inspections are recorded LN(3 d, .5) after the return came (handbook 11.3)."""
    lag = whole(np.maximum(lognormal(rng, 3.0, 0.5, len(rows)), 0.1) * DAY)
    stage.writer.add(
        "inspections",
        {
            "claim_no": claim[rows],
            "by": [seen.by[i] for i in rows.tolist()],
            "condition": [seen.condition[i] for i in rows.tolist()],
            "serial_match": optional(seen.serial[rows], seen.serial[rows] >= 0),
            "recorded_at": np.minimum(back + lag, plan.opened_at[rows] - HOUR),
        },
    )


def plant_photos(stage: Stage, plan: Plan, claim: Ints, rng: np.random.Generator) -> Ints:
    """Write the photos sent with the claims; return how many there are to each.

    A borrowed one was seen before in 40% and made by a machine in 60% (handbook 6, Rows).
    """
    count = len(plan)
    borrowed = plan.column("photos_borrowed")
    chance = np.where(plan.column("fault_shown"), 0.85, 0.35)
    some = borrowed | plan.photos_withheld | (rng.random(count) < chance)
    number = np.where(some, 1 + rng.poisson(0.8, count), 0)
    owner = np.repeat(np.arange(count), number)
    first = np.arange(len(owner)) == (np.cumsum(number) - number)[owner]
    seen = first & borrowed[owner] & (rng.random(count) < 0.4)[owner]
    made = first & borrowed[owner] & ~seen
    stage.writer.add(
        "claim_photos",
        {
            "claim_no": claim[owner],
            "seq": np.arange(len(owner)) - (np.cumsum(number) - number)[owner],
            "seen_before": seen.astype(int),
            "synthetic_score": _scores(plan.near[owner], first, made, rng),
            "recorded_at": plan.claimed_at[owner] + rng.integers(60, 4 * HOUR, len(owner)),
        },
    )
    return number.astype(np.int64)


def _scores(near: Bools, first: Bools, made: Bools, rng: np.random.Generator) -> Floats:
    """How machine-made each photo looks: from 0.9 on where it was made by one."""
    count = len(near)
    usual = np.minimum(rng.beta(1, 15, count), 0.8)
    usual = np.where(near & first, rng.uniform(0.81, 0.895, count), usual)
    high = np.where(near, rng.uniform(0.9, 0.92, count), rng.uniform(0.905, 0.995, count))
    return np.asarray(np.round(np.where(made, high, usual), 3), dtype=np.float64)
