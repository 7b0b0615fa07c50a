"""Complaints, checks of suppliers and brands, and sales, as the sandbox serves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casewright.models import EvidenceStatus
from tools.base import ToolInputError
from tools.inbox import open_cases
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
async def looked_at(marketplace, builtin_tools):
    """The open cases, each with a way to ask tools as of its first look."""
    async with HttpSource(marketplace.base_url, marketplace.read_token) as source:
        toolbox = Toolbox(builtin_tools, source, lambda: AS_OF)
        cases = [case async for case in open_cases(source, "appeal.ip_complaint")]

        def asker(case):
            async def ask(tool, **arguments):
                as_of = case.opened_at + timedelta(days=2)
                return await toolbox.call(tool, arguments, as_of=as_of)

            return ask

        yield [(case, asker(case)) for case in cases]


async def test_a_complaint_is_read_with_its_statement_marked(looked_at):
    for case, ask in looked_at:
        appeal = await ask("get_appeal", appeal_id=case.subject["appeal_id"])
        evidence = await ask("get_complaint", violation_id=appeal.data["violation_id"])
        assert evidence.status is EvidenceStatus.OK
        assert evidence.untrusted == ("/statement",)
        assert evidence.data["filed_at"] < appeal.data["filed_at"]
        assert evidence.data["owner_withdrawn_180d"] <= evidence.data["owner_filed_180d"]


async def test_a_supplier_is_checked_or_the_reason_is_kept(looked_at):
    seen = set()
    for case, ask in looked_at:
        evidence = await ask("check_supplier", ref_id=case.subject["appeal_id"])
        seen.add((evidence.status, evidence.reason))
        if evidence.status is EvidenceStatus.OK:
            assert evidence.data["units_invoiced"] >= 0
            assert evidence.data["invoice_age_days"] > 0
    assert seen <= {
        (EvidenceStatus.OK, ""),
        (EvidenceStatus.NO_DATA, "no_invoice"),
        (EvidenceStatus.NO_DATA, "pending"),
    }


async def test_a_brand_answers_about_a_seller_and_one_without_portal_does_not(looked_at):
    case, ask = looked_at[0]
    appeal = await ask("get_appeal", appeal_id=case.subject["appeal_id"])
    listing = await ask("get_listing", listing_id=appeal.data["listing_id"])
    known = await ask("check_brand", brand=listing.data["brand"], seller_id=case.seller_id)
    assert set(known.data) == {"authorised", "brand_replied"}
    silent = await ask("check_brand", brand="generic", seller_id=case.seller_id)
    assert (silent.status, silent.reason) == (EvidenceStatus.NO_DATA, "brand_without_portal")
    with pytest.raises(ToolInputError):
        await ask("check_brand", brand="", seller_id=case.seller_id)


async def test_sales_are_counted(looked_at):
    case, ask = looked_at[0]
    appeal = await ask("get_appeal", appeal_id=case.subject["appeal_id"])
    evidence = await ask("get_listing_sales", listing_id=appeal.data["listing_id"])
    assert evidence.data["gmv_365d_cents"] > evidence.data["units_365d"] > 0
    assert evidence.data["n_authenticity_claims"] >= 0
    unknown = await ask("get_listing_sales", listing_id="none-such")
    assert (unknown.status, unknown.reason) == (EvidenceStatus.NO_DATA, "unknown_listing")
