"""Orders, parcels and disputes of the shops whose balance is held.

Ages are in days before the case opens. A case is looked at up to two days later, so nothing lies
where a window of 30, 60 or 90 days could lose or gain it on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.streams import Bools, Floats, Ints, pick, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import WorldWriter, optional

MONTH: Final = 30.3
"""Days before the case where the month before the last one ends."""
LAST: Final = 27.5
_KINDS: Final = ("not_received", "not_as_described", "defective", "wrong_item")


@dataclass(frozen=True)
class Trade:
    """Orders of all shops as parallel arrays; ``case`` says whose, ``age`` in days.

    ``total_cents`` are minor units of the shop's currency; ``disputed`` ones have a claim, which
    is still open where ``pending`` holds and was refunded where ``refunded`` does.
    """

    case: Ints
    age: Floats
    total_cents: Ints
    delivered: Bools
    disputed: Bools
    pending: Bools
    refunded: Bools

    def exposure(self, cases: int) -> Ints:
        """Cents each case may still lose by these orders, as the balance counts them.

        Open claims, half the refunds of the last sixty days, and a twentieth of what was paid in
        the last month and has not arrived.
        """
        claims = _by_case(self.case, self.total_cents * (self.disputed & self.pending), cases)
        back = _by_case(self.case, self.total_cents * (self.disputed & self.refunded), cases)
        waiting = ~self.delivered & (self.age < MONTH)
        under_way = _by_case(self.case, self.total_cents * waiting, cases)
        return claims + back // 2 + under_way // 20

    def sales(self, cases: int) -> Ints:
        """Cents of each case's orders."""
        return _by_case(self.case, self.total_cents, cases)


def _by_case(case: Ints, cents: Ints, cases: int) -> Ints:
    return np.bincount(case, weights=cents, minlength=cases).astype(np.int64)


