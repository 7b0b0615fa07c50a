from __future__ import annotations

import pytest

CLOCK, FAULTS = "/_sandbox/clock", "/_sandbox/faults"


def test_the_clock_stands_still_until_told(open_client, stopwatch):
    client = open_client(monotonic=stopwatch)
    assert client.get(CLOCK).json() == {"now": "2026-06-01T08:00:00Z", "speed": 0.0}
    stopwatch.now += 1_000
    assert client.get(CLOCK).json()["now"] == "2026-06-01T08:00:00Z"
    moved = client.post(CLOCK, json={"now": "2026-06-10T00:00:00Z", "speed": 60})
    assert moved.json() == {"now": "2026-06-10T00:00:00Z", "speed": 60.0}
    stopwatch.now += 60
    assert client.get(CLOCK).json()["now"] == "2026-06-10T01:00:00Z"
    meta = client.get("/v1/sellers/sel_00001").json()["meta"]
    assert meta["as_of"] == "2026-06-10T01:00:00Z"


def test_moving_the_clock_brings_later_records_to_light(world, open_client):
    client = open_client()
    ((appeal,),) = world.rows(
        "SELECT json_extract(subject, '$.appeal_id') FROM cases "
        "WHERE status = 'open' AND case_type = 'appeal.late_dispatch' "
        "ORDER BY opened_at DESC LIMIT 1"
    )
    assert client.get(f"/v1/appeals/{appeal}").status_code == 404
    client.post(CLOCK, json={"now": "2026-07-01T00:00:00Z"})
    assert client.get(f"/v1/appeals/{appeal}").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"now": "soon"}, {"now": "2026-06-10T00:00:00"}, {"now": "2026-06-10T00:00:00Z",
             "speed": -1}, {"now": "2026-06-10T00:00:00Z", "colour": 1}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(open_client, body):
    client = open_client()
    answer = client.post(CLOCK, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
    assert client.get(CLOCK).json()["now"] == "2026-06-01T08:00:00Z"


def test_faults_can_be_switched(open_client):
    client = open_client()
    assert client.get(FAULTS).json() == {"on": False}
    assert client.post(FAULTS, json={"on": True}).json() == {"on": True}
    assert client.post(FAULTS, json={"on": False}).json() == {"on": False}


def test_the_switches_want_a_token(open_client):
    client = open_client()
    client.headers.pop("Authorization")
    assert client.post(CLOCK, json={"now": "2026-06-10T00:00:00Z"}).status_code == 401
