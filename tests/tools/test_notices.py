"""Notices, as a marketplace answers them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.models import EvidenceStatus

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
NOTICE = {
    "notice_id": "N-1",
    "seller_id": "S-1",
    "kind": "tracking",
    "issued_at": "2026-05-29T08:00:00Z",
    "window_from": "2026-05-14T08:00:00Z",
    "window_to": "2026-05-28T08:00:00Z",
    "respond_by": "2026-06-05T08:00:00Z",
    "responded": False,
    "document_ids": [],
}
ANSWER = {"responded": True, "language": "en", "statement": "The feed was down."}


async def notice(toolbox):
    return await toolbox.call("get_notice", {"notice_id": "N-1"}, as_of=AS_OF)


async def test_an_unanswered_notice_has_neither_language_nor_statement(wire, toolbox):
    wire.plays(wire.ok(NOTICE))
    evidence = await notice(toolbox)
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data == NOTICE
    assert evidence.untrusted == ()
    assert wire.requests[0].path == "/v1/notices/N-1"


async def test_what_the_seller_answered_is_marked(wire, toolbox):
    wire.plays(wire.ok({**NOTICE, **ANSWER, "listing_id": "L-1"}))
    evidence = await notice(toolbox)
    assert evidence.data == {**NOTICE, **ANSWER, "listing_id": "L-1"}
    assert evidence.untrusted == ("/statement",)


@pytest.mark.parametrize("field", ["window_from", "window_to", "responded"])
async def test_a_notice_without_its_window_is_malformed(wire, toolbox, field):
    wire.plays(wire.ok({name: value for name, value in NOTICE.items() if name != field}))
    evidence = await notice(toolbox)
    assert evidence.status is EvidenceStatus.ERROR
