"""Each drawn column must be visible in the served rows, and nothing else may give a case away."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from sandbox.casetypes.ip_complaint.table import TABLE
from sandbox.timeline import rfc3339
from tests.sandbox.first_look import Case, cases_of, differing

NAME = "appeal.ip_complaint"
COPIES = ("1:1", "dupe", "inspired by", "AAA", "tipo original", "réplica", "clon", "inspirad",
          "imitación", "高仿", "复刻", "精仿", "lookalike", "made after the original",
          "will not tell them apart", "nadie nota", "懂的都懂", "仿")  # fmt: skip


class Appealed(Case):
    """A case with the records that an appeal leads to."""

    @property
    def appeal(self) -> dict[str, Any]:
        return self.get(f"/v1/appeals/{self.record['subject']['appeal_id']}")[1]

    @property
    def complaint(self) -> dict[str, Any]:
        return self.get(f"/v1/violations/{self.appeal['violation_id']}/complaint")[1]

    @property
    def listing(self) -> dict[str, Any]:
        return self.get(f"/v1/listings/{self.appeal['listing_id']}")[1]

    @property
    def documents(self) -> dict[str, Any]:
        return self.get("/v1/documents", ref_id=self.appeal["appeal_id"], limit=100)[1]

    @property
    def supplier(self) -> tuple[int, dict[str, Any]]:
        return self.get("/v1/checks/supplier", ref_id=self.appeal["appeal_id"])

    @property
    def sales(self) -> dict[str, Any]:
        return self.get(f"/v1/listings/{self.appeal['listing_id']}/sales")[1]


@pytest.fixture(scope="module")
def appeals(world, client):
    return cases_of(world, client, NAME, Appealed)


def legal(case):
    return case.complaint["court_order"] or case.complaint["kind"] == "patent"


def live(case):
    complaint = case.complaint
    inside = case.listing["region"] in complaint["territories"]
    return complaint["kind"] == "copyright" or (
        complaint["registration_status"] == "live" and inside
    )


def ripe(case):
    complaint = case.complaint
    return (
        complaint["kind"] == "copyright"
        and complaint["counter_notice_complete"]
        and bool(complaint.get("wait_over"))
        and not complaint["suit_filed"]
    )


def bad_test(case):
    complaint = case.complaint
    return (
        complaint["test_buy"] == "counterfeit"
        and complaint["test_buy_seller_id"] == case.appeal["seller_id"]
    )


def serial(case):
    filed, dropped = (case.complaint[f"owner_{word}_180d"] for word in ("filed", "withdrawn"))
    return filed >= 10 and dropped * 2 >= filed


def brand(case):
    query = {"brand": case.listing["brand"], "seller_id": case.appeal["seller_id"]}
    return case.get("/v1/checks/brand", **query)[1]["authorised"]


def confirmed(case):
    status, check = case.supplier
    if status != 200:
        return None
    good = check["status"] == "active" and check["call_back"] == "confirmed"
    return good and check["invoice_age_days"] <= 365


def covered(case):
    status, check = case.supplier
    if status != 200:
        return None
    return check["units_invoiced"] * 10 >= case.sales["units_365d"] * 8


@pytest.mark.parametrize(
    ("column", "read"),
    [
        ("court_or_patent", legal),
        ("withdrawn", lambda c: c.complaint["withdrawn"]),
        ("right_live", live),
        ("counter_notice_ripe", ripe),
        ("papers_altered", lambda c: c.documents["n_altered"] > 0),
        ("test_buy_bad", bad_test),
        ("authorised", brand),
        ("supplier_confirmed", confirmed),
        ("units_covered", covered),
        ("serial_complainant", serial),
    ],
)  # fmt: skip
def test_rows_show_what_was_drawn(appeals, column, read):
    assert differing(appeals, read, column) == []


def test_copies_are_offered_as_copies_in_the_words_read_for_it(appeals):
    def read(case):
        text = f"{case.listing['title']}\n{case.listing['description']}\n{case.appeal['statement']}"
        return any(word in text for word in COPIES)

    copies = [case for case in appeals if case.drawn["columns"]["says_replica"]]
    assert copies
    assert all(read(case) for case in copies)
    # The words alone do not do it: others deny them.
    assert any(read(case) for case in appeals if not case.drawn["columns"]["says_replica"])


def test_parts_that_fit_name_their_own_maker(appeals):
    def read(case):
        text = f"{case.listing['title']} {case.listing['description']}"
        return any(maker in text for maker in ("Olimbo", "Parvex", "Runtik", "Sabro"))

    parts = [case for case in appeals if not case.drawn["columns"]["says_replica"]]
    assert differing(parts, read, "fits_only") == []


def test_a_fifth_lies_close_to_the_threshold(appeals):
    near = [case for case in appeals if case.drawn["near"] and case.supplier[0] == 200]
    assert near
    for case in near:
        check, units = case.supplier[1], case.sales["units_365d"]
        assert 0.72 * units - 1 <= check["units_invoiced"] <= 0.88 * units + 1
        assert 328 <= check["invoice_age_days"] <= 404


def test_three_in_ten_lack_an_invoice_and_others_wait_for_the_call(appeals):
    codes = Counter(case.supplier[0] for case in appeals)
    assert set(codes) == {200, 202, 404}
    assert codes[404] / len(appeals) == pytest.approx(0.30, abs=0.17)
    for case in appeals:
        assert (case.supplier[0] != 200) is (case.drawn["withheld"] == ["supplier"])
        kinds = [item["kind"] for item in case.documents["items"]]
        assert ("invoice" in kinds) is (case.supplier[0] != 404)
        named = {item["document_id"] for item in case.documents["items"]}
        assert named == set(case.appeal["document_ids"])


def test_a_pending_call_says_how_long_it_may_take(appeals, client):
    case = next(case for case in appeals if case.supplier[0] == 202)
    query = {"ref_id": case.appeal["appeal_id"], "as_of": case.as_of}
    answer = client.get("/v1/checks/supplier", params=query)
    assert answer.json()["code"] == "call_back_pending"
    assert 3600 <= int(answer.headers["Retry-After"]) <= 72 * 3600


def test_supplied_units_are_those_on_the_invoices(appeals):
    for case in appeals:
        status, check = case.supplier
        if status == 200:
            items = case.documents["items"]
            written = [item["quantity_total"] for item in items if item["kind"] == "invoice"]
            assert check["units_invoiced"] == sum(written)


def test_courts_and_patents_escalate_and_nothing_else_does(appeals):
    for case in appeals:
        legal = case.drawn["columns"]["court_or_patent"]
        assert (case.drawn["right"] == "escalate") is legal


def test_counter_notices_are_american_copyright(appeals):
    for case in appeals:
        if case.complaint["counter_notice_complete"]:
            assert (case.complaint["kind"], case.listing["region"]) == ("copyright", "US")


def test_a_withdrawal_shows_from_its_day_on(world, client):
    ((violation, at),) = world.rows(
        "SELECT violation_no, withdrawn_at FROM complaints "
        "WHERE violation_no IS NOT NULL AND withdrawn_at IS NOT NULL LIMIT 1"
    )
    path = f"/v1/violations/vio_{violation:06d}/complaint"
    before = client.get(path, params={"as_of": rfc3339(at - 1)}).json()["data"]
    after = client.get(path, params={"as_of": rfc3339(at)}).json()["data"]
    assert (before["withdrawn"], after["withdrawn"]) == (False, True)
    assert after["owner_withdrawn_180d"] == before["owner_withdrawn_180d"] + 1


def test_checks_refuse_what_they_cannot_answer(client, appeals):
    seller = appeals[0].appeal["seller_id"]
    other = {"brand": "generic", "seller_id": seller}
    told = [
        client.get("/v1/checks/supplier"),
        client.get("/v1/checks/supplier", params={"ref_id": "app_999999"}),
        client.get("/v1/checks/brand", params={"brand": "Veltran"}),
        client.get("/v1/checks/brand", params=other),
        client.get("/v1/violations/vio_000001/complaint"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in told] == [
        (400, "missing_parameter"),
        (404, "no_invoice"),
        (400, "missing_parameter"),
        (404, "brand_without_portal"),
        (404, "complaint_outside_portal"),
    ]


def test_causes_occur_at_their_rates(world):
    drawn = Counter(line["cause"] for line in world.causes if line["case_type"] == NAME)
    total = sum(drawn.values())
    for cause in TABLE.causes:
        spread = 4 * math.sqrt(cause.rate * (1 - cause.rate) * total) + 2
        assert abs(drawn[cause.name] - cause.rate * total) < spread


def test_situations_are_short_and_name_neither_cause_nor_outcome_nor_clause(appeals):
    closed = [case.record["situation"] for case in appeals if case.record["status"] == "closed"]
    words = [cause.name.replace("_", " ") for cause in TABLE.causes]
    assert len(closed) > 30
    for text in closed:
        assert 2 <= text.count(". ") + 1 <= 5
        for word in [*words, "overturn", "uphold", "partial", "IPR-", "APL-", "GEN-"]:
            assert word not in text
