"""Checks of what a seller says of itself, as registers and providers answer them.

``ref_id`` says whose request is checked; the value to check has to be the one on file.
"""

from __future__ import annotations

import sqlite3
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.identity import newest_request
from sandbox.api.lookup import seller_no, withheld
from sandbox.api.problems import Problem, bad_parameter, unknown
from sandbox.ids import parse, render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1/checks")
SCOPE: Final = "kyb:read"
Registered = Annotated[
    Call, Depends(reads("identity", "ref_id", "legal_name", "country", scope=SCOPE))
]
Taxed = Annotated[Call, Depends(reads("identity", "ref_id", scope=SCOPE))]
Placed = Annotated[Call, Depends(reads("identity", "ref_id", "address", scope=SCOPE))]
Seen = Annotated[Call, Depends(reads("identity", "ref_id", scope=SCOPE))]
Watched = Annotated[Call, Depends(reads("identity", "ref_id", "legal_name", scope=SCOPE))]

COSTS: Final = {"registry": 0.2, "tax": 0.1, "address": 0.05, "identity": 0.6, "watchlist": 0.25}
"""USD a call costs us (handbook 11.2)."""

_ANSWER: Final = """
SELECT r.legal_name, r.address, s.home_country, c.* FROM kyb_requests r
JOIN kyb_checks c USING (request_no) JOIN sellers s USING (seller_no)
WHERE r.request_no = ? AND r.requested_at <= ?
"""


@router.get("/registry")
def check_registry(call: Registered) -> JSONResponse:
    """What the companies register of a country says of a name."""
    row = _answer(call, _given(call, "ref_id"))
    _on_file(call, "legal_name", row["legal_name"])
    _on_file(call, "country", row["home_country"])
    _available(call, row, "register", "register_offline")
    data = present(
        found=bool(row["found"]),
        active=bool(row["active"]),
        name_score=row["name_score"],
        formed_at=rfc3339(row["formed_at"]) if row["formed_at"] is not None else None,
        agent_address=bool(row["agent_address"]),
    )
    return call.answer(data, source="registry", cost_usd=COSTS["registry"])


@router.get("/tax-id")
def check_tax_id(call: Taxed) -> JSONResponse:
    """Whether the tax authority knows the seller's number under the seller's name."""
    number = newest_request(call, seller_no(call, _given(call, "ref_id")))["request_no"]
    row = _answer(call, render("kyb", number))
    _available(call, row, "tax", "authority_down")
    data = {"matched": bool(row["tax_matched"])}
    return call.answer(data, source="tax-authority", cost_usd=COSTS["tax"])


@router.get("/address")
def check_address(call: Placed) -> JSONResponse:
    """Whether post reaches the address, what kind it is, and how many sellers give it."""
    row = _answer(call, _given(call, "ref_id"))
    _on_file(call, "address", row["address"])
    _available(call, row, "place", "country_not_covered")
    data = {
        "deliverable": bool(row["deliverable"]),
        "kind": row["address_kind"],
        "n_sellers_here": row["n_sellers_here"],
    }
    return call.answer(data, source="addresses", cost_usd=COSTS["address"])


@router.get("/identity")
def check_identity(call: Seen) -> JSONResponse:
    """The identity document and the live picture."""
    row = _answer(call, _given(call, "ref_id"))
    if row["liveness"] is None:
        raise Problem(404, "papers_instead", "The seller chose to send papers instead.")
    data = {
        "document_ok": bool(row["document_ok"]),
        "liveness": row["liveness"],
        "face_match": row["face_match"],
        "injected_video": bool(row["injected_video"]),
    }
    return call.answer(data, source="identity-provider", cost_usd=COSTS["identity"])


@router.get("/watchlist")
def check_watchlist(call: Watched) -> JSONResponse:
    """Entries of sanctions lists under a name, and how many are the same person or firm."""
    row = _answer(call, _given(call, "ref_id"))
    _on_file(call, "legal_name", row["legal_name"])
    data = {"n_hits": row["n_hits"], "n_confirmed": row["n_confirmed"]}
    return call.answer(data, source="watchlists", cost_usd=COSTS["watchlist"])


def _given(call: Call, name: str) -> str:
    text = call.query.get(name)
    if not text:
        raise Problem(400, "missing_parameter", f"{name} says what is to be checked.")
    return text


def _answer(call: Call, ref: str) -> sqlite3.Row:
    row = call.db.row(_ANSWER, (parse("kyb", ref), call.as_of))
    if row is None:
        raise unknown("request", ref)
    return row


def _on_file(call: Call, name: str, known: str) -> None:
    if _given(call, name) != known:
        raise bad_parameter(name, "not what the request says")


def _available(call: Call, row: sqlite3.Row, action: str, code: str) -> None:
    """Refuse what is not to be had at first, as action ``action`` of the request."""
    if withheld(call, render("kyb", row["request_no"]), action):
        raise Problem(404, code, "There is no answer for now.")
