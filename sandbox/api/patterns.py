"""How a seller's orders of a window came about: their rhythm, campaigns, and who paid them."""

from __future__ import annotations

import math
import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.analytics import await_job
from sandbox.api.call import PAGING, WINDOW, Call, reads
from sandbox.api.lookup import seller_no, span, withheld
from sandbox.api.problems import Problem
from sandbox.ids import render
from sandbox.timeline import DAY, HOUR, rfc3339

router = APIRouter(prefix="/v1")
Windowed = Annotated[Call, Depends(reads("orders", *WINDOW))]
Listed = Annotated[Call, Depends(reads("orders", *PAGING, *WINDOW))]
Traced = Annotated[Call, Depends(reads("analytics", "seller_id", *WINDOW))]

BASELINE: Final = 28 * DAY
"""The four weeks before a window, whose median day the window's days are compared with."""
_ORDERS: Final = """
SELECT buyer_no, placed_at, paid_at, cancelled_at, ship_to_postcode FROM orders
WHERE seller_no = ? AND paid_at >= ? AND paid_at < ? AND paid_at <= ?
"""
_CAMPAIGNS: Final = """
SELECT c.campaign_no, c.kind, c.from_at, c.to_at,
  (SELECT COUNT(*) FROM order_traces t JOIN orders o USING (order_no)
   WHERE t.campaign_no = c.campaign_no AND o.paid_at >= :start AND o.paid_at < :end
   AND t.recorded_at <= :now) AS attributed
FROM campaigns c WHERE c.seller_no = :seller AND c.recorded_at <= :now
  AND c.from_at < :end AND c.to_at >= :start ORDER BY c.from_at, c.campaign_no
"""
_TRACES: Final = """
SELECT o.buyer_no, t.payment_token, t.coupon_cents, t.coupon_funder, t.refunded_outside
FROM orders o LEFT JOIN order_traces t ON t.order_no = o.order_no AND t.recorded_at <= :now
WHERE o.seller_no = :seller AND o.paid_at >= :start AND o.paid_at < :end AND o.paid_at <= :now
"""


@router.get("/sellers/{seller_id}/order-pattern")
def get_order_pattern(seller_id: str, call: Windowed) -> JSONResponse:
    """The rhythm of the orders paid in a window, beside that of the four weeks before it.

    ``burst_z`` is how far the busiest day lies above the median day of those weeks, in standard
    deviations of a Poisson count. Orders a buyer-hour are those of an hour over its buyers.
    """
    number = seller_no(call, seller_id)
    start, end = span(call)
    first = call.db.value("SELECT MIN(paid_at) FROM orders WHERE seller_no = ?", (number,))
    if first is None or first > start - BASELINE:
        raise Problem(404, "history_too_short", "There are under 28 days of orders before it.")
    orders = call.db.rows(_ORDERS, (number, start, end, call.as_of))
    before = call.db.rows(_ORDERS, (number, start - BASELINE, start, call.as_of))
    usual = statistics.median(_days(before, start - BASELINE, start))
    peak = max(_days(orders, start, end), default=0)
    data = {
        "n_orders": len(orders),
        "n_buyers": len({order["buyer_no"] for order in orders}),
        "baseline_median_day": float(usual),
        "peak_day": peak,
        "burst_z": round((peak - usual) / math.sqrt(max(usual, 1.0)), 6),
        "max_orders_per_buyer_hour": _densest_hour(orders),
        "n_single_address": max(Counter(o["ship_to_postcode"] for o in orders).values(), default=0),
    }
    return call.answer(data | _habits(call, orders), source="order-pattern")


def _days(orders: Sequence[sqlite3.Row], start: int, end: int) -> list[int]:
    """Orders of each day from ``start`` on."""
    counts = Counter((order["paid_at"] - start) // DAY for order in orders)
    return [counts[day] for day in range(math.ceil((end - start) / DAY))]


def _densest_hour(orders: Sequence[sqlite3.Row]) -> float:
    hours: dict[int, list[int]] = defaultdict(list)
    for order in orders:
        hours[order["paid_at"] // HOUR].append(order["buyer_no"])
    rates = (len(buyers) / len(set(buyers)) for buyers in hours.values())
    return round(max(rates, default=0.0), 6)


def _habits(call: Call, orders: Sequence[sqlite3.Row]) -> dict[str, float]:
    minutes = [(order["paid_at"] - order["placed_at"]) / 60 for order in orders]
    gone = sum(o["cancelled_at"] is not None and o["cancelled_at"] <= call.as_of for o in orders)
    return {
        "median_minutes_to_buy": round(statistics.median(minutes), 3) if minutes else 0.0,
        "cancelled_share": round(gone / len(orders), 6) if orders else 0.0,
    }


@router.get("/sellers/{seller_id}/campaigns")
def list_campaigns(seller_id: str, call: Listed) -> JSONResponse:
    """The seller's campaigns that touch a window, and the orders of the window each brought."""
    number = seller_no(call, seller_id)
    start, end = span(call)
    scope = {"seller": number, "now": call.as_of, "start": start, "end": end}
    items = [
        {
            "campaign_id": render("cpn", row["campaign_no"]),
            "kind": row["kind"],
            "from": rfc3339(row["from_at"]),
            "to": rfc3339(row["to_at"]),
            "attributed_orders": row["attributed"],
        }
        for row in call.db.rows(_CAMPAIGNS, scope)
    ]
    return call.answer(call.slice(items), source="attribution")


@router.get("/analytics/payment-trace")
def get_payment_trace(call: Traced) -> JSONResponse:
    """Where the money of a window's orders came from, and where some of it went back to."""
    if "seller_id" not in call.query:
        raise Problem(400, "missing_parameter", "seller_id says whose orders are meant.")
    number = seller_no(call, call.query["seller_id"])
    start, end = span(call)
    await_job(call, f"payment-trace/{number}/{start}/{end}")
    if withheld(call, call.query["seller_id"], "money"):
        raise Problem(404, "provider_silent", "The payment provider has not answered yet.")
    rows = call.db.rows(_TRACES, {"seller": number, "now": call.as_of, "start": start, "end": end})
    own = call.db.row("SELECT bank_token FROM sellers WHERE seller_no = ?", (number,))
    assert own is not None  # noqa: S101 - seller_no has just found it
    return call.answer(_money(rows, own["bank_token"]), source="payments")


def _money(rows: Sequence[sqlite3.Row], bank: str) -> dict[str, Any]:
    payers: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row["payment_token"] is not None:
            payers[row["payment_token"]].add(row["buyer_no"])
    paid_with = [row["payment_token"] for row in rows if row["payment_token"] is not None]
    return {
        "n_paid": len(rows),
        "n_shared_instrument": sum(len(payers[token]) > 1 for token in paid_with),
        "n_seller_instrument": sum(token == bank for token in paid_with),
        "n_refund_off_platform": sum(row["refunded_outside"] or 0 for row in rows),
        "coupon_cost_cents": sum(
            row["coupon_cents"] for row in rows if row["coupon_funder"] == "seller"
        ),
    }
