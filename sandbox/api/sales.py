"""What a listing sold, and how often buyers doubted the goods."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, reads
from sandbox.api.problems import Problem, unknown
from sandbox.ids import parse
from sandbox.timeline import DAY

router = APIRouter(prefix="/v1/listings/{listing_id}")
Plain = Annotated[Call, Depends(reads("catalogue"))]

YEAR: Final = 365 * DAY
_SOLD: Final = """
SELECT COALESCE(SUM(units), 0) AS units, COALESCE(SUM(cents), 0) AS cents FROM (
  SELECT units, gmv_cents AS cents FROM listing_weeks
  WHERE listing_no = :listing AND at > :since AND at <= :now
  UNION ALL SELECT quantity, total_cents FROM orders
  WHERE seller_no = :seller AND listing_no = :listing AND paid_at > :since AND paid_at <= :now
    AND (cancelled_at IS NULL OR cancelled_at > :now))
"""
_CLAIMED: Final = """
SELECT COUNT(CASE kind WHEN 'authenticity' THEN 1 END) AS authenticity,
  COUNT(CASE kind WHEN 'safety' THEN 1 END) AS safety
FROM listing_claims WHERE listing_no = :listing AND recorded_at <= :now AND at > :since
"""


@router.get("/sales")
def get_listing_sales(listing_id: str, call: Plain) -> JSONResponse:
    """Units and turnover of the last 365 days, by order and by week, with claims on the goods."""
    row = call.db.row(
        "SELECT listing_no, seller_no, created_at FROM listings "
        "WHERE listing_no = ? AND created_at <= ?",
        (parse("lst", listing_id), call.as_of),
    )
    if row is None:
        raise unknown("listing", listing_id)
    if call.as_of - row["created_at"] < DAY:
        raise Problem(404, "listing_too_young", "Sales are counted from a listing's second day on.")
    scope = {
        "listing": row["listing_no"],
        "seller": row["seller_no"],
        "now": call.as_of,
        "since": call.as_of - YEAR,
    }
    sold, claimed = call.db.row(_SOLD, scope), call.db.row(_CLAIMED, scope)
    assert sold is not None and claimed is not None  # noqa: S101, PT018 - sums always have a row
    data = {
        "units_365d": sold["units"],
        "gmv_365d_cents": sold["cents"],
        "n_authenticity_claims": claimed["authenticity"],
        "n_safety_claims": claimed["safety"],
    }
    return call.answer(data, source="sales")
