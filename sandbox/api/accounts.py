"""What guards a seller's account: the bank account it is paid to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, reads
from sandbox.api.lookup import seller_no, withheld
from sandbox.api.problems import Problem
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1/sellers/{seller_id}")
Plain = Annotated[Call, Depends(reads("accounts"))]


@router.get("/bank-account")
def get_bank_account(seller_id: str, call: Plain) -> JSONResponse:
    """The account in force, and whether the bank's name for it is the verified one."""
    row = call.db.row(
        "SELECT bank_token, name_match, changed_at, country FROM bank_accounts "
        "WHERE seller_no = ? AND changed_at <= ? ORDER BY changed_at DESC LIMIT 1",
        (seller_no(call, seller_id), call.as_of),
    )
    if row is None or withheld(call, seller_id, "bank"):
        raise Problem(404, "bank_silent", "The bank's provider has no answer.")
    data = {
        "bank_token": row["bank_token"],
        "name_match": row["name_match"],
        "changed_at": rfc3339(row["changed_at"]),
        "days_since_change": (call.as_of - row["changed_at"]) // DAY,
        "country": row["country"],
    }
    return call.answer(data, source="bank-provider")
