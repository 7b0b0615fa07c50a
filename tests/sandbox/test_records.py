"""What the records of sellers, orders, violations, alerts, links and cases say."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sandbox.intervals import wilson_low
from sandbox.timeline import CLOCK_START, DAY, instant, rfc3339

LATE = {"as_of": "2026-07-01T00:00:00Z"}


def data(client, path, **query):
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_sanction_shows_from_its_day_on(world, client):
    ((no, since),) = world.rows(
        "SELECT seller_no, sanctioned_at FROM sellers WHERE sanctioned_at IS NOT NULL LIMIT 1"
    )
    path = f"/v1/sellers/sel_{no:05d}"
    before = data(client, path, as_of=rfc3339(since - 1))
    after = data(client, path, as_of=rfc3339(since))
    assert (before["sanctioned"], "sanctioned_at" in before) == (False, False)
    assert (after["sanctioned"], after["status"]) == (True, "suspended")


def test_metrics_agree_with_the_orders(world, client):
    ((no, orders, cents),) = world.rows(
        "SELECT seller_no, COUNT(*), SUM(total_cents) FROM orders WHERE paid_at > ? AND "
        "paid_at <= ? GROUP BY seller_no ORDER BY COUNT(*) DESC LIMIT 1",
        CLOCK_START - 30 * DAY, CLOCK_START,
    )  # fmt: skip
    metrics = data(client, f"/v1/sellers/sel_{no:05d}/metrics")
    assert (metrics["orders_30d"], metrics["gmv_30d_cents"]) == (orders, cents)
    for name, value in metrics.items():
        if "rate" in name or "share" in name:
            assert 0 <= value <= 1


def test_metrics_want_thirty_days_of_sales(world, client):
    ((first,),) = world.rows("SELECT MIN(paid_at) FROM orders WHERE seller_no = 1")
    young = {"as_of": rfc3339(first + 29 * DAY)}
    answer = client.get("/v1/sellers/sel_00001/metrics", params=young)
    assert (answer.status_code, answer.json()["code"]) == (404, "metrics_too_young")


def test_the_balance_is_the_sum_of_the_ledger(world, client):
    for no in range(1, 20):
        ((total,),) = world.rows(
            "SELECT SUM(amount_cents) FROM ledger WHERE seller_no = ? AND booked_at <= ?",
            no, CLOCK_START,
        )  # fmt: skip
        balance = data(client, f"/v1/sellers/sel_{no:05d}/balance")
        assert balance["available_cents"] == (total or 0)
        assert balance["expected_loss_cents"] >= balance["open_claims_cents"]
        assert balance["reserve_cents"] >= 0


def test_the_ledger_closes_for_ten_minutes_each_night(open_client):
    client = open_client()
    client.post("/_sandbox/clock", json={"now": "2026-06-02T00:09:59Z"})
    answer = client.get("/v1/sellers/sel_00001/balance")
    assert (answer.status_code, answer.json()["code"]) == (409, "ledger_closing")
    assert answer.json()["retryable"] is True
    client.post("/_sandbox/clock", json={"now": "2026-06-02T00:10:00Z"})
    assert client.get("/v1/sellers/sel_00001/balance").status_code == 200


def test_orders_move_from_paid_to_delivered(world, client):
    ((no, paid, first, delivered),) = world.rows(
        "SELECT order_no, paid_at, first_recorded_at, delivered_recorded_at FROM orders "
        "JOIN parcels USING (order_no) WHERE delivered_recorded_at > first_recorded_at "
        "AND first_recorded_at > paid_at AND cancelled_at IS NULL LIMIT 1"
    )
    path = f"/v1/orders/ord_{no:07d}"
    assert client.get(path, params={"as_of": rfc3339(paid - 1)}).status_code == 404
    seen = [data(client, path, as_of=rfc3339(t))["status"] for t in (paid, first, delivered)]
    assert seen == ["paid", "shipped", "delivered"]


def test_old_orders_are_purged(client):
    answer = client.get("/v1/orders/ord_0000001", params={"as_of": "2027-06-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (410, "order_purged")


def test_unconnected_carriers_send_nothing(world, client):
    ((no,),) = world.rows("SELECT order_no FROM orders WHERE carrier = 'lanternpost' LIMIT 1")
    for path in (f"/v1/orders/ord_{no:07d}/scans", "/v1/carriers/lanternpost/alerts"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "carrier_not_connected")


def test_goods_made_to_order_have_no_change_log(world, client):
    ((no,),) = world.rows(
        "SELECT order_no FROM orders WHERE order_type = 'made_to_order' AND paid_at < ? LIMIT 1",
        CLOCK_START,
    )
    answer = client.get(f"/v1/orders/ord_{no:07d}/changes")
    assert (answer.status_code, answer.json()["code"]) == (404, "change_log_not_kept")


def test_no_manifest_is_an_answer_and_a_withheld_one_is_not(world, client):
    found = data(client, "/v1/orders/ord_0000001/manifest")
    assert found == {"found": False, "signed": False, "parcels": 0}
    ((ref,),) = world.rows("SELECT ref FROM withheld WHERE action = 'manifest' LIMIT 1")
    answer = client.get(f"/v1/orders/{ref}/manifest", params=LATE)
    assert (answer.status_code, answer.json()["code"]) == (404, "manifest_not_supplied")


def test_sellers_manifests_and_labels_are_untrusted(world, client):
    for origin, expected in (("seller", True), ("carrier", False)):
        rows = world.rows(
            "SELECT order_no FROM manifests WHERE origin = ? AND order_no NOT IN "
            "(SELECT CAST(substr(ref, 5) AS INTEGER) FROM withheld) LIMIT 1", origin,
        )  # fmt: skip
        body = client.get(f"/v1/orders/ord_{rows[0][0]:07d}/manifest", params=LATE).json()
        assert ("/handed_over_at" in body["meta"]["untrusted"]) is expected
    scans = client.get("/v1/orders/ord_0000001/scans").json()
    assert "/label_created_at" in scans["meta"]["untrusted"]
    assert "/items/0/at" in scans["meta"]["untrusted"]
    assert "/items/1/at" not in scans["meta"]["untrusted"]


def test_alerts_overlap_the_window_and_were_published_by_then(world, client):
    window = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-20T00:00:00Z"}
    items = data(client, "/v1/carriers/kestrel/alerts", region="US", limit=100, **window)["items"]
    assert items
    for item in items:
        assert item["from"] < window["to"]
        assert item["to"] >= window["from"]
        assert item["published_at"] <= "2026-06-01T08:00:00Z"
    early = data(
        client, "/v1/carriers/kestrel/alerts", region="US", as_of=items[0]["from"], **window
    )
    assert items[0]["alert_id"] not in {item["alert_id"] for item in early["items"]}


def test_a_feed_gap_makes_the_window_incomplete(world, client):
    ((carrier, start, end),) = world.rows(
        "SELECT carrier, from_at, to_at FROM feed_gaps WHERE to_at < ? LIMIT 1", CLOCK_START
    )
    assert end - start == 6 * 3600
    path = f"/v1/carriers/{carrier}/alerts"
    for first, last, complete in ((start - 60, start + 1, False), (end - 1, end, False),
                                  (end, end + 60, True), (start - 60, start, True)):  # fmt: skip
        query = {"from": rfc3339(first), "to": rfc3339(last)}
        coverage = client.get(path, params=query).json()["meta"]["coverage"]
        assert coverage["complete"] is complete
        assert complete or instant(coverage["through"]) == start


def test_gaps_come_once_a_month(world):
    starts = [row[0] for row in world.rows("SELECT from_at FROM feed_gaps ORDER BY from_at")]
    steps = [b - a for a, b in pairwise(starts)]
    assert sum(steps) / len(steps) == pytest.approx(30.4 * DAY, rel=0.1)


def test_links_show_from_both_ends(world, client):
    ((a, b),) = world.rows(
        "SELECT a_no, b_no FROM links WHERE recorded_at < ? LIMIT 1", CLOCK_START
    )
    one, two = f"sel_{a:05d}", f"sel_{b:05d}"
    path = "/v1/analytics/links"
    there = data(client, path, seller_id=one, peer_id=two)
    back = data(client, path, seller_id=two, peer_id=one)
    assert [item["kind"] for item in there["items"]] == [item["kind"] for item in back["items"]]
    assert {item["peer_id"] for item in there["items"]} == {two}
    every = data(client, path, seller_id=one)
    assert {item["peer_id"] for item in every["items"]} >= {two}
    assert 0 < there["score"] <= every["score"] <= 1
    assert there["max_holders"] >= 2


def test_link_jobs_take_a_while_where_faults_are_on(open_client, stopwatch):
    client = open_client(monotonic=stopwatch, rate_limits=False, faults=True, fault_seed=5)
    path = "/v1/analytics/links?seller_id=sel_00001"
    first = client.get(path)
    assert (first.status_code, first.json()["code"]) == (202, "job_running")
    wait = int(first.headers["Retry-After"])
    assert 2 <= wait <= 90
    stopwatch.now += wait
    assert client.get(path).status_code == 200


def test_violations_expire_and_count(world, client):
    ((no,),) = world.rows(
        "SELECT seller_no FROM violations GROUP BY seller_no ORDER BY COUNT(*) DESC LIMIT 1"
    )
    body = data(client, f"/v1/sellers/sel_{no:05d}/violations", limit=100)
    for item in body["items"]:
        if item["status"] == "active":
            assert instant(item["issued_at"]) > CLOCK_START - 180 * DAY
    severe = [i for i in body["items"] if i["severity"] == "severe" and i["status"] == "active"]
    assert body["n_open_severe"] == len(severe)


def test_claims_and_their_counts_share_a_window(world, client):
    ((no,),) = world.rows(
        "SELECT seller_no FROM claims GROUP BY seller_no ORDER BY COUNT(*) DESC LIMIT 1"
    )
    path = f"/v1/sellers/sel_{no:05d}/claims"
    body = data(client, path, limit=100, **{"from": "2026-01-01T00:00:00Z"})
    kinds = [item["kind"] for item in body["items"]]
    assert body["n_not_received"] == kinds.count("not_received")
    low = body["not_received_low95"]
    assert 0 <= low <= body["n_not_received"] / body["n_orders"]


@pytest.mark.parametrize(
    ("hits", "total", "low"), [(0, 0, 0.0), (0, 10, 0.0), (5, 10, 0.236593), (10, 10, 0.722467)]
)
def test_wilson_lower_ends_are_the_published_ones(hits, total, low):
    assert wilson_low(hits, total) == pytest.approx(low, abs=1e-5)


def test_closed_cases_carry_their_outcome_and_open_ones_do_not(client):
    closed = data(client, "/v1/cases", status="closed", limit=100)["items"]
    for record in closed:
        assert record["outcome"] in ("overturn", "uphold", "partial")
        assert record["decided_by"].startswith("reviewer-")
        assert record["opened_at"] < record["closed_at"]
    for record in data(client, "/v1/cases", status="open")["items"]:
        assert not {"outcome", "closed_at", "decided_by", "situation"} & set(record)
    assert data(client, "/v1/cases", case_type="none.such")["items"] == []


def test_the_inbox_knows_past_and_waiting_cases_whatever_the_time(client):
    early = data(client, "/v1/cases", status="open", as_of="2025-02-01T00:00:00Z")["items"]
    assert early == data(client, "/v1/cases", status="open")["items"]


def test_every_shared_token_is_a_link(world):
    linked = {
        (min(a, b), max(a, b), kind)
        for a, b, kind in world.rows("SELECT a_no, b_no, kind FROM links")
    }
    for column, kind in (("bank_token", "bank"), ("tax_token", "tax_id"), ("owner_token", "owner")):
        pairs = world.rows(
            f"SELECT a.seller_no, b.seller_no FROM sellers a JOIN sellers b USING ({column}) "
            "WHERE a.seller_no < b.seller_no"
        )
        reached = {(a, b) for a, b, name in linked if name == kind}
        for a, b in pairs:
            assert (a, b) in reached or sum(a in pair or b in pair for pair in reached) > 1
