"""The inbox: cases to decide and cases closed. It is a work list, so ``as_of`` hides nothing.

``linked_seller_ids`` are all accounts that the platform ever linked to the seller, so that nobody
takes the case of the same people for a precedent; ``party_ids`` names a claim's buyer likewise.
``facts`` are what a reviewer of a closed case established, by factor; now and then a text was read
wrongly. ``overturned_at`` is there once it has happened by the world's clock.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, Call, each, present, reads
from sandbox.api.problems import bad_parameter, unknown
from sandbox.ids import parse, render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1/cases")
Plain = Annotated[Call, Depends(reads("cases"))]
Listed = Annotated[Call, Depends(reads("cases", "status", "case_type", *PAGING))]

_COLUMNS: Final = (
    "SELECT case_no, case_type, status, subject, seller_no, region, channel, language, opened_at, "
    "impact_cents, currency, text, closed_at, outcome, decided_by, situation, facts, "
    "iif(overturned_at < :now, overturned_at, NULL) AS overturned_at, "
    "(SELECT json_group_array(peer_no) FROM (SELECT DISTINCT iif(a_no = seller_no, b_no, a_no) "
    "AS peer_no FROM links WHERE a_no = seller_no OR b_no = seller_no ORDER BY peer_no)) "
    "AS linked, "
    "(SELECT buyer_no FROM claims LEFT JOIN merged_claims AS m ON m.survivor_no = claims.claim_no "
    "WHERE CAST(substr(subject ->> 'claim_id', 5) AS INTEGER) IN (claims.claim_no, m.claim_no)) "
    "AS buyer_no FROM cases "
)


@router.get("")
def list_cases(call: Listed) -> JSONResponse:
    """Listed cases by number, of one status and one type where named."""
    status, case_type = call.query.get("status"), call.query.get("case_type")
    if status not in (None, "open", "closed"):
        raise bad_parameter("status", "open or closed")
    rows = call.db.rows(
        _COLUMNS + "WHERE listed = 1 AND (:status IS NULL OR status = :status) "
        "AND (:type IS NULL OR case_type = :type) ORDER BY case_no LIMIT :limit OFFSET :offset",
        {
            "status": status,
            "type": case_type,
            "limit": call.page.limit + 1,
            "offset": call.page.offset,
            "now": call.service.clock.now(),
        },
    )
    body = call.items([_case(row) for row in rows])
    return call.answer(body, source="inbox", untrusted=each(body["items"], "text"))


@router.get("/{case_id}")
def get_case(case_id: str, call: Plain) -> JSONResponse:
    """One case by id."""
    row = call.db.row(_COLUMNS + "WHERE case_no = :no", _one(call, case_id))
    if row is None:
        raise unknown("case", case_id)
    return call.answer(_case(row), source="inbox", untrusted=["/text"])


def _one(call: Call, case_id: str) -> dict[str, int | None]:
    return {"no": parse("case", case_id), "now": call.service.clock.now()}


def _instant(second: int | None) -> str | None:
    return None if second is None else rfc3339(second)


def _case(row: sqlite3.Row) -> dict[str, Any]:
    return present(
        case_id=render("case", row["case_no"]),
        case_type=row["case_type"],
        status=row["status"],
        subject=json.loads(row["subject"]),
        seller_id=render("sel", row["seller_no"]),
        linked_seller_ids=[render("sel", number) for number in json.loads(row["linked"])],
        party_ids=[] if row["buyer_no"] is None else [render("buy", row["buyer_no"])],
        region=row["region"],
        channel=row["channel"],
        language=row["language"],
        opened_at=rfc3339(row["opened_at"]),
        impact_cents=row["impact_cents"],
        currency=row["currency"],
        text=row["text"],
        closed_at=_instant(row["closed_at"]),
        outcome=row["outcome"],
        decided_by=row["decided_by"],
        situation=row["situation"],
        facts=json.loads(row["facts"]) if row["facts"] is not None else None,
        overturned_at=_instant(row["overturned_at"]),
    )
