"""Who a seller is: its newest verification request."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import seller_no
from sandbox.api.problems import Problem
from sandbox.ids import render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("identity"))]

COSTS: Final = {"kyb": 0.04}
"""USD a call costs us (handbook 11.2)."""

_PARTY: Final = ("legal_name", "trading_name", "address", "explanation")
_TIMES: Final = ("threshold_met_at", "requested_at", "due_at")
_FLAGS: Final = (
    "email_verified", "phone_verified", "has_bank", "has_tax_id", "has_address", "has_document",
)  # fmt: skip


@router.get("/sellers/{seller_id}/kyb")
def get_kyb_request(seller_id: str, call: Plain) -> JSONResponse:
    """The newest verification request of the seller, and what the seller says of itself."""
    row = newest_request(call, seller_no(call, seller_id))
    data = present(
        request_id=render("kyb", row["request_no"]),
        state=_state(call, row),
        **{name: rfc3339(row[name]) for name in _TIMES if row[name] is not None},
        sales_12m=row["sales_12m"],
        gross_12m_cents=row["gross_12m_cents"],
        **{name: row[name] for name in _PARTY},
        **{name: bool(row[name]) for name in _FLAGS},
    )
    untrusted = [f"/{name}" for name in _PARTY]
    return call.answer(data, source="kyb", untrusted=untrusted, cost_usd=COSTS["kyb"])


def newest_request(call: Call, number: int) -> sqlite3.Row:
    """Return the newest verification request of seller ``number``.

    Raises:
        Problem: 404 where the seller was never asked.
    """
    row = call.db.row(
        "SELECT * FROM kyb_requests WHERE seller_no = ? AND requested_at <= ? "
        "ORDER BY requested_at DESC, request_no DESC LIMIT 1",
        (number, call.as_of),
    )
    if row is None:
        raise Problem(404, "never_verified", "The seller was never asked to verify itself.")
    return row


def _state(call: Call, row: sqlite3.Row) -> str:
    if row["decided_at"] is not None and row["decided_at"] <= call.as_of:
        return str(row["verdict"])
    answered = row["submitted_at"] is not None and row["submitted_at"] <= call.as_of
    return "submitted" if answered else "requested"
