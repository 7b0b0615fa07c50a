"""How a seller's parcels really went: tracking over a window, and what carriers weighed."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import WINDOW, Call, reads
from sandbox.api.lookup import seller_no, span, withheld
from sandbox.api.problems import Problem
from sandbox.timeline import DAY, HOUR, rfc3339

router = APIRouter(prefix="/v1/sellers/{seller_id}")
Windowed = Annotated[Call, Depends(reads("logistics", *WINDOW))]
Plain = Annotated[Call, Depends(reads("logistics"))]

SILENCE: Final = 72 * HOUR
"""How long after ship-by a parcel without a scan counts as silent, and a number may be mended."""
UNDERWEIGHT: Final = 0.35
"""A parcel is too light under this share of its declared weight (handbook 2)."""
PROFILE_SPAN: Final = 40 * DAY
PROFILE_LEAST: Final = 10
_NOTICES: Final = ("capacity", "scan_delay")
_ORDERS: Final = """
SELECT o.order_no, o.placed_at, o.paid_at, o.ship_by, o.carrier, o.ship_from_postcode,
  o.ship_to_postcode, o.declared_weight_g, c.connected, p.tracking_no,
  CASE WHEN p.first_recorded_at <= :now THEN p.first_at END AS first_at,
  (SELECT MIN(s.postcode) FROM scans s WHERE s.order_no = o.order_no AND s.kind = 'delivered'
    AND s.recorded_at <= :now) AS delivered_to,
  (SELECT MAX(s.weight_g) FROM scans s WHERE s.order_no = o.order_no
    AND s.recorded_at <= :now) AS weight_g,
  EXISTS (SELECT 1 FROM parcels q JOIN orders r USING (order_no)
    WHERE q.tracking_no = p.tracking_no AND q.order_no <> o.order_no
    AND r.paid_at < o.paid_at) AS reused,
  EXISTS (SELECT 1 FROM tracking_changes t WHERE t.order_no = o.order_no
    AND t.at <= o.ship_by + :silence AND t.recorded_at <= :now) AS corrected
FROM orders o JOIN parcels p USING (order_no) JOIN carriers c USING (carrier)
WHERE o.seller_no = :seller AND o.paid_at >= :start AND o.paid_at < :end AND o.paid_at <= :now
"""
_ALERTS: Final = """
SELECT carrier, from_at, to_at, postcodes FROM alerts
WHERE region = (SELECT region FROM sellers WHERE seller_no = :seller)
  AND kind IN (SELECT value FROM json_each(:kinds)) AND recorded_at <= :now
  AND from_at < :end AND to_at >= :start
"""
_WEIGHED: Final = """
SELECT o.declared_weight_g, s.weight_g FROM orders o JOIN scans s USING (order_no)
WHERE o.seller_no = ? AND o.paid_at > ? AND o.paid_at <= ? AND s.weight_g IS NOT NULL
  AND s.recorded_at <= ?
"""


@router.get("/tracking-summary")
def get_tracking_summary(seller_id: str, call: Windowed) -> JSONResponse:
    """What the tracking of the orders paid in a window shows.

    A parcel is silent without a carrier's scan up to 72 h after ship-by, where the carrier is
    connected. Too light is under 35% of the declared weight. A number is put right in time within
    72 h of ship-by. Flagged orders are silent, delivered to another postcode, scanned before they
    were placed, or go by a number that an earlier parcel had.
    """
    number = seller_no(call, seller_id)
    start, end = span(call)
    scope = {
        "seller": number, "now": call.as_of, "start": start, "end": end, "silence": SILENCE,
    }  # fmt: skip
    orders = call.db.rows(_ORDERS, scope)
    if not orders or end > call.as_of:
        raise Problem(404, "summary_not_built", "There is no summary of that window yet.")
    return call.answer(_summary(orders, _alerts(call, scope), call.as_of), source="tracking")


def _alerts(call: Call, scope: dict[str, int]) -> list[sqlite3.Row]:
    """Carriers' notices of late or missing scans in the seller's region around the window."""
    around = {**scope, "end": scope["end"] + 7 * DAY, "kinds": json.dumps(_NOTICES)}
    return call.db.rows(_ALERTS, around)


def _summary(
    orders: Sequence[sqlite3.Row], alerts: Sequence[sqlite3.Row], now: int
) -> dict[str, Any]:
    silent = [order for order in orders if _silent(order, now)]
    flagged = [order for order in orders if _flagged(order, now)]
    weighed = [order for order in orders if order["weight_g"] is not None]
    scanned = sum(order["first_at"] is not None and not _flagged(order, now) for order in orders)
    return {
        "n_orders": len(orders),
        "n_no_scan_72h": len(silent),
        "n_no_scan_in_alert": sum(_excused(order, alerts) for order in silent),
        "n_zip_mismatch": sum(_astray(order) for order in orders),
        "n_pre_order_scan": sum(_too_early(order) and not _astray(order) for order in orders),
        "n_reused_numbers": sum(order["reused"] for order in orders),
        "n_flagged": len(flagged),
        "n_flagged_delivered": sum(order["delivered_to"] is not None for order in flagged),
        "n_corrected_72h": sum(order["corrected"] for order in flagged),
        "n_weighed": len(weighed),
        "n_underweight": sum(
            order["weight_g"] < UNDERWEIGHT * order["declared_weight_g"] for order in weighed
        ),
        "valid_rate": round(scanned / len(orders), 6),
    }


def _silent(order: sqlite3.Row, now: int) -> bool:
    limit = order["ship_by"] + SILENCE
    late = order["first_at"] is None or order["first_at"] > limit
    return bool(order["connected"]) and now >= limit and late


def _astray(order: sqlite3.Row) -> bool:
    """Whether it was delivered at another postcode than the order's."""
    return order["delivered_to"] is not None and order["delivered_to"] != order["ship_to_postcode"]


def _too_early(order: sqlite3.Row) -> bool:
    """Whether the first scan lies before the order."""
    return order["first_at"] is not None and order["first_at"] < order["placed_at"]


def _flagged(order: sqlite3.Row, now: int) -> bool:
    return _silent(order, now) or _astray(order) or _too_early(order) or bool(order["reused"])


def _excused(order: sqlite3.Row, alerts: Sequence[sqlite3.Row]) -> bool:
    """Whether the carrier announced trouble with scans at the origin while it was due."""
    return any(
        alert["carrier"] == order["carrier"]
        and alert["from_at"] <= order["ship_by"] + SILENCE
        and alert["to_at"] >= order["paid_at"]
        and order["ship_from_postcode"] in json.loads(alert["postcodes"])
        for alert in alerts
    )


@router.get("/weight-profile")
def get_weight_profile(seller_id: str, call: Plain) -> JSONResponse:
    """What carriers weighed of the seller's parcels over what it declared, in the last 40 days."""
    number = seller_no(call, seller_id)
    since = call.as_of - PROFILE_SPAN
    rows = call.db.rows(_WEIGHED, (number, since, call.as_of, call.as_of))
    if len(rows) < PROFILE_LEAST or withheld(call, seller_id, "weights"):
        raise Problem(404, "not_weighed", f"Too few parcels were weighed since {rfc3339(since)}.")
    ratios = [row["weight_g"] / row["declared_weight_g"] for row in rows]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    commonest = Counter(row["declared_weight_g"] for row in rows).most_common(1)[0][1]
    data = {
        "n_weighed_all": len(rows),
        "median_ratio": round(middle, 6),
        "ratio_iqr": round(high - low, 6),
        "same_declared_share": round(commonest / len(rows), 6),
    }
    return call.answer(data, source="weights")
