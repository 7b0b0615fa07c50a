from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

World = Any  # the class in conftest.py, which importlib mode keeps out of reach


def test_a_case_names_every_account_linked_to_its_seller(world: World, client: TestClient) -> None:
    linked = 0
    for item in client.get("/v1/cases", params={"limit": 100}).json()["data"]["items"]:
        number = int(item["seller_id"].split("_")[1])
        rows = world.rows("SELECT a_no, b_no FROM links WHERE ? IN (a_no, b_no)", number)
        peers = {f"sel_{other:05d}" for row in rows for other in row} - {item["seller_id"]}
        assert set(item["linked_seller_ids"]) == peers
        linked += bool(peers)
    assert linked > 10
