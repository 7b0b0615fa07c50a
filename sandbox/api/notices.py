"""Notices to sellers, with the answer as far as there is one."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import Call, present, reads
from sandbox.api.lookup import withheld
from sandbox.api.problems import unknown
from sandbox.ids import parse, render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1/notices/{notice_id}")
Plain = Annotated[Call, Depends(reads("accounts"))]

_TIMES = ("issued_at", "window_from", "window_to", "respond_by")


@router.get("")
def get_notice(notice_id: str, call: Plain) -> JSONResponse:
    """The notice; language and statement once the seller has answered."""
    row = call.db.row(
        "SELECT seller_no, listing_no, kind, issued_at, window_from, window_to, respond_by, "
        "responded_at, language, statement FROM notices WHERE notice_no = ? AND issued_at <= ?",
        (parse("ntc", notice_id), call.as_of),
    )
    if row is None:
        raise unknown("notice", notice_id)
    listing = row["listing_no"]
    data = present(
        notice_id=notice_id,
        seller_id=render("sel", row["seller_no"]),
        listing_id=render("lst", listing) if listing is not None else None,
        kind=row["kind"],
        **{name: rfc3339(row[name]) for name in _TIMES},
        **_answer(call, notice_id, row),
    )
    untrusted = ["/statement"] if "statement" in data else []
    return call.answer(data, source="notices", untrusted=untrusted)


def _answer(call: Call, notice_id: str, row: sqlite3.Row) -> dict[str, Any]:
    answered = row["responded_at"] is not None and row["responded_at"] <= call.as_of
    if not answered or withheld(call, notice_id, "notice"):
        return {"responded": False, "document_ids": []}
    documents = call.db.rows(
        "SELECT document_no FROM documents WHERE ref = ? AND recorded_at <= ? ORDER BY document_no",
        (notice_id, call.as_of),
    )
    return {
        "responded": True,
        "language": row["language"],
        "statement": row["statement"],
        "document_ids": [render("doc", document[0]) for document in documents],
    }
