"""What buyers claim while a window runs, and the rings among them.

Empty parcels are noticed late, so the claims of a window are about orders from before it
(handbook 11.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count as counting
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.fake_shipping.plan import Plan
from sandbox.casetypes.fake_shipping.weights import Weights
from sandbox.clusters import Clusters, write_clusters
from sandbox.intervals import wilson_low
from sandbox.notices import WINDOW
from sandbox.orders import Details, OrderBatch, label_times, moving_gaps, windows
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.parcels import claim_text
from sandbox.timeline import DAY, HOUR

EMPTY_RATE: Final = 0.02
SAYERS: Final = 3
RING_LEAST: Final = 5


@dataclass(frozen=True)
class Claims:
    """Claims of all cases, case by case.

    ``says`` marks those whose buyer says that the parcel held nothing or something worthless,
    ``ring`` those made by a group.
    """

    case: Ints
    empty: Bools
    says: Bools
    ring: Bools
    buyer_no: Ints
    opened_at: Ints


@dataclass(frozen=True)
class Wanted:
    """Claims of each case: of empty parcels, of other kinds, with telling text, by a ring."""

    empty: Ints
    other: Ints
    says: Ints
    ring: Ints


def make_claims(stage: Stage, plan: Plan, rng: np.random.Generator) -> Claims:
    """Draw the claims of every case, and write the buyers of its rings."""
    wanted = _wanted(plan, rng)
    size = wanted.empty + wanted.other
    case = np.repeat(np.arange(len(plan)), size)
    place = np.arange(len(case)) - (np.cumsum(size) - size)[case]
    # Claims of empty parcels come first, and the telling and the ring's ones among them.
    ring = place < wanted.ring[case]
    buyer = rng.integers(1, stage.scale.buyers + 1, len(case))
    buyer[ring] = _ring_buyers(stage, plan, wanted.ring, rng)
    return Claims(
        case=case,
        empty=place < wanted.empty[case],
        says=place < wanted.says[case],
        ring=ring,
        buyer_no=buyer,
        opened_at=plan.start[case] + whole(rng.uniform(0.001, 0.999, len(case)) * WINDOW),
    )


def _wanted(plan: Plan, rng: np.random.Generator) -> Wanted:
    """Counts on the drawn side of each threshold; in close cases, just there."""
    count, near = len(plan), plan.near
    edge = np.array([least_empty(total) for total in plan.total.tolist()])
    above = edge + np.where(near, 0, 1 + rng.poisson(2, count))
    below = np.where(near, edge - 1, np.minimum(rng.poisson(0.5, count), edge - 2))
    empty = np.where(plan.column("empty_claims"), above, below) - plan.around.empty_claims
    empty = np.maximum(empty, 0)
    few = np.where(near, SAYERS - 1, 0)
    many = np.where(near, SAYERS, np.maximum(SAYERS + 1, np.rint(0.7 * empty)))
    says = np.where(plan.column("buyers_say_empty"), many, np.minimum(few, empty))
    ring = plan.column("buyer_ring")
    close = np.where(near & (empty >= RING_LEAST - 1), RING_LEAST - 1, 0)
    members = np.where(near, RING_LEAST, RING_LEAST + rng.poisson(3, count))
    members = np.where(ring, members, close)
    other = np.maximum(np.maximum(says, members) - empty, 0) + rng.poisson(1.5, count)
    as_ints = (part.astype(np.int64) for part in (empty, other, says, members))
    return Wanted(*as_ints)


def least_empty(orders: int) -> int:
    """The fewest claims of empty parcels over ``orders`` whose cautious rate passes 2%."""
    return next(hits for hits in counting(1) if wilson_low(hits, orders) > EMPTY_RATE)


def _ring_buyers(stage: Stage, plan: Plan, size: Ints, rng: np.random.Generator) -> Ints:
    rows = np.flatnonzero(size)
    count = len(rows)
    members = write_clusters(
        stage.writer,
        Clusters(
            size=size[rows],
            density=np.maximum(rng.beta(6, 6, count), 0.3),
            age_days=np.full(count, 40.0),
            age_sigma=np.full(count, 0.8),
            at=plan.start[rows] - 20 * DAY,
            seller=plan.frame.seller[rows],
            tied=np.zeros(count, dtype=bool),
        ),
        stage.places,
        stage.numbers,
        rng,
    )
    return np.concatenate([*members, np.array([], dtype=np.int64)])


def claimed_orders(
    stage: Stage, plan: Plan, claims: Claims, weights: Weights, rng: np.random.Generator
) -> tuple[OrderBatch, Details]:
    """Draw the orders claimed about: delivered before the claim, and paid before the window."""
    count, case = len(claims.case), claims.case
    seller = plan.frame.seller[case]
    noticed = whole(np.clip(lognormal(rng, 12.0, 0.5, count), 3.0, 30.0) * DAY)
    paid = np.minimum(claims.opened_at - noticed - 6 * DAY, plan.start[case] - HOUR)
    allowed = windows([stage.sellers.region[i] for i in seller.tolist()], rng)
    first = paid + allowed - whole(rng.uniform(0.05, 0.8, count) * allowed)
    share = plan.frame.amount("underweight_share")[case]
    light = rng.random(count) < np.where(claims.empty, share, 0.0)
    ratio = weights.ratio(case, light, rng)
    batch = OrderBatch(
        no=stage.numbers.take("ord", count),
        seller=seller,
        paid_at=paid,
        ship_by=paid + allowed,
        label_at=label_times(paid, paid + allowed, first, rng),
        first_at=first,
        second_after=moving_gaps(rng, count),
        feed_after=np.zeros(count, dtype=np.int64),
        feed_by=plan.issued_at[case] - HOUR,
        carrier=[plan.carrier[i] for i in case.tolist()],
        order_type=["regular"] * count,
    )
    details = replace(
        Details.drawn(count, rng),
        buyer_no=claims.buyer_no,
        declared_g=weights.declared(case, rng),
        ratio=np.where(plan.weights_withheld[case], np.nan, ratio),
    )
    return batch, details


def write_claims(
    stage: Stage, plan: Plan, claims: Claims, batch: OrderBatch, rng: np.random.Generator
) -> None:
    """Write the claims."""
    count = len(claims.case)
    kinds = pick(rng, ("not_as_described", "wrong_item"), (1, 1), count)
    plain = pick(rng, ("not_received", "defective", "changed_mind"), (5, 3, 2), count)
    stage.writer.add(
        "claims",
        {
            "claim_no": stage.numbers.take("clm", count),
            "order_no": batch.no,
            "seller_no": batch.seller + 1,
            "buyer_no": claims.buyer_no,
            "kind": [
                "empty_parcel" if empty else telling if says else other
                for empty, says, telling, other in zip(
                    claims.empty.tolist(), claims.says.tolist(), kinds, plain, strict=True
                )
            ],
            "opened_at": claims.opened_at,
            "closed_at": claims.opened_at + rng.integers(5 * DAY, 20 * DAY, count),
            "refunded": (rng.random(count) < 0.6).astype(int),
            "amount_cents": whole(lognormal(rng, 2_300, 0.7, count)),
            "statement": _texts(plan, claims, rng),
            "recorded_at": claims.opened_at,
        },
    )


def _texts(plan: Plan, claims: Claims, rng: np.random.Generator) -> list[str]:
    regions = [plan.frame.region[i] for i in claims.case.tolist()]
    flags = zip(claims.says.tolist(), claims.ring.tolist(), strict=True)
    return [
        claim_text("es" if region == "MX" or rng.random() < 0.1 else "en", says, ring, rng)
        for region, (says, ring) in zip(regions, flags, strict=True)
    ]
