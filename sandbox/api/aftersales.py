"""After the sale: claims, what came back, inspections, photos, and the buyer's account."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import withheld
from sandbox.api.problems import Problem, unknown
from sandbox.ids import parse, render
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("after-sales"))]

CLAIM_WINDOW: Final = 30 * DAY
STATUTORY_WINDOW: Final = 730 * DAY
"""In the EU and the UK a buyer's statutory rights outlast the platform's window (handbook 6)."""

YEAR: Final = 365 * DAY
_CLAIM: Final = """
SELECT c.claim_no, c.order_no, c.buyer_no, c.kind, c.opened_at, c.amount_cents, c.statement,
  s.region, o.deliver_by, r.text AS seller_reply,
  CASE WHEN p.delivered_recorded_at <= :now THEN p.delivered_at END AS delivered_at,
  EXISTS (SELECT 1 FROM claims e WHERE e.order_no = c.order_no AND e.claim_no <> c.claim_no
    AND e.refunded = 1 AND e.closed_at <= :now) AS already_refunded
FROM claims c JOIN orders o USING (order_no) JOIN sellers s ON s.seller_no = c.seller_no
LEFT JOIN parcels p USING (order_no) LEFT JOIN claim_replies r USING (claim_no)
WHERE c.claim_no = :claim AND c.recorded_at <= :now
"""
_WEIGHTS: Final = """
SELECT
  (SELECT s.weight_g FROM claims c JOIN scans s USING (order_no) WHERE c.claim_no = :claim
   AND s.kind = 'accepted' AND s.weight_g IS NOT NULL ORDER BY s.seq LIMIT 1) AS sent,
  (SELECT weight_g FROM return_scans WHERE claim_no = :claim AND weight_g IS NOT NULL
   ORDER BY seq DESC LIMIT 1) AS back
"""
_BUYER: Final = """
SELECT
  (SELECT COUNT(*) FROM orders WHERE buyer_no = :buyer AND paid_at <= :now AND paid_at > :since)
    AS orders,
  COUNT(*) AS claims, COALESCE(SUM(kind = 'not_received'), 0) AS missing,
  COALESCE(SUM(refunded = 0 AND closed_at <= :now), 0) AS denied,
  COALESCE(SUM(refunded = 1 AND closed_at <= :now), 0) AS refunded
