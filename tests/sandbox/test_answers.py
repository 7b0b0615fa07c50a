"""Answers to information requests: in world time, or never; what was withheld comes with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox.api.answers import answer_at

World = Any  # the class in conftest.py, which importlib mode keeps out of reach
ASKED = "2026-07-10T08:00:00Z"


def fate(number: int, party: str = "seller") -> datetime | None:
    body = {"case_id": f"case_{number:06d}", "party": party, "factor": "proof"}
    told = answer_at(body, ASKED)
    return None if told is None else datetime.fromisoformat(told)


def test_a_quarter_never_answers_and_the_others_after_a_day_or_so() -> None:
    fates = [fate(number) for number in range(4_000)]
    never = sum(one is None for one in fates) / len(fates)
    assert never == pytest.approx(0.28, abs=0.03)
    since = datetime.fromisoformat(ASKED)
    hours = [(one - since) / timedelta(hours=1) for one in fates if one is not None]
    assert median(hours) == pytest.approx(30, rel=0.1)
    assert min(hours) >= 0
    assert fate(1) == fate(1)


@pytest.fixture
def api(open_client: Callable[..., TestClient], world: World) -> TestClient:
    client = open_client(rate_limits=False)
    client.headers["Authorization"] = f"Bearer {world.summary.tokens['enforce']}"
    client.post(
        "/_sandbox/clock",
        json={"now": ASKED},
        headers={"Authorization": f"Bearer {world.summary.tokens['investigate']}"},
    )
    return client


def test_an_answer_brings_what_was_withheld(
    api: TestClient, open_client: Callable[..., TestClient], world: World
) -> None:
    rows = world.rows(
        "SELECT c.case_no, w.ref FROM cases c JOIN appeals a "
        "ON c.subject ->> 'appeal_id' = printf('app_%06d', a.appeal_no) "
        "JOIN withheld w ON w.ref = printf('ord_%07d', a.order_no) WHERE w.action = 'manifest'"
    )
    case_no, order = next(row for row in rows if (at := fate(row[0])) and at.month == 7)
    reading = {"Authorization": f"Bearer {world.summary.tokens['investigate']}"}

    def get(path: str) -> Any:
        return api.get(path, headers=reading)

    case_id, path = f"case_{case_no:06d}", f"/v1/orders/{order}/manifest"
    assert get(path).status_code == 404
    body = {
        "party": "seller",
        "party_id": "sel_00001",
        "question": "The manifest, please.",
        "answer_days": 7,
        "case_id": case_id,
        "factor": "proof",
    }
    sent = api.post("/v1/information-requests", json=body, headers={"Idempotency-Key": "k"})
    assert sent.status_code == 200
    listed = f"/v1/information-requests?case_id={case_id}"
    (item,) = get(listed).json()["data"]["items"]
    assert (item["key"], "answered_at" in item, "question" in item) == ("k", False, False)
    (told,) = get("/_sandbox/answers").json()["items"]
    api.post("/_sandbox/clock", json={"now": told["answer_at"]}, headers=reading)
    answer = get(listed).json()
    (item,) = answer["data"]["items"]
    assert item["answered_at"] == told["answer_at"]
    assert answer["meta"]["untrusted"] == ["/items/0/answer"]
    assert get(path).status_code == 200
    # What was known before the answer is still what was known.
    assert get(f"{path}?as_of={ASKED}").status_code == 404
    assert get("/v1/information-requests?case_id=case_999999").json()["data"]["items"] == []
    assert get("/v1/information-requests").status_code == 400
