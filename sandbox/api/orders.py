"""Orders: the record, its scans, changes, manifest and messages."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, WINDOW, Call, Coverage, present, reads
from sandbox.api.lookup import connected, order_row, withheld
from sandbox.api.problems import Problem
from sandbox.api.sellers import messages
from sandbox.ids import render
from sandbox.timeline import HOUR, WEIGHT_SCHEMA_CHANGE, rfc3339

router = APIRouter(prefix="/v1/orders/{order_id}")
Plain = Annotated[Call, Depends(reads("orders"))]
Listed = Annotated[Call, Depends(reads("orders", *PAGING, *WINDOW))]
Scanned = Annotated[Call, Depends(reads("logistics", *PAGING, *WINDOW))]

_PARTY_SCAN: Final = ("at", "kind", "postcode", "weight_g")


@router.get("")
def get_order(order_id: str, call: Plain) -> JSONResponse:
    """The order record."""
    row = order_row(call, order_id)
    parcel = call.db.row(
        "SELECT p.tracking_no, p.first_recorded_at, p.delivered_recorded_at, s.recorded_at "
        "FROM parcels p LEFT JOIN scans s ON s.order_no = p.order_no AND s.seq = 0 "
        "WHERE p.order_no = ?",
        (row["order_no"],),
    )
    labelled = _by(call, parcel, "recorded_at")
    tracking = parcel["tracking_no"] if parcel is not None and labelled else None
    times = ("placed_at", "paid_at", "ship_by", "deliver_by")
    same = (
        "order_type", "fulfilment", "carrier", "quantity", "item_cents", "total_cents",
        "currency", "declared_weight_g", "ship_from_postcode", "ship_to_postcode", "buyer_note",
    )  # fmt: skip
    data = present(
        order_id=order_id,
        seller_id=render("sel", row["seller_no"]),
        buyer_id=render("buy", row["buyer_no"]),
        listing_id=render("lst", row["listing_no"]),
        status=_status(call, row, parcel),
        tracking_no=tracking,
        **{name: rfc3339(row[name]) for name in times},
        **{name: row[name] for name in same},
    )
    return call.answer(data, source="orders", untrusted=["/buyer_note"])


def _by(call: Call, row: sqlite3.Row | None, column: str) -> bool:
    return row is not None and row[column] is not None and row[column] <= call.as_of


def _status(call: Call, row: sqlite3.Row, parcel: sqlite3.Row | None) -> str:
    if row["cancelled_at"] is not None and row["cancelled_at"] <= call.as_of:
        return "cancelled"
    if _by(call, parcel, "delivered_recorded_at"):
        return "delivered"
    if _by(call, parcel, "first_recorded_at"):
        return "shipped"
    return "paid"


@router.get("/scans")
def list_scans(order_id: str, call: Scanned) -> JSONResponse:
    """The parcel's scans as far as they reached us, oldest first."""
    order = order_row(call, order_id)
    if withheld(call, order_id, "scans") or not connected(call, order["carrier"]):
        raise Problem(404, "carrier_not_connected", "The carrier's feed does not reach us.")
    rows = call.db.rows(
        "SELECT at, kind, postcode, weight_g, source FROM scans "
        "WHERE order_no = ? AND recorded_at <= ? ORDER BY at, seq",
        (order["order_no"], call.as_of),
    )
    start, end = call.window()
    body = call.slice([_scan(call, row, order) for row in rows if start <= row["at"] < end])
    data = present(**_parcel(call, order, rows)) | body
    by_party = [i for i, item in enumerate(body["items"]) if item["source"] == "seller"]
    untrusted = [
        f"/items/{i}/{name}" for i in by_party for name in _PARTY_SCAN if name in body["items"][i]
    ]
    if "label_created_at" in data:
        untrusted.append("/label_created_at")
    coverage = Coverage(call.as_of >= order["ship_by"], call.as_of)
    return call.answer(data, source="carrier-feed", untrusted=untrusted, coverage=coverage)


