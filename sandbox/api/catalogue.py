"""Listings and documents."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, WINDOW, Call, Coverage, each, present, reads
from sandbox.api.lookup import listing_row, withheld
from sandbox.api.problems import Problem, unknown
from sandbox.ids import parse, render
from sandbox.timeline import DAY, EDIT_LOG_START, rfc3339

router = APIRouter(prefix="/v1")
Plain = Annotated[Call, Depends(reads("catalogue"))]
Listed = Annotated[Call, Depends(reads("catalogue", *PAGING, *WINDOW))]
Documents = Annotated[Call, Depends(reads("accounts", "ref_id", *PAGING))]

ALTERED_SCORE: Final = 0.90
MAJOR_EDIT: Final = 0.50
"""An edit that leaves less than this of what stood there makes the listing another one."""
_PARTY_LISTING: Final = ("title", "description", "brand", "model_no", "gtin")
_PARTY_DOCUMENT: Final = (
    "issued_on", "issuer_name", "party_name", "quantity_total", "total_cents", "text",
)  # fmt: skip


@router.get("/listings/{listing_id}")
def get_listing(listing_id: str, call: Plain) -> JSONResponse:
    """The listing record."""
    row = call.db.row(
        "SELECT seller_no, region, title, description, brand, model_no, gtin, category, "
        "price_cents, created_at, age_grade_months, has_battery, status, n_identical_images "
        "FROM listings WHERE listing_no = ? AND created_at <= ?",
        (parse("lst", listing_id), call.as_of),
    )
    if row is None:
        raise unknown("listing", listing_id)
    data = present(
        listing_id=listing_id,
        seller_id=render("sel", row["seller_no"]),
        created_at=rfc3339(row["created_at"]),
        has_battery=_flag(row["has_battery"]),
        **{
            name: row[name]
            for name in (*_PARTY_LISTING, "region", "category", "price_cents",
                         "age_grade_months", "status", "n_identical_images")
        },
    )  # fmt: skip
    untrusted = [f"/{name}" for name in _PARTY_LISTING if name in data]
    return call.answer(data, source="catalogue", untrusted=untrusted)


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


@router.get("/listings/{listing_id}/edits")
def list_listing_edits(listing_id: str, call: Listed) -> JSONResponse:
    """What the seller changed on a listing, by time; the log may start after the listing."""
    listing = listing_row(call, listing_id)
    start, end = call.window()
    rows = call.db.rows(
        "SELECT at, field, similarity FROM listing_edits WHERE listing_no = ? AND at <= ? "
        "ORDER BY at, field",
        (listing["listing_no"], call.as_of),
    )
    body = call.slice([_edit(row) for row in rows if start <= row["at"] < end])
    body["n_major_180d"] = sum(
        row["similarity"] < MAJOR_EDIT and row["at"] > call.as_of - 180 * DAY for row in rows
    )
    coverage = Coverage(listing["created_at"] >= EDIT_LOG_START, call.as_of)
    return call.answer(body, source="edit-log", coverage=coverage)


def _edit(row: sqlite3.Row) -> dict[str, Any]:
    return {"at": rfc3339(row["at"]), "field": row["field"], "similarity": row["similarity"]}


@router.get("/documents")
def list_documents(call: Documents) -> JSONResponse:
    """Documents attached to a record, with forensic flags."""
    ref = call.query.get("ref_id")
    if not ref:
        raise Problem(400, "missing_parameter", "ref_id says whose documents are meant.")
    if withheld(call, ref, "docs"):
        raise Problem(404, "uploads_pending", "The uploads are still being read.")
    rows = call.db.rows(
        "SELECT document_no, kind, issued_on, issuer_name, party_name, quantity_total, "
        "total_cents, text, edited_after_issue, reused_by_sellers, synthetic_score "
        "FROM documents WHERE ref = ? AND recorded_at <= ? ORDER BY document_no",
        (ref, call.as_of),
    )
    # What comes with a withheld answer to a notice is not here yet.
    items = [] if withheld(call, ref, "notice") else [_document(row) for row in rows]
    # Where everything is withheld, what there is may still come.
    complete = not withheld(call, ref, "documents")
    if not complete:
        items = []
    if withheld(call, ref, "invoice"):
        items = [item for item in items if item["kind"] != "invoice"]
    body = call.slice(items)
    body["n_altered"] = sum(_altered(item) for item in items)
    untrusted = each(body["items"], *_PARTY_DOCUMENT)
    coverage = Coverage(complete, call.as_of)
    return call.answer(body, source="documents", untrusted=untrusted, coverage=coverage)


def _document(row: sqlite3.Row) -> dict[str, Any]:
    issued = row["issued_on"]
    return present(
        document_id=render("doc", row["document_no"]),
        kind=row["kind"],
        issued_on=rfc3339(issued) if issued is not None else None,
        issuer_name=row["issuer_name"],
        party_name=row["party_name"],
        quantity_total=row["quantity_total"],
        total_cents=row["total_cents"],
        text=row["text"],
        edited_after_issue=_flag(row["edited_after_issue"]),
        reused_by_sellers=row["reused_by_sellers"],
        synthetic_score=row["synthetic_score"],
    )


def _altered(item: dict[str, Any]) -> bool:
    """Whether forensics call a document altered (handbook 0.3)."""
    return bool(
        item.get("edited_after_issue")
        or item["reused_by_sellers"] >= 2
        or item.get("synthetic_score", 0.0) >= ALTERED_SCORE
    )
