"""Sellers: the account, and its violations, appeals, messages and claims."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, WINDOW, Call, each, present, reads
from sandbox.api.lookup import seller_no, withheld
from sandbox.api.problems import Problem
from sandbox.ids import render
from sandbox.intervals import wilson_low
from sandbox.timeline import DAY, rfc3339

router = APIRouter(prefix="/v1/sellers/{seller_id}")
Plain = Annotated[Call, Depends(reads("accounts"))]
Listed = Annotated[Call, Depends(reads("accounts", *PAGING, *WINDOW))]

POINTS_LAST: Final = 180 * DAY
HEALTH_START: Final = 200
MESSAGES_KEPT: Final = 180 * DAY


@router.get("")
def get_seller(seller_id: str, call: Plain) -> JSONResponse:
    """The account record."""
    number = seller_no(call, seller_id)
    row = call.db.row(
        "SELECT region, entity_type, home_country, registered_at, base_status, sanctioned_at, "
        "tier, multi_account_approved, main_category, display_name FROM sellers "
        "WHERE seller_no = ?",
        (number,),
    )
    assert row is not None  # noqa: S101 - seller_no has just found it
    sanctioned = row["sanctioned_at"] is not None and row["sanctioned_at"] <= call.as_of
    data = present(
        seller_id=seller_id,
        region=row["region"],
        entity_type=row["entity_type"],
        home_country=row["home_country"],
        registered_at=rfc3339(row["registered_at"]),
        status="suspended" if sanctioned else row["base_status"],
        sanctioned=sanctioned,
        sanctioned_at=rfc3339(row["sanctioned_at"]) if sanctioned else None,
        tier=row["tier"],
        health_score=_health(call, number),
        multi_account_approved=bool(row["multi_account_approved"]),
        main_category=row["main_category"],
        display_name=row["display_name"],
    )
    return call.answer(data, source="accounts", untrusted=["/display_name"])


def _health(call: Call, number: int) -> int:
    """Account health: 200 less the points still running (handbook 0.8)."""
    points = call.db.value(
        "SELECT COALESCE(SUM(points), 0) FROM violations WHERE seller_no = ? AND issued_at <= ? "
        "AND issued_at > ? AND (overturned_at IS NULL OR overturned_at > ?)",
        (number, call.as_of, call.as_of - POINTS_LAST, call.as_of),
    )
    return max(0, HEALTH_START - int(points))


@router.get("/violations")
def list_violations(seller_id: str, call: Listed) -> JSONResponse:
    """The seller's violations by time of issue, with counts over all of them."""
    number = seller_no(call, seller_id)
    rows = call.db.rows(
        "SELECT violation_no, kind, severity, points, issued_at, overturned_at FROM violations "
        "WHERE seller_no = ? AND issued_at <= ? ORDER BY issued_at, violation_no",
        (number, call.as_of),
    )
    start, end = call.window()
    items = [_violation(call, row) for row in rows if start <= row["issued_at"] < end]
    states = [_violation(call, row) for row in rows]
    recent = [row["kind"] for row in rows if row["issued_at"] > call.as_of - 365 * DAY]
    body = call.slice(items)
    body["n_open_severe"] = sum(
        item["severity"] == "severe" and item["status"] == "active" for item in states
    )
    body["n_same_kind_365d"] = recent.count(recent[-1]) if recent else 0
    return call.answer(body, source="accounts")


def _violation(call: Call, row: Any) -> dict[str, Any]:
    overturned = row["overturned_at"] is not None and row["overturned_at"] <= call.as_of
    expired = row["issued_at"] + POINTS_LAST <= call.as_of
    return {
        "violation_id": render("vio", row["violation_no"]),
        "kind": row["kind"],
        "severity": row["severity"],
        "points": row["points"],
        "issued_at": rfc3339(row["issued_at"]),
        "status": "overturned" if overturned else "expired" if expired else "active",
    }


