"""Each drawn column of a refund case must be visible in the served rows, and nothing more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.casetypes.refund_abuse import CASE_TYPE
from sandbox.casetypes.refund_abuse.table import TABLE
from sandbox.text.refunds.claims import BANKS
from sandbox.timeline import DAY, instant, rfc3339

DAMAGED_KINDS = ("defective", "not_as_described")


@dataclass(frozen=True)
class Seen:
    """A case's records as served at its first look, with what the generator drew."""

    drawn: dict[str, Any]
    record: dict[str, Any]
    claim: dict[str, Any]
    order: dict[str, Any]
    scans: dict[str, Any]
    back: dict[str, Any]
    buyer: dict[str, Any]
    inspection: dict[str, Any] | None
    photos: dict[str, Any] | None

    def column(self, name):
        return self.drawn["columns"][name]


@pytest.fixture(scope="module")
def seen(world, client):
    mine = [line for line in world.causes if line["case_type"] == CASE_TYPE.name]
    return [look(client, line) for line in mine[::2]]


def look(client, drawn):
    record = client.get(f"/v1/cases/{drawn['case_id']}").json()["data"]
    as_of = rfc3339(instant(record["opened_at"]) + 2 * DAY)

    def get(path):
        answer = client.get(path, params={"as_of": as_of})
        assert answer.status_code in (200, 404), answer.text
        return answer.json().get("data")

    claim = get(f"/v1/claims/{record['subject']['claim_id']}")
    at = f"/v1/claims/{claim['claim_id']}"
    order = f"/v1/orders/{claim['order_id']}"
    return Seen(
        drawn, record, claim, get(order), get(f"{order}/scans"), get(f"{at}/return-scans"),
        get(f"/v1/buyers/{claim['buyer_id']}"), get(f"{at}/inspection"), get(f"{at}/photo-check"),
    )  # fmt: skip


def differing(seen, read, column):
    """Return the cases whose rows disagree with the drawn column; None means withheld."""
    known = [(case, read(case)) for case in seen]
    assert sum(value is not None for _, value in known) > 0.6 * len(seen)
    return [
        case.record["case_id"]
        for case, value in known
        if value is not None and bool(value) != case.column(column)
    ]


def switched(case):
    if not case.back["started"]:
        return False
    found = case.inspection
    if found is None:
        return None
    exchanged = found["condition"] in ("wrong_item", "empty") or not found.get("serial_match", True)
    return found["by"] == "warehouse" and exchanged


def worn(case):
    if not case.back["started"]:
        return False
    return None if case.inspection is None else case.inspection["condition"] == "used"


def account(case):
    one = case.buyer
    two_each = (one["not_received_365d"] >= 3) + (one["denied_365d"] >= 2)
    return 2 * two_each + (one["linked_denied_buyers"] >= 1) + (one["refund_share_365d"] >= 0.5) > 2


READ = {
    "says_missing": lambda case: case.claim["kind"] in ("not_received", "empty_parcel"),
    "never_sent": lambda case: case.scans["accepted_count"] == 0,
    "lost": lambda case: (
        case.scans["accepted_count"] > 0
        and not case.scans["delivered"]
        and case.claim["opened_at"] > case.order["deliver_by"]
    ),
    "delivered_there": lambda case: case.scans["delivered"] and case.scans["delivered_geo_match"],
    "transit_damage": lambda case: (
        case.scans["exception_count"] >= 1 and case.claim["kind"] in DAMAGED_KINDS
    ),
    "switched": switched,
    "worn": worn,
    "photos_borrowed": lambda case: (
        None
        if case.photos is None
        else case.photos["n_seen_before"] > 0 or case.photos["max_synthetic_score"] >= 0.9
    ),
    "account": account,
}


@pytest.mark.parametrize("column", READ)
def test_the_rows_show_what_was_drawn(seen, column):
    assert differing(seen, READ[column], column) == []
    assert 0 < sum(case.column(column) for case in seen) < len(seen)


def test_what_is_withheld_is_not_served_at_first(seen):
    for case in seen:
        assert (case.photos is None) is ("photos" in case.drawn["withheld"])
        waits = case.back["started"] and case.inspection is None
        assert waits is ("inspection" in case.drawn["withheld"])
        assert case.back["started"] or case.inspection is None
    share = sum("photos" in case.drawn["withheld"] for case in seen) / len(seen)
    assert share == pytest.approx(0.25, abs=0.12)


