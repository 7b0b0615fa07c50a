"""Verification requests, as a marketplace answers them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.models import EvidenceStatus

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
REQUEST = {
    "request_id": "K-1",
    "state": "submitted",
    "requested_at": "2026-05-20T08:00:00Z",
    "due_at": "2026-05-30T08:00:00Z",
    "sales_12m": 310,
    "gross_12m_cents": 910_000,
    "legal_name": "Lark Pine Trading LLC",
    "trading_name": "Lark Pine",
    "address": "12 Mill Lane, 10001",
    "email_verified": True,
    "phone_verified": True,
    "has_bank": True,
    "has_tax_id": False,
    "has_address": True,
    "has_document": True,
    "explanation": "",
}


async def request(toolbox):
    return await toolbox.call("get_kyb_request", {"seller_id": "S-1"}, as_of=AS_OF)


async def test_what_the_seller_says_of_itself_is_marked(wire, toolbox):
    wire.plays(wire.ok(REQUEST))
    evidence = await request(toolbox)
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data == REQUEST
    party = {"/legal_name", "/trading_name", "/address", "/explanation"}
    assert set(evidence.untrusted) == party
    assert wire.requests[0].path == "/v1/sellers/S-1/kyb"


async def test_a_seller_never_asked_is_no_data(wire, toolbox):
    wire.plays(wire.problem(404, "never_verified"))
    evidence = await request(toolbox)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "never_verified")


@pytest.mark.parametrize("field", ["state", "due_at", "has_tax_id", "legal_name"])
async def test_a_request_without_its_parts_is_malformed(wire, toolbox, field):
    wire.plays(wire.ok({name: value for name, value in REQUEST.items() if name != field}))
    evidence = await request(toolbox)
    assert evidence.status is EvidenceStatus.ERROR
