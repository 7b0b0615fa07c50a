"""The ledgers of the shops whose balance is held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.casetypes.payout_hold.trade import Trade
from sandbox.streams import Bools, Floats, Ints, pick, whole
from sandbox.timeline import DAY
from sandbox.writer import optional


@dataclass(frozen=True)
class Money:
    """What each ledger has to say, in minor units of the shop's currency.

    ``loss`` is what the case may still cost us; ``chargebacks`` its part that is booked;
    ``reserve`` and ``available`` are what stands against it beside the hold.
    """

    loss: Ints
    chargebacks: Ints
    reserve: Ints
    available: Ints


def draw_money(plan: Plan, trade: Trade, rng: np.random.Generator) -> Money:
    """Draw ledgers whose loss is covered, and lies under the hold, where the columns say so."""
    frame, count = plan.frame, len(plan)
    covered, surplus = frame.column("exposure_covered"), frame.column("surplus")
    known = trade.exposure(count)
    share = _loss_share(covered, surplus, frame.near, rng)
    wanted = whole(np.asarray(share * plan.held_cents, dtype=np.float64))
    wanted = np.where(surplus, np.minimum(wanted, plan.held_cents - 1), wanted)
    loss = np.maximum(wanted, np.where(surplus, known, np.maximum(known, plan.held_cents)))
    cover = np.asarray(_cover(covered, frame.near, rng) * loss, dtype=np.float64)
    against = whole(cover) + np.where(covered, 1, -1)
    reserve = np.minimum(plan.held_cents // 20, np.maximum(against, 0) // 2)
    return Money(loss, loss - known, reserve, np.maximum(against, 0) - reserve)


def _loss_share(covered: Bools, surplus: Bools, near: Bools, rng: np.random.Generator) -> Floats:
    """Expected loss over what is held: B(2,14) when covered, else B(12,3) (handbook 7, Rows)."""
    count = len(covered)
    below = np.where(covered, rng.beta(2, 14, count), rng.beta(12, 3, count))
    below = np.where(near, rng.uniform(0.91, 0.998, count), below)
    above = np.where(near, rng.uniform(1.0, 1.09, count), rng.uniform(1.0, 1.6, count))
    return np.where(surplus, below, above)


def _cover(covered: Bools, near: Bools, rng: np.random.Generator) -> Floats:
    """Reserve and free balance over the expected loss."""
    count = len(covered)
    enough = np.where(near, rng.uniform(1.0, 1.09, count), rng.uniform(1.1, 3, count))
    short = np.where(near, rng.uniform(0.91, 0.999, count), rng.uniform(0.1, 0.9, count))
    return np.where(covered, enough, short)


def plant_money(
    stage: Stage, plan: Plan, trade: Trade, money: Money, rng: np.random.Generator
) -> None:
    """Write sales, payouts, hold, reserve and chargebacks that add up to the balance drawn."""
    opened, count = plan.frame.opened_at, len(plan)
    sales = trade.sales(count)
    left = money.available + plan.held_cents + money.reserve + money.chargebacks
    carried = np.maximum(left - sales, 0)
    before = np.minimum(plan.placed_at, opened - 3 * DAY)
    entries = (
        ("sale", opened - whole(rng.uniform(2, 28, count) * DAY), sales),
        ("sale", before - DAY, carried),
        ("payout", before - DAY // 2, left - sales - carried),
        ("hold", plan.placed_at, -plan.held_cents),
        ("reserve", before, -money.reserve),
        ("chargeback", opened - whole(rng.uniform(3, 50, count) * DAY), -money.chargebacks),
    )
    for kind, booked, cents in entries:
        rows = np.flatnonzero(cents != 0)
        stage.writer.add(
            "ledger",
            {
                "seller_no": plan.frame.seller[rows] + 1,
                "booked_at": booked[rows],
                "entry_kind": [kind] * len(rows),
                "amount_cents": cents[rows],
            },
        )


def plant_holds(
    stage: Stage, plan: Plan, hold_no: Ints, requests: list[str], rng: np.random.Generator
) -> None:
    """Write the holds of these numbers with the sellers' requests."""
    opened, count = plan.frame.opened_at, len(plan)
    span = opened - plan.placed_at
    stage.writer.add(
        "holds",
        {
            "hold_no": hold_no,
            "seller_no": plan.frame.seller + 1,
            "placed_at": plan.placed_at,
            "reason": plan.reason,
            "amount_cents": plan.held_cents,
            "currency": [plan.sellers.currency[i] for i in plan.frame.seller.tolist()],
            "review_due_at": opened + rng.integers(0, 14, count) * DAY,
            "cleared_at": optional(
                opened - whole(rng.uniform(0.05, 0.9, count) * span),
                plan.frame.column("cause_cleared"),
            ),
            "requested_at": opened - rng.integers(60, 1800, count),
            "request": requests,
        },
    )


def plant_orders(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write orders of courts and authorities; some of those that bind nothing have run out."""
    opened, count = plan.frame.opened_at, len(plan)
    bound = plan.frame.column("court_hold")
    past = ~bound & plan.frame.near & (rng.random(count) < 0.3)
    rows = np.flatnonzero(bound | past)
    issued = opened - whole(rng.uniform(3, 12, count) * DAY)
    # US restraining orders run fourteen days unless they are extended.
    ends = np.where(past, opened - DAY, issued + rng.choice([28, 90], count) * DAY)
    kinds = pick(rng, ("restraint", "levy", "authority"), (60, 25, 15), len(rows))
    places = ("District court", "Regional court", "Tax office", "High court")
    stage.writer.add(
        "legal_orders",
        {
            "order_ref": [f"lo-{stage.seed}-{no:06d}" for no in plan.frame.slots.case_no[rows]],
            "seller_no": plan.frame.seller[rows] + 1,
            "kind": kinds,
            "court": pick(rng, places, (5, 3, 1, 1), len(rows)),
            "scope_cents": optional(plan.held_cents[rows] // 2, rng.random(len(rows)) < 0.5),
            "issued_at": issued[rows],
            "expires_at": optional(ends[rows], past[rows] | (rng.random(len(rows)) < 0.7)),
            "recorded_at": issued[rows] + DAY,
        },
    )
