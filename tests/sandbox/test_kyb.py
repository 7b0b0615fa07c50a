"""Verification requests, from the writer's columns to what the API answers."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from fastapi.testclient import TestClient

from sandbox.app import create_app
from sandbox.ids import Numbers
from sandbox.kyb import ANSWER_SPAN, ITEMS, Identities, KybRequests, write_requests
from sandbox.sizes import SCALES
from sandbox.timeline import CLOCK_START, DAY, HISTORY_START, rfc3339
from sandbox.writer import WorldWriter

ASKED = CLOCK_START - 9 * DAY
ANSWERED = ASKED + 2 * DAY
DECIDED = ASKED + 5 * DAY
FIRST = 800_000
"""Above every number that the world itself uses."""


@pytest.fixture(scope="module")
def asked(world, tmp_path_factory):
    """A copy of the world in which the first two sellers were asked anew; one is silent."""
    folder = tmp_path_factory.mktemp("kyb") / "world"
    shutil.copytree(world.folder, folder)
    with closing(sqlite3.connect(folder / "world.sqlite")) as db:
        _write(WorldWriter(db))
        db.commit()
    with TestClient(create_app(folder, rate_limits=False)) as client:
        client.headers["Authorization"] = f"Bearer {world.summary.tokens['read']}"
        yield client


def _write(writer):
    numbers = Numbers()
    numbers.take("kyb", FIRST)
    held = {name: np.array([name != "has_tax_id", False]) for name in ITEMS}
    no = write_requests(
        writer,
        KybRequests(
            seller=np.arange(2),
            threshold_met_at=[ASKED - DAY, None],
            requested_at=np.full(2, ASKED),
            due_at=np.full(2, ASKED + ANSWER_SPAN),
            submitted_at=[ANSWERED, None],
            verdict=["verified", None],
            decided_at=np.full(2, DECIDED),
            sales_12m=np.array([410, 90]),
            gross_12m_cents=np.array([900_000, 400]),
            identity=Identities(["A b", "C d"], ["E", "F"], ["1 G, 2", "3 H, 4"], ["I.", ""]),
            held=held,
        ),
        numbers,
    )
    assert no.tolist() == [FIRST + 1, FIRST + 2]


def ask(client, seller, as_of=CLOCK_START):
    return client.get(f"/v1/sellers/sel_{seller:05d}/kyb", params={"as_of": rfc3339(as_of)})


def test_every_seller_has_been_verified_once(world, client):
    for no in range(1, SCALES[world.summary.size].sellers + 1):
        data = ask(client, no, HISTORY_START - 16 * DAY).json()["data"]
        assert data["state"] == "verified"
        assert all(data[name] for name in ITEMS)
        assert data["sales_12m"] >= 200
        assert data["gross_12m_cents"] >= 500_000


def test_a_request_says_what_was_handed_in_and_by_when(asked):
    body = ask(asked, 1).json()
    assert body["data"] == {
        "request_id": "kyb_800001",
        "state": "verified",
        "threshold_met_at": rfc3339(ASKED - DAY),
        "requested_at": rfc3339(ASKED),
        "due_at": rfc3339(ASKED + ANSWER_SPAN),
        "sales_12m": 410,
        "gross_12m_cents": 900_000,
        "legal_name": "A b",
        "trading_name": "E",
        "address": "1 G, 2",
        "explanation": "I.",
        **{name: name != "has_tax_id" for name in ITEMS},
    }
    untrusted = {"/legal_name", "/trading_name", "/address", "/explanation"}
    assert set(body["meta"]["untrusted"]) == untrusted
    assert body["meta"]["cost_usd"] == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("as_of", "state"),
    [(ASKED, "requested"), (ANSWERED, "submitted"), (DECIDED, "verified")],
)
def test_a_request_moves_from_asked_to_answered_to_decided(asked, as_of, state):
    assert ask(asked, 1, as_of).json()["data"]["state"] == state


def test_before_the_new_request_the_older_one_stands(asked):
    assert ask(asked, 1, ASKED - 1).json()["data"]["request_id"] != "kyb_800001"


def test_a_silent_seller_stays_asked_and_met_no_threshold(asked):
    data = ask(asked, 2, CLOCK_START + 30 * DAY).json()["data"]
    assert (data["state"], data["request_id"]) == ("requested", "kyb_800002")
    assert "threshold_met_at" not in data


def test_a_seller_that_was_never_asked_is_told_apart(asked, world):
    ((registered,),) = world.rows("SELECT registered_at FROM sellers WHERE seller_no = 3")
    early = ask(asked, 3, registered)
    assert (early.status_code, early.json()["code"]) == (404, "never_verified")
    nobody = asked.get("/v1/sellers/sel_99999/kyb")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_seller")


def test_the_identity_family_answers_two_requests_a_second(open_client, stopwatch):
    client = open_client(monotonic=stopwatch)
    codes = [client.get("/v1/sellers/sel_00001/kyb").status_code for _ in range(5)]
    assert codes == [200] * 4 + [429]
    stopwatch.now += 0.5
    assert client.get("/v1/sellers/sel_00001/kyb").status_code == 200
