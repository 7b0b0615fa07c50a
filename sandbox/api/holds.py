"""Holds on balances, and the orders of courts and authorities behind some of them."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, Call, present, reads
from sandbox.api.lookup import seller_no
from sandbox.api.problems import unknown
from sandbox.ids import parse, render
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("rights"))]
Legal = Annotated[Call, Depends(reads("rights", *PAGING, scope="legal:read"))]


@router.get("/holds/{hold_id}")
def get_hold(hold_id: str, call: Plain) -> JSONResponse:
    """The hold with the seller's request."""
    row = call.db.row(
        "SELECT seller_no, placed_at, reason, amount_cents, currency, review_due_at, cleared_at, "
        "request FROM holds WHERE hold_no = ? AND requested_at <= ?",
        (parse("hld", hold_id), call.as_of),
    )
    if row is None:
        raise unknown("hold", hold_id)
    data = {
        "hold_id": hold_id,
        "seller_id": render("sel", row["seller_no"]),
        "placed_at": rfc3339(row["placed_at"]),
        "reason": row["reason"],
        "amount_cents": row["amount_cents"],
        "currency": row["currency"],
        "review_due_at": rfc3339(row["review_due_at"]),
        "age_days": (call.as_of - row["placed_at"]) // DAY,
        "cause_cleared": row["cleared_at"] is not None and row["cleared_at"] <= call.as_of,
        "request": row["request"],
    }
    return call.answer(data, source="holds", untrusted=["/request"])


@router.get("/sellers/{seller_id}/legal-orders")
def list_legal_orders(seller_id: str, call: Legal) -> JSONResponse:
    """Orders of courts and authorities against the seller; ``n_active`` have not run out."""
    rows = call.db.rows(
        "SELECT order_ref, kind, court, scope_cents, expires_at FROM legal_orders "
        "WHERE seller_no = ? AND recorded_at <= ? ORDER BY issued_at, order_ref",
        (seller_no(call, seller_id), call.as_of),
    )
    body = call.slice([_order(row) for row in rows])
    ends = [row["expires_at"] for row in rows]
    body["n_active"] = sum(end is None or end > call.as_of for end in ends)
    return call.answer(body, source="legal-register")


def _order(row: sqlite3.Row) -> dict[str, Any]:
    ends = row["expires_at"]
    return present(
        order_ref=row["order_ref"],
        kind=row["kind"],
        court=row["court"],
        scope_cents=row["scope_cents"],
        expires_at=rfc3339(ends) if ends is not None else None,
    )