@router.get("/appeals")
def list_appeals(seller_id: str, call: Listed) -> JSONResponse:
    """The seller's appeals by time of filing, with counts over the last 365 days."""
    number = seller_no(call, seller_id)
    rows = call.db.rows(
        "SELECT appeal_no, kind, filed_at, outcome, decided_at FROM appeals "
        "WHERE seller_no = ? AND filed_at <= ? ORDER BY filed_at, appeal_no",
        (number, call.as_of),
    )
    start, end = call.window()
    items = [_appeal(call, row) for row in rows]
    year = [i for i, row in enumerate(rows) if row["filed_at"] > call.as_of - 365 * DAY]
    body = call.slice(
        [item for item, row in zip(items, rows, strict=True) if start <= row["filed_at"] < end]
    )
    body["n_365d"] = len(year)
    body["false_appeals_365d"] = sum(items[i]["outcome"] == "refused_false" for i in year)
    return call.answer(body, source="appeals")


def _appeal(call: Call, row: Any) -> dict[str, Any]:
    decided = row["decided_at"] is not None and row["decided_at"] <= call.as_of
    return {
        "appeal_id": render("app", row["appeal_no"]),
        "kind": row["kind"],
        "outcome": row["outcome"] if decided else "pending",
        "filed_at": rfc3339(row["filed_at"]),
    }


@router.get("/messages")
def list_seller_messages(seller_id: str, call: Listed) -> JSONResponse:
    """All messages of the seller, by time; those of a window long past are purged."""
    start, end = call.window()
    gone = end <= call.as_of - MESSAGES_KEPT
    if gone or withheld(call, f"{seller_id}/{rfc3339(start)}", "messages"):
        raise Problem(410, "messages_purged", "Messages are kept for 180 days.")
    return messages(call, "seller_no", seller_no(call, seller_id))


def messages(call: Call, column: str, number: int) -> JSONResponse:
    """Return a page of messages where ``column`` (``seller_no`` or ``order_no``) is ``number``."""
    queries = {
        "seller_no": "SELECT message_no, order_no, from_party, sent_at, language, text "
        "FROM messages WHERE seller_no = ? ",
        "order_no": "SELECT message_no, order_no, from_party, sent_at, language, text "
        "FROM messages WHERE order_no = ? ",
    }
    start, end = call.window()
    rows = call.db.rows(
        queries[column]
        + "AND sent_at <= ? AND sent_at >= ? AND sent_at < ? "
        + "ORDER BY sent_at, message_no LIMIT ? OFFSET ?",
        (number, call.as_of, start, end, call.page.limit + 1, call.page.offset),
    )
    body = call.items(
        [
            {
                "message_id": render("msg", row["message_no"]),
                "order_id": render("ord", row["order_no"]),
                "from_party": row["from_party"],
                "sent_at": rfc3339(row["sent_at"]),
                "language": row["language"],
                "text": row["text"],
            }
            for row in rows
        ]
    )
    return call.answer(body, source="messages", untrusted=each(body["items"], "text"))


@router.get("/claims")
def list_claims(seller_id: str, call: Listed) -> JSONResponse:
    """Claims against the seller, and how many orders they are over in the same window."""
    number = seller_no(call, seller_id)
    start, end = call.window()
    rows = call.db.rows(
        "SELECT claim_no, order_no, buyer_no, kind, opened_at, amount_cents, statement "
        "FROM claims WHERE seller_no = ? AND recorded_at <= ? AND opened_at >= ? "
        "AND opened_at < ? ORDER BY opened_at, claim_no",
        (number, call.as_of, start, end),
    )
    n_orders = call.db.value(
        "SELECT COUNT(*) FROM orders WHERE seller_no = ? AND paid_at <= ? AND paid_at >= ? "
        "AND paid_at < ?",
        (number, call.as_of, start, end),
    )
    body = call.slice([_claim(row) for row in rows])
    kinds = [row["kind"] for row in rows]
    missing, empty = kinds.count("not_received"), kinds.count("empty_parcel")
    body |= {
        "n_orders": n_orders,
        "n_not_received": missing,
        "n_empty": empty,
        "not_received_low95": wilson_low(missing, n_orders),
        "empty_low95": wilson_low(empty, n_orders),
    }
    return call.answer(body, source="claims", untrusted=each(body["items"], "statement"))


def _claim(row: Any) -> dict[str, Any]:
    return {
        "claim_id": render("clm", row["claim_no"]),
        "order_id": render("ord", row["order_no"]),
        "buyer_id": render("buy", row["buyer_no"]),
        "kind": row["kind"],
        "opened_at": rfc3339(row["opened_at"]),
        "amount_cents": row["amount_cents"],
        "statement": row["statement"],
    }
