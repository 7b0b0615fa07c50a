"""Each drawn column of tracking cases is visible in the served rows; nothing else tells causes."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from sandbox.casetypes.fake_shipping import CASE_TYPE
from sandbox.casetypes.fake_shipping.table import TABLE
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
    seller = f"/v1/sellers/{notice['seller_id']}"
    window = {"from": notice["window_from"], "to": notice["window_to"]}
    return {
        "notice": notice,
        "window": get(f"{seller}/tracking-summary", **window),
        "weights": get(f"{seller}/weight-profile"),
        "claims": get(f"{seller}/claims", **window, limit=100),
        "ring": get("/v1/analytics/buyer-ring", seller_id=notice["seller_id"], basis="claims",
                    **window),
        "docs": get("/v1/documents", ref_id=record["subject"]["notice_id"]),
    }  # fmt: skip


def carrier_gap(line, got):
    window = got["window"]
    return (
        window["n_no_scan_72h"] >= 5 and window["n_no_scan_in_alert"] * 2 >= window["n_no_scan_72h"]
    )


def labels_corrected(line, got):
    window = got["window"]
    return window["n_flagged"] > 0 and window["n_corrected_72h"] * 10 >= window["n_flagged"] * 7


def template_weights(line, got):
    weights = got["weights"]
    if weights is None:
        return None
    return weights["same_declared_share"] >= 0.6 and weights["ratio_iqr"] <= 0.15


def empty_claims(line, got):
    return got["claims"]["empty_low95"] > 0.02


def buyer_ring(line, got):
    ring = got["ring"]
    large = ring["found"] and ring["n_buyers"] >= 5 and ring["density"] >= 0.3
    return large and not ring["seller_shared"]


READERS = (carrier_gap, labels_corrected, template_weights, empty_claims, buyer_ring)


@pytest.mark.parametrize("read", READERS, ids=[read.__name__ for read in READERS])
def test_what_is_served_makes_a_fact_true_exactly_where_it_was_drawn(seen, read):
    known = [(line, value) for line, got in seen if (value := read(line, got)) is not None]
    assert len(known) > 0.6 * len(seen)
    wrong = [line["case_id"] for line, value in known if value != line["columns"][read.__name__]]
    assert len(wrong) <= TOLERATED * len(known), wrong
    assert {value for _, value in known} == {True, False}


def test_impossible_scans_and_reused_numbers_come_in_the_drawn_amounts(seen):
    apart = []
    for line, got in seen:
        window, columns = got["window"], line["columns"]
        wrong = window["n_zip_mismatch"] + window["n_pre_order_scan"]
        share = columns["impossible_share"]
        drawn = share >= 0.05 and round(share * window["n_orders"]) >= 5
        apart += [line["case_id"]] * ((wrong >= 5 and wrong * 20 >= window["n_orders"]) != drawn)
        apart += [line["case_id"]] * (window["n_reused_numbers"] != columns["reused_count"])
    assert len(apart) <= TOLERATED * len(seen), apart


def test_parcels_are_too_light_in_the_drawn_share(seen):
    apart, known = [], 0
    for line, got in seen:
        window = got["window"]
        if line["unweighed"] or window["n_weighed"] < 10:
            continue
        known += 1
        light = window["n_underweight"] * 10 >= window["n_weighed"] * 3
        apart += [line["case_id"]] * (light != (line["columns"]["underweight_share"] >= 0.3))
    assert known > 0.5 * len(seen)
    assert len(apart) <= TOLERATED * known, apart


def test_without_weights_the_profile_is_not_to_be_had(seen):
    missing = [line for line, got in seen if got["weights"] is None]
    assert all(line["unweighed"] for line in missing)
    assert 0.15 < len(missing) / len(seen) < 0.45


def test_an_answer_is_there_unless_it_is_withheld(seen):
    for line, got in seen:
        assert got["notice"]["responded"] is ("notice" not in line["withheld"])
        assert got["notice"]["responded"] or got["docs"]["items"] == []
    share = sum(not got["notice"]["responded"] for _, got in seen) / len(seen)
    assert 0.2 < share < 0.5


def test_enough_buyers_say_so_exactly_where_it_was_drawn(seen):
    telling = re.compile(
        r"keyring|napkin|blank paper|nothing in|bracelet|bubble wrap|single sticker|newspaper|"
        r"completely|llavero|servilleta|hoja en blanco|sin nada|calcoman|burbujas|totalmente",
    )
    for line, got in seen:
        say = sum(bool(telling.search(one["statement"])) for one in got["claims"]["items"])
        if line["columns"]["buyers_say_empty"]:
            assert say >= 2, line["case_id"]
        else:
            assert say <= 2, line["case_id"]


def test_windows_are_of_two_weeks_and_of_the_planned_size(seen):
    for _, got in seen:
        notice = got["notice"]
        length = instant(notice["window_to"]) - instant(notice["window_from"])
        assert length == 14 * DAY
        assert 45 <= got["window"]["n_orders"] <= 400


def test_causes_come_at_their_rates(lines):
    found = Counter(line["cause"] for line in lines)
    assert set(found) <= {cause.name for cause in TABLE.causes}
    assert found["feed_gap"] + found["phantom"] > len(lines) / 4


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
