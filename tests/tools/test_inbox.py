"""The inbox loses no case: all pages, whatever the bound on lists, or a loud error."""

from __future__ import annotations

import json

import pytest

from casewright.errors import SourceMalformed, SourceUnavailable, UnknownCase
from casewright.models import Money
from tools.base import ToolInputError
from tools.inbox import ClosedCaseRecord, closed_cases, get_case, open_cases

RECORD = {
    "case_id": "C-1",
    "case_type": "appeal.late_dispatch",
    "status": "open",
    "subject": {"appeal_id": "A-1"},
    "seller_id": "S-1",
    "region": "US",
    "channel": "appeal",
    "language": "es",
    "opened_at": "2026-06-02T08:00:00Z",
    "impact_cents": 1250,
    "currency": "USD",
    "text": "Por favor",
}
SETTLED = {
    **RECORD,
    "status": "closed",
    "closed_at": "2026-06-05T08:00:00Z",
    "outcome": "uphold",
    "decided_by": "reviewer-17",
    "situation": "First scan 30 hours after ship-by.",
}


def numbered(at: int, record=RECORD):
    return {**record, "case_id": f"C-{at}"}


def inbox(wire, count: int, record=RECORD, size: int = 10):
    def route(seen):
        start = int(seen.query.get("cursor", ["0"])[0])
        end = min(start + size, count)
        items = [numbered(at, record) for at in range(start, end)]
        return wire.ok({"items": items, "next_cursor": str(end) if end < count else None})

    wire.route = route


async def test_a_record_becomes_a_case(wire, source):
    wire.plays(wire.ok({**RECORD, "linked_seller_ids": ["S-2"]}))
    case = await get_case(source, "C-1")
    assert (case.case_id, case.subject, case.language) == ("C-1", {"appeal_id": "A-1"}, "es")
    assert case.impact == Money(cents=1250, currency="USD")
    assert case.linked_seller_ids == ("S-2",)
    assert wire.requests[0].path == "/v1/cases/C-1"


async def test_an_unknown_case_is_named_with_a_remedy(wire, source):
    wire.plays(wire.problem(404, "case_unknown"))
    with pytest.raises(UnknownCase, match="C-404") as caught:
        await get_case(source, "C-404")
    assert caught.value.remedy
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("identity", ["..", "", "."])
async def test_a_case_id_cannot_climb(wire, source, identity):
    with pytest.raises(ToolInputError):
        await get_case(source, identity)
    assert wire.requests == []


async def test_a_source_that_is_down_is_not_an_unknown_case(wire, source):
    wire.plays(wire.problem(503))
    with pytest.raises(SourceUnavailable):
        await get_case(source, "C-1")


async def test_all_open_cases_are_listed_beyond_the_bound_on_pages(wire, source):
    inbox(wire, 95)
    found = [case.case_id async for case in open_cases(source, "appeal.late_dispatch")]
    assert found == [f"C-{at}" for at in range(95)]
    assert all(seen.query["status"] == ["open"] for seen in wire.requests)
    assert all(seen.query["case_type"] == ["appeal.late_dispatch"] for seen in wire.requests)
    assert len(wire.requests) == 10


@pytest.mark.parametrize(("limit", "pages"), [(0, 1), (1, 1), (10, 1), (11, 2), (1000, 10)])
async def test_a_limit_reads_no_more_pages_than_it_needs(wire, source, limit, pages):
    inbox(wire, 95)
    found = [case async for case in open_cases(source, limit=limit)]
    assert len(found) == min(limit, 95)
    assert len(wire.requests) == pages
    assert "case_type" not in wire.requests[0].query


async def test_a_case_that_moves_between_pages_is_listed_once(wire, source):
    first = wire.ok({"items": [numbered(1), numbered(2)], "next_cursor": "x"})
    wire.plays(first, wire.ok({"items": [numbered(2), numbered(3)], "next_cursor": None}))
    assert [case.case_id async for case in open_cases(source)] == ["C-1", "C-2", "C-3"]


