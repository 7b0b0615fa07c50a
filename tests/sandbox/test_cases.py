from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from sandbox.casetypes import CASE_TYPES
from sandbox.timeline import DAY, instant, rfc3339

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


def settled(client: TestClient) -> list[dict[str, Any]]:
    found, query = [], {"status": "closed", "limit": "100"}
    while query.get("cursor", "") is not None:
        body = client.get("/v1/cases", params=query).json()["data"]
        found += body["items"]
        query = {**query, "cursor": body["next_cursor"]}
    return found


def test_closed_cases_tell_what_was_found_save_for_slips_in_reading(
    world: World, client: TestClient
) -> None:
    drawn = {line["case_id"]: line["columns"] for line in world.causes}
    tables = {each.name: each.table for each in CASE_TYPES}
    slips = read = 0
    for case in settled(client):
        columns, table = drawn[case["case_id"]], tables[case["case_type"]]
        assert set(case["facts"]) == set(table.flags()) - set(table.unnoted)
        wrong = {name for name, value in case["facts"].items() if value != columns[name]}
        assert wrong <= set(table.read)
        slips, read = slips + len(wrong), read + len(table.read)
    assert 0.01 < slips / read < 0.05


def test_only_closed_cases_tell_facts(world: World, client: TestClient) -> None:
    listed = client.get("/v1/cases", params={"status": "open", "limit": 100}).json()["data"]
    assert not any({"facts", "overturned_at"} & set(item) for item in listed["items"])
    gold = client.get(f"/v1/cases/{world.gold[0]['case_id']}").json()["data"]
    assert not {"facts", "overturned_at"} & set(gold)


def test_a_decision_is_overturned_when_the_clock_says_so(
    world: World, open_client: Callable[..., TestClient]
) -> None:
    ((no, when),) = world.rows(
        "SELECT case_no, overturned_at FROM cases WHERE overturned_at NOT NULL LIMIT 1"
    )
    client = open_client(rate_limits=False)
    for now, known in ((when, False), (when + DAY, True)):
        client.post("/_sandbox/clock", json={"now": rfc3339(now)})
        record = client.get(f"/v1/cases/case_{no:06d}").json()["data"]
        assert record.get("overturned_at") == (rfc3339(when) if known else None)


def test_few_decisions_are_overturned_and_all_of_them_later(
    world: World, client: TestClient
) -> None:
    cases = settled(client)
    over = [case for case in cases if "overturned_at" in case]
    assert all(instant(case["overturned_at"]) > instant(case["closed_at"]) for case in over)
    assert 0.01 < len(over) / len(cases) < 0.06


def test_a_case_over_a_claim_names_the_buyer(world: World, client: TestClient) -> None:
    query = {"limit": 20, "case_type": "aftersales.refund_abuse"}
    items = client.get("/v1/cases", params=query).json()["data"]["items"]
    assert items
    for item in items:
        claim = client.get(f"/v1/claims/{item['subject']['claim_id']}", follow_redirects=True)
        assert item["party_ids"] == [claim.json()["data"]["buyer_id"]]
