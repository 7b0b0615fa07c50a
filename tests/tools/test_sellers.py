"""Sellers, their figures, records, money and links, as the sandbox serves them."""

from __future__ import annotations

import pytest

from casewright.models import EvidenceStatus
from tools.inbox import open_cases

pytestmark = pytest.mark.vcr


async def test_the_account(ask, open_case):
    evidence = await ask("get_seller", seller_id=open_case.seller_id)
    assert evidence.data["seller_id"] == open_case.seller_id
    assert evidence.data["region"] == open_case.region
    assert 0 <= evidence.data["health_score"] <= 1000
    assert evidence.untrusted == ("/display_name",)


async def test_figures_are_fractions_and_whole_cents(ask, open_case):
    evidence = await ask("get_metrics", seller_id=open_case.seller_id)
    rates = {name: value for name, value in evidence.data.items() if "_rate_" in name}
    assert len(rates) == 6
    assert all(0 <= rate <= 1 for rate in rates.values())
    assert isinstance(evidence.data["gmv_30d_cents"], int)
    assert evidence.untrusted == ()


async def test_the_violation_is_on_the_record(ask, appeal):
    evidence = await ask("list_violations", seller_id=appeal["seller_id"])
    assert appeal["violation_id"] in {one["violation_id"] for one in evidence.data["items"]}


async def test_false_appeals_are_counted_among_the_appeals(ask, appeal):
    evidence = await ask("list_appeals", seller_id=appeal["seller_id"])
    assert evidence.status is EvidenceStatus.OK
    assert 0 <= evidence.data["false_appeals_365d"] <= evidence.data["n_365d"]


async def test_claims_are_counted_and_their_text_is_marked(ask, appeal):
    evidence = await ask("list_claims", seller_id=appeal["seller_id"])
    items = evidence.data["items"]
    assert set(evidence.untrusted) == {f"/items/{at}/statement" for at in range(len(items))}
    missing = sum(one["kind"] == "not_received" for one in items)
    assert evidence.data["n_not_received"] <= missing
    assert 0 <= evidence.data["not_received_low95"] <= 1


async def test_the_balance_is_in_whole_cents(ask, appeal):
    evidence = await ask("get_balance", seller_id=appeal["seller_id"])
    assert evidence.status is EvidenceStatus.OK
    assert len(evidence.data) == 8
    assert all(type(value) is int for value in evidence.data.values())


async def test_links_to_one_peer_are_among_all_links(recorded, ask):
    linked = None
    async for case in open_cases(recorded, "appeal.late_dispatch", limit=16):
        everyone = await ask("list_links", seller_id=case.seller_id)
        assert everyone.status is EvidenceStatus.OK
        if everyone.data["items"]:
            linked = everyone
            break
    assert linked is not None
    peer = linked.data["items"][0]["peer_id"]
    one = await ask("list_links", **linked.request, peer_id=peer)
    assert one.request == {**linked.request, "peer_id": peer}
    assert {link["peer_id"] for link in one.data["items"]} == {peer}
    assert len(one.data["items"]) <= len(linked.data["items"])
    assert 0 < one.data["score"] <= linked.data["score"] <= 1


async def test_a_seller_nobody_knows(ask):
    evidence = await ask("get_seller", seller_id="none-such")
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "unknown_seller")
