"""The buyers of refund cases: their accounts, and the year of orders and claims behind them.

Orders of that year are taken over from the background where there is one, so that no seller's
volume changes; those before the world's first day are planted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.refund_abuse.parcels import Shipments, write_shipments
from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.casetypes.refund_abuse.record import Record
from sandbox.history import CLAIM_KINDS
from sandbox.streams import Ints, lognormal, pick, whole
from sandbox.text.notes import CLAIMS
from sandbox.timeline import DAY, HISTORY_START, HOUR

OTHER_KINDS: Final = ("not_as_described", "defective", "wrong_item", "changed_mind")


@dataclass(frozen=True)
class History:
    """Earlier orders of buyers: number, seller index and ship-by; ``planted`` are new ones.

    The first orders are those of claims, in the order of the claims.
    """

    no: Ints
    seller: Ints
    ship_by: Ints
    planted: Shipments


@dataclass(frozen=True)
class Earlier:
    """Earlier claims: the buyer, when the order was paid, its kind, and whether it was refunded."""

    buyer: Ints
    paid_at: Ints
    kind: list[str]
    refunded: Ints


def plant_buyers(stage: Stage, plan: Plan, record: Record, rng: np.random.Generator) -> Ints:
    """Write the buyers and all that lies behind them; return the number of each case's buyer."""
    buyer = stage.numbers.take("buy", len(plan))
    owner = np.repeat(np.arange(len(plan)), record.peers)
    peer = stage.numbers.take("buy", len(owner))
    _write_accounts(stage, np.concatenate([buyer, peer]), plan, owner, rng)
    _share_devices(stage, buyer, peer, owner)
    claims = _earlier(plan, record, buyer, peer, owner, rng)
    plain = np.repeat(np.arange(len(plan)), record.plain)
    paid = plan.opened_at[plain] - whole(rng.uniform(8, 355, len(plain)) * DAY)
    history = _history(
        stage,
        np.concatenate([claims.buyer, buyer[plain]]),
        np.concatenate([claims.paid_at, paid]),
        rng,
    )
    write_shipments(stage, history.planted, rng)
    _write_claims(stage, claims, history, rng)
    return buyer


def _write_accounts(
    stage: Stage, no: Ints, plan: Plan, owner: Ints, rng: np.random.Generator
) -> None:
    opened = np.concatenate([plan.opened_at, plan.opened_at[owner]])
    age = whole((370 + lognormal(rng, 400, 0.8, len(no))) * DAY)
    token = np.concatenate([no[: len(plan)], no[owner]]).tolist()
    stage.writer.add(
        "buyers",
        {
            "buyer_no": no,
            "created_at": opened - age,
            "device_tokens": [json.dumps([f"bdev{n}"]) for n in token],
            "address_tokens": [json.dumps([f"addr{n}"]) for n in no.tolist()],
            "postcode": stage.places.homes(rng, len(no)),
        },
    )
    fair = np.concatenate([plan.fair, plan.fair[owner]])
    stage.writer.add("hidden_buyers", {"buyer_no": no, "honest": fair.astype(int)})


def _share_devices(stage: Stage, buyer: Ints, peer: Ints, owner: Ints) -> None:
    holders = np.unique(owner)
    tokens = [f"bdev{n}" for n in [*buyer[holders].tolist(), *buyer[owner].tolist()]]
    stage.writer.add(
        "shared_devices", {"token": tokens, "buyer_no": np.concatenate([buyer[holders], peer])}
    )


def _earlier(
    plan: Plan, record: Record, buyer: Ints, peer: Ints, owner: Ints, rng: np.random.Generator
) -> Earlier:
    """Denied claims, then refunded ones; the first of each buyer's say that nothing came."""
    each = record.denied + record.refunded
    case = np.repeat(np.arange(len(plan)), each)
    place = np.arange(len(case)) - np.repeat(np.cumsum(each) - each, each)
    other = pick(rng, OTHER_KINDS, (3, 3, 1, 3), len(case))
    kind = np.where(place < record.missing[case], "not_received", other)
    opened = plan.opened_at[np.concatenate([case, owner])]
    return Earlier(
        buyer=np.concatenate([buyer[case], peer]),
        paid_at=opened - whole(rng.uniform(75, 345, len(opened)) * DAY),
        kind=[*(str(name) for name in kind.tolist()), *["not_received"] * len(owner)],
        refunded=np.concatenate(
            [(place >= record.denied[case]).astype(np.int64), np.zeros(len(owner), dtype=np.int64)]
        ),
    )


