"""How many orders of each window a ring placed, the seller paid, a campaign brought, and so on.

Counts land on the drawn side of each threshold of the procedure; in close cases, just there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.fake_orders.plan import Plan
from sandbox.streams import Floats, Ints

RING_LEAST: Final = 8
RING_SHARE: Final = 0.15
PAID_LEAST: Final = 3
CAMPAIGN_SHARE: Final = 0.5
LIGHT_SHARE: Final = 0.3
BULK_SHARE: Final = 0.6
COMMISSION: Final = 20_000


@dataclass(frozen=True)
class Counts:
    """Orders of each window by what is true of them.

    The first ``ring_orders`` are a group's of ``ring_buyers``; the first ``paid`` lead back to the
    seller; the first ``light`` weigh too little; the last ``bulk`` go to one address; the last
    ``campaign`` came from a campaign. ``commission`` is in minor units over the ring's orders.
    """

    ring_buyers: Ints
    ring_orders: Ints
    paid: Ints
    light: Ints
    bulk: Ints
    campaign: Ints
    commission: Ints


def make_counts(plan: Plan, rng: np.random.Generator) -> Counts:
    """Draw the counts of every case."""
    buyers, orders = _ring(plan, rng)
    return Counts(
        ring_buyers=buyers,
        ring_orders=orders,
        paid=_paid(plan, rng),
        light=_share(plan, "hollow_parcels", LIGHT_SHARE, (0.4, 0.8), (0.0, 0.15), rng),
        bulk=_share(plan, "one_address_bulk", BULK_SHARE, (0.65, 0.9), (0.0, 0.02), rng),
        campaign=_share(plan, "campaign_explains", CAMPAIGN_SHARE, (0.55, 0.9), (0.0, 0.3), rng),
        commission=_commission(plan, rng),
    )


def _ring(plan: Plan, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Rings of 8 + P(14) buyers (handbook 4, Rows); close cases have 8, or one buyer too few."""
    count, ring = len(plan), plan.column("ring_orders")
    room = np.maximum(np.floor(0.8 * plan.size), RING_LEAST)
    drawn = np.minimum(RING_LEAST + rng.poisson(14.0, count), room)
    least = np.ceil(RING_SHARE * plan.total + 1e-9)
    buyers = np.where(plan.near, RING_LEAST, drawn)
    orders = np.rint(buyers * rng.uniform(1.0, 1.3, count))
    orders = np.where(plan.near, np.maximum(buyers, least), np.maximum(orders, least + 1))
    close = np.where(plan.near, RING_LEAST - 1, 0)
    orders = np.minimum(np.where(ring, orders, close), plan.size)
    return np.where(ring, buyers, close).astype(np.int64), orders.astype(np.int64)


def _paid(plan: Plan, rng: np.random.Generator) -> Ints:
    count = len(plan)
    many = np.where(plan.near, PAID_LEAST, PAID_LEAST + 1 + rng.poisson(3.0, count))
    few = np.where(plan.near, PAID_LEAST - 1, 0)
    paid = np.where(plan.column("seller_paid"), many, few)
    return np.asarray(np.minimum(paid, plan.size), dtype=np.int64)


def _share(
    plan: Plan,
    name: str,
    edge: float,
    above: tuple[float, float],
    below: tuple[float, float],
    rng: np.random.Generator,
) -> Ints:
    """Orders that make up a share of all in the window, on the drawn side of ``edge``."""
    count, holds = len(plan), plan.column(name)
    least = np.ceil(edge * plan.total - 1e-9)
    many = np.maximum(np.ceil(_between(above, count, rng) * plan.total), least + 1)
    few = np.minimum(np.floor(_between(below, count, rng) * plan.total), least - 2)
    close = np.where(holds, least, np.floor(0.92 * least) - 1)
    chosen = np.where(plan.near, close, np.where(holds, many, few))
    return np.asarray(np.clip(chosen, 0, plan.size), dtype=np.int64)


def _between(bounds: tuple[float, float], count: int, rng: np.random.Generator) -> Floats:
    return rng.uniform(bounds[0], bounds[1], count)


def _commission(plan: Plan, rng: np.random.Generator) -> Ints:
    """Minor units paid to creators on the ring's orders; a fifth of the others pay a little."""
    count = len(plan)
    much = np.where(plan.near, rng.uniform(1.0, 1.1, count), rng.uniform(1.2, 3.0, count))
    little = np.where(rng.random(count) < 0.2, rng.uniform(0.05, 0.5, count), 0.0)
    little = np.where(plan.near, rng.uniform(0.9, 0.97, count), little)
    chosen = np.where(plan.column("commission_gain"), much, little) * COMMISSION
    return np.asarray(np.ceil(chosen), dtype=np.int64)
