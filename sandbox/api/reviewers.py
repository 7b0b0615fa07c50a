"""Who reviewed a listing: the largest connected group, and the shop's own people."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.analytics import await_job
from sandbox.api.call import WINDOW, Call, reads
from sandbox.api.lookup import listing_row, span
from sandbox.api.problems import Problem
from sandbox.api.reviews import posted, standing
from sandbox.api.rings import Ring, largest
from sandbox.ids import render
from sandbox.timeline import DAY

router = APIRouter(prefix="/v1/analytics")
Ringed = Annotated[Call, Depends(reads("analytics", "listing_id", *WINDOW))]

COMMON: Final = 0.5
"""A shop is common to a group where this share of it reviewed there."""
_BUYERS: Final = """
SELECT buyer_no, created_at, device_tokens, address_tokens FROM buyers
WHERE buyer_no IN (SELECT value FROM json_each(?))
"""
_HOLDERS: Final = """
SELECT DISTINCT seller_no FROM sellers, json_each(device_tokens) AS token
WHERE token.value IN (SELECT value FROM json_each(?)) AND recorded_at <= ?
"""
_SHOPS: Final = """
SELECT l.seller_no, COUNT(DISTINCT r.buyer_no) AS members FROM reviews r JOIN listings l
USING (listing_no) WHERE r.buyer_no IN (SELECT value FROM json_each(?)) AND r.posted_at < ?
AND r.posted_at <= ? GROUP BY l.seller_no
"""
_STAFF: Final = """
SELECT COUNT(*) FROM staff_accounts WHERE seller_no = ? AND recorded_at <= ?
AND buyer_no IN (SELECT value FROM json_each(?))
"""


@router.get("/reviewer-ring")
def get_reviewer_ring(call: Ringed) -> JSONResponse:
    """The largest group among a window's reviewers whose accounts share identifiers.

    ``staff_match`` counts accounts of the shop's people among all of the window's reviewers.
    """
    if "listing_id" not in call.query:
        raise Problem(400, "missing_parameter", "listing_id says whose reviewers are meant.")
    listing = listing_row(call, call.query["listing_id"])
    start, end = span(call)
    await_job(call, f"reviewer-ring/{listing['listing_no']}/{start}/{end}")
    rows = standing(call, posted(call, listing["listing_no"], start, end))
    writers = [row["buyer_no"] for row in rows]
    buyers = call.db.rows(_BUYERS, (json.dumps(sorted(set(writers))),))
    ring = largest({row["buyer_no"]: _tokens(row) for row in buyers})
    found = _nothing() if ring is None else _found(call, listing["seller_no"], ring, end)
    mine = sum(buyer in ring.buyers for buyer in writers) if ring is not None else 0
    data = {
        **found,
        "review_share": round(mine / len(writers), 6) if writers else 0.0,
        "staff_match": call.db.value(
            _STAFF, (listing["seller_no"], call.as_of, json.dumps(sorted(set(writers))))
        ),
        "median_account_age_days": _median_age(buyers, ring, end),
    }
    return call.answer(data, source="reviewer-graph")


def _tokens(row: sqlite3.Row) -> frozenset[tuple[str, str]]:
    devices = [("device", token) for token in json.loads(row["device_tokens"])]
    addresses = [("address", token) for token in json.loads(row["address_tokens"])]
    return frozenset([*devices, *addresses])


def _median_age(buyers: Sequence[sqlite3.Row], ring: Ring | None, end: int) -> int:
    """Median age in days of the group's accounts, or of all reviewers' where there is no group."""
    ages = [
        max(0, end - row["created_at"]) // DAY
        for row in buyers
        if ring is None or row["buyer_no"] in ring.buyers
    ]
    return int(statistics.median(ages)) if ages else 0


def _nothing() -> dict[str, Any]:
    return {
        "found": False, "n_reviewers": 0, "density": 0.0, "common_shops": 0,
        "seller_shared": False, "rival_seller_ids": [],
    }  # fmt: skip


def _found(call: Call, seller: int, ring: Ring, end: int) -> dict[str, Any]:
    holders = call.db.rows(_HOLDERS, (json.dumps(ring.values()), call.as_of))
    sellers = [row["seller_no"] for row in holders]
    return {
        "found": True,
        "n_reviewers": len(ring.buyers),
        "density": round(ring.density, 6),
        "common_shops": _common_shops(call, seller, ring.buyers, end),
        "seller_shared": seller in sellers,
        "rival_seller_ids": [render("sel", no) for no in sorted(sellers) if no != seller],
    }


def _common_shops(call: Call, seller: int, buyers: Collection[int], end: int) -> int:
    """How many other shops half of the group or more reviewed before the window's end."""
    rows = call.db.rows(_SHOPS, (json.dumps(sorted(buyers)), end, call.as_of))
    return sum(
        row["members"] >= COMMON * len(buyers) and row["seller_no"] != seller for row in rows
    )
