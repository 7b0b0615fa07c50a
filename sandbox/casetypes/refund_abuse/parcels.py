"""Orders planted for refund cases, with the scans of parcels that fare in every way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, scan_lateness, whole
from sandbox.timeline import DAY
from sandbox.writer import optional


@dataclass(frozen=True)
class Shipments:
    """Orders and how their parcels fare, as parallel arrays; times in epoch seconds.

    ``seller`` are indices from 0, ``buyer`` numbers. ``end_at`` is the delivery, or the last scan
    of a parcel that did not arrive; ``known_by`` when every scan has reached us.
    """

    no: Ints
    seller: Ints
    buyer: Ints
    paid_at: Ints
    ship_by: Ints
    deliver_by: Ints
    first_at: Ints
    end_at: Ints
    known_by: Ints
    carrier: list[str]
    total_cents: Ints
    weight_g: Ints
    sent: Bools
    arrived: Bools
    there: Bools
    exception: Bools

    def __len__(self) -> int:
        return len(self.no)


def draw_shipments(stage: Stage, plan: Plan, buyer: Ints, rng: np.random.Generator) -> Shipments:
    """Draw the order that each claim is about."""
    count = len(plan)
    last_seen = plan.first_at + whole(
        rng.uniform(0.3, 0.9, count)
        * (np.minimum(plan.claimed_at, plan.first_at + 4 * DAY) - plan.first_at)
    )
    other = np.isin(plan.kind, ("wrong_item", "changed_mind")) & plan.near
    return Shipments(
        no=stage.numbers.take("ord", count),
        seller=plan.seller,
        buyer=buyer,
        paid_at=plan.paid_at,
        ship_by=plan.ship_by,
        deliver_by=plan.deliver_by,
        first_at=plan.first_at,
        end_at=np.where(plan.arrived, plan.delivered_at, last_seen),
        known_by=plan.claimed_at,
        carrier=plan.carrier,
        total_cents=plan.amount_cents,
        weight_g=np.clip(whole(lognormal(rng, 450, 0.8, count)), 40, 25_000),
        sent=~plan.column("never_sent"),
        arrived=plan.arrived,
        there=plan.column("delivered_there"),
        # A claim of another kind does not become transit damage by a scanned exception.
        exception=plan.column("transit_damage") | (other & (rng.random(count) < 0.3)),
    )


def write_shipments(stage: Stage, goods: Shipments, rng: np.random.Generator) -> None:
    """Write the orders, their parcels and their scans."""
    homes = stage.places.homes(rng, len(goods))
    _write_orders(stage, goods, homes, rng)
    trail = _trail(goods, rng)
    _write_parcels(stage, goods, trail)
    _write_scans(stage, goods, trail, homes)


def _write_orders(
    stage: Stage, goods: Shipments, homes: list[str], rng: np.random.Generator
) -> None:
    sellers, count = stage.sellers, len(goods)
    offset = np.floor(rng.random(count) * sellers.n_listings[goods.seller])
    stage.writer.add(
        "orders",
        {
            "order_no": goods.no,
            "seller_no": goods.seller + 1,
            "buyer_no": goods.buyer,
            "listing_no": sellers.first_listing[goods.seller] + whole(offset),
            "order_type": ["regular"] * count,
            "fulfilment": pick(rng, ("seller", "platform_label"), (70, 30), count),
            "placed_at": goods.paid_at - rng.integers(5, 1800, count),
            "paid_at": goods.paid_at,
            "ship_by": goods.ship_by,
            "deliver_by": goods.deliver_by,
            "carrier": goods.carrier,
            "quantity": np.ones(count, dtype=np.int64),
            "item_cents": goods.total_cents,
            "total_cents": goods.total_cents,
            "currency": [sellers.currency[i] for i in goods.seller.tolist()],
            "declared_weight_g": goods.weight_g,
            "ship_from_postcode": [sellers.postcode[i] for i in goods.seller.tolist()],
            "ship_to_postcode": homes,
            "buyer_note": [""] * count,
        },
    )


@dataclass(frozen=True)
class _Trail:
    """Scans parcel after parcel: whose they are, their place in the trail, and when."""

    owner: Ints
    place: Ints
    length: Ints
    start: Ints
    at: Ints
    recorded: Ints


def _trail(goods: Shipments, rng: np.random.Generator) -> _Trail:
    """Label, acceptance, two to six scans on the way, and the delivery where there was one."""
    count = len(goods)
    moves = 2 + np.minimum(rng.poisson(1.2, count), 4)
    length = np.where(goods.sent, 2 + moves + goods.arrived, 1).astype(np.int64)
    start = np.cumsum(length) - length
    owner = np.repeat(np.arange(count), length)
    place = np.arange(len(owner)) - start[owner]
    steps = np.maximum(length - 2, 1)[owner]
    share: Floats = np.clip((place - 1) / steps, 0.0, 1.0)
    way = (goods.end_at - goods.first_at)[owner]
    labelled = goods.paid_at + whole(
        rng.uniform(0.1, 0.9, count) * (goods.first_at - goods.paid_at)
    )
    at = np.where(place == 0, labelled[owner], goods.first_at[owner] + whole(share * way))
    late = np.where(place == 0, 60, scan_lateness(rng, len(owner)))
    recorded = np.maximum(np.minimum(at + late, goods.known_by[owner]), at + 60)
    return _Trail(owner, place, length, start, at, recorded)


def _write_parcels(stage: Stage, goods: Shipments, trail: _Trail) -> None:
    first = trail.start + np.minimum(trail.length - 1, 1)
    last = trail.start + trail.length - 1
    stage.writer.add(
        "parcels",
        {
            "order_no": goods.no,
            "tracking_no": [
                f"{name[:2].upper()}{no * 7919 % 10**9:09d}"
                for name, no in zip(goods.carrier, goods.no.tolist(), strict=True)
            ],
            "first_at": optional(trail.at[first], goods.sent),
            "first_recorded_at": optional(trail.recorded[first], goods.sent),
            "delivered_at": optional(trail.at[last], goods.arrived),
            "delivered_recorded_at": optional(trail.recorded[last], goods.arrived),
            "geo_match": optional(goods.there.astype(int), goods.arrived),
        },
    )


def _write_scans(stage: Stage, goods: Shipments, trail: _Trail, homes: list[str]) -> None:
    owner, place = trail.owner, trail.place
    ahead = trail.length[owner] - 1 - place
    arrived = goods.arrived[owner]
    kind = np.where(place % 2 == 0, "departed", "arrived").astype(object)
    kind[(ahead == 1) & arrived] = "out_for_delivery"
    kind[(place == 2) & goods.exception[owner]] = "exception"
    kind[(ahead == 0) & arrived] = "delivered"
    kind[place == 1] = "accepted"
    kind[place == 0] = "label"
    origin = np.array(stage.sellers.postcode, dtype=object)[goods.seller][owner]
    near_home = (ahead < 2) & arrived
    stage.writer.add(
        "scans",
        {
            "order_no": goods.no[owner],
            "seq": place,
            "at": trail.at,
            "kind": kind,
            "postcode": np.where(near_home, np.array(homes, dtype=object)[owner], origin),
            "weight_g": optional(goods.weight_g[owner], place == 1),
            "source": np.where(place == 0, "seller", "carrier"),
            "recorded_at": trail.recorded,
        },
    )