def test_claims_out_of_time_are_marked_and_refused(world, client):
    barred = [line for line in world.causes if line.get("out_of_time")]
    assert barred
    for line in barred:
        claim = look(client, line).claim
        assert claim["already_refunded"] or not claim["in_time"]
        assert line["right"] == "deny"


def test_other_claims_are_in_time_and_not_paid(seen):
    for case in seen:
        barred = case.claim["already_refunded"] or not case.claim["in_time"]
        assert barred is case.drawn["out_of_time"]


def test_a_claim_that_was_merged_leads_to_its_survivor(world, client):
    rows = world.rows("SELECT claim_no, survivor_no FROM merged_claims")
    assert rows
    for merged, survivor in rows:
        path, late = f"/v1/claims/clm_{merged:06d}", {"as_of": "2026-07-05T00:00:00Z"}
        away = client.get(path, params=late, follow_redirects=False)
        assert (away.status_code, away.json()["code"]) == (301, "claim_merged")
        found = client.get(path, params=late).json()["data"]
        assert found["claim_id"] == f"clm_{survivor:06d}"


def test_the_buyer_of_the_order_claims(seen, world):
    for case in seen:
        assert case.claim["buyer_id"] == case.order["buyer_id"]
        assert case.claim["amount_cents"] == case.order["total_cents"]
        assert case.claim["opened_at"] < case.record["opened_at"]
    numbers = [case.claim["buyer_id"] for case in seen]
    assert len(set(numbers)) == len(numbers)


def test_refund_shares_agree_with_orders_and_claims(seen, world):
    for case in seen:
        no, end = int(case.claim["buyer_id"][4:]), instant(case.record["opened_at"]) + 2 * DAY
        span = (no, end - 365 * DAY, end)
        ((orders,),) = world.rows(
            "SELECT COUNT(*) FROM orders WHERE buyer_no = ? AND paid_at BETWEEN ? AND ?", *span
        )
        ((refunds,),) = world.rows(
            "SELECT COUNT(*) FROM claims WHERE refunded AND buyer_no = ? "
            "AND opened_at >= ? AND closed_at <= ?", *span,
        )  # fmt: skip
        assert case.buyer["orders_365d"] == orders >= 2
        assert case.buyer["refund_share_365d"] == pytest.approx(refunds / orders, abs=1e-5)


def test_a_sellers_own_inspection_is_marked_as_written_by_a_party(seen, client):
    by_seller = [c for c in seen if c.inspection and c.inspection["by"] == "seller"]
    assert by_seller
    for case in by_seller:
        path = f"/v1/claims/{case.claim['claim_id']}/inspection"
        untrusted = client.get(path, params={"as_of": "2026-07-05T00:00:00Z"}).json()["meta"][
            "untrusted"
        ]
        assert "/condition" in untrusted
        assert not case.column("switched")


def test_a_buyer_knows_of_the_parcel_where_the_story_breaks(seen, world):
    """A story breaks against the buyer's own message, or against the scans in the claim."""
    told = {"arrived": 0, "date": 0}
    glad = {text for bank in BANKS.values() for text in (*bank.arrived, *bank.pleased)}
    for case in seen:
        order = int(case.claim["order_id"][4:])
        talk = {text for (text,) in world.rows("SELECT text FROM messages WHERE order_no=?", order)}
        if not case.column("story_breaks"):
            assert not talk & glad
        elif talk & glad:
            told["arrived"] += 1
        else:
            told["date"] += 1
            assert re.search(r"\d|track|scan|rastreo|物流|courier", case.claim["statement"])
    assert min(told.values()) > 0


def test_causes_occur_at_their_rates():
    assert sum(cause.rate for cause in TABLE.causes) == pytest.approx(1.0)
    assert {cause.right for cause in TABLE.causes} == {
        "refund_seller_pays", "refund_platform_pays", "deny",
    }  # fmt: skip


def test_situations_name_neither_cause_nor_outcome_nor_clause(seen):
    closed = [case.record["situation"] for case in seen if case.record["status"] == "closed"]
    assert closed
    words = [*(cause.name for cause in TABLE.causes), "deny", "refund", "RFA-", "platform"]
    for text in closed:
        assert 2 <= text.count(". ") + 1 <= 5
        assert not [word for word in words if re.search(rf"\b{word}\b", text)]


def test_buyers_write_three_languages(world):
    rows = world.rows("SELECT language FROM cases WHERE case_type = ?", CASE_TYPE.name)
    count = Counter(language for (language,) in rows)
    assert count["en"] > count["es"] > 0
