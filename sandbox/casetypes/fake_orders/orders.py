"""The orders of each window and of the four weeks before it, and how each was found and paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.fake_orders.counts import Counts
from sandbox.casetypes.fake_orders.plan import DAYS, WEEKS_BEFORE, Plan
from sandbox.casetypes.fake_shipping.plan import connected
from sandbox.clusters import RING_LEAST, Clusters, write_clusters
from sandbox.orders import Details, OrderBatch, label_times, moving_gaps, windows
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR

FEWER, MORE = 5, 3
"""Of the four weeks, days with one order less and with one more than the usual day."""
BULK_BUYERS: Final = 6
"""Accounts that order to one address, in turn."""
COMMISSION_RATE: Final = (0.05, 0.14)
"""Commission is 4% to 15% of the order's value (handbook 4, Rows)."""


@dataclass(frozen=True)
class Window:
    """The orders of all windows, case by case: each one's place, buyer and commission.

    ``ring``, ``light``, ``bulk`` and ``campaign`` say what is true of each; ``own`` marks those
    paid with the seller's instrument, ``returned`` those refunded outside the platform.
    """

    batch: OrderBatch
    case: Ints
    buyer_no: Ints
    ring: Bools
    light: Bools
    bulk: Bools
    campaign: Bools
    own: Bools
    returned: Bools
    commission: Ints


def make_window(stage: Stage, plan: Plan, counts: Counts, rng: np.random.Generator) -> Window:
    """Draw the orders of every window, and write the buyers of its rings."""
    case = np.repeat(np.arange(len(plan)), plan.size)
    place = np.arange(len(case)) - (np.cumsum(plan.size) - plan.size)[case]
    ring = place < counts.ring_orders[case]
    bulk = place >= (plan.size - counts.bulk)[case]
    paid = place < counts.paid[case]
    own = (plan.column("ring_orders") & (rng.random(len(plan)) < 0.5))[case]
    members = np.cumsum(counts.ring_buyers) - counts.ring_buyers
    seats = members[case] + place % np.maximum(counts.ring_buyers[case], 1)
    buyer = rng.integers(1, stage.scale.buyers + 1, len(case))
    regulars = rng.integers(1, stage.scale.buyers + 1, (len(plan), BULK_BUYERS))
    buyer = np.where(bulk, regulars[case, place % BULK_BUYERS], buyer)
    ringers = _ring_buyers(stage, plan, counts, rng)
    buyer[ring] = ringers[seats[ring]]
    part = np.ceil(counts.commission / np.maximum(counts.ring_orders, 1)).astype(np.int64)
    batch = _batch(stage, plan, case, _times(plan, case, rng), rng)
    return Window(
        batch=batch,
        case=case,
        buyer_no=buyer,
        ring=ring,
        light=place < counts.light[case],
        bulk=bulk,
        campaign=place >= (plan.size - counts.campaign)[case],
        own=paid & own,
        returned=paid & ~own,
        commission=np.where(ring, part[case], 0),
    )


def _ring_buyers(stage: Stage, plan: Plan, counts: Counts, rng: np.random.Generator) -> Ints:
    """Write the buyers of all groups; those of a drip have aged accounts (handbook 4, Rows)."""
    count = len(plan)
    drip = np.array([cause.name == "slow_drip" for cause in plan.frame.table.causes])
    aged = drip[plan.frame.drawn.cause]
    members = write_clusters(
        stage.writer,
        Clusters(
            size=counts.ring_buyers,
            density=np.maximum(rng.beta(6, 6, count), 0.3),
            age_days=np.where(aged, 420.0, 40.0),
            age_sigma=np.where(aged, 0.5, 0.8),
            at=plan.times.start,
            seller=plan.frame.seller,
            tied=plan.column("seller_tied") & (counts.ring_buyers >= RING_LEAST),
        ),
        stage.places,
        stage.numbers,
        rng,
    )
    return np.concatenate([*members, np.array([], dtype=np.int64)])


def _times(plan: Plan, case: Ints, rng: np.random.Generator) -> Ints:
    """When each order was paid: the days' numbers of orders, dealt to the places at random."""
    day = np.concatenate([rng.permutation(np.repeat(np.arange(DAYS), row)) for row in plan.days])
    return np.asarray(plan.times.start[case] + day * DAY + rng.integers(60, DAY - 60, len(case)))


def _batch(
    stage: Stage, plan: Plan, case: Ints, paid: Ints, rng: np.random.Generator
) -> OrderBatch:
    count, seller = len(case), plan.frame.seller[case]
    allowed = windows([stage.sellers.region[i] for i in seller.tolist()], rng)
    first = paid + allowed - whole(rng.uniform(0.05, 0.8, count) * allowed)
    carriers = [connected(stage.sellers.carriers[i]) for i in plan.frame.seller.tolist()]
    return OrderBatch(
        no=stage.numbers.take("ord", count),
        seller=seller,
        paid_at=paid,
        ship_by=paid + allowed,
        label_at=label_times(paid, paid + allowed, first, rng),
        first_at=first,
        second_after=moving_gaps(rng, count),
        feed_after=np.zeros(count, dtype=np.int64),
        feed_by=plan.times.issued_at[case] - HOUR,
        carrier=[carriers[i] for i in case.tolist()],
        order_type=["regular"] * count,
    )


