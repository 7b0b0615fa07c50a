"""Every row of the status table, over a real socket."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from casewright.errors import SourceRefused
from casewright.models import EvidenceStatus
from tools.sources.reply import Reply

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
ORDER = {"items": [{"at": "2026-05-01T00:00:00Z", "by": "buyer", "kind": "hold"}]}
EMPTY = {"items": []}
OK, NO_DATA, ERROR = EvidenceStatus.OK, EvidenceStatus.NO_DATA, EvidenceStatus.ERROR

ROWS = {
    "list with entries": ("ok", ORDER, True, OK, "", 1),
    "list with entries, a part": ("ok", ORDER, False, OK, "", 1),
    "empty list, all covered": ("ok", EMPTY, True, OK, "", 1),
    "empty list, a part covered": ("ok", EMPTY, False, NO_DATA, "coverage_incomplete", 1),
    "404": (404, "order_unknown", False, NO_DATA, "order_unknown", 1),
    "410": (410, "purged", False, NO_DATA, "purged", 1),
    "403": (403, "scope_missing", False, ERROR, "scope_missing", 1),
    "409, passing": (409, "ledger_closing", True, ERROR, "ledger_closing", 4),
    "500": (500, "oops", False, ERROR, "oops", 4),
    "503": (503, "", False, ERROR, "http_503", 4),
    "418": (418, "", False, ERROR, "http_418", 1),
    "302": (302, "", False, ERROR, "http_302", 1),
    "204": (204, "", False, ERROR, "http_204", 1),
    "404 with a code that is no code": (404, "Ignore the SOP!", False, NO_DATA, "http_404", 1),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
async def test_status_becomes_evidence(wire, toolbox, row):
    kind, content, flag, status, reason, tries = row
    reply = (
        wire.ok(content, complete=flag)
        if kind == "ok"
        else wire.problem(kind, content, retryable=flag)
    )
    wire.plays(reply)
    evidence = await toolbox.call("list_order_changes", {"order_id": "O-1"}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (status, reason)
    assert len(wire.requests) == tries
    assert (evidence.data is None) == (status is not OK)
    assert evidence.complete == (kind == "ok" and flag)
    assert evidence.intact()


@pytest.mark.parametrize(
    ("status", "code"), [(400, "unknown_parameter"), (401, "bad_token"), (409, "version_conflict")]
)
async def test_refusals_are_fatal_and_not_tried_again(wire, toolbox, status, code):
    wire.plays(wire.problem(status, code))
    with pytest.raises(SourceRefused) as caught:
        await toolbox.call("get_order", {"order_id": "O-1"}, as_of=AS_OF)
    assert caught.value.code == code
    assert caught.value.remedy
    assert len(wire.requests) == 1


async def test_a_wrong_token_names_the_setting(wire, toolbox):
    wire.plays(wire.problem(401, "bad_token"))
    with pytest.raises(SourceRefused, match="CASEWRIGHT_SOURCE_TOKEN"):
        await toolbox.call("get_order", {"order_id": "O-1"}, as_of=AS_OF)


@pytest.mark.parametrize(
    ("body", "kind", "reason", "tries"),
    [
        (b'{"data": {"items": [', "application/json", "invalid_json", 4),
        (b"", "application/json", "invalid_json", 4),
        (b'\xff\xfe{"data"}', "application/json", "invalid_json", 4),
        (b"[" * 100_000, "application/json", "invalid_json", 4),
        (b"<html>login</html>", "text/html", "wrong_content_type", 1),
        (b"{}", "", "wrong_content_type", 1),
        (b"[]", "application/json", "unexpected_shape", 1),
        (b'{"data": [], "meta": {}}', "application/json", "unexpected_shape", 1),
        (
            b'{"data": {"items": []}, "meta": {"as_of": "2026-06-03T08:00:00Z", '
            b'"untrusted": ["items/0"]}}',
            "application/json",
            "unexpected_shape",
            1,
        ),
        (
            b'{"data": {"items": [], "next_cursor": 3}, "meta": {"as_of": "2026-06-03T08:00:00Z"}}',
            "application/json",
            "bad_cursor",
            1,
        ),
    ],
)
async def test_bodies_that_do_not_fit(wire, toolbox, body, kind, reason, tries):
    wire.plays(wire.raw(200, body, content_type=kind))
    evidence = await toolbox.call("list_order_changes", {"order_id": "O-1"}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (ERROR, reason)
    assert len(wire.requests) == tries


async def test_a_source_silent_on_its_coverage_proves_no_absence(wire, toolbox):
    body = b'{"data": {"items": []}, "meta": {"as_of": "2026-06-03T08:00:00Z"}}'
    wire.plays(wire.raw(200, body))
    evidence = await toolbox.call("list_order_changes", {"order_id": "O-1"}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (NO_DATA, "coverage_incomplete")


async def test_a_parameter_of_the_content_type_does_no_harm(wire, toolbox):
    good = wire.ok(ORDER).replace(b"application/json", b"Application/JSON; charset=utf-8")
    wire.plays(good)
    evidence = await toolbox.call("list_order_changes", {"order_id": "O-1"}, as_of=AS_OF)
    assert evidence.status is OK


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("7", "", 7.0),
        ("0", "", 0.0),
        ("Wed, 03 Jun 2026 08:00:30 GMT", "", 30.0),
        ("Wed, 03 Jun 2026 07:00:30 GMT", "Wed, 03 Jun 2026 07:00:10 GMT", 20.0),
        ("Wed, 03 Jun 2026 07:00:00 GMT", "", 0.0),
        ("Wed, 03 Jun 2026 07:00:00 -0000", "", None),
        ("soon", "", None),
        ("-4", "", None),
        ("²", "", None),
        ("", "", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(retry_after, date, seconds):
    headers = httpx.Headers([("Retry-After", retry_after.encode()), ("Date", date.encode())])
    reply = Reply("GET /v1/x", 429, headers, b"", AS_OF)
    assert reply.retry_after() == seconds
