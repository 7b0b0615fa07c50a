"""Writes to the marketplace: once for each key, seen under ``/_sandbox``, never in the world."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox.ids import render

World = Any  # the class in conftest.py, which importlib mode keeps out of reach
Post = Callable[..., Any]


@pytest.fixture
def seller(world: World) -> str:
    (row,) = world.rows("SELECT MIN(seller_no) FROM sellers")
    return render("sel", row[0])


@pytest.fixture
def api(open_client: Callable[..., TestClient], world: World) -> TestClient:
    client = open_client(rate_limits=False)
    client.headers["Authorization"] = f"Bearer {world.summary.tokens['enforce']}"
    return client


@pytest.fixture
def post(api: TestClient) -> Post:
    def post(path: str, body: object, key: str = "k1") -> Any:
        return api.post(f"/v1/{path}", json=body, headers={"Idempotency-Key": key})

    return post


def test_a_write_is_done_and_listed(post: Post, api: TestClient, seller: str) -> None:
    body = {"seller_id": seller, "points": 12}
    answer = post("enforcement/add_points", body)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["kind"], data["write_id"]) == ("add_points", "wrt_000001")
    assert data["versions"] == {f"seller_id/{seller}": 2}
    (listed,) = api.get("/_sandbox/writes").json()["items"]
    assert (listed["key"], listed["body"], listed["kind"]) == ("k1", body, "add_points")


def test_the_same_key_and_body_do_nothing_more(post: Post, api: TestClient, seller: str) -> None:
    body = {"seller_id": seller, "points": 12}
    first = post("enforcement/add_points", body)
    again = post("enforcement/add_points", dict(reversed(body.items())))
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(api.get("/_sandbox/writes").json()["items"]) == 1


@pytest.mark.parametrize(
    ("path", "change"),
    [("enforcement/add_points", {"points": 13}), ("enforcement/suspend", None)],
)
def test_the_same_key_does_nothing_else(
    post: Post, seller: str, path: str, change: dict[str, int] | None
) -> None:
    body = {"seller_id": seller, "points": 12}
    post("enforcement/add_points", body)
    other = {"seller_ids": [seller]} if change is None else {**body, **change}
    answer = post(path, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_stale_version_is_refused_and_forgotten(post: Post, seller: str) -> None:
    body = {"seller_id": seller, "points": 1, "expected_version": 1}
    assert post("enforcement/add_points", body, "k1").status_code == 200
    stale = post("enforcement/add_points", {**body, "points": 2}, "k2")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    # Refused is not done: the same key may come again with what holds now.
    fresh = post("enforcement/add_points", {**body, "expected_version": 2}, "k2")
    assert fresh.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("enforcement/fire", {}, "unknown_kind"),
        ("enforcement/add_points", {"seller_id": "sel_99999", "points": 1}, "unknown_seller"),
        ("enforcement/remove_listing", {"listing_ids": ["lst_999999"]}, "unknown_listing"),
        ("enforcement/void_points", {"violation_id": "vio_999999"}, "unknown_violation"),
        ("enforcement/suspend", {"seller_ids": []}, "bad_parameter"),
        ("enforcement/release_hold", {"hold_id": "h", "amount_cents": "12"}, "bad_parameter"),
        ("enforcement/release_hold", {"hold_id": "h", "amount_cents": -1}, "bad_parameter"),
        ("notices", {"party": "court", "party_id": "x", "text": "y"}, "bad_parameter"),
        ("notices", {"party": "buyer", "party_id": "x", "text": "y", "by": "z"}, "bad_parameter"),
    ],
)
def test_what_cannot_be_done_is_told(
    post: Post, api: TestClient, path: str, body: dict[str, Any], code: str
) -> None:
    answer = post(path, body)
    assert (answer.status_code in (400, 404), answer.json()["code"]) == (True, code)
    assert api.get("/_sandbox/writes").json()["items"] == []


def test_questions_and_notices_are_writes_too(post: Post, api: TestClient) -> None:
    question = {
        "party": "buyer",
        "party_id": "buy_1",
        "question": "When?",
        "answer_days": 3,
        "case_id": "case_1",
    }
    assert post("information-requests", question, "q").status_code == 200
    notice = {"party": "seller", "party_id": "sel_1", "text": "Upheld."}
    assert post("notices", notice, "n").status_code == 200
    kinds = [one["kind"] for one in api.get("/_sandbox/writes").json()["items"]]
    assert kinds == ["information_request", "notice"]


def test_a_write_needs_its_scope_and_its_key(api: TestClient, world: World, seller: str) -> None:
    body = {"seller_id": seller, "points": 1}
    answer = api.post("/v1/enforcement/add_points", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    reader = {"Authorization": f"Bearer {world.summary.tokens['read']}", "Idempotency-Key": "k"}
    answer = api.post("/v1/enforcement/add_points", json=body, headers=reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_at_once_is_once(post: Post, api: TestClient, seller: str) -> None:
    body = {"seller_id": seller, "points": 3}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post("enforcement/add_points", body), range(24)))
    assert len({answer.text for answer in answers}) == 1
    assert len(api.get("/_sandbox/writes").json()["items"]) == 1


def test_the_world_stays_as_it_was(post: Post, world: World, seller: str) -> None:
    file = world.folder / "world.sqlite"
    before = hashlib.sha256(file.read_bytes()).digest()
    post("enforcement/suspend", {"seller_ids": [seller]})
    assert hashlib.sha256(file.read_bytes()).digest() == before


def test_writes_are_throttled(
    open_client: Callable[..., TestClient], world: World, seller: str
) -> None:
    client = open_client(monotonic=lambda: 1.0)
    client.headers["Authorization"] = f"Bearer {world.summary.tokens['enforce']}"
    codes = [
        client.post(
            "/v1/enforcement/suspend",
            json={"seller_ids": [seller]},
            headers={"Idempotency-Key": "k"},
        ).status_code
        for _ in range(12)
    ]
    assert codes == [200] * 10 + [429] * 2


def test_a_record_that_is_newer_than_the_clock_can_be_written_to(post: Post, world: World) -> None:
    (row,) = world.rows("SELECT violation_no FROM violations ORDER BY issued_at DESC LIMIT 1")
    answer = post("enforcement/void_points", {"violation_id": render("vio", row[0])})
    assert answer.status_code == 200


def test_points_that_were_added_can_be_taken_back(post: Post, seller: str) -> None:
    added = post("enforcement/add_points", {"seller_id": seller, "points": 4}, "a").json()["data"]
    voided = {"violation_id": added["violation_id"]}
    answer = post("enforcement/void_points", voided, "v").json()["data"]
    assert (answer["seller_id"], answer["points"]) == (seller, 4)


def test_voiding_says_whose_points_and_how_many(post: Post, world: World) -> None:
    ((number, owner, points),) = world.rows(
        "SELECT violation_no, seller_no, points FROM violations ORDER BY violation_no LIMIT 1"
    )
    body = {"violation_id": render("vio", number)}
    answer = post("enforcement/void_points", body).json()["data"]
    assert (answer["seller_id"], answer["points"]) == (render("sel", owner), points)
    answer = post("enforcement/void_points", {**body, "points": 1}, "k2").json()["data"]
    assert answer["points"] == 1


def test_settlement_is_held_again(post: Post) -> None:
    body = {"hold_id": "hld_000001", "amount_cents": 100, "currency": "USD"}
    assert post("enforcement/release_hold", body, "r").status_code == 200
    assert (
        post("enforcement/hold_settlement", body, "h").json()["data"]["kind"] == "hold_settlement"
    )


def test_what_was_done_can_be_forgotten(post: Post, api: TestClient, seller: str) -> None:
    body = {"seller_id": seller, "points": 12}
    post("enforcement/add_points", body)
    assert api.delete("/_sandbox/writes").json() == {"items": []}
    assert post("enforcement/add_points", body).json()["data"]["write_id"] == "wrt_000001"