FROM claims WHERE buyer_no = :buyer AND recorded_at <= :now AND opened_at > :since
"""
_LINKED: Final = """
SELECT COUNT(DISTINCT other.buyer_no) FROM shared_devices mine
JOIN shared_devices other ON other.token = mine.token AND other.buyer_no <> mine.buyer_no
JOIN claims c ON c.buyer_no = other.buyer_no AND c.refunded = 0 AND c.closed_at <= :now
WHERE mine.buyer_no = :buyer
"""


@router.get("/claims/{claim_id}")
def get_claim(claim_id: str, call: Plain) -> JSONResponse:
    """The claim, or the way to the one it was merged into."""
    row = _claim_row(call, claim_id)
    start = row["delivered_at"] if row["delivered_at"] is not None else row["deliver_by"]
    window = STATUTORY_WINDOW if row["region"] in ("EU", "UK") else CLAIM_WINDOW
    data = {
        "claim_id": claim_id,
        "order_id": render("ord", row["order_no"]),
        "buyer_id": render("buy", row["buyer_no"]),
        "kind": row["kind"],
        "opened_at": rfc3339(row["opened_at"]),
        "delivered_claimed": row["kind"] != "not_received",
        "amount_cents": row["amount_cents"],
        "statement": row["statement"],
        "seller_reply": row["seller_reply"] or "",
        "already_refunded": bool(row["already_refunded"]),
        "in_time": row["opened_at"] - start <= window,
    }
    return call.answer(data, source="claims", untrusted=["/statement", "/seller_reply"])


def _claim_row(call: Call, claim_id: str) -> sqlite3.Row:
    """Return the row of a claim known by then.

    Raises:
        Problem: 301 where it was merged into another one, 404 where there is none.
    """
    number = parse("clm", claim_id)
    row = call.db.row(_CLAIM, {"claim": number, "now": call.as_of})
    if row is not None:
        return row
    merged = call.db.value("SELECT survivor_no FROM merged_claims WHERE claim_no = ?", (number,))
    if merged is None:
        raise unknown("claim", claim_id)
    survivor = render("clm", merged)
    path = call.path.replace(claim_id, survivor, 1)
    raise Problem(
        301,
        "claim_merged",
        f"The claim was merged into {survivor}.",
        headers={"Location": f"{path}?{urlencode(call.query)}" if call.query else path},
    )


@router.get("/claims/{claim_id}/return-scans")
def list_return_scans(claim_id: str, call: Plain) -> JSONResponse:
    """The scans of what the buyer sent back; without a return it has not started."""
    rows = call.db.rows(
        "SELECT at, kind, weight_g FROM return_scans WHERE claim_no = ? AND recorded_at <= ? "
        "ORDER BY seq",
        (_claim_row(call, claim_id)["claim_no"], call.as_of),
    )
    weights = [row["weight_g"] for row in rows if row["weight_g"] is not None]
    data = present(
        started=bool(rows),
        delivered=any(row["kind"] == "delivered" for row in rows),
        weight_g=weights[-1] if weights else None,
        items=[
            present(at=rfc3339(row["at"]), kind=row["kind"], weight_g=row["weight_g"])
            for row in rows
        ],
    )
    return call.answer(data, source="return-feed")


@router.get("/claims/{claim_id}/inspection")
def get_inspection(claim_id: str, call: Plain) -> JSONResponse:
    """What an inspection of the return found, and who made it."""
    number = _claim_row(call, claim_id)["claim_no"]
    row = call.db.row(
        "SELECT by, condition, serial_match FROM inspections "
        "WHERE claim_no = ? AND recorded_at <= ?",
        (number, call.as_of),
    )
    if row is None or withheld(call, claim_id, "inspection"):
        raise Problem(404, "not_inspected", "The return was not opened yet.")
    serial = row["serial_match"]
    found = present(
        condition=row["condition"],
        weight_ratio=_weight_ratio(call, number),
        serial_match=bool(serial) if serial is not None else None,
    )
    untrusted = [f"/{name}" for name in found] if row["by"] == "seller" else []
    data = {"done": True, "by": row["by"], **found}
    return call.answer(data, source="inspections", untrusted=untrusted)


def _weight_ratio(call: Call, claim: int) -> float | None:
    """Weight of the return over that of the parcel sent, by the carriers' scales."""
    row = call.db.row(_WEIGHTS, {"claim": claim})
    if row is None or not row["sent"] or row["back"] is None:
        return None
    return round(float(row["back"]) / float(row["sent"]), 4)


@router.get("/claims/{claim_id}/photo-check")
def get_photo_check(claim_id: str, call: Plain) -> JSONResponse:
    """What forensics say of the photos sent with the claim."""
    number = _claim_row(call, claim_id)["claim_no"]
    if withheld(call, claim_id, "photos"):
        raise Problem(404, "photo_check_unfinished", "The photos are still being checked.")
    rows = call.db.rows(
        "SELECT seen_before, synthetic_score FROM claim_photos "
        "WHERE claim_no = ? AND recorded_at <= ? ORDER BY seq",
        (number, call.as_of),
    )
    data = {
        "n_photos": len(rows),
        "n_seen_before": sum(row["seen_before"] for row in rows),
        "max_synthetic_score": max((row["synthetic_score"] for row in rows), default=0.0),
    }
    return call.answer(data, source="photo-forensics")


@router.get("/buyers/{buyer_id}")
def get_buyer(buyer_id: str, call: Plain) -> JSONResponse:
    """A buyer's account and the last 365 days, counted from orders and claims."""
    number = parse("buy", buyer_id)
    created = call.db.value(
        "SELECT created_at FROM buyers WHERE buyer_no = ? AND created_at <= ?",
        (number, call.as_of),
    )
    if created is None:
        raise unknown("buyer", buyer_id)
    scope = {"buyer": number, "now": call.as_of, "since": call.as_of - YEAR}
    counts: Any = call.db.row(_BUYER, scope)
    orders = counts["orders"]
    data = present(
        account_age_days=(call.as_of - created) // DAY,
        orders_365d=orders,
        claims_365d=counts["claims"],
        not_received_365d=counts["missing"],
        denied_365d=counts["denied"],
        refund_share_365d=round(min(1.0, counts["refunded"] / orders), 6) if orders else None,
        linked_denied_buyers=call.db.value(_LINKED, scope),
    )
    return call.answer(data, source="buyers")