def make_trade(plan: Plan, rng: np.random.Generator) -> Trade:
    """Draw the orders so that growth, deliveries and disputes are what the columns say."""
    parts = [_shop(plan, case, rng) for case in range(len(plan))]
    return Trade(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _shop(plan: Plan, case: int, rng: np.random.Generator) -> Iterator[Ints | Floats | Bools]:
    """Yield the columns of ``Trade`` for one shop."""
    frame, near = plan.frame, bool(plan.frame.near[case])
    ratio = _growth(bool(frame.column("spike")[case]), near, rng)
    recent = int(rng.integers(16, 23))
    before = max(3, round(recent / ratio))
    start = (frame.opened_at[case] - plan.registered_at[case]) / DAY
    older = int(rng.integers(3, 7)) if start > 92 else 0
    slow = bool(frame.column("slow_delivery")[case])
    arrived = _arrived(slow, near, recent, rng)
    total = recent + before + older
    disputes, total = _disputes(bool(frame.column("disputes_high")[case]), near, total, rng)
    older = total - recent - before if start > 92 else 0
    before = total - recent - older
    ages = np.concatenate(
        [
            rng.uniform(5, LAST, arrived),
            rng.uniform(0.3, LAST if slow else 9, recent - arrived),
            rng.uniform(MONTH, min(57.5, start - 1), before),
            rng.uniform(60.5, 87.5, older),
        ]
    )
    yield np.full(total, case)
    yield ages
    yield _totals(plan, case, ratio, (recent, before, older), rng)
    yield np.concatenate([np.arange(recent) < arrived, np.ones(before + older, dtype=bool)])
    yield from _claimed(total, recent, disputes, rng)


def _growth(spike: bool, near: bool, rng: np.random.Generator) -> float:
    """Draw last month's sales over the month's before; a spike is four times as much."""
    if spike:
        return float(rng.uniform(4.02, 4.35) if near else rng.uniform(4.4, 8))
    return float(rng.uniform(3.62, 3.97) if near else rng.uniform(0.7, 2.8))


def _arrived(slow: bool, near: bool, recent: int, rng: np.random.Generator) -> int:
    """Draw how many of last month's orders arrived: B(18,2) of them, slow B(8,10)."""
    limit = 0.6 * recent
    share = rng.beta(8, 10) if slow else rng.beta(18, 2)
    if near:
        share = rng.uniform(0.54, 0.6) if slow else rng.uniform(0.6, 0.66)
    count = round(share * recent)
    least, most = (2, int(np.ceil(limit)) - 1) if slow else (int(np.ceil(limit)), recent)
    return int(np.clip(count, least, most))


def _disputes(high: bool, near: bool, total: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw disputes of ninety days, and how many orders there are for them.

    High is three in two hundred orders; rates are B(3,80) then, else B(1,200).
    """
    if near:
        return 1, int(rng.integers(61, 67) if high else rng.integers(67, 74))
    if high:
        rate = max(0.02, float(rng.beta(3, 80)))
        return int(np.ceil(rate * total)), total
    return 0, total


def _totals(
    plan: Plan, case: int, ratio: float, counts: tuple[int, int, int], rng: np.random.Generator
) -> Ints:
    """Draw order totals whose sums grow by ``ratio``; last month's are about what is held."""
    recent, before, older = counts
    month = max(plan.held_cents[case] * rng.uniform(1.0, 1.6), 1_000.0 * recent)
    weights = rng.uniform(0.6, 1.4, recent + before + older)
    last, prior = weights[:recent], weights[recent : recent + before]
    scale = np.ones(len(weights)) * month / max(last.sum(), 1)
    scale[recent : recent + before] = month / ratio / prior.sum()
    totals = whole(weights * scale)
    # Rounding must not carry the ratio over its threshold.
    totals[recent] += round(totals[:recent].sum() / ratio - totals[recent : recent + before].sum())
    return totals


def _claimed(total: int, recent: int, disputes: int, rng: np.random.Generator) -> Iterator[Bools]:
    """Yield which orders are disputed, which claims are open and which were refunded."""
    disputed = np.zeros(total, dtype=bool)
    disputed[rng.permutation(recent)[:disputes]] = True
    pending = disputed & (rng.random(total) < 0.6)
    yield disputed
    yield pending
    yield disputed & ~pending & (rng.random(total) < 0.6)


def plant_trade(stage: Stage, plan: Plan, trade: Trade, rng: np.random.Generator) -> Ints:
    """Write the orders with parcels and scans; return their numbers."""
    count = len(trade.case)
    no = stage.numbers.take("ord", count)
    seller = plan.frame.seller[trade.case]
    opened = plan.frame.opened_at[trade.case]
    paid = opened - whole(trade.age * DAY)
    carrier = [plan.sellers.carriers[i][0] for i in seller.tolist()]
    homes = stage.places.homes(rng, count)
    rows = seller.tolist()
    stage.writer.add(
        "orders",
        {
            "order_no": no,
            "seller_no": seller + 1,
            "buyer_no": rng.integers(1, stage.scale.buyers + 1, count),
            "listing_no": plan.sellers.first_listing[seller] + rng.integers(0, 3, count),
            "order_type": ["regular"] * count,
            "fulfilment": pick(rng, ("seller", "platform_label"), (70, 30), count),
            "placed_at": paid - rng.integers(5, 1800, count),
            "paid_at": paid,
            "ship_by": paid + 48 * HOUR,
            "deliver_by": paid + 48 * HOUR + rng.integers(3, 9, count) * DAY,
            "cancelled_at": [None] * count,
            "carrier": carrier,
            "quantity": np.ones(count, dtype=np.int64),
            "item_cents": trade.total_cents,
            "total_cents": trade.total_cents,
            "currency": [plan.sellers.currency[i] for i in rows],
            "declared_weight_g": rng.integers(100, 2_500, count),
            "ship_from_postcode": [plan.sellers.postcode[i] for i in rows],
            "ship_to_postcode": homes,
            "buyer_note": [""] * count,
        },
    )
    _plant_parcels(stage.writer, trade, no, paid, homes, plan, rng)
    return no


def _plant_parcels(
    writer: WorldWriter,
    trade: Trade,
    no: Ints,
    paid: Ints,
    homes: list[str],
    plan: Plan,
    rng: np.random.Generator,
) -> None:
    """Write the parcels and their scans; most of what has not arrived is under way."""
    count = len(no)
    first = paid + whole(rng.uniform(0.2, 1.6, count) * DAY)
    moved = trade.delivered | ((rng.random(count) < 0.6) & (trade.age > 2))
    arrived = first + whole(rng.uniform(1, 2.9, count) * DAY)
    seller = plan.frame.seller[trade.case].tolist()
    carrier = [plan.sellers.carriers[i][0] for i in seller]
    writer.add(
        "parcels",
        {
            "order_no": no,
            "tracking_no": [
                f"{name[:2].upper()}{number * 7919 % 10**9:09d}"
                for name, number in zip(carrier, no.tolist(), strict=True)
            ],
            "first_at": optional(first, moved),
            "first_recorded_at": optional(first + 2 * HOUR, moved),
            "delivered_at": optional(arrived, trade.delivered),
            "delivered_recorded_at": optional(arrived + HOUR, trade.delivered),
            "geo_match": optional(np.ones(count, dtype=int), trade.delivered),
        },
    )
    _plant_scans(writer, trade, no, (paid, first, arrived), moved, homes, plan)


def _plant_scans(
    writer: WorldWriter,
    trade: Trade,
    no: Ints,
    times: tuple[Ints, Ints, Ints],
    moved: Bools,
    homes: list[str],
    plan: Plan,
) -> None:
    """Write a label an order, an acceptance where it moved, and a delivery where it arrived."""
    paid, first, arrived = times
    origin = [plan.sellers.postcode[i] for i in plan.frame.seller[trade.case].tolist()]
    everything = np.ones(len(no), dtype=bool)
    steps = (
        ("label", paid + HOUR, everything, origin, "seller"),
        ("accepted", first, moved, origin, "carrier"),
        ("delivered", arrived, trade.delivered, homes, "carrier"),
    )
    for seq, (kind, at, there, postcode, source) in enumerate(steps):
        rows = np.flatnonzero(there)
        writer.add(
            "scans",
            {
                "order_no": no[rows],
                "seq": np.full(len(rows), seq),
                "at": at[rows],
                "kind": [kind] * len(rows),
                "postcode": [postcode[i] for i in rows.tolist()],
                "weight_g": [None] * len(rows),
                "source": [source] * len(rows),
                "recorded_at": at[rows] + HOUR,
            },
        )


def plant_claims(
    stage: Stage, plan: Plan, trade: Trade, order_no: Ints, rng: np.random.Generator
) -> None:
    """Write the disputes; settled ones were closed before the case opened."""
    rows = np.flatnonzero(trade.disputed)
    opened = plan.frame.opened_at[trade.case[rows]]
    filed = opened - whole(np.minimum(trade.age[rows] * 0.6, rng.uniform(2, 20, len(rows))) * DAY)
    settled = filed + (opened - filed) // 2
    kinds = pick(rng, _KINDS, (1,) * len(_KINDS), len(rows))
    stage.writer.add(
        "claims",
        {
            "claim_no": stage.numbers.take("clm", len(rows)),
            "order_no": order_no[rows],
            "seller_no": plan.frame.seller[trade.case[rows]] + 1,
            "buyer_no": rng.integers(1, stage.scale.buyers + 1, len(rows)),
            "kind": kinds,
            "opened_at": filed,
            "closed_at": np.where(trade.pending[rows], opened + 20 * DAY, settled),
            "refunded": trade.refunded[rows].astype(int),
            "amount_cents": trade.total_cents[rows],
            "statement": ["I want my money back."] * len(rows),
            "recorded_at": filed,
        },
    )
