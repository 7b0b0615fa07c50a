"""Complaints of rights owners, and checks of suppliers and brands."""

from __future__ import annotations

import json
import sqlite3
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import seller_no, violation_row, withheld
from sandbox.api.problems import Problem
from sandbox.ids import render
from sandbox.timeline import DAY, HOUR, rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("rights"))]
Supplied = Annotated[Call, Depends(reads("rights", "ref_id"))]
Branded = Annotated[Call, Depends(reads("rights", "brand", "seller_id"))]

RECORD_SPAN: Final = 180 * DAY
COUNTER_NOTICE_WAIT: Final = 20 * DAY
"""14 business days of two full weeks and a weekend beyond (17 USC 512(g))."""

CALL_LIMIT: Final = 72 * HOUR
_COMPLAINT: Final = """
SELECT complaint_no, owner_no, kind, filed_at, withdrawn_at, registration_status, territories,
  test_buy, test_buy_seller_no, court_order, counter_notice_at, suit_filed_at, statement
FROM complaints WHERE violation_no = ? AND filed_at <= ?
"""
_RECORD: Final = """
SELECT COUNT(*) AS filed, COUNT(CASE WHEN withdrawn_at <= :now THEN 1 END) AS withdrawn
FROM complaints WHERE owner_no = :owner AND filed_at <= :now AND filed_at > :since
"""
_CALL: Final = """
SELECT c.call_back, c.called_at, c.recorded_at, s.status, MAX(d.issued_on) AS newest,
  SUM(d.quantity_total) AS units
FROM supplier_calls c JOIN documents d ON d.ref = c.ref AND d.kind = 'invoice'
LEFT JOIN suppliers s USING (supplier_no)
WHERE c.ref = ? AND d.recorded_at <= ? GROUP BY c.ref
"""


@router.get("/violations/{violation_id}/complaint")
def get_complaint(violation_id: str, call: Plain) -> JSONResponse:
    """The complaint behind a violation, with its owner's record of the last 180 days."""
    row = call.db.row(_COMPLAINT, (violation_row(call, violation_id)["violation_no"], call.as_of))
    if row is None:
        raise Problem(404, "complaint_outside_portal", "No complaint was filed in the portal.")
    record = call.db.row(
        _RECORD,
        {"owner": row["owner_no"], "now": call.as_of, "since": call.as_of - RECORD_SPAN},
    )
    assert record is not None  # noqa: S101 - a count always has a row
    bought_from = row["test_buy_seller_no"]
    data = present(
        complaint_id=render("cmp", row["complaint_no"]),
        kind=row["kind"],
        filed_at=rfc3339(row["filed_at"]),
        withdrawn=_by(call, row["withdrawn_at"]),
        registration_status=row["registration_status"],
        territories=json.loads(row["territories"]),
        test_buy=row["test_buy"],
        test_buy_seller_id=render("sel", bought_from) if bought_from is not None else None,
        court_order=bool(row["court_order"]),
        counter_notice_complete=_by(call, row["counter_notice_at"]),
        suit_filed=_by(call, row["suit_filed_at"]),
        wait_over=_wait_over(call, row["counter_notice_at"]),
        owner_filed_180d=record["filed"],
        owner_withdrawn_180d=record["withdrawn"],
        statement=row["statement"],
    )
    return call.answer(data, source="rights-portal", untrusted=["/statement"])


def _by(call: Call, second: int | None) -> bool:
    return second is not None and second <= call.as_of


def _wait_over(call: Call, counter_notice_at: int | None) -> bool | None:
    """True once the owner's time to sue has passed; while it runs, nothing is said."""
    if counter_notice_at is None:
        return None
    return _by(call, counter_notice_at + COUNTER_NOTICE_WAIT) or None


@router.get("/checks/supplier")
def check_supplier(call: Supplied) -> JSONResponse:
    """Whether the supplier on a reference's invoices exists and confirms them by telephone."""
    ref = call.query.get("ref_id")
    if not ref:
        raise Problem(400, "missing_parameter", "ref_id says whose invoices are meant.")
    row = call.db.row(_CALL, (ref, call.as_of))
    if row is None or withheld(call, ref, "invoice"):
        raise Problem(404, "no_invoice", "No invoice was submitted.")
    _await_call(call, ref, row)
    data = {
        "status": row["status"] or "not_found",
        "call_back": row["call_back"],
        "invoice_age_days": (call.as_of - row["newest"]) // DAY,
        "units_invoiced": row["units"] or 0,
    }
    return call.answer(data, source="supplier-desk")


def _await_call(call: Call, ref: str, row: sqlite3.Row) -> None:
    """Hold back the answer while the supplier has not called back, at most 72 world hours."""
    if row["recorded_at"] <= call.as_of and not withheld(call, ref, "supplier"):
        return
    left = max(HOUR, row["called_at"] + CALL_LIMIT - call.as_of)
    raise Problem(
        202,
        "call_back_pending",
        "The supplier has not called back yet.",
        retryable=True,
        headers={"Retry-After": str(left)},
    )


@router.get("/checks/brand")
def check_brand(call: Branded) -> JSONResponse:
    """Whether a brand's owner names a seller as authorised in its portal."""
    brand, seller_id = call.query.get("brand"), call.query.get("seller_id")
    if not brand or not seller_id:
        raise Problem(400, "missing_parameter", "brand and seller_id say who is asked about whom.")
    seller = seller_no(call, seller_id)
    if call.db.value("SELECT 1 FROM brands WHERE brand = ?", (brand,)) is None:
        raise Problem(404, "brand_without_portal", "The brand's owner has no portal with us.")
    row = call.db.row(
        "SELECT authorised, replied FROM brand_answers WHERE seller_no = ? AND brand = ? "
        "AND recorded_at <= ? ORDER BY recorded_at DESC LIMIT 1",
        (seller, brand, call.as_of),
    )
    data = {
        "authorised": row is not None and bool(row["authorised"]),
        "brand_replied": row is not None and bool(row["replied"]),
    }
    return call.answer(data, source="brand-portal")
