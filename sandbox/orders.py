"""Orders with their parcels and scans: the rows every later part hangs on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from sandbox.accounts import Sellers
from sandbox.ids import Numbers
from sandbox.places import UNCONNECTED, Places
from sandbox.sizes import Scale
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, scan_lateness, stream, whole
from sandbox.timeline import (
    BACKGROUND_END,
    CLOCK_START,
    DAY,
    HISTORY_START,
    HOUR,
    SCAN_RULE_FROM,
)
from sandbox.writer import WorldWriter, optional

CHUNK: Final = 100_000
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


def write_orders(
    writer: WorldWriter,
    batch: OrderBatch,
    sellers: Sellers,
    places: Places,
    scale: Scale,
    seed: int,
) -> None:
    """Write the orders, their parcels and their scans, a chunk at a time."""
    for start in range(0, len(batch), CHUNK):
        part = batch.part(start, start + CHUNK)
        rng = stream(seed, f"rows {part.no[0]}")
        homes = places.homes(rng, len(part))
        _write_order_rows(writer, part, sellers, scale, homes, rng)
        _write_parcels(writer, part, sellers, homes, rng)


def _write_order_rows(
    writer: WorldWriter,
    part: OrderBatch,
    sellers: Sellers,
    scale: Scale,
    homes: list[str],
    rng: np.random.Generator,
) -> None:
    count = len(part)
    owner = part.seller.tolist()
    cents = whole(lognormal(rng, 2_400, 0.7, count) * sellers.price_level[part.seller])
    quantity = 1 + rng.poisson(0.3, count)
    listing = sellers.first_listing[part.seller] + whole(
        np.floor(rng.random(count) * sellers.n_listings[part.seller])
    )
    cancelled = rng.random(count) < 0.004
    writer.add(
        "orders",
        {
            "order_no": part.no,
            "seller_no": part.seller + 1,
            "buyer_no": rng.integers(1, scale.buyers + 1, count),
            "listing_no": listing,
            "order_type": part.order_type,
            "fulfilment": pick(rng, ("seller", "platform_label"), (70, 30), count),
            "placed_at": part.paid_at - rng.integers(5, 1800, count),
            "paid_at": part.paid_at,
            "ship_by": part.ship_by,
            "deliver_by": part.ship_by + rng.integers(3, 9, count) * DAY,
            "cancelled_at": optional(part.ship_by + 10 * DAY, cancelled & (part.feed_by == NEVER)),
            "carrier": part.carrier,
            "quantity": quantity,
            "item_cents": cents,
            "total_cents": cents * quantity + 399,
            "currency": [sellers.currency[i] for i in owner],
            "declared_weight_g": np.clip(whole(lognormal(rng, 450, 0.9, count)), 20, 25_000),
            "ship_from_postcode": [sellers.postcode[i] for i in owner],
            "ship_to_postcode": homes,
            "buyer_note": _notes(rng, count),
        },
    )


def _notes(rng: np.random.Generator, count: int) -> list[str]:
    notes = ("", "please leave at the door", "gift, no invoice please", "call before delivery")
    return pick(rng, notes, (91, 4, 3, 2), count)


def _write_parcels(
    writer: WorldWriter,
    part: OrderBatch,
    sellers: Sellers,
    homes: list[str],
    rng: np.random.Generator,
) -> None:
    trail = draw_trail(part, rng)
    seen = np.array([name != UNCONNECTED for name in part.carrier], dtype=bool)
    # A case's own parcels all arrive, so that their second scan is always there.
    arrived = seen & ((rng.random(len(part)) < 0.975) | (part.feed_by < NEVER))
    last = trail.last_rows()
    writer.add(
        "parcels",
        {
            "order_no": part.no,
            "tracking_no": [
                f"{name[:2].upper()}{no * 7919 % 10**9:09d}"
                for name, no in zip(part.carrier, part.no.tolist(), strict=True)
            ],
            "first_at": optional(part.first_at, seen),
            "first_recorded_at": optional(trail.recorded[trail.start + 1], seen),
            "delivered_at": optional(trail.at[last], arrived),
            "delivered_recorded_at": optional(trail.recorded[last], arrived),
            "geo_match": optional((rng.random(len(part)) < 0.97).astype(int), arrived),
        },
    )
    keep = np.repeat(seen, trail.length)
    keep[last[~arrived]] = False
    _write_scans(writer, part, trail, keep, sellers, homes, rng)


@dataclass(frozen=True)
class Trail:
    """Scans of a batch, parcel after parcel; ``start`` and ``length`` run over parcels."""

    start: Ints
    length: Ints
    owner: Ints
    place: Ints
    at: Ints
    recorded: Ints

    def last_rows(self) -> Ints:
        """Return the row of each parcel's last scan."""
        return self.start + self.length - 1


