"""How safe a product is: recalls, incidents, screening and certificates of a listing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, Call, each, reads
from sandbox.api.lookup import withheld
from sandbox.api.problems import Problem, unknown
from sandbox.ids import parse, render
from sandbox.timeline import HOUR, rfc3339

router = APIRouter(prefix="/v1/listings/{listing_id}")
Plain = Annotated[Call, Depends(reads("catalogue"))]
Listed = Annotated[Call, Depends(reads("catalogue", *PAGING))]

LAB_LIMIT: Final = 48 * HOUR
CODE_WORDS: Final = (
    "for display only", "collectors know", "no questions", "uso decorativo", "quien sabe, sabe",
    "懂的来", "只做摆件", "🔪", "💨",
)  # fmt: skip
"""Words that often stand for something else, and often do not."""

_LISTING: Final = """
SELECT l.listing_no, l.title, l.description, l.brand, l.model_no, l.gtin, g.batch, g.image_token
FROM listings l LEFT JOIN listing_goods g USING (listing_no)
WHERE l.listing_no = ? AND l.created_at <= ?
"""
_RECALLS: Final = """
SELECT recall_no, agency, published_at, model_pattern, gtin, batch_from, batch_to, image_token,
  hazard, units
FROM recalls WHERE (brand = ? OR image_token = ?) AND published_at <= ? AND recorded_at <= ?
ORDER BY published_at, recall_no
"""
_INCIDENTS: Final = """
SELECT incident_no, at, kind, severity, source, order_verified, reporter_no, text
FROM safety_incidents WHERE listing_no = ? AND recorded_at <= ? ORDER BY at, incident_no
"""


def _listing(call: Call, listing_id: str) -> sqlite3.Row:
    row = call.db.row(_LISTING, (parse("lst", listing_id), call.as_of))
    if row is None:
        raise unknown("listing", listing_id)
    return row


@router.get("/recalls")
def match_recalls(listing_id: str, call: Listed) -> JSONResponse:
    """Recalls that the listing may fall under, oldest first, each with how it matches.

    Exact are those of its barcode and batch, or of its model where the recall is of all batches;
    near are those of its model or picture alone. The same brand is neither.
    """
    listing = _listing(call, listing_id)
    rows = call.db.rows(
        _RECALLS, (listing["brand"], listing["image_token"], call.as_of, call.as_of)
    )
    matches = [_match(listing, row) for row in rows]
    exact = [_exact(match, row) for match, row in zip(matches, rows, strict=True)]
    near = [match in ("model", "image") for match in matches]
    body = call.slice([_recall(row, match) for row, match in zip(rows, matches, strict=True)])
    body["n_exact"] = sum(exact)
    body["n_near"] = sum(n and not e for n, e in zip(near, exact, strict=True))
    return call.answer(body, source="recalls")


def _match(listing: sqlite3.Row, recall: sqlite3.Row) -> str:
    batch, first, last = listing["batch"], recall["batch_from"], recall["batch_to"]
    inside = batch is not None and first is not None and first <= batch <= last
    if listing["gtin"] is not None and listing["gtin"] == recall["gtin"] and inside:
        return "gtin_batch"
    if listing["model_no"] is not None and fnmatchcase(
        listing["model_no"], recall["model_pattern"]
    ):
        return "model"
    shown = listing["image_token"]
    return "image" if shown is not None and shown == recall["image_token"] else "brand_only"


def _exact(match: str, recall: sqlite3.Row) -> bool:
    return match == "gtin_batch" or (match == "model" and recall["batch_from"] is None)


def _recall(row: sqlite3.Row, match: str) -> dict[str, Any]:
    return {
        "recall_id": render("rcl", row["recall_no"]),
        "agency": row["agency"],
        "published_at": rfc3339(row["published_at"]),
        "match": match,
        "hazard": row["hazard"],
        "units": row["units"],
    }


@router.get("/incidents")
def list_incidents(listing_id: str, call: Listed) -> JSONResponse:
    """Reports of harm with the product, oldest first, and from how many unrelated people."""
    rows = call.db.rows(_INCIDENTS, (_listing(call, listing_id)["listing_no"], call.as_of))
    body = call.slice([_incident(row) for row in rows])
    body["n_serious"] = sum(row["severity"] == "serious" for row in rows)
    body["n_unrelated_reporters"] = len({row["reporter_no"] for row in rows})
    return call.answer(body, source="incidents", untrusted=each(body["items"], "text"))


def _incident(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "incident_id": render("sin", row["incident_no"]),
        "at": rfc3339(row["at"]),
        "kind": row["kind"],
        "severity": row["severity"],
        "source": row["source"],
        "order_verified": bool(row["order_verified"]),
        "text": row["text"],
    }


@router.get("/screening")
def classify_listing(listing_id: str, call: Plain) -> JSONResponse:
    """What the screening model makes of words and pictures."""
    listing = _listing(call, listing_id)
    row = call.db.row(
        "SELECT policy_class, class_score, certificate_kinds FROM screenings "
        "WHERE listing_no = ? AND recorded_at <= ?",
        (listing["listing_no"], call.as_of),
    )
    if row is None:
        raise Problem(404, "not_screened", "The image service has not screened the listing.")
    kinds: Sequence[str] = json.loads(row["certificate_kinds"])
    words = f"{listing['title']}\n{listing['description']}".lower()
    data = {
        "policy_class": row["policy_class"],
        "class_score": row["class_score"],
        "needs_certificate": bool(kinds),
        "certificate_kinds": kinds,
        "coded_terms": [word for word in CODE_WORDS if word in words],
    }
    return call.answer(data, source="screening-4.2")


@router.get("/certificate-check")
def check_certificate(listing_id: str, call: Plain) -> JSONResponse:
    """The certificate filed for the listing, and what its laboratory says of it."""
    listing = _listing(call, listing_id)
    row = call.db.row(
        "SELECT model_no, lab_accredited, lab_confirms, asked_at, replied_at, valid_until "
        "FROM certificates WHERE listing_no = ? AND asked_at <= ?",
        (listing["listing_no"], call.as_of),
    )
    if row is None:
        return call.answer({"present": False}, source="certificate-desk")
    if row["replied_at"] > call.as_of or withheld(call, listing_id, "cert"):
        raise _laboratory_silent(max(HOUR, row["asked_at"] + LAB_LIMIT - call.as_of))
    data = {
        "present": True,
        "lab_accredited": bool(row["lab_accredited"]),
        "lab_confirms": "yes" if row["lab_confirms"] else "no",
        "product_match": row["model_no"] == listing["model_no"],
        "in_date": row["valid_until"] > call.as_of,
    }
    return call.answer(data, source="certificate-desk")


def _laboratory_silent(seconds: int) -> Problem:
    return Problem(
        202,
        "laboratory_pending",
        "The laboratory has not replied yet.",
        retryable=True,
        headers={"Retry-After": str(seconds)},
    )
