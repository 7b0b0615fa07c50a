"""Violations and what became of the orders they cite, as the sandbox serves them."""

from __future__ import annotations

import pytest

from casewright.models import EvidenceStatus

pytestmark = pytest.mark.vcr


async def test_the_violation_an_appeal_contests(ask, appeal):
    evidence = await ask("get_violation", violation_id=appeal["violation_id"])
    assert evidence.data["seller_id"] == appeal["seller_id"]
    assert appeal["order_id"] in evidence.data["order_ids"]
    assert evidence.data["issued_at"] < appeal["filed_at"]


async def test_the_summary_counts_the_orders_cited(ask, appeal):
    violation = await ask("get_violation", violation_id=appeal["violation_id"])
    summary = await ask("get_dispatch_summary", violation_id=appeal["violation_id"])
    assert summary.status is EvidenceStatus.OK
    assert summary.data["n_orders"] == len(violation.data["order_ids"])
    assert 0 <= summary.data["rate_after"] <= summary.data["rate_before"] <= 1
    assert summary.untrusted == ()


async def test_a_violation_nobody_issued(ask):
    evidence = await ask("get_violation", violation_id="none-such")
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "unknown_violation")
