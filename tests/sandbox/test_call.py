"""The gate every read passes, and the envelope every answer wears."""

from __future__ import annotations

import jsonpointer
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.timeline import CLOCK_START, DAY, HISTORY_START, instant, rfc3339

SELLER = "/v1/sellers/sel_00001"


@pytest.fixture(scope="module")
def answers(world, client):
    """An answer of every kind of endpoint, by path, for a few cases."""
    paths = dict.fromkeys(
        path for line in world.gold[:4] for path in case_paths(client, line["case_id"])
    )
    busy = world.rows("SELECT ref FROM documents LIMIT 5")
    paths |= dict.fromkeys(f"/v1/documents?ref_id={ref}" for (ref,) in busy)
    return {path: client.get(path, params={"as_of": "2026-07-01T00:00:00Z"}) for path in paths}


def case_paths(client, case_id):
    record = client.get(f"/v1/cases/{case_id}").json()["data"]
    late = {"as_of": "2026-07-01T00:00:00Z"}
    appeal = client.get(f"/v1/appeals/{record['subject']['appeal_id']}", params=late).json()["data"]
    order = client.get(f"/v1/orders/{appeal['order_id']}", params=late).json()["data"]
    seller, of_order = record["seller_id"], f"/v1/orders/{appeal['order_id']}"
    of_seller = ("", "/metrics", "/violations", "/appeals", "/messages", "/claims", "/balance")
    return [
        f"/v1/cases/{case_id}",
        "/v1/cases?status=closed&limit=5",
        f"/v1/appeals/{appeal['appeal_id']}",
        f"/v1/violations/{appeal['violation_id']}",
        f"/v1/violations/{appeal['violation_id']}/dispatch-summary",
        *(f"/v1/sellers/{seller}{part}" for part in of_seller),
        *(of_order + part for part in ("", "/scans", "/changes", "/manifest", "/messages")),
        f"/v1/carriers/{order['carrier']}/alerts?region={record['region']}",
        f"/v1/platform/incidents?region={record['region']}",
        f"/v1/documents?ref_id={appeal['appeal_id']}",
        f"/v1/listings/{order['listing_id']}",
        f"/v1/analytics/links?seller_id={seller}",
    ]


def test_answers_wear_the_envelope(answers):
    good = [answer.json() for answer in answers.values() if answer.status_code == 200]
    assert len(good) > 60
    for body in good:
        assert set(body) == {"data", "meta"}
        meta = body["meta"]
        assert set(meta) == {"as_of", "recorded_through", "coverage", "source", "untrusted"}
        assert meta["as_of"] == "2026-07-01T00:00:00Z"
        assert set(meta["coverage"]) == {"complete", "through"}
        assert isinstance(meta["source"], str)


def test_untrusted_pointers_resolve(answers):
    seen = 0
    for answer in answers.values():
        body = answer.json()
        for pointer in body.get("meta", {}).get("untrusted", []):
            assert jsonpointer.resolve_pointer(body["data"], pointer) is not None
            seen += 1
    assert seen > 100


@pytest.mark.parametrize("field", ["statement", "text", "buyer_note", "title", "display_name"])
def test_every_text_of_a_party_is_marked(answers, field):
    marked = 0
    for answer in answers.values():
        body = answer.json()
        for pointer, name in leaves(body.get("data", {})):
            if name == field:
                assert pointer in body["meta"]["untrusted"]
                marked += 1
    assert marked > 0


def leaves(value, at=""):
    """Return (pointer, last name) of every leaf of a JSON value."""
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, f"{at}/{key}")]
    if isinstance(value, list):
        return [leaf for i, part in enumerate(value) for leaf in leaves(part, f"{at}/{i}")]
    return [(at, at.rsplit("/", 1)[-1])]