def draw_trail(part: OrderBatch, rng: np.random.Generator) -> Trail:
    """Draw 3 + P(3) scans a parcel: label, acceptance, the way, delivery (handbook 1, Rows)."""
    length = 3 + rng.poisson(3.0, len(part))
    start = np.cumsum(length) - length
    owner = np.repeat(np.arange(len(part)), length)
    place = np.arange(len(owner)) - start[owner]
    gap = whole(np.clip(lognormal(rng, 11.0, 0.6, len(owner)), 0.5, 70) * HOUR)
    gap[place <= 1] = 0
    gap[start + 2] = part.second_after
    run = np.cumsum(gap)
    at = part.first_at[owner] + run - run[start][owner]
    at[start] = part.label_at
    recorded = at + np.where(place == 0, 60, scan_lateness(rng, len(owner)))
    first = start + 1
    fed = np.maximum(recorded[first], part.feed_after)
    recorded[first] = np.maximum(np.minimum(fed, part.feed_by), at[first] + 60)
    second = start + 2
    held = np.minimum(recorded[second], part.feed_by)
    recorded[second] = np.maximum(held, at[second] + 60)
    return Trail(start, length, owner, place, at, recorded)


def _write_scans(
    writer: WorldWriter,
    part: OrderBatch,
    trail: Trail,
    keep: Bools,
    sellers: Sellers,
    homes: list[str],
    rng: np.random.Generator,
) -> None:
    owner, place = trail.owner[keep], trail.place[keep]
    ahead = trail.length[owner] - 1 - place
    kind = _kinds(place, ahead, rng)
    kind[ahead == 0] = "delivered"
    origin = np.array(sellers.postcode, dtype=object)[part.seller][owner]
    target = np.array(homes, dtype=object)[owner]
    weight = np.clip(whole(lognormal(rng, 450, 0.8, len(owner))), 20, 25_000)
    writer.add(
        "scans",
        {
            "order_no": part.no[owner],
            "seq": place,
            "at": trail.at[keep],
            "kind": kind,
            "postcode": np.where(ahead < 2, target, origin),
            "weight_g": optional(weight, place == 1),
            "source": np.where(place == 0, "seller", "carrier"),
            "recorded_at": trail.recorded[keep],
        },
    )


def _kinds(place: Ints, ahead: Ints, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    kind = np.where(place % 2 == 0, "departed", "arrived").astype(object)
    kind[rng.random(len(place)) < 0.01] = "exception"
    kind[(ahead == 1) & (place > 1)] = "out_for_delivery"
    kind[place == 0] = "label"
    kind[place == 1] = "accepted"
    return kind


def orders_in_window(batch: OrderBatch, seller: Ints, until: Ints, span: int) -> Ints:
    """Count each seller's orders with ship-by in ``(until - span, until]``.

    Args:
        batch: The orders to count.
        seller: Seller indices.
        until: Ends of the windows, one a seller.
        span: Length of the windows in seconds.
    """
    base = np.int64(2**33)
    keys = np.sort(batch.seller * base + batch.ship_by)
    upper = np.searchsorted(keys, seller * base + until, side="right")
    lower = np.searchsorted(keys, seller * base + until - span, side="right")
    return np.asarray(upper - lower, dtype=np.int64)


def lag_floor(lag: Floats, window: Ints) -> Floats:
    """Keep first scans at least two hours after payment; ``lag`` and ``window`` in seconds."""
    return np.maximum(lag, -(window - 2 * HOUR).astype(np.float64))
