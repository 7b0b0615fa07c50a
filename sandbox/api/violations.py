"""Violations and appeals: the records, and what became of the orders a violation cites."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import violation_row, withheld
from sandbox.api.problems import Problem, unknown
from sandbox.ids import parse, render
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("accounts"))]
Summed = Annotated[Call, Depends(reads("orders"))]

RATE_LIMIT: Final = 0.04
REVIEW_SPAN: Final = 30 * DAY
_CITED: Final = """
SELECT o.order_no, o.paid_at, o.ship_by, o.carrier, o.ship_from_postcode, s.region, o.seller_no,
  CASE WHEN p.first_recorded_at <= :now AND w.ref IS NULL THEN p.first_at END AS first_at
FROM violation_orders v JOIN orders o USING (order_no) JOIN sellers s ON s.seller_no = o.seller_no
LEFT JOIN parcels p USING (order_no)
LEFT JOIN withheld w ON w.action = 'scans' AND w.ref = printf('ord_%07d', o.order_no)
WHERE v.violation_no = :violation ORDER BY o.order_no
"""
_ALERTS: Final = """
SELECT from_at, to_at, postcodes FROM alerts
WHERE carrier = ? AND region = ? AND kind IN ('outage', 'weather', 'strike')
  AND recorded_at <= ? AND from_at <= ? AND to_at >= ?
"""
_INCIDENTS: Final = """
SELECT seller_nos FROM incidents
WHERE region = ? AND recorded_at <= ? AND from_at <= ? AND to_at >= ?
"""


@router.get("/violations/{violation_id}")
def get_violation(violation_id: str, call: Plain) -> JSONResponse:
    """The violation and what it cites."""
    row = violation_row(call, violation_id)
    number = (row["violation_no"],)
    orders = call.db.rows(
        "SELECT order_no FROM violation_orders WHERE violation_no = ? ORDER BY order_no", number
    )
    listings = call.db.rows(
        "SELECT listing_no FROM violation_listings WHERE violation_no = ? ORDER BY listing_no",
        number,
    )
    data = {
        "violation_id": violation_id,
        "seller_id": render("sel", row["seller_no"]),
        "kind": row["kind"],
        "severity": row["severity"],
        "points": row["points"],
        "clause_id": row["clause_id"],
        "issued_at": rfc3339(row["issued_at"]),
        "order_ids": [render("ord", each[0]) for each in orders],
        "listing_ids": [render("lst", each[0]) for each in listings],
    }
    return call.answer(data, source="violations")


@router.get("/violations/{violation_id}/dispatch-summary")
def get_dispatch_summary(violation_id: str, call: Summed) -> JSONResponse:
    """How the cited orders fared, and the seller's late rate with and without the excused ones.

    The rate is over the orders due in the 30 days up to the violation.
    """
    violation = violation_row(call, violation_id)
    scope = {"violation": violation["violation_no"], "now": call.as_of}
    orders = call.db.rows(_CITED, scope)
    if not orders:
        raise Problem(404, "summary_not_run", "The violation cites no orders.")
    in_time = [o["first_at"] is not None and o["first_at"] <= o["ship_by"] for o in orders]
    alerted = [_in_alert(call, order) for order in orders]
    changed = [_changed_by_buyer(call, order) for order in orders]
    touched = [_in_incident(call, order) for order in orders]
    excused = [any(flags) for flags in zip(in_time, alerted, changed, touched, strict=True)]
    due = max(_orders_due(call, violation), len(orders))
    data = {
        "n_orders": len(orders),
        "n_in_time": sum(in_time),
        "n_in_alert": sum(alerted),
        "n_buyer_changed": sum(changed),
        "rate_before": round((len(orders) - sum(in_time)) / due, 6),
        "rate_after": round((len(orders) - sum(excused)) / due, 6),
        "rate_limit": RATE_LIMIT,
    }
    return call.answer(data, source="dispatch-summary")


def _in_alert(call: Call, order: sqlite3.Row) -> bool:
    rows = call.db.rows(
        _ALERTS,
        (order["carrier"], order["region"], call.as_of, order["ship_by"], order["paid_at"]),
    )
    return any(order["ship_from_postcode"] in json.loads(row["postcodes"]) for row in rows)


def _changed_by_buyer(call: Call, order: sqlite3.Row) -> bool:
    found = call.db.value(
        "SELECT 1 FROM order_changes WHERE order_no = ? AND by = 'buyer' "
        "AND kind IN ('address', 'hold') AND at <= ? AND recorded_at <= ?",
        (order["order_no"], order["ship_by"], call.as_of),
    )
    return found is not None


def _in_incident(call: Call, order: sqlite3.Row) -> bool:
    rows = call.db.rows(
        _INCIDENTS, (order["region"], call.as_of, order["ship_by"], order["paid_at"])
    )
    return any(order["seller_no"] in json.loads(row["seller_nos"]) for row in rows)


def _orders_due(call: Call, violation: sqlite3.Row) -> int:
    issued = violation["issued_at"]
    return int(
        call.db.value(
            "SELECT COUNT(*) FROM orders WHERE seller_no = ? AND ship_by > ? AND ship_by <= ?",
            (violation["seller_no"], issued - REVIEW_SPAN, issued),
        )
    )


@router.get("/appeals/{appeal_id}")
def get_appeal(appeal_id: str, call: Plain) -> JSONResponse:
    """The appeal with the seller's statement."""
    row = call.db.row(
        "SELECT appeal_no, violation_no, seller_no, order_no, listing_no, filed_at, attempt, "
        "prior_decided_at, language, statement FROM appeals WHERE appeal_no = ? "
        "AND filed_at <= ?",
        (parse("app", appeal_id), call.as_of),
    )
    if row is None:
        raise unknown("appeal", appeal_id)
    documents = call.db.rows(
        "SELECT document_no FROM documents WHERE ref = ? AND recorded_at <= ? "
        "AND NOT (kind = 'invoice' AND ?) ORDER BY document_no",
        (appeal_id, call.as_of, withheld(call, appeal_id, "invoice")),
    )
    return call.answer(
        _appeal(appeal_id, row, documents), source="appeals", untrusted=["/statement"]
    )


def _appeal(appeal_id: str, row: sqlite3.Row, documents: Sequence[sqlite3.Row]) -> dict[str, Any]:
    prior = row["prior_decided_at"]
    return present(
        appeal_id=appeal_id,
        violation_id=render("vio", row["violation_no"]),
        seller_id=render("sel", row["seller_no"]),
        order_id=render("ord", row["order_no"]) if row["order_no"] is not None else None,
        listing_id=render("lst", row["listing_no"]) if row["listing_no"] is not None else None,
        filed_at=rfc3339(row["filed_at"]),
        attempt=row["attempt"],
        prior_decided_at=rfc3339(prior) if prior is not None else None,
        language=row["language"],
        statement=row["statement"],
        document_ids=[render("doc", document[0]) for document in documents],
    )