async def test_settled_cases_carry_what_was_noted(wire, source):
    inbox(wire, 3, SETTLED)
    found = [closed async for closed in closed_cases(source)]
    assert [closed.case.case_id for closed in found] == ["C-0", "C-1", "C-2"]
    assert found[0].outcome == "uphold"
    assert found[0].situation == SETTLED["situation"]
    assert found[0].closed_at > found[0].case.opened_at
    assert wire.requests[0].query["status"] == ["closed"]


async def test_settled_cases_carry_what_was_established_where_it_was_noted(wire, source):
    noted = {
        "facts": {"in_time": False, "days_late": 3, "tier": "top"},
        "clauses": ["SHIP-4.1@2025-01-01"],
        "overturned_at": "2026-06-20T08:00:00Z",
    }
    wire.plays(wire.ok({"items": [{**SETTLED, **noted}, {**SETTLED, "case_id": "C-2"}]}))
    full, bare = [closed async for closed in closed_cases(source)]
    assert full.facts == noted["facts"]
    assert full.facts["in_time"] is False
    assert full.clauses == ("SHIP-4.1@2025-01-01",)
    assert full.overturned_at is not None
    assert full.overturned_at > full.closed_at
    assert (bare.facts, bare.clauses, bare.overturned_at) == ({}, (), None)


async def test_a_record_that_does_not_fit_names_its_case(wire, source):
    wire.plays(wire.ok({"items": [RECORD, {**RECORD, "case_id": "C-2", "impact_cents": "x"}]}))
    with pytest.raises(SourceMalformed, match=r"'C-2'.*impact_cents"):
        [case async for case in open_cases(source)]


@pytest.mark.parametrize("item", ["C-1", {"case_id": "C-1"}, {**RECORD, "currency": "usd"}])
async def test_a_record_that_is_none_is_malformed(wire, source, item):
    wire.plays(wire.ok({"items": [item]}))
    with pytest.raises(SourceMalformed):
        [case async for case in open_cases(source)]


async def test_an_inbox_that_breaks_off_is_no_short_inbox(wire, source):
    wire.plays(
        wire.ok({"items": [RECORD], "next_cursor": "x"}), wire.problem(410, "cursor_expired")
    )
    with pytest.raises(SourceUnavailable, match="cursor_expired"):
        [case async for case in open_cases(source)]


async def test_an_inbox_that_never_ends_is_malformed(wire, source):
    wire.plays(wire.ok({"items": [RECORD], "next_cursor": "x"}))
    with pytest.raises(SourceMalformed, match="never ends"):
        [case async for case in open_cases(source)]


@pytest.mark.vcr
async def test_the_sandbox_lists_what_it_serves_by_id(recorded, open_case):
    assert await get_case(recorded, open_case.case_id) == open_case
    assert open_case.impact.cents > 0
    assert set(open_case.subject) == {"appeal_id"}


@pytest.mark.vcr
async def test_the_settled_cases_of_the_sandbox(recorded):
    """One small page, so that the cassette stays small; all of them read the same way."""
    page = await recorded.page("/v1/cases", {"status": "closed", "limit": 3})
    assert page.cursor
    settled = [ClosedCaseRecord.model_validate_json(json.dumps(one)) for one in page.items]
    closed = [record.closed_case() for record in settled]
    assert all(one.outcome in {"overturn", "uphold", "partial"} for one in closed)
    assert all(one.situation and one.closed_at > one.case.opened_at for one in closed)
    assert all(isinstance(one.facts["statement_contradicts_scans"], bool) for one in closed)


@pytest.mark.vcr
async def test_the_sandbox_tells_its_time(recorded):
    assert (await recorded.now()).isoformat() == "2026-06-01T08:00:00+00:00"


@pytest.mark.vcr
async def test_a_case_the_sandbox_does_not_know(recorded):
    with pytest.raises(UnknownCase, match="none-such"):
        await get_case(recorded, "none-such")
