"""Links and catalogues of the two accounts of a case, as the live sandbox serves them."""

from __future__ import annotations

from datetime import timedelta

from casewright.models import EvidenceStatus
from sandbox.server import Endpoint
from tools.base import Tool
from tools.inbox import open_cases
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox


async def test_two_accounts_are_compared_by_links_and_catalogues(
    marketplace: Endpoint, builtin_tools: dict[str, Tool]
) -> None:
    compared = 0
    async with HttpSource(marketplace.base_url, marketplace.read_token) as source:
        async for case in open_cases(source, "integrity.linked_accounts"):
            toolbox = Toolbox(builtin_tools, source, lambda at=case.opened_at: at)
            pair = {name: case.subject[name] for name in ("seller_id", "peer_id")}
            as_of = case.opened_at + timedelta(days=2)
            links = await toolbox.call("list_links", pair, as_of=as_of)
            assert links.data is not None
            assert {one["peer_id"] for one in links.data["items"]} == {pair["peer_id"]}
            overlap = await toolbox.call("compare_catalogues", pair, as_of=as_of)
            if overlap.status is EvidenceStatus.NO_DATA:
                assert overlap.reason == "not_compared"
                continue
            assert overlap.data is not None
            assert 0 <= overlap.data["image_share"] <= 1
            assert overlap.data["n_listings"] >= 5
            compared += 1
    assert compared > 0
