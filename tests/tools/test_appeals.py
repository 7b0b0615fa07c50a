"""Appeals, as the sandbox serves them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casewright.models import EvidenceStatus

pytestmark = pytest.mark.vcr


async def test_the_appeal_of_an_open_case(ask, open_case):
    evidence = await ask("get_appeal", appeal_id=open_case.subject["appeal_id"])
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data["seller_id"] == open_case.seller_id
    assert evidence.data["attempt"] >= 1
    assert evidence.untrusted == ("/statement",)
    assert evidence.source


async def test_nothing_is_known_before_it_was_filed(recorded_toolbox, open_case, appeal):
    before = open_case.opened_at - timedelta(days=60)
    evidence = await recorded_toolbox.call(
        "get_appeal", {"appeal_id": appeal["appeal_id"]}, as_of=before
    )
    assert (evidence.status, evidence.data) == (EvidenceStatus.NO_DATA, None)
    assert evidence.reason == "unknown_appeal"