def test_absent_fields_are_left_out(answers):
    for answer in answers.values():
        data = answer.json().get("data", {})
        for pointer, name in leaves(data):
            value = jsonpointer.resolve_pointer(data, pointer)
            assert value is not None or name == "next_cursor"


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer"])
def test_callers_without_a_known_token_are_refused(open_client, header):
    client = open_client()
    client.headers.pop("Authorization")
    answer = client.get(SELLER, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_unknown_parameters_are_refused(client):
    answer = client.get(SELLER, params={"colour": "red"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
    assert "colour" in answer.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1e1", "9" * 5000])
def test_limits_out_of_range_are_refused(client, limit):
    answer = client.get(f"{SELLER}/messages", params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


@pytest.mark.parametrize("text", ["yesterday", "2026-06-01", "2026-06-01T08:00:00", "99999-01-01"])
def test_instants_that_cannot_be_read_are_refused(client, text):
    for query in ({"as_of": text}, {"from": text}):
        answer = client.get(f"{SELLER}/messages", params=query)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


def test_as_of_comes_from_parameter_header_or_clock(client):
    told = client.get(SELLER, params={"as_of": "2026-05-01T02:00:00+02:00"})
    assert told.json()["meta"]["as_of"] == "2026-05-01T00:00:00Z"
    header = client.get(SELLER, headers={"X-As-Of": "2026-04-01T00:00:00Z"})
    assert header.json()["meta"]["as_of"] == "2026-04-01T00:00:00Z"
    assert client.get(SELLER).json()["meta"]["as_of"] == rfc3339(CLOCK_START)


def walk(client, path, **query):
    """Return the ids of all items of a list, page by page."""
    found, cursor = [], None
    while True:
        body = client.get(path, params={**query, **({"cursor": cursor} if cursor else {})}).json()
        found += [next(iter(item.values())) for item in body["data"]["items"]]
        cursor = body["data"]["next_cursor"]
        if cursor is None:
            return found


def busiest(world, table):
    rows = world.rows(
        f"SELECT seller_no FROM {table} GROUP BY 1 ORDER BY COUNT(*) DESC, seller_no LIMIT 1"
    )
    return f"/v1/sellers/sel_{rows[0][0]:05d}"


@pytest.mark.parametrize("part", ["messages", "claims", "violations", "appeals"])
@pytest.mark.parametrize("limit", [1, 7])
def test_pages_together_are_the_whole_list(world, client, part, limit):
    path = f"{busiest(world, part)}/{part}"
    whole = walk(client, path, limit=100)
    assert len(whole) > 7
    assert walk(client, path, limit=limit) == whole
    assert len(set(whole)) == len(whole)


def test_a_cursor_keeps_the_as_of_of_its_first_page(world, client):
    path = f"{busiest(world, 'messages')}/messages"
    first = client.get(path, params={"limit": 2, "as_of": "2026-03-01T00:00:00Z"}).json()
    cursor = first["data"]["next_cursor"]
    second = client.get(path, params={"limit": 2, "cursor": cursor}).json()
    assert second["meta"]["as_of"] == "2026-03-01T00:00:00Z"
    other = client.get(path, params={"cursor": cursor, "as_of": "2026-04-01T00:00:00Z"})
    assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")


def test_cursors_age_and_serve_their_own_request_alone(world, open_client, stopwatch):
    client = open_client(rate_limits=False, monotonic=stopwatch)
    path = f"{busiest(world, 'messages')}/messages"
    cursor = client.get(path, params={"limit": 2}).json()["data"]["next_cursor"]
    for wrong in (f"{cursor}x", "???", "", "é"):
        assert client.get(path, params={"cursor": wrong}).json()["code"] == "bad_cursor"
    elsewhere = client.get(path.replace("messages", "claims"), params={"cursor": cursor})
    assert elsewhere.json()["code"] == "bad_cursor"
    stopwatch.now += 15 * 60
    assert client.get(path, params={"cursor": cursor}).status_code == 200
    stopwatch.now += 1
    late = client.get(path, params={"cursor": cursor})
    assert (late.status_code, late.json()["code"]) == (410, "cursor_expired")


LISTS = {
    "messages": ("sent_at", "message_id"),
    "violations": ("issued_at", "violation_id"),
    "appeals": ("filed_at", "appeal_id"),
    "claims": ("opened_at", "claim_id"),
}


@given(
    seller=st.integers(1, 120),
    part=st.sampled_from(sorted(LISTS)),
    earlier=st.integers(HISTORY_START, CLOCK_START + 40 * DAY),
    gap=st.integers(0, 200 * DAY),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_lists_show_nothing_from_the_future_and_forget_nothing(client, seller, part, earlier, gap):
    time_field, id_field = LISTS[part]
    path = f"/v1/sellers/sel_{seller:05d}/{part}"
    before = client.get(path, params={"as_of": rfc3339(earlier), "limit": 100}).json()["data"]
    after = client.get(path, params={"as_of": rfc3339(earlier + gap), "limit": 100}).json()["data"]
    assert all(instant(item[time_field]) <= earlier for item in before["items"])
    known = {item[id_field] for item in before["items"]}
    assert known <= {item[id_field] for item in after["items"]} or after["next_cursor"] is not None


@given(data=st.data())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_scans_are_served_exactly_once_they_are_recorded(world, client, data):
    number = data.draw(st.integers(1, world.summary.counts["orders"]))
    rows = world.rows("SELECT at, recorded_at FROM scans WHERE order_no = ? ORDER BY at", number)
    ((paid,),) = world.rows("SELECT paid_at FROM orders WHERE order_no = ?", number)
    as_of = paid + data.draw(st.integers(-DAY, 15 * DAY))
    answer = client.get(f"/v1/orders/ord_{number:07d}/scans", params={"as_of": rfc3339(as_of)})
    if as_of < paid:
        assert answer.status_code == 404
    elif answer.status_code == 404:
        assert answer.json()["code"] == "carrier_not_connected"
    else:
        served = [instant(item["at"]) for item in answer.json()["data"]["items"]]
        assert served == [at for at, recorded in rows if recorded <= as_of]


def test_windows_are_half_open(world, client):
    path = f"{busiest(world, 'messages')}/messages"
    items = client.get(path, params={"limit": 100}).json()["data"]["items"]
    # Messages are kept for half a year, so a window may not begin before that.
    first, last = items[-5]["sent_at"], items[-1]["sent_at"]
    inside = client.get(path, params={"from": first, "to": last}).json()["data"]["items"]
    assert [item["message_id"] for item in inside] == [
        item["message_id"] for item in items if first <= item["sent_at"] < last
    ]
