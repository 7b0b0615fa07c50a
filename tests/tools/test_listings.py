"""Listings, as the sandbox serves them."""

from __future__ import annotations

import pytest

from casewright.models import EvidenceStatus

pytestmark = pytest.mark.vcr


async def test_the_listing_of_an_order(ask, order):
    evidence = await ask("get_listing", listing_id=order["listing_id"])
    assert evidence.data["seller_id"] == order["seller_id"]
    assert evidence.data["price_cents"] > 0
    assert {"/title", "/description", "/brand"} <= set(evidence.untrusted)


async def test_a_listing_nobody_knows(ask):
    evidence = await ask("get_listing", listing_id="none-such")
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "unknown_listing")
