"""Orders, their changes, hand-over records and messages, as the sandbox serves them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casewright.models import EvidenceStatus
from tools.inbox import open_cases

pytestmark = pytest.mark.vcr


async def test_the_order_an_appeal_is_about(ask, appeal):
    evidence = await ask("get_order", order_id=appeal["order_id"])
    order = evidence.data
    assert (order["order_id"], order["seller_id"]) == (appeal["order_id"], appeal["seller_id"])
    assert order["placed_at"] <= order["paid_at"] < order["ship_by"] < order["deliver_by"]
    assert order["total_cents"] >= order["item_cents"] > 0
    assert "/buyer_note" in evidence.untrusted


async def test_an_order_without_changes_is_a_true_negative(ask, order):
    evidence = await ask("list_order_changes", order_id=order["order_id"])
    assert evidence.status is EvidenceStatus.OK
    assert evidence.complete
    assert evidence.data["items"] == []


async def test_messages_of_an_order_are_among_those_of_its_seller(ask, order):
    of_order = await ask("list_messages", order_id=order["order_id"])
    of_seller = await ask("list_messages", seller_id=order["seller_id"])
    known = {one["message_id"] for one in of_seller.data["items"]}
    assert {one["message_id"] for one in of_order.data["items"]} <= known
    texts = {f"/items/{at}/text" for at in range(len(of_seller.data["items"]))}
    assert set(of_seller.untrusted) == texts


async def test_a_manifest_is_there_absent_or_withheld(recorded, recorded_toolbox):
    """Three different things: a record, a record that says there is none, and no record."""
    seen = set()
    async for case in open_cases(recorded, "appeal.late_dispatch", limit=12):
        as_of = case.opened_at + timedelta(days=2)
        appeal = await recorded_toolbox.call("get_appeal", case.subject, as_of=as_of)
        arguments = {"order_id": appeal.data["order_id"]}
        manifest = await recorded_toolbox.call("get_pickup_manifest", arguments, as_of=as_of)
        seen.add((manifest.status.value, manifest.reason, (manifest.data or {}).get("found")))
    assert seen == {
        ("ok", "", True),
        ("ok", "", False),
        ("no_data", "manifest_not_supplied", None),
    }
