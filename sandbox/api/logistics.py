"""Carrier alerts and the platform's own incidents."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.call import PAGING, WINDOW, Call, Coverage, reads
from sandbox.api.lookup import connected
from sandbox.api.problems import Problem, bad_parameter
from sandbox.ids import render
from sandbox.places import REGIONS
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1")
Regional = Annotated[Call, Depends(reads("logistics", "region", *PAGING, *WINDOW))]


def _regions(call: Call) -> list[str]:
    """Return the regions asked for; all of them without the parameter."""
    region = call.query.get("region")
    if region is not None and region not in REGIONS:
        raise bad_parameter("region", f"one of {', '.join(REGIONS)}")
    return list(REGIONS) if region is None else [region]


@router.get("/carriers/{carrier}/alerts")
def list_carrier_alerts(carrier: str, call: Regional) -> JSONResponse:
    """Alerts that touch the window, by start; incomplete where the feed has a hole in it."""
    if not connected(call, carrier):
        raise Problem(404, "carrier_not_connected", "The carrier's feed does not reach us.")
    start, end = call.window()
    rows = call.db.rows(
        "SELECT alert_no, kind, from_at, to_at, postcodes, recorded_at FROM alerts "
        "WHERE carrier = ? AND region IN (SELECT value FROM json_each(?)) AND recorded_at <= ? "
        "AND from_at < ? AND to_at >= ? ORDER BY from_at, alert_no LIMIT ? OFFSET ?",
        (carrier, json.dumps(_regions(call)), call.as_of, end, start,
         call.page.limit + 1, call.page.offset),
    )  # fmt: skip
    items = [
        {
            "alert_id": render("alr", row["alert_no"]),
            "kind": row["kind"],
            "from": rfc3339(row["from_at"]),
            "to": rfc3339(row["to_at"]),
            "postcodes": json.loads(row["postcodes"]),
            "published_at": rfc3339(row["recorded_at"]),
        }
        for row in rows
    ]
    coverage = _feed_coverage(call, carrier, start, min(end, call.as_of))
    return call.answer(call.items(items), source="carrier-feed", coverage=coverage)


def _feed_coverage(call: Call, carrier: str, start: int, end: int) -> Coverage:
    """Complete unless a gap of the carrier's feed overlaps the window; then through its start."""
    gap = call.db.value(
        "SELECT MIN(from_at) FROM feed_gaps WHERE carrier = ? AND from_at < ? AND to_at > ?",
        (carrier, end, start),
    )
    return Coverage(True, call.as_of) if gap is None else Coverage(False, min(gap, call.as_of))


@router.get("/platform/incidents")
def list_platform_incidents(call: Regional) -> JSONResponse:
    """The platform's incidents that touch the window, by start."""
    start, end = call.window()
    rows = call.db.rows(
        "SELECT incident_no, kind, from_at, to_at, seller_nos FROM incidents "
        "WHERE region IN (SELECT value FROM json_each(?)) AND recorded_at <= ? "
        "AND from_at < ? AND to_at >= ? ORDER BY from_at, incident_no LIMIT ? OFFSET ?",
        (json.dumps(_regions(call)), call.as_of, end, start,
         call.page.limit + 1, call.page.offset),
    )  # fmt: skip
    items = [
        {
            "incident_id": render("inc", row["incident_no"]),
            "kind": row["kind"],
            "from": rfc3339(row["from_at"]),
            "to": rfc3339(row["to_at"]),
            "seller_ids": [render("sel", no) for no in json.loads(row["seller_nos"])],
        }
        for row in rows
    ]
    return call.answer(call.items(items), source="status-log")
