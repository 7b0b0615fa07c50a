"""Reviews of a listing, what they look like together, and the programmes they may stem from."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, WINDOW, Call, each, present, reads
from sandbox.api.lookup import listing_row, span
from sandbox.ids import render
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1/listings/{listing_id}")
Listed = Annotated[Call, Depends(reads("reviews", *PAGING, *WINDOW))]
Summed = Annotated[Call, Depends(reads("reviews", *WINDOW))]

BASELINE: Final = 56 * DAY
"""The eight weeks before a window, which it is compared with (handbook 10, step 1)."""
LEAST_HISTORY: Final = 28 * DAY
SCRIPT_SIZE: Final = 3
"""So many near-same texts in a window are one script."""

_REVIEWS: Final = (
    "SELECT review_no, buyer_no, order_no, stars, posted_at, delivered_at, verified, programme_no, "
    "script_no, topic, language, text, deleted_at FROM reviews WHERE listing_no = ? "
    "AND posted_at >= ? AND posted_at < ? AND posted_at <= ? ORDER BY posted_at, review_no"
)


def posted(call: Call, listing: int, start: int, end: int) -> list[sqlite3.Row]:
    """Return the reviews of a listing posted from ``start`` up to ``end``, tombstones too."""
    return call.db.rows(_REVIEWS, (listing, start, end, call.as_of))


def standing(call: Call, rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """Return the reviews that were not deleted by then."""
    return [row for row in rows if not _deleted(call, row)]


def _deleted(call: Call, row: sqlite3.Row) -> bool:
    return row["deleted_at"] is not None and row["deleted_at"] <= call.as_of


@router.get("/reviews")
def list_reviews(listing_id: str, call: Listed) -> JSONResponse:
    """Reviews by time; of a deleted one the text is gone and the rest stays."""
    listing = listing_row(call, listing_id)["listing_no"]
    rows = posted(call, listing, *call.window())
    body = call.slice([_review(call, row) for row in rows])
    return call.answer(body, source="reviews", untrusted=each(body["items"], "text"))


def _review(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    order = row["order_no"]
    return present(
        review_id=render("rev", row["review_no"]),
        buyer_id=render("buy", row["buyer_no"]),
        order_id=render("ord", order) if order is not None else None,
        stars=row["stars"],
        posted_at=rfc3339(row["posted_at"]),
        verified=bool(row["verified"]),
        programme=row["programme_no"] is not None,
        language=row["language"],
        text="" if _deleted(call, row) else row["text"],
    )


@router.get("/review-stats")
def get_review_stats(listing_id: str, call: Summed) -> JSONResponse:
    """Counts and shares over the window's reviews, and how they compare with the weeks before.

    Shares are 0 without reviews. The burst is counted in standard deviations of a Poisson count;
    it is absent where the listing is younger than 28 days at the window's start.
    """
    listing = listing_row(call, listing_id)
    start, end = span(call)
    number = listing["listing_no"]
    rows = standing(call, posted(call, number, start, end))
    before = standing(call, posted(call, number, start - BASELINE, start))
    known = start - listing["created_at"] >= LEAST_HISTORY
    mean = len(before) / (BASELINE / DAY)
    data = present(
        n_reviews=len(rows),
        n_one_star=sum(row["stars"] == 1 for row in rows),
        n_five_star=sum(row["stars"] == 5 for row in rows),
        verified_share=_share([bool(row["verified"]) for row in rows]),
        burst_z=burst_z(len(rows), mean * (end - start) / DAY) if known else None,
        within_24h_share=_share([_at_once(row) for row in rows]),
        echo_share=_share(_echoes(rows)),
        off_product_share=_share([_off_product(row, listing["title"]) for row in rows]),
        baseline_mean=round(mean, 6) if known else None,
    )
    return call.answer(data, source="review-stats")


def burst_z(count: int, expected: float) -> float:
    """Return how many standard deviations ``count`` lies above ``expected``, which is Poisson."""
    return round((count - expected) / math.sqrt(max(expected, 1.0)), 6)


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 6) if flags else 0.0


def _at_once(row: sqlite3.Row) -> bool:
    arrived = row["delivered_at"]
    return arrived is not None and 0 <= row["posted_at"] - arrived < DAY


def _echoes(rows: Sequence[sqlite3.Row]) -> list[bool]:
    """Tell of each review whether its text stands in the window three times or more."""
    size = Counter(row["script_no"] for row in rows if row["script_no"] is not None)
    return [size[row["script_no"]] >= SCRIPT_SIZE for row in rows]


def _off_product(row: sqlite3.Row, title: str) -> bool:
    return row["topic"].lower() not in title.lower()


@router.get("/programmes")
def list_programmes(listing_id: str, call: Listed) -> JSONResponse:
    """Official review programmes of the listing that overlap the window, with their reviews."""
    listing = listing_row(call, listing_id)["listing_no"]
    start, end = call.window()
    rows = call.db.rows(
        "SELECT programme_no, kind, from_at, to_at FROM programmes WHERE listing_no = ? "
        "AND recorded_at <= ? AND from_at < ? AND to_at >= ? ORDER BY from_at, programme_no",
        (listing, call.as_of, end, start),
    )
    reviews = standing(call, posted(call, listing, 0, call.as_of + 1))
    by_programme = Counter(row["programme_no"] for row in reviews)
    body = call.slice([_programme(row, by_programme[row["programme_no"]]) for row in rows])
    inside = [row for row in reviews if start <= row["posted_at"] < end]
    body["n_reviews_in_window"] = sum(row["programme_no"] is not None for row in inside)
    return call.answer(body, source="programmes")


def _programme(row: sqlite3.Row, reviews: int) -> dict[str, Any]:
    return {
        "programme_id": render("prg", row["programme_no"]),
        "kind": row["kind"],
        "from": rfc3339(row["from_at"]),
        "to": rfc3339(row["to_at"]),
        "n_reviews": reviews,
    }
