"""Each drawn column must be visible in the served rows, and nothing else may give a case away."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from sandbox.casetypes.late_dispatch import CASE_TYPE
from sandbox.casetypes.late_dispatch.table import TABLE
from sandbox.timeline import instant

SERIOUS = ("outage", "weather", "strike")


_ANSWERS: dict[str, tuple[int, dict]] = {}


def get(client, case, path, **query):
    """Ask once for each address; the tests below look at the same answers."""
    key = f"{case.as_of} {path} {sorted(query.items())}"
    if key not in _ANSWERS:
        answer = client.get(path, params={**query, "as_of": case.as_of})
        _ANSWERS[key] = (answer.status_code, answer.json().get("data", {}))
    return _ANSWERS[key]


def differing(served, read, column):
    """Return the cases whose rows disagree with the drawn column; None means withheld."""
    seen = [(case, read(case)) for case in served]
    known = [(case, value) for case, value in seen if value is not None]
    assert len(known) > 0.7 * len(served)
    return [
        case.record["case_id"]
        for case, value in known
        if value != bool(case.drawn["columns"][column])
    ]


def test_first_scan_falls_where_the_lag_was_drawn(client, served):
    for case in served:
        status, scans = get(client, case, f"/v1/orders/{case.order['order_id']}/scans")
        if status == 404:
            assert "scans" in case.drawn["withheld"]
            continue
        lag = (instant(scans["first"]["at"]) - instant(case.order["ship_by"])) / 3600
        window = (instant(case.order["ship_by"]) - instant(case.order["paid_at"])) / 3600
        drawn = max(case.drawn["columns"]["lag_hours"], -(window - 2))
        assert lag == pytest.approx(drawn, abs=0.01)


def test_under_the_older_rule_the_label_lies_on_the_side_of_the_scan(client, served):
    old = [c for c in served if c.order["paid_at"] < "2026-03-01" and not c.drawn["withheld"]]
    assert old
    for case in old:
        _, scans = get(client, case, f"/v1/orders/{case.order['order_id']}/scans")
        labelled = instant(scans["label_created_at"]) <= instant(case.order["ship_by"])
        assert labelled is (case.drawn["columns"]["lag_hours"] <= 0)


def test_stalls_show_in_the_scans(client, served):
    def read(case):
        status, scans = get(client, case, f"/v1/orders/{case.order['order_id']}/scans")
        return None if status == 404 else scans["hours_first_to_second"] >= 72

    assert differing(served, read, "scan_stalled") == []


def test_alerts_cover_origin_and_window_where_drawn(client, served):
    def read(case):
        order = case.order
        _, alerts = get(
            client, case, f"/v1/carriers/{order['carrier']}/alerts",
            region=case.record["region"], **{"from": order["paid_at"], "to": order["ship_by"]},
        )  # fmt: skip
        return any(
            item["kind"] in SERIOUS and order["ship_from_postcode"] in item["postcodes"]
            for item in alerts["items"]
        )

    assert differing(served, read, "carrier_outage") == []


def test_incidents_name_the_seller_where_drawn(client, served):
    def read(case):
        _, incidents = get(
            client, case, "/v1/platform/incidents", region=case.record["region"],
            **{"from": case.order["paid_at"], "to": case.order["ship_by"]},
        )  # fmt: skip
        return any(case.record["seller_id"] in item["seller_ids"] for item in incidents["items"])

    assert differing(served, read, "platform_fault") == []


def test_manifests_prove_the_hand_over_where_drawn(client, served):
    def read(case):
        status, found = get(client, case, f"/v1/orders/{case.order['order_id']}/manifest")
        if status == 404:
            assert "manifest" in case.drawn["withheld"]
            return None
        in_time = found["found"] and found["handed_over_at"] <= case.order["ship_by"]
        return bool(in_time and found["signed"])

    assert differing(served, read, "handover_proved") == []


def test_buyers_change_orders_in_time_where_drawn(client, served):
    def read(case):
        _, changes = get(client, case, f"/v1/orders/{case.order['order_id']}/changes")
        return any(
            item["by"] == "buyer"
            and item["kind"] in ("address", "hold")
            and item["at"] <= case.order["ship_by"]
            for item in changes["items"]
        )

    assert differing(served, read, "buyer_changed_order") == []


def test_papers_are_altered_where_drawn(client, served):
    def read(case):
        ref = case.appeal["appeal_id"]
        return bool(get(client, case, "/v1/documents", ref_id=ref)[1]["n_altered"])

    assert differing(served, read, "papers_altered") == []


def test_refused_appeals_are_on_record_where_drawn(client, served):
    def read(case):
        path = f"/v1/sellers/{case.record['seller_id']}/appeals"
        return bool(get(client, case, path)[1]["false_appeals_365d"] >= 2)

    assert differing(served, read, "prior_false_appeals") == []


def test_the_rest_keeps_within_the_limit_where_drawn(client, served):
    def read(case):
        path = f"/v1/violations/{case.appeal['violation_id']}/dispatch-summary"
        _, summary = get(client, case, path)
        assert summary["rate_after"] <= summary["rate_before"]
        return bool(summary["n_orders"] > 1 and summary["rate_after"] <= summary["rate_limit"])

    # Orders of another case of the same seller may stand in the same thirty days.
    assert len(differing(served, read, "rest_within_limit")) <= 0.03 * len(served) + 1


def test_appeals_are_filed_in_time_unless_marked(client, served):
    late = 0
    for case in served:
        _, violation = get(client, case, f"/v1/violations/{case.appeal['violation_id']}")
        filed = instant(case.appeal["filed_at"])
        if case.appeal["attempt"] == 1:
            allowed = 180 if case.record["region"] in ("EU", "UK") else 30
            in_time = filed - instant(violation["issued_at"]) <= allowed * 86_400
        else:
            assert case.appeal["attempt"] == 2
            in_time = filed - instant(case.appeal["prior_decided_at"]) <= 15 * 86_400
        assert in_time is not case.drawn["late_filed"]
        late += not in_time
        if not in_time:
            assert case.drawn["right"] == "uphold"
    assert late < 0.1 * len(served)


def test_every_record_of_a_case_is_known_at_the_first_look(served):
    for case in served:
        assert case.appeal["seller_id"] == case.order["seller_id"] == case.record["seller_id"]
        assert case.appeal["filed_at"] < case.record["opened_at"]


def test_causes_occur_at_their_rates(world):
    mine = [line for line in world.causes if line["case_type"] == CASE_TYPE.name]
    old = [line for line in mine if case_era(line, world) == 0]
    drawn = Counter(line["cause"] for line in old)
    for cause in TABLE.causes:
        spread = 4 * math.sqrt(cause.rate * (1 - cause.rate) * len(old)) + 1
        assert abs(drawn[cause.name] - cause.rate * len(old)) < spread


def case_era(line, world):
    ((opened,),) = world.rows(
        "SELECT opened_at FROM cases WHERE case_no = ?", int(line["case_id"].removeprefix("case_"))
    )
    return sum(drift.since <= opened for drift in TABLE.drifts)


def test_a_fifth_or_so_is_withheld(world):
    mine = [line for line in world.causes if line["case_type"] == CASE_TYPE.name]
    share = sum("manifest" in line["withheld"] for line in mine) / len(mine)
    assert share == pytest.approx(0.20, abs=0.1)
    assert any("scans" in line["withheld"] for line in mine)


def test_situations_are_short_and_name_neither_cause_nor_outcome_nor_clause(served):
    closed = [case for case in served if case.record["status"] == "closed"]
    names = [cause.name for cause in TABLE.causes if "_" in cause.name]
    for case in closed:
        text = case.record["situation"]
        assert 2 <= text.count(". ") + 1 <= 5
        for word in [*names, "overturn", "uphold", "partial", "SHIP-", "APL-", "GEN-"]:
            assert word not in text
        if case.drawn["columns"]["carrier_outage"]:
            assert "carrier notice covered the origin" in text