def window_details(stage: Stage, plan: Plan, window: Window, rng: np.random.Generator) -> Details:
    """What the cases fix about their orders: buyer, listing, price, weight and address."""
    count = len(window.case)
    drawn = Details.drawn(count, rng)
    hollow = np.clip(lognormal(rng, 0.10, 0.4, count), 0.03, 0.33)
    rate = rng.uniform(COMMISSION_RATE[0], COMMISSION_RATE[1], count)
    homes = stage.places.homes(rng, len(plan))
    weights = np.clip(whole(lognormal(rng, 450, 0.9, count)), 100, 25_000)
    return replace(
        drawn,
        buyer_no=window.buyer_no,
        listing_no=plan.listing[window.case],
        item_cents=np.where(window.commission > 0, whole(window.commission / rate), 0),
        declared_g=weights,
        ratio=np.where(window.light, hollow, drawn.ratio),
        home=[
            homes[case] if bulk else ""
            for case, bulk in zip(window.case.tolist(), window.bulk.tolist(), strict=True)
        ],
    )


def make_before(stage: Stage, plan: Plan, rng: np.random.Generator) -> tuple[OrderBatch, Details]:
    """Draw the orders of the four weeks before each window, and one from before those."""
    spread = np.array([-1] * FEWER + [1] * MORE + [0] * (WEEKS_BEFORE - FEWER - MORE))
    rows = [np.repeat(np.arange(WEEKS_BEFORE), rng.permutation(spread) + n) for n in plan.usual]
    case = np.repeat(np.arange(len(plan)), [len(row) for row in rows])
    back = (np.concatenate(rows) - WEEKS_BEFORE) * DAY
    paid = plan.times.start[case] + back + rng.integers(60, DAY - 60, len(case))
    earliest = plan.times.start - (WEEKS_BEFORE + 1) * DAY + rng.integers(HOUR, DAY, len(plan))
    everyone = np.concatenate([np.arange(len(plan)), case])
    batch = _batch(stage, plan, everyone, np.concatenate([earliest, paid]), rng)
    drawn = Details.drawn(len(batch), rng)
    return batch, replace(drawn, listing_no=plan.listing[everyone])


def plant_traces(
    stage: Stage, plan: Plan, window: Window, campaign_no: Ints, rng: np.random.Generator
) -> None:
    """Write how each order of the windows was found, paid and, for some, paid back."""
    count = len(window.case)
    bank = stage.sellers.token_owner["bank"][plan.frame.seller]
    traffic = np.where(rng.random(count) < 0.6, "search", "browse")
    traffic = np.where(window.campaign, "campaign", traffic)
    coupons = (rng.random(count) < 0.15) | window.own
    stage.writer.add(
        "order_traces",
        {
            "order_no": window.batch.no,
            "payment_token": [
                f"ba{owner:06d}" if own else f"pay{buyer}"
                for owner, own, buyer in zip(
                    bank[window.case].tolist(),
                    window.own.tolist(),
                    window.buyer_no.tolist(),
                    strict=True,
                )
            ],
            "traffic": np.where(window.commission > 0, "creator", traffic),
            "campaign_no": [
                number if brought else None
                for number, brought in zip(
                    campaign_no[window.case].tolist(), window.campaign.tolist(), strict=True
                )
            ],
            "commission_cents": window.commission,
            "coupon_cents": np.where(coupons, rng.integers(100, 900, count), 0),
            "coupon_funder": np.where(rng.random(count) < 0.5, "seller", "platform"),
            "refunded_outside": window.returned.astype(int),
            "recorded_at": window.batch.paid_at + 60,
        },
    )


def plant_campaigns(stage: Stage, plan: Plan, counts: Counts, rng: np.random.Generator) -> Ints:
    """Write a campaign over each window that has orders from one; return every case's number."""
    kinds = np.array(["live", "coupon", "creator", "ads", "press"])
    rows = np.flatnonzero(counts.campaign)
    no = np.zeros(len(plan), dtype=np.int64)
    no[rows] = stage.numbers.take("cpn", len(rows))
    start = plan.times.start[rows] - rng.integers(HOUR, 3 * DAY, len(rows))
    stage.writer.add(
        "campaigns",
        {
            "campaign_no": no[rows],
            "seller_no": plan.frame.seller[rows] + 1,
            "kind": kinds[rng.integers(0, len(kinds), len(rows))],
            "from_at": start,
            "to_at": plan.times.end[rows] + rng.integers(HOUR, 2 * DAY, len(rows)),
            "recorded_at": start,
        },
    )
    return no
