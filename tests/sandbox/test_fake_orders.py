"""Each drawn column of order cases is visible in the served rows; nothing else tells causes."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.casetypes.fake_orders import CASE_TYPE
from sandbox.casetypes.fake_orders.table import TABLE
from sandbox.timeline import DAY, instant, rfc3339
from tests.sandbox.bag_of_words import CEILING, cross_validated, words

NAME = CASE_TYPE.name
TOLERATED = 0.04
"""Share of cases in whose window another case of the same seller may leave its rows as well."""


@pytest.fixture(scope="module")
def lines(world):
    return [line for line in world.causes if line["case_type"] == NAME]


@pytest.fixture(scope="module")
def seen(client, lines):
    """What each action of the procedure gets at the first look, by case."""
    return [(line, look(client, line["case_id"])) for line in lines]


def look(client, case_id):
    record = client.get(f"/v1/cases/{case_id}").json()["data"]
    as_of = rfc3339(instant(record["opened_at"]) + 2 * DAY)

    def get(path, **query):
        answer = client.get(path, params={**query, "as_of": as_of})
        return answer.json()["data"] if answer.status_code == 200 else None

    notice = get(f"/v1/notices/{record['subject']['notice_id']}")
    who = notice["seller_id"]
    window = {"from": notice["window_from"], "to": notice["window_to"]}
    return {
        "notice": notice,
        "pattern": get(f"/v1/sellers/{who}/order-pattern", **window),
        "campaigns": get(f"/v1/sellers/{who}/campaigns", **window),
        "parcels": get(f"/v1/sellers/{who}/tracking-summary", **window),
        "money": get("/v1/analytics/payment-trace", seller_id=who, **window),
        "ring": get("/v1/analytics/buyer-ring", seller_id=who, basis="orders", **window),
        "reviews": get(f"/v1/listings/{notice['listing_id']}/review-stats", **window),
    }


def burst(line, got):
    pattern = got["pattern"]
    return pattern["burst_z"] >= 4.0 or pattern["max_orders_per_buyer_hour"] >= 3.0


def campaign_explains(line, got):
    notice, orders = got["notice"], got["pattern"]["n_orders"]
    return any(
        one["from"] <= notice["window_to"]
        and one["to"] >= notice["window_from"]
        and one["attributed_orders"] * 10 >= orders * 5
        for one in got["campaigns"]["items"]
    )


def ring_orders(line, got):
    ring = got["ring"]
    large = ring["found"] and ring["n_buyers"] >= 8
    return large and ring["density"] >= 0.3 and ring["order_share"] >= 0.15


def seller_paid(line, got):
    money = got["money"]
    if money is None:
        return None
    return money["n_seller_instrument"] >= 3 or money["n_refund_off_platform"] >= 3


def seller_tied(line, got):
    return got["ring"]["seller_shared"]


def hollow_parcels(line, got):
    parcels = got["parcels"]
    assert parcels["n_weighed"] >= 10
    return parcels["n_underweight"] * 10 >= parcels["n_weighed"] * 3


def commission_gain(line, got):
    return got["ring"]["commission_cents"] >= 20_000


def review_echo(line, got):
    return got["reviews"]["n_reviews"] >= 8 and got["reviews"]["within_24h_share"] >= 0.5


def one_address_bulk(line, got):
    return got["pattern"]["n_single_address"] * 10 >= got["pattern"]["n_orders"] * 6


READERS = (
    campaign_explains, ring_orders, seller_paid, seller_tied, hollow_parcels, commission_gain,
    review_echo, one_address_bulk,
)  # fmt: skip


@pytest.mark.parametrize("read", READERS, ids=[read.__name__ for read in READERS])
def test_what_is_served_makes_a_fact_true_exactly_where_it_was_drawn(seen, read):
    known = [(line, value) for line, got in seen if (value := read(line, got)) is not None]
    assert len(known) > 0.8 * len(seen)
    wrong = [line["case_id"] for line, value in known if value != line["columns"][read.__name__]]
    assert len(wrong) <= TOLERATED * len(known), wrong
    assert {value for _, value in known} == {True, False}


def test_a_burst_shows_where_it_was_drawn(seen):
    drawn = [(line["columns"]["burst_z"] >= 4.0, burst(line, got)) for line, got in seen]
    apart = sum(one != other for one, other in drawn)
    assert apart <= TOLERATED * len(seen)
    assert {one for one, _ in drawn} == {True, False}


def test_a_silent_provider_is_no_answer_and_an_answer_is_there_unless_withheld(seen):
    for line, got in seen:
        assert (got["money"] is None) is ("money" in line["withheld"])
        assert got["notice"]["responded"] is ("notice" not in line["withheld"])
    share = sum("notice" in line["withheld"] for line, _ in seen) / len(seen)
    assert 0.25 < share < 0.55


def test_campaigns_bring_orders_that_rows_show(seen):
    for _, got in seen:
        brought = sum(one["attributed_orders"] for one in got["campaigns"]["items"])
        assert brought <= got["pattern"]["n_orders"]


def test_rings_are_made_of_young_accounts_unless_they_drip(seen):
    ages = {
        drip: [
            got["ring"]["median_account_age_days"]
            for line, got in seen
            if line["columns"]["ring_orders"] and (line["cause"] == "slow_drip") is drip
        ]
        for drip in (True, False)
    }
    assert max(ages[False]) < 200
    assert all(age > 150 for age in ages[True])


def test_a_pattern_wants_four_weeks_of_orders(client, seen):
    _, got = seen[0]
    path = f"/v1/sellers/{got['notice']['seller_id']}/order-pattern"
    answer = client.get(path, params={"from": "2024-06-01T00:00:00Z", "to": "2024-06-15T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (404, "history_too_short")


@pytest.mark.parametrize("path", ["order-pattern", "campaigns"])
def test_a_window_must_be_named(client, path):
    answer = client.get(f"/v1/sellers/sel_00001/{path}")
    assert (answer.status_code, answer.json()["code"]) == (400, "missing_parameter")


def test_causes_come_at_their_rates(lines):
    found = Counter(line["cause"] for line in lines)
    assert set(found) <= {cause.name for cause in TABLE.causes}
    assert found["viral_live"] + found["brushing_self"] > len(lines) / 4


def answers(world):
    """Return (words of the answer, right outcome) of the cases of a world."""
    rows = world.rows(
        "SELECT case_no, statement FROM cases JOIN notices "
        "ON json_extract(subject, '$.notice_id') = printf('ntc_%06d', notice_no) "
        "WHERE case_type = ?", NAME,
    )  # fmt: skip
    texts = {f"case_{no:06d}": text for no, text in rows}
    mine = [line for line in world.causes if line["case_type"] == NAME]
    return [(words(texts[line["case_id"]]), line["right"]) for line in mine]


def test_words_alone_beat_the_commonest_outcome_by_ten_points_at_most(worlds):
    cases = [case for each in worlds for case in answers(each)]
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING
