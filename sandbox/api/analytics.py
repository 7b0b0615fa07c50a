"""Links between sellers."""

from __future__ import annotations

import math
import sqlite3
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, Call, reads
from sandbox.api.lookup import seller_no
from sandbox.api.problems import Problem
from sandbox.ids import render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1/analytics")
Linked = Annotated[Call, Depends(reads("analytics", "seller_id", "peer_id", *PAGING))]

EXCLUSIVE_WEIGHT: Final = 0.9
_LINKS: Final = """
SELECT CASE WHEN a_no = :seller THEN b_no ELSE a_no END AS peer, kind, exclusivity, holders,
  first_seen, MIN(last_seen, :now) AS last_seen
FROM links WHERE (a_no = :seller OR b_no = :seller) AND recorded_at <= :now
ORDER BY first_seen, peer, kind
"""


@router.get("/links")
def list_links(call: Linked) -> JSONResponse:
    """What a seller shares with a peer, or with anyone where no peer is named."""
    if "seller_id" not in call.query:
        raise Problem(400, "missing_parameter", "seller_id says whose links are meant.")
    seller = seller_no(call, call.query["seller_id"])
    peer = seller_no(call, call.query["peer_id"]) if "peer_id" in call.query else None
    await_job(call, f"links/{seller}/{peer}")
    rows = call.db.rows(_LINKS, {"seller": seller, "now": call.as_of})
    items = [_link(row) for row in rows if peer is None or row["peer"] == peer]
    body = call.slice(items)
    body |= {
        "n_exclusive": sum(item["exclusivity"] == "exclusive" for item in items),
        "n_shared": sum(item["exclusivity"] == "shared" for item in items),
        "max_holders": max((item["holders"] for item in items), default=0),
        "score": _score(items),
    }
    return call.answer(body, source="link-graph")


def await_job(call: Call, key: str) -> None:
    """Let the first request start a job where faults are on; else results are at hand."""
    wait = call.service.jobs.wait(key) if call.service.faults.on else 0.0
    if wait > 0:
        raise Problem(
            202,
            "job_running",
            "The result is being computed.",
            retryable=True,
            headers={"Retry-After": str(math.ceil(wait))},
        )


def _link(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "peer_id": render("sel", row["peer"]),
        "kind": row["kind"],
        "exclusivity": row["exclusivity"],
        "holders": row["holders"],
        "first_seen": rfc3339(row["first_seen"]),
        "last_seen": rfc3339(row["last_seen"]),
    }


def _score(items: list[dict[str, Any]]) -> float:
    """One minus the chance that no link means anything: 0.9 if exclusive, else 1 / holders."""
    weights = [
        EXCLUSIVE_WEIGHT if item["exclusivity"] == "exclusive" else 1 / item["holders"]
        for item in items
    ]
    return round(1 - math.prod(1 - weight for weight in weights), 6)
