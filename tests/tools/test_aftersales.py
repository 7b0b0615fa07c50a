"""What follows a sale, as the live sandbox serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from casewright.models import Case, EvidenceStatus
from sandbox.server import Endpoint
from tools.base import Tool
from tools.inbox import open_cases
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox


@pytest.fixture
async def source(marketplace: Endpoint) -> AsyncIterator[HttpSource]:
    async with HttpSource(marketplace.base_url, marketplace.read_token) as source:
        yield source


@pytest.fixture
async def cases(source: HttpSource) -> list[Case]:
    return [case async for case in open_cases(source, "aftersales.refund_abuse", limit=8)]


async def test_a_claim_leads_to_all_that_follows_a_sale(
    source: HttpSource, cases: list[Case], builtin_tools: dict[str, Tool]
) -> None:
    toolbox = Toolbox(builtin_tools, source, lambda: cases[0].opened_at)
    statuses: dict[str, set[str]] = {}
    for case in cases:
        as_of = case.opened_at + timedelta(days=2)

        async def ask(name: str, as_of: Any = as_of, **arguments: Any) -> Any:
            evidence = await toolbox.call(name, arguments, as_of=as_of)
            statuses.setdefault(name, set()).add(evidence.status.value)
            assert evidence.intact()
            return evidence

        claim = await ask("get_claim", claim_id=case.subject["claim_id"])
        assert set(claim.untrusted) == {"/statement", "/seller_reply"}
        claim_id, buyer_id = claim.data["claim_id"], claim.data["buyer_id"]
        back = await ask("list_return_scans", claim_id=claim_id)
        inspected = await ask("get_inspection", claim_id=claim_id)
        if not back.data["started"]:
            assert inspected.reason == "not_inspected"
        await ask("get_photo_check", claim_id=claim_id)
        buyer = await ask("get_buyer", buyer_id=buyer_id)
        assert 0 <= buyer.data["refund_share_365d"] <= 1
        assert buyer.data["claims_365d"] >= buyer.data["denied_365d"]
    assert statuses["get_claim"] == statuses["get_buyer"] == {"ok"}
    assert statuses["get_inspection"] == {"ok", "no_data"}


async def test_a_claim_nobody_knows(source: HttpSource, builtin_tools: dict[str, Tool]) -> None:
    case = await anext(open_cases(source, "aftersales.refund_abuse", limit=1))
    toolbox = Toolbox(builtin_tools, source, lambda: case.opened_at)
    evidence = await toolbox.call("get_claim", {"claim_id": "clm_9"}, as_of=case.opened_at)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "unknown_claim")
