"""How much two sellers' catalogues are the same: pictures, titles, prices."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.analytics import await_job
from sandbox.api.call import Call, reads
from sandbox.api.lookup import seller_no, withheld
from sandbox.api.problems import Problem

router = APIRouter(prefix="/v1/analytics")
Compared = Annotated[Call, Depends(reads("analytics", "seller_id", "peer_id"))]

FEWEST: Final = 5
"""Catalogues of fewer listings are not compared."""

_LISTINGS: Final = """
SELECT l.title, l.price_cents, i.image FROM listings l LEFT JOIN shared_images i USING (listing_no)
WHERE l.seller_no = ? AND l.created_at <= ? ORDER BY l.listing_no
"""


@router.get("/catalogue-overlap")
def compare_catalogues(call: Compared) -> JSONResponse:
    """Shares of the seller's pictures and titles that the peer has too, and how prices agree.

    ``n_listings`` counts the smaller of the two catalogues.
    """
    pair = [call.query.get(name) for name in ("seller_id", "peer_id")]
    if pair[0] is None or pair[1] is None:
        raise Problem(400, "missing_parameter", "seller_id and peer_id say who is compared.")
    numbers = [seller_no(call, text) for text in pair if text is not None]
    if withheld(call, "/".join(str(text) for text in pair), "overlap"):
        raise Problem(404, "not_compared", "The two catalogues were not compared yet.")
    await_job(call, f"overlap/{numbers[0]}/{numbers[1]}")
    mine, theirs = (call.db.rows(_LISTINGS, (number, call.as_of)) for number in numbers)
    if min(len(mine), len(theirs)) < FEWEST:
        raise Problem(404, "too_few_listings", "A catalogue has fewer than five listings.")
    data = {
        "image_share": _shared(mine, theirs, "image"),
        "title_share": _shared(mine, theirs, "title"),
        "price_corr": _agreement(mine, theirs),
        "n_listings": min(len(mine), len(theirs)),
    }
    return call.answer(data, source="catalogue-overlap")


def _shared(mine: Sequence[sqlite3.Row], theirs: Sequence[sqlite3.Row], column: str) -> float:
    known = {row[column] for row in theirs if row[column] is not None}
    return round(sum(row[column] in known for row in mine) / len(mine), 6)


def _agreement(mine: Sequence[sqlite3.Row], theirs: Sequence[sqlite3.Row]) -> float:
    """Pearson correlation of the prices of listings with one picture; 0 under three of them."""
    other = {row["image"]: row["price_cents"] for row in theirs if row["image"] is not None}
    pairs = [(row["price_cents"], other[row["image"]]) for row in mine if row["image"] in other]
    if len(pairs) < 3:
        return 0.0
    prices = np.array(pairs, dtype=np.float64)
    mine_from_mean, other_from_mean = (prices - prices.mean(axis=0)).T
    spread = np.sqrt((mine_from_mean**2).sum() * (other_from_mean**2).sum())
    together = float((mine_from_mean * other_from_mean).sum())
    return round(together / float(spread), 6) if spread > 0 else 0.0
