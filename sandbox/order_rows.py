"""Writes orders with their parcels and scans: the rows every later part hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sandbox.accounts import Sellers
from sandbox.orders import NEVER, Details, OrderBatch, tracking_numbers
from sandbox.places import UNCONNECTED, Places
from sandbox.sizes import Scale
from sandbox.streams import Bools, Ints, lognormal, pick, scan_lateness, stream, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import WorldWriter, optional

CHUNK: Final = 100_000


@dataclass(frozen=True)
class Part:
    """A chunk of orders with what their rows share: homes, and declared weights in grams."""

    batch: OrderBatch
    details: Details
    homes: list[str]
    declared: Ints

    def __len__(self) -> int:
        return len(self.batch)


def write_orders(
    writer: WorldWriter,
    batch: OrderBatch,
    sellers: Sellers,
    places: Places,
    scale: Scale,
    seed: int,
    details: Details | None = None,
) -> None:
    """Write the orders, their parcels and their scans, a chunk at a time.

    Args:
        writer: Where the rows go.
        batch: The orders.
        sellers: Who sells.
        places: Where homes lie.
        scale: Size of the world.
        seed: The world's seed.
        details: What a case fixes about its orders; all of it is drawn without.
    """
    for start in range(0, len(batch), CHUNK):
        chunk = batch.part(start, start + CHUNK)
        rng = stream(seed, f"rows {chunk.no[0]}")
        fixed = details.part(start, start + CHUNK) if details else Details.drawn(len(chunk), rng)
        weights = np.clip(whole(lognormal(rng, 450, 0.9, len(chunk))), 20, 25_000)
        part = Part(
            batch=chunk,
            details=fixed,
            homes=[
                given or drawn
                for given, drawn in zip(fixed.home, places.homes(rng, len(chunk)), strict=True)
            ],
            declared=np.where(fixed.declared_g > 0, fixed.declared_g, weights),
        )
        _write_order_rows(writer, part, sellers, scale, rng)
        _write_parcels(writer, part, sellers, places, rng)


def _write_order_rows(
    writer: WorldWriter, part: Part, sellers: Sellers, scale: Scale, rng: np.random.Generator
) -> None:
    count, batch, fixed = len(part), part.batch, part.details
    owner = batch.seller.tolist()
    drawn_cents = whole(lognormal(rng, 2_400, 0.7, count) * sellers.price_level[batch.seller])
    cents = np.where(fixed.item_cents > 0, fixed.item_cents, drawn_cents)
    quantity = 1 + rng.poisson(0.3, count)
    listing = sellers.first_listing[batch.seller] + whole(
        np.floor(rng.random(count) * sellers.n_listings[batch.seller])
    )
    dropped = (rng.random(count) < 0.004) & (batch.feed_by == NEVER)
    buyer = rng.integers(1, scale.buyers + 1, count)
    writer.add(
        "orders",
        {
            "order_no": batch.no,
            "seller_no": batch.seller + 1,
            "buyer_no": np.where(fixed.buyer_no > 0, fixed.buyer_no, buyer),
            "listing_no": np.where(fixed.listing_no > 0, fixed.listing_no, listing),
            "order_type": batch.order_type,
            "fulfilment": pick(rng, ("seller", "platform_label"), (70, 30), count),
            "placed_at": batch.paid_at - rng.integers(5, 1800, count),
            "paid_at": batch.paid_at,
            "ship_by": batch.ship_by,
            "deliver_by": batch.ship_by + rng.integers(3, 9, count) * DAY,
            "cancelled_at": optional(batch.ship_by + 10 * DAY, dropped),
            "carrier": batch.carrier,
            "quantity": quantity,
            "item_cents": cents,
            "total_cents": cents * quantity + 399,
            "currency": [sellers.currency[i] for i in owner],
            "declared_weight_g": part.declared,
            "ship_from_postcode": [sellers.postcode[i] for i in owner],
            "ship_to_postcode": part.homes,
            "buyer_note": _notes(rng, count),
        },
    )


def _notes(rng: np.random.Generator, count: int) -> list[str]:
    notes = ("", "please leave at the door", "gift, no invoice please", "call before delivery")
    return pick(rng, notes, (91, 4, 3, 2), count)


def _write_parcels(
    writer: WorldWriter, part: Part, sellers: Sellers, places: Places, rng: np.random.Generator
) -> None:
    batch = part.batch
    trail = draw_trail(batch, rng)
    connected = np.array([name != UNCONNECTED for name in batch.carrier], dtype=bool)
    seen = connected & part.details.scanned
    # A case's own parcels all arrive, so that their second scan is always there.
    arrived = seen & ((rng.random(len(part)) < 0.975) | (batch.feed_by < NEVER))
    last = trail.last_rows()
    usual = tracking_numbers(batch.carrier, batch.no)
    writer.add(
        "parcels",
        {
            "order_no": batch.no,
            "tracking_no": [
                given or drawn for given, drawn in zip(part.details.tracking_no, usual, strict=True)
            ],
            "first_at": optional(batch.first_at, seen),
            "first_recorded_at": optional(trail.recorded[trail.start + 1], seen),
            "delivered_at": optional(trail.at[last], arrived),
            "delivered_recorded_at": optional(trail.recorded[last], arrived),
            "geo_match": optional((rng.random(len(part)) < 0.97).astype(int), arrived),
        },
    )
    keep = np.repeat(seen, trail.length)
    keep[last[~arrived]] = False
    # Of a parcel the carrier never saw, the label alone is known.
    keep[trail.start[connected]] = True
    _write_scans(writer, part, trail, keep, (sellers, places), rng)


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
    part: Part,
    trail: Trail,
    keep: Bools,
    grounds: tuple[Sellers, Places],
    rng: np.random.Generator,
) -> None:
    owner, place = trail.owner[keep], trail.place[keep]
    ahead = trail.length[owner] - 1 - place
    kind = _kinds(place, ahead, rng)
    kind[ahead == 0] = "delivered"
    origin, target = _ends(part, *grounds, rng)
    ratio = part.details.ratio[owner]
    weighed = (place == 1) & ~np.isnan(ratio)
    grams = np.maximum(1, whole(np.nan_to_num(ratio) * part.declared[owner]))
    writer.add(
        "scans",
        {
            "order_no": part.batch.no[owner],
            "seq": place,
            "at": trail.at[keep],
            "kind": kind,
            "postcode": np.where(ahead < 2, target[owner], origin[owner]),
            "weight_g": optional(grams, weighed),
            "source": np.where(place == 0, "seller", "carrier"),
            "recorded_at": trail.recorded[keep],
        },
    )


def _ends(
    part: Part, sellers: Sellers, places: Places, rng: np.random.Generator
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Postcodes where each parcel starts and where it is delivered."""
    origin = np.array(sellers.postcode, dtype=object)[part.batch.seller]
    target = np.array(part.homes, dtype=object)
    for row in np.flatnonzero(part.details.elsewhere).tolist():
        others = places.homes(rng, 2)
        target[row] = others[0] if others[0] != target[row] else others[1]
    return origin, target


def _kinds(place: Ints, ahead: Ints, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    kind = np.where(place % 2 == 0, "departed", "arrived").astype(object)
    kind[rng.random(len(place)) < 0.01] = "exception"
    kind[(ahead == 1) & (place > 1)] = "out_for_delivery"
    kind[place == 0] = "label"
    kind[place == 1] = "accepted"
    return kind