def _history(stage: Stage, buyer: Ints, paid: Ints, rng: np.random.Generator) -> History:
    """Find or plant an order for each buyer near the time it is said to be paid."""
    known = np.flatnonzero(paid >= HISTORY_START)
    free = np.flatnonzero(~np.isin(stage.background.no, _reviewed(stage)))
    found = free[_distinct(stage.background.paid_at[free], paid[known])]
    stage.writer.change(
        "orders", "order_no", stage.background.no[found], {"buyer_no": buyer[known]}
    )
    rest = np.flatnonzero(paid < HISTORY_START)
    planted = _plain_shipments(stage, buyer[rest], paid[rest], rng)
    no, seller, ship_by = (np.zeros(len(paid), dtype=np.int64) for _ in range(3))
    for rows, source, at in ((known, stage.background, found), (rest, planted, slice(None))):
        no[rows], seller[rows], ship_by[rows] = source.no[at], source.seller[at], source.ship_by[at]
    return History(no, seller, ship_by, planted)


def _reviewed(stage: Stage) -> Ints:
    """Numbers of the orders whose buyer wrote a review, and so stays as it is."""
    rows = stage.writer.rows("SELECT order_no FROM reviews WHERE order_no IS NOT NULL")
    return np.array([no for (no,) in rows], dtype=np.int64)


def _distinct(times: Ints, wanted: Ints) -> Ints:
    """Return distinct indices into the sorted ``times``, each at or after a wanted time."""
    order = np.argsort(wanted, kind="stable")
    at = np.searchsorted(times, wanted[order])
    step = np.arange(len(at))
    spread = np.maximum.accumulate(at - step) + step
    found = np.zeros(len(at), dtype=np.int64)
    found[order] = spread
    return found


def _plain_shipments(stage: Stage, buyer: Ints, paid: Ints, rng: np.random.Generator) -> Shipments:
    """Orders that arrived in time."""
    count = len(buyer)
    seller = rng.choice(len(stage.sellers), size=count, p=stage.sellers.weight)
    ship_by = paid + 2 * DAY
    first = paid + rng.integers(4 * HOUR, 40 * HOUR, count)
    delivered = first + rng.integers(30 * HOUR, 5 * DAY, count)
    yes = np.ones(count, dtype=bool)
    return Shipments(
        no=stage.numbers.take("ord", count),
        seller=seller,
        buyer=buyer,
        paid_at=paid,
        ship_by=ship_by,
        deliver_by=ship_by + rng.integers(3, 9, count) * DAY,
        first_at=first,
        end_at=delivered,
        known_by=delivered + 2 * DAY,
        carrier=[stage.sellers.carriers[i][0] for i in seller.tolist()],
        total_cents=whole(lognormal(rng, 2_400, 0.7, count) * stage.sellers.price_level[seller]),
        weight_g=np.clip(whole(lognormal(rng, 450, 0.8, count)), 40, 25_000),
        sent=yes,
        arrived=yes,
        there=yes,
        exception=~yes,
    )


def _write_claims(
    stage: Stage, claims: Earlier, history: History, rng: np.random.Generator
) -> None:
    count = len(claims.kind)
    opened = history.ship_by[:count] + rng.integers(6 * DAY, 20 * DAY, count)
    level = stage.sellers.price_level[history.seller[:count]]
    stage.writer.add(
        "claims",
        {
            "claim_no": stage.numbers.take("clm", count),
            "order_no": history.no[:count],
            "seller_no": history.seller[:count] + 1,
            "buyer_no": claims.buyer,
            "kind": claims.kind,
            "opened_at": opened,
            "closed_at": opened + rng.integers(DAY, 12 * DAY, count),
            "refunded": claims.refunded,
            "amount_cents": whole(lognormal(rng, 2_300, 0.7, count) * level),
            "statement": [CLAIMS[CLAIM_KINDS.index(kind)] for kind in claims.kind],
            "recorded_at": opened,
        },
    )
