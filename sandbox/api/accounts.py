"""What guards a seller's account: the bank account it is paid to, and who logged in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import seller_no, withheld
from sandbox.api.problems import Problem
from sandbox.timeline import DAY, HOUR, rfc3339

router = APIRouter(prefix="/v1/sellers/{seller_id}")
Plain = Annotated[Call, Depends(reads("accounts"))]

KEPT: Final = 90 * DAY
RECENT: Final = 30 * DAY
NO_FLIGHT: Final = 3 * HOUR
"""Nobody logs in from two countries within this time."""


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


@router.get("/login-signals")
def get_login_signals(seller_id: str, call: Plain) -> JSONResponse:
    """Signs in the logins of the last 30 days, of 90 that are kept."""
    number = seller_no(call, seller_id)
    rows = call.db.rows(
        "SELECT at, device_token, country, recovery FROM logins WHERE seller_no = ? AND at <= ? "
        "AND at > ? ORDER BY at",
        (number, call.as_of, call.as_of - KEPT),
    )
    if not rows or withheld(call, seller_id, "logins"):
        raise Problem(404, "logins_gone", "There are no logins of the last 90 days.")
    since = call.as_of - RECENT
    recent = [row for row in rows if row["at"] > since]
    known = {row["device_token"] for row in rows if row["at"] <= since}
    data = present(
        new_device_30d=any(row["device_token"] not in known for row in recent),
        impossible_travel_30d=any(_impossible(a, b) for a, b in pairwise(recent)),
        recovery_used_30d=any(row["recovery"] for row in recent),
        password_reset_to_bank_hours=_reset_to_bank(call, number, rows),
    )
    return call.answer(data, source="logins")


def _impossible(one: sqlite3.Row, next_one: sqlite3.Row) -> bool:
    far = one["country"] != next_one["country"]
    return bool(far and next_one["at"] - one["at"] < NO_FLIGHT)


def _reset_to_bank(call: Call, number: int, rows: Sequence[sqlite3.Row]) -> float | None:
    """Hours from the last reset before the newest change of bank to that change."""
    changed = call.db.value(
        "SELECT MAX(changed_at) FROM bank_accounts WHERE seller_no = ? AND changed_at <= ?",
        (number, call.as_of),
    )
    resets = [row["at"] for row in rows if row["recovery"] and row["at"] <= (changed or 0)]
    return round((changed - resets[-1]) / HOUR, 2) if resets else None
