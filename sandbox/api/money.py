"""Figures of a seller computed when asked: trading metrics and the balance."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, reads
from sandbox.api.lookup import seller_no
from sandbox.api.problems import Problem
from sandbox.timeline import DAY

router = APIRouter(prefix="/v1/sellers/{seller_id}")
Plain = Annotated[Call, Depends(reads("accounts"))]

_CLOSING: Final = 600
_ORDERS: Final = """
SELECT o.paid_at, o.ship_by, o.total_cents, o.cancelled_at, c.connected,
  CASE WHEN p.first_recorded_at <= :now THEN p.first_at END AS first_at,
  CASE WHEN p.delivered_recorded_at <= :now THEN p.delivered_at END AS delivered_at
FROM orders o JOIN carriers c ON c.carrier = o.carrier LEFT JOIN parcels p USING (order_no)
WHERE o.seller_no = :seller AND o.ship_by > :since AND o.paid_at <= :now
"""
_CLAIMS: Final = """
SELECT kind, opened_at, closed_at, refunded, amount_cents FROM claims
WHERE seller_no = :seller AND recorded_at <= :now AND opened_at > :since
"""
_DEFECTS: Final = ("not_as_described", "defective", "wrong_item", "empty_parcel")


@router.get("/metrics")
def get_metrics(seller_id: str, call: Plain) -> JSONResponse:
    """Trading figures of the last 30, 60 and 90 days."""
    number = seller_no(call, seller_id)
    first = call.db.value("SELECT MIN(paid_at) FROM orders WHERE seller_no = ?", (number,))
    if first is None or first > call.as_of - 30 * DAY:
        raise Problem(404, "metrics_too_young", "There are under 30 days of sales.")
    scope = {"seller": number, "now": call.as_of, "since": call.as_of - 90 * DAY}
    orders = [dict(row) for row in _named(call, _ORDERS, scope)]
    claims = [dict(row) for row in _named(call, _CLAIMS, scope)]
    data = _volumes(call.as_of, orders) | _service(call.as_of, orders)
    return call.answer(data | _complaints(call.as_of, orders, claims), source="metrics")


def _named(call: Call, sql: str, scope: dict[str, int]) -> list[Any]:
    return call.db.rows(sql, scope)


def _paid(orders: list[dict[str, Any]], start: int, end: int) -> list[dict[str, Any]]:
    return [order for order in orders if start < order["paid_at"] <= end]


def _volumes(now: int, orders: list[dict[str, Any]]) -> dict[str, Any]:
    month, prior = _paid(orders, now - 30 * DAY, now), _paid(orders, now - 60 * DAY, now - 30 * DAY)
    return {
        "orders_30d": len(month),
        "orders_prior_30d": len(prior),
        "gmv_30d_cents": sum(order["total_cents"] for order in month),
        "gmv_prior_30d_cents": sum(order["total_cents"] for order in prior),
    }


def _service(now: int, orders: list[dict[str, Any]]) -> dict[str, Any]:
    """Dispatch, tracking, cancellations and deliveries of the last 30 days."""
    month = _paid(orders, now - 30 * DAY, now)
    due = [o for o in orders if now - 30 * DAY < o["ship_by"] <= now and o["connected"]]
    late = sum(o["first_at"] is None or o["first_at"] > o["ship_by"] for o in due)
    all_due = [o for o in orders if now - 30 * DAY < o["ship_by"] <= now]
    cancelled = sum(o["cancelled_at"] is not None and o["cancelled_at"] <= now for o in month)
    return {
        "late_dispatch_rate_30d": _share(late, len(due)),
        "valid_tracking_rate_30d": _share(
            sum(o["first_at"] is not None for o in all_due), len(all_due)
        ),
        "cancel_rate_30d": _share(cancelled, len(month)),
        "delivered_share_30d": _share(
            sum(o["delivered_at"] is not None for o in month), len(month)
        ),
    }


def _complaints(
    now: int, orders: list[dict[str, Any]], claims: list[dict[str, Any]]
) -> dict[str, Any]:
    two = [claim for claim in claims if claim["opened_at"] > now - 60 * DAY]
    n_two = len(_paid(orders, now - 60 * DAY, now))
    n_three = len(_paid(orders, now - 90 * DAY, now))
    return {
        "defect_rate_60d": _share(sum(c["kind"] in _DEFECTS for c in two), n_two),
        "return_rate_60d": _share(sum(c["refunded"] for c in two), n_two),
        "dispute_rate_90d": _share(len(claims), n_three),
    }


def _share(hits: int, total: int) -> float:
    """A rate, at most 1: claims of a window may concern orders from before it."""
    return round(min(1.0, hits / total), 6) if total else 0.0


@router.get("/balance")
def get_balance(seller_id: str, call: Plain) -> JSONResponse:
    """The seller's balance from its ledger, and what it may still cost us."""
    number = seller_no(call, seller_id)
    if call.service.clock.now() % DAY < _CLOSING:
        raise Problem(409, "ledger_closing", "The ledger closes until 00:10.", retryable=True)
    sums = _ledger(call, number)
    scope = {"seller": number, "now": call.as_of, "since": call.as_of - 60 * DAY}
    orders = [dict(row) for row in _named(call, _ORDERS, scope)]
    claims = [dict(row) for row in _named(call, _CLAIMS, scope)]
    data = {
        "available_cents": sum(sums.values()),
        "on_hold_cents": -sums.get("hold", 0),
        "reserve_cents": -sums.get("reserve", 0),
    }
    return call.answer(data | _exposure(call, orders, claims, number), source="ledger")


def _ledger(call: Call, number: int) -> dict[str, int]:
    rows = call.db.rows(
        "SELECT entry_kind, SUM(amount_cents) FROM ledger WHERE seller_no = ? "
        "AND booked_at <= ? GROUP BY entry_kind",
        (number, call.as_of),
    )
    return {str(kind): int(cents) for kind, cents in rows}


def _closed(claim: dict[str, Any], now: int) -> bool:
    return claim["closed_at"] is not None and claim["closed_at"] <= now


def _exposure(
    call: Call, orders: list[dict[str, Any]], claims: list[dict[str, Any]], number: int
) -> dict[str, int]:
    """Undelivered orders, open claims, chargebacks, and the refunds the last 60 days suggest."""
    now = call.as_of
    undelivered = sum(
        o["total_cents"]
        for o in orders
        if o["delivered_at"] is None and o["connected"] and o["paid_at"] > now - 30 * DAY
    )
    open_claims = sum(c["amount_cents"] for c in claims if not _closed(c, now))
    refunded = sum(c["amount_cents"] for c in claims if c["refunded"] and _closed(c, now))
    chargebacks = -int(
        call.db.value(
            "SELECT COALESCE(SUM(amount_cents), 0) FROM ledger WHERE seller_no = ? "
            "AND entry_kind = 'chargeback' AND booked_at <= ? AND booked_at > ?",
            (number, now, now - 60 * DAY),
        )
    )
    expected = refunded // 2
    return {
        "undelivered_cents": undelivered,
        "open_claims_cents": open_claims,
        "open_chargebacks_cents": chargebacks,
        "expected_refunds_cents": expected,
        "expected_loss_cents": open_claims + chargebacks + expected + undelivered // 20,
    }
