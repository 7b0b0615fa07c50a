"""Scans, carriers' notices and platform incidents, as the sandbox serves them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from casewright.models import EvidenceStatus

pytestmark = pytest.mark.vcr


async def test_scans_and_what_follows_from_them(ask, order):
    evidence = await ask("list_scans", order_id=order["order_id"])
    assert evidence.status is EvidenceStatus.OK
    accepted = [scan for scan in evidence.data["items"] if scan["kind"] == "accepted"]
    assert evidence.data["accepted_count"] == len(accepted) > 0
    assert evidence.data["first"]["at"] == min(scan["at"] for scan in accepted)
    assert evidence.data["tracking_no"] == order["tracking_no"]


async def test_notices_overlap_the_window(ask, order, open_case):
    start, end = order["paid_at"], order["ship_by"]
    wide = (datetime.fromisoformat(start) - timedelta(days=60)).isoformat()
    asked = {"carrier": order["carrier"], "region": open_case.region}
    narrow = await ask("list_carrier_alerts", **asked, from_=start, to=end)
    widened = await ask("list_carrier_alerts", **asked, from_=wide, to=end)
    assert narrow.status is not EvidenceStatus.ERROR
    assert widened.data["items"]
    assert all(one["from"] < end and one["to"] >= wide for one in widened.data["items"])
    assert all(one["from"] < one["to"] for one in widened.data["items"])
    assert all(one["published_at"] >= one["from"] for one in widened.data["items"])


async def test_incidents_name_the_sellers_they_touched(ask, order, open_case):
    start = (datetime.fromisoformat(order["paid_at"]) - timedelta(days=90)).isoformat()
    evidence = await ask(
        "list_platform_incidents", region=open_case.region, from_=start, to=order["ship_by"]
    )
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data["items"]
    assert all(one["from"] < one["to"] for one in evidence.data["items"])
    assert any(one["seller_ids"] for one in evidence.data["items"])


async def test_a_carrier_nobody_knows(ask):
    evidence = await ask("list_carrier_alerts", carrier="NoSuch", region="US")
    assert evidence.status is EvidenceStatus.NO_DATA
    assert evidence.reason.startswith("unknown_carrier")
