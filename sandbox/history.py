"""Everyday rows around the sellers: violations, appeals, claims, messages and ledger entries."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.ids import Numbers
from sandbox.orders import OrderBatch
from sandbox.streams import Ints, lognormal, pick, stream, whole
from sandbox.text.notes import CLAIMS, MESSAGES
from sandbox.timeline import BACKGROUND_END, DAY, HISTORY_START, HOUR
from sandbox.writer import WorldWriter, optional

_KINDS: Final = ("invalid_tracking", "item_mismatch", "slow_reply", "late_dispatch")
CLAIM_KINDS: Final = (
    "not_received", "empty_parcel", "not_as_described", "defective", "wrong_item", "changed_mind",
)  # fmt: skip


def make_violations(writer: WorldWriter, sellers: Sellers, seed: int, numbers: Numbers) -> None:
    """Write about six violations a seller, half of them appealed and settled."""
    rng = stream(seed, "violations")
    each = np.minimum(whole(lognormal(rng, 3.0, 1.2, len(sellers))), 60)
    seller = np.repeat(sellers.no, each)
    count = len(seller)
    no = numbers.take("vio", count)
    issued = rng.integers(HISTORY_START, BACKGROUND_END, count)
    kinds = pick(rng, _KINDS, (35, 25, 20, 20), count)
    appealed = rng.random(count) < 0.4
    won = appealed & (rng.random(count) < 0.25)
    filed = issued + rng.integers(HOUR, 25 * DAY, count)
    decided = filed + rng.integers(DAY, 6 * DAY, count)
    writer.add(
        "violations",
        {
            "violation_no": no,
            "seller_no": seller,
            "kind": kinds,
            "severity": pick(rng, ("minor", "major", "severe"), (70, 27, 3), count),
            "points": rng.integers(2, 25, count),
            "clause_id": ["SHIP-4.1" if k == "late_dispatch" else "GEN-1.1" for k in kinds],
            "issued_at": issued,
            "overturned_at": optional(decided, won),
        },
    )
    rows = np.flatnonzero(appealed)
    writer.add(
        "appeals",
        {
            "appeal_no": numbers.take("app", len(rows)),
            "violation_no": no[rows],
            "seller_no": seller[rows],
            "kind": [kinds[i] for i in rows.tolist()],
            "filed_at": filed[rows],
            "attempt": np.ones(len(rows), dtype=np.int64),
            "language": ["en"] * len(rows),
            "statement": [""] * len(rows),
            "outcome": np.where(won, "overturned", "upheld")[rows],
            "decided_at": decided[rows],
        },
    )


def make_claims(
    writer: WorldWriter, batch: OrderBatch, scale_buyers: int, seed: int, numbers: Numbers
) -> None:
    """Write claims on about three in a hundred orders, known at once (handbook 11.3)."""
    rng = stream(seed, "claims")
    rows = np.flatnonzero(rng.random(len(batch)) < 0.03)
    count = len(rows)
    kind = rng.choice(len(CLAIM_KINDS), size=count, p=(0.3, 0.05, 0.25, 0.2, 0.1, 0.1))
    opened = batch.ship_by[rows] + rng.integers(6 * DAY, 25 * DAY, count)
    # An empty parcel is noticed late: LN(12 d, .5) after delivery.
    opened += np.where(kind == 1, whole(lognormal(rng, 6.0, 0.5, count) * DAY), 0)
    writer.add(
        "claims",
        {
            "claim_no": numbers.take("clm", count),
            "order_no": batch.no[rows],
            "seller_no": batch.seller[rows] + 1,
            "buyer_no": rng.integers(1, scale_buyers + 1, count),
            "kind": [CLAIM_KINDS[k] for k in kind.tolist()],
            "opened_at": opened,
            "closed_at": opened + rng.integers(DAY, 12 * DAY, count),
            "refunded": (rng.random(count) < 0.6).astype(int),
            "amount_cents": whole(lognormal(rng, 2_300, 0.7, count)),
            "statement": [CLAIMS[k] for k in kind.tolist()],
            "recorded_at": opened,
        },
    )


def make_messages(writer: WorldWriter, batch: OrderBatch, seed: int, numbers: Numbers) -> None:
    """Write a message on about one order in eight."""
    rng = stream(seed, "messages")
    rows = np.flatnonzero(rng.random(len(batch)) < 0.12)
    count = len(rows)
    party = pick(rng, ("buyer", "seller", "platform"), (55, 35, 10), count)
    roll = rng.random(count).tolist()
    sent = batch.paid_at[rows] + rng.integers(HOUR, 8 * DAY, count)
    writer.add(
        "messages",
        {
            "message_no": numbers.take("msg", count),
            "thread_no": numbers.take("thr", count),
            "order_no": batch.no[rows],
            "seller_no": batch.seller[rows] + 1,
            "from_party": party,
            "sent_at": sent,
            "language": ["en"] * count,
            "text": [
                MESSAGES[p][int(u * len(MESSAGES[p]))] for p, u in zip(party, roll, strict=True)
            ],
        },
    )


def make_ledger(writer: WorldWriter, batch: OrderBatch, sellers: Sellers, seed: int) -> None:
    """Write a settlement a week after ship-by for each order, and payouts and reserves monthly."""
    rng = stream(seed, "ledger")
    cents = whole(lognormal(rng, 2_300, 0.7, len(batch)) * sellers.price_level[batch.seller])
    booked = batch.ship_by + 10 * DAY
    writer.add(
        "ledger",
        {
            "seller_no": batch.seller + 1,
            "booked_at": booked,
            "entry_kind": ["sale"] * len(batch),
            "amount_cents": cents,
        },
    )
    rare = np.flatnonzero(rng.random(len(batch)) < 0.003)
    _add_entries(
        writer, batch.seller[rare] + 1, booked[rare] + 24 * DAY, "chargeback", -cents[rare]
    )
    _write_payouts(writer, batch.seller, booked, cents)


def _write_payouts(writer: WorldWriter, seller: Ints, booked: Ints, cents: Ints) -> None:
    """Pay out 85% of each month's sales after it ends, and keep 5% as reserve for three months."""
    month = (booked - HISTORY_START) // (30 * DAY)
    keys, inverse = np.unique(seller * 1_000 + month, return_inverse=True)
    total = np.bincount(inverse, weights=cents).astype(np.int64)
    owner, end = keys // 1_000 + 1, HISTORY_START + (keys % 1_000 + 1) * 30 * DAY
    _add_entries(writer, owner, end, "payout", -(total * 85 // 100))
    _add_entries(writer, owner, end, "reserve", -(total * 5 // 100))
    _add_entries(writer, owner, end + 90 * DAY, "reserve", total * 5 // 100)


def _add_entries(writer: WorldWriter, owner: Ints, at: Ints, kind: str, cents: Ints) -> None:
    writer.add(
        "ledger",
        {
            "seller_no": owner,
            "booked_at": at,
            "entry_kind": [kind] * len(owner),
            "amount_cents": cents,
        },
    )
