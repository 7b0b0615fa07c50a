"""Orders as arrays: those that belong to no case, and what a case may fix about its own."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.ids import Numbers
from sandbox.sizes import Scale
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, stream, whole
from sandbox.timeline import (
    BACKGROUND_END,
    CLOCK_START,
    HISTORY_START,
    HOUR,
    SCAN_RULE_FROM,
)

NEVER: Final = 2**40
"""``feed_by`` of an order whose scans may be recorded as late as they like."""
WINDOWS: Final[dict[str, tuple[int, ...]]] = {
    "US": (48, 48, 72, 96), "UK": (24, 48, 72), "EU": (24, 48, 72), "MX": (48, 72), "SEA": (24, 36),
}  # fmt: skip
"""Hours from payment to ship-by, by region; weekends lengthen some."""


@dataclass(frozen=True)
class OrderBatch:
    """Orders as parallel arrays; times in epoch seconds, ``seller`` an index from 0.

    ``first_at`` is the first physical scan, ``second_after`` the seconds until the next one.
    ``feed_after`` is the earliest instant the first scan may be recorded, ``feed_by`` the latest.
    """

    no: Ints
    seller: Ints
    paid_at: Ints
    ship_by: Ints
    label_at: Ints
    first_at: Ints
    second_after: Ints
    feed_after: Ints
    feed_by: Ints
    carrier: list[str]
    order_type: list[str]

    def __len__(self) -> int:
        return len(self.no)

    def part(self, start: int, stop: int) -> OrderBatch:
        """Return the orders from ``start`` up to ``stop``."""
        return replace(self, **{f.name: getattr(self, f.name)[start:stop] for f in fields(self)})


@dataclass(frozen=True)
class Details:
    """What a case fixes of its orders, beside a batch of them; all else is drawn.

    Numbers of 0 are drawn: ``buyer_no``, ``listing_no``, ``declared_g`` (grams) and ``item_cents``
    (minor units of the seller's currency). ``ratio`` is the carrier's weight over the declared
    one, NaN where it does not weigh. Without ``scanned`` the carrier never saw the parcel;
    ``elsewhere`` ones reach another postcode than the order's. ``tracking_no`` and ``home``, the
    postcode of the buyer, are drawn where they are empty.
    """

    buyer_no: Ints
    listing_no: Ints
    declared_g: Ints
    item_cents: Ints
    ratio: Floats
    scanned: Bools
    elsewhere: Bools
    tracking_no: list[str]
    home: list[str]

    @classmethod
    def drawn(cls, count: int, rng: np.random.Generator) -> Details:
        """Return details that fix nothing: parcels weigh N(.97, .06) of what is declared."""
        zero = np.zeros(count, dtype=np.int64)
        return cls(
            buyer_no=zero,
            listing_no=zero,
            declared_g=zero,
            item_cents=zero,
            ratio=weight_ratios(rng, count),
            scanned=np.ones(count, dtype=bool),
            elsewhere=np.zeros(count, dtype=bool),
            tracking_no=[""] * count,
            home=[""] * count,
        )

    def part(self, start: int, stop: int) -> Details:
        """Return the details of the orders from ``start`` up to ``stop``."""
        return replace(self, **{f.name: getattr(self, f.name)[start:stop] for f in fields(self)})


def weight_ratios(rng: np.random.Generator, count: int) -> Floats:
    """Draw carriers' weights over declared ones of honest goods: N(.97, .06) (handbook 2, Rows)."""
    return np.clip(rng.normal(0.97, 0.06, count), 0.7, 1.3)


def tracking_numbers(carrier: list[str], no: Ints) -> list[str]:
    """Return the tracking numbers that orders get where nothing else is said."""
    return [
        f"{name[:2].upper()}{number * 7919 % 10**9:09d}"
        for name, number in zip(carrier, no.tolist(), strict=True)
    ]


def windows(regions: list[str], rng: np.random.Generator) -> Ints:
    """Draw the seconds from payment to ship-by for orders of these regions."""
    draw = rng.random(len(regions))
    return np.array(
        [HOUR * WINDOWS[r][int(u * len(WINDOWS[r]))] for r, u in zip(regions, draw, strict=True)],
        dtype=np.int64,
    )


def label_times(paid: Ints, ship_by: Ints, first: Ints, rng: np.random.Generator) -> Ints:
    """Draw when each label was made: before the first scan, and not before payment.

    Under the dispatch rule in force up to March 2026 the label time decided. For orders of that
    time the label therefore falls on the same side of ship-by as the first scan.
    """
    count = len(paid)
    early = paid + whole(rng.uniform(0.1, 0.9, count) * (np.minimum(first, ship_by) - paid))
    late = ship_by + whole(rng.uniform(0.05, 0.95, count) * (first - ship_by))
    after = (first > ship_by) & ((paid < SCAN_RULE_FROM) | (rng.random(count) < 0.3))
    return np.where(after, np.maximum(late, ship_by + 1), early)


def background(
    scale: Scale, sellers: Sellers, seed: int, planted: int, numbers: Numbers
) -> OrderBatch:
    """Draw the orders that belong to no case, evenly over the history and the month after it.

    Args:
        scale: Size of the world.
        sellers: Who sells.
        seed: The world's seed.
        planted: About how many orders up to the clock's start the case types will add.
        numbers: Source of order numbers.
    """
    rng = stream(seed, "orders")
    before = max(scale.orders - planted, 0)
    span = (BACKGROUND_END - HISTORY_START) / (CLOCK_START - HISTORY_START)
    count = round(before * span)
    seller = rng.choice(len(sellers), size=count, p=sellers.weight)
    paid = np.sort(rng.integers(HISTORY_START, BACKGROUND_END, count))
    ship_by = paid + windows([sellers.region[i] for i in seller.tolist()], rng)
    late = rng.random(count) < 0.02
    lag = np.where(
        late,
        lognormal(rng, 14 * HOUR, 0.8, count),
        -rng.uniform(0.05, 0.8, count) * (ship_by - paid),
    )
    first = ship_by + whole(lag)
    second = rng.random(count) < 0.25
    return OrderBatch(
        no=numbers.take("ord", count),
        seller=seller,
        paid_at=paid,
        ship_by=ship_by,
        label_at=label_times(paid, ship_by, first, rng),
        first_at=first,
        second_after=moving_gaps(rng, count),
        feed_after=np.zeros(count, dtype=np.int64),
        feed_by=np.full(count, NEVER, dtype=np.int64),
        carrier=[
            sellers.carriers[i][s]
            for i, s in zip(seller.tolist(), second.astype(int).tolist(), strict=True)
        ],
        order_type=pick(rng, ("regular", "pre_order", "made_to_order"), (93, 4, 3), count),
    )


def moving_gaps(rng: np.random.Generator, count: int) -> Ints:
    """Seconds from first to second scan of parcels that move: LN(14 h, .6) under 72 h."""
    return whole(np.minimum(lognormal(rng, 14.0, 0.6, count), 71.5) * HOUR)


def count_between(seller: Ints, at: Ints, who: Ints, start: Ints, end: Ints) -> Ints:
    """Count the events of each of ``who`` in ``(start, end]``.

    Args:
        seller: Seller of each event, an index from 0.
        at: Instant of each event.
        who: Seller indices to count for.
        start: Starts of their windows, excluded.
        end: Ends of their windows, included.
    """
    base = np.int64(2**33)
    keys = np.sort(seller * base + at)
    upper = np.searchsorted(keys, who * base + end, side="right")
    lower = np.searchsorted(keys, who * base + start, side="right")
    return np.asarray(upper - lower, dtype=np.int64)


def orders_in_window(batch: OrderBatch, seller: Ints, until: Ints, span: int) -> Ints:
    """Count each seller's orders with ship-by in ``(until - span, until]``.

    Args:
        batch: The orders to count.
        seller: Seller indices.
        until: Ends of the windows, one a seller.
        span: Length of the windows in seconds.
    """
    return count_between(batch.seller, batch.ship_by, seller, until - span, until)


def lag_floor(lag: Floats, window: Ints) -> Floats:
    """Keep first scans at least two hours after payment; ``lag`` and ``window`` in seconds."""
    return np.maximum(lag, -(window - 2 * HOUR).astype(np.float64))