def _scan(call: Call, row: sqlite3.Row, order: sqlite3.Row) -> dict[str, Any]:
    weight: int | str | None = row["weight_g"]
    # The carriers' schema change shows up only where faults are wanted.
    changed = call.service.faults.on and row["at"] >= WEIGHT_SCHEMA_CHANGE
    if weight is not None and changed and order["order_no"] % 50 == 0:
        weight = str(weight)
    return present(
        at=rfc3339(row["at"]),
        kind=row["kind"],
        postcode=row["postcode"],
        weight_g=weight,
        source=row["source"],
    )


def _parcel(call: Call, order: sqlite3.Row, rows: list[sqlite3.Row]) -> dict[str, Any]:
    """Summary fields of a parcel, computed from the scans known by then."""
    parcel = call.db.row(
        "SELECT tracking_no, geo_match FROM parcels WHERE order_no = ?", (order["order_no"],)
    )
    assert parcel is not None  # noqa: S101 - every order has one parcel
    moves = [row for row in rows if row["kind"] != "label"]
    done = next((row for row in moves if row["kind"] == "delivered"), None)
    label = next((row for row in rows if row["kind"] == "label"), None)
    first = moves[0] if moves else None
    gap = (moves[1]["at"] - moves[0]["at"]) / HOUR if len(moves) > 1 else None
    return {
        "tracking_no": parcel["tracking_no"],
        "label_created_at": rfc3339(label["at"]) if label is not None else None,
        "accepted_count": sum(row["kind"] == "accepted" for row in moves),
        "first": _first(first) if first is not None else None,
        "hours_first_to_second": round(gap, 3) if gap is not None else None,
        "delivered": done is not None,
        "delivered_at": rfc3339(done["at"]) if done is not None else None,
        "delivered_geo_match": bool(parcel["geo_match"]) if done is not None else None,
        "exception_count": sum(row["kind"] == "exception" for row in moves),
    }


def _first(row: sqlite3.Row) -> dict[str, Any]:
    return {"at": rfc3339(row["at"]), "kind": row["kind"], "postcode": row["postcode"]}


@router.get("/changes")
def list_order_changes(order_id: str, call: Listed) -> JSONResponse:
    """Changes to the order, by time; none is kept for goods made to order."""
    order = order_row(call, order_id)
    if order["order_type"] == "made_to_order":
        raise Problem(404, "change_log_not_kept", "Orders made to order have no change log.")
    start, end = call.window()
    rows = call.db.rows(
        "SELECT at, by, kind FROM order_changes WHERE order_no = ? AND recorded_at <= ? "
        "AND at >= ? AND at < ? ORDER BY at, kind LIMIT ? OFFSET ?",
        (order["order_no"], call.as_of, start, end, call.page.limit + 1, call.page.offset),
    )
    items = [{"at": rfc3339(row["at"]), "by": row["by"], "kind": row["kind"]} for row in rows]
    return call.answer(call.items(items), source="orders")


@router.get("/manifest")
def get_pickup_manifest(order_id: str, call: Plain) -> JSONResponse:
    """The hand-over record of the order."""
    order = order_row(call, order_id)
    if withheld(call, order_id, "manifest"):
        raise Problem(404, "manifest_not_supplied", "No hand-over record was supplied.")
    row = call.db.row(
        "SELECT signed, handed_over_at, parcels, origin FROM manifests "
        "WHERE order_no = ? AND recorded_at <= ?",
        (order["order_no"], call.as_of),
    )
    if row is None:
        return call.answer({"found": False, "signed": False, "parcels": 0}, source="manifests")
    handed = row["handed_over_at"]
    data = present(
        found=True,
        signed=bool(row["signed"]),
        handed_over_at=rfc3339(handed) if handed is not None else None,
        parcels=row["parcels"],
        origin=row["origin"],
    )
    party = [f"/{name}" for name in ("signed", "handed_over_at", "parcels") if name in data]
    untrusted = party if row["origin"] == "seller" else []
    return call.answer(data, source="manifests", untrusted=untrusted)


@router.get("/messages")
def list_order_messages(order_id: str, call: Listed) -> JSONResponse:
    """Messages about the order, by time."""
    return messages(call, "order_no", order_row(call, order_id)["order_no"])
