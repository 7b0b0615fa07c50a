"""Each drawn column of a linked-accounts case must be visible in the served rows, nothing more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.casetypes.linked_accounts import CASE_TYPE
from sandbox.casetypes.linked_accounts.table import TABLE
from sandbox.text.ties import DEEDS
from sandbox.timeline import DAY, instant, rfc3339
from tests.sandbox.bag_of_words import CEILING, cross_validated, words


@dataclass(frozen=True)
class Seen:
    """A case's records as served at its first look, with what the generator drew."""

    drawn: dict[str, Any]
    record: dict[str, Any]
    notice: dict[str, Any]
    seller: dict[str, Any]
    peer: dict[str, Any]
    links: dict[str, Any]
    overlap: dict[str, Any] | None
    papers: list[dict[str, Any]]

    def column(self, name):
        return self.drawn["columns"][name]


@pytest.fixture(scope="module")
def seen(world, client):
    mine = [line for line in world.causes if line["case_type"] == CASE_TYPE.name]
    return [look(client, line) for line in mine]


def look(client, drawn):
    record = client.get(f"/v1/cases/{drawn['case_id']}").json()["data"]
    as_of, subject = rfc3339(instant(record["opened_at"]) + 2 * DAY), record["subject"]

    def get(path, **query):
        answer = client.get(path, params={"as_of": as_of, **query})
        assert answer.status_code in (200, 404), answer.text
        return answer.json().get("data")

    pair = {"seller_id": subject["seller_id"], "peer_id": subject["peer_id"]}
    return Seen(
        drawn, record, get(f"/v1/notices/{subject['notice_id']}"),
        get(f"/v1/sellers/{subject['seller_id']}"), get(f"/v1/sellers/{subject['peer_id']}"),
        get("/v1/analytics/links", **pair), get("/v1/analytics/catalogue-overlap", **pair),
        get("/v1/documents", ref_id=subject["notice_id"])["items"],
    )  # fmt: skip


def differing(seen, read, column):
    known = [(case, read(case)) for case in seen]
    return [
        case.record["case_id"]
        for case, value in known
        if value is not None and bool(value) != case.column(column)
    ]


def opened_after(case):
    if not case.peer["sanctioned"]:
        return False
    days = (instant(case.seller["registered_at"]) - instant(case.peer["sanctioned_at"])) / DAY
    return -14 <= days <= 180


READ = {
    "approved_multi": lambda case: case.seller["multi_account_approved"],
    "exclusive_link": lambda case: case.links["n_exclusive"] >= 1,
    "peer_sanctioned": lambda case: case.peer["sanctioned"],
    "opened_after": opened_after,
    "catalogue_overlap": lambda case: case.overlap and case.overlap["image_share"] >= 0.4,
    "hub_only": lambda case: case.links["n_exclusive"] == 0 and case.links["max_holders"] >= 25,
    "device_or_phone": lambda case: any(
        link["kind"] in ("device", "phone") and link["holders"] <= 3 for link in case.links["items"]
    ),
    "transfer_proved": lambda case: (
        any(proves(case, paper) for paper in case.papers) if case.papers else None
    ),
}


def proves(case, paper):
    """Whether a paper names parties and a day before the account was opened."""
    found = re.search(r"(?:Handed over on|Effective) (\d{4}-\d\d-\d\d)", paper["text"])
    return found is not None and found[1] <= case.seller["registered_at"][:10]


@pytest.mark.parametrize("column", READ)
def test_the_rows_show_what_was_drawn(seen, column):
    assert differing(seen, READ[column], column) == []
    assert 0 < sum(case.column(column) for case in seen) < len(seen)


def test_what_is_withheld_is_not_served_at_first(seen):
    withheld = [case for case in seen if case.drawn["withheld"]]
    assert 0.1 < len(withheld) / len(seen) < 0.5
    for case in seen:
        silent = bool(case.drawn["withheld"])
        assert case.notice["responded"] is not silent
        assert ("statement" in case.notice) is not silent
        assert (case.papers == []) is silent
        assert silent == (set(case.drawn["withheld"]) == {"notice", "docs"})
    assert 0 < sum(case.overlap is None for case in seen) < 0.3 * len(seen)


def test_both_accounts_and_all_links_are_known_when_the_notice_goes_out(seen):
    for case in seen:
        issued = case.notice["issued_at"]
        assert case.seller["seller_id"] == case.notice["seller_id"] == case.record["seller_id"]
        assert case.seller["registered_at"] < issued
        assert case.peer["registered_at"] < issued
        assert case.peer.get("sanctioned_at", "") < issued
        assert case.links["items"]
        assert all(link["first_seen"] < issued for link in case.links["items"])


def test_the_accounts_have_no_other_links_and_no_other_case(seen, world):
    for case in seen:
        pair = [int(case.record["subject"][name][4:]) for name in ("seller_id", "peer_id")]
        found = world.rows(
            "SELECT a_no, b_no FROM links WHERE a_no IN (?, ?) OR b_no IN (?, ?)", *pair, *pair
        )
        assert {frozenset(ends) for ends in found} == {frozenset(pair)}
    accounts = [case.record["subject"][n] for case in seen for n in ("seller_id", "peer_id")]
    assert len(set(accounts)) == len(accounts)


def test_a_shared_identifier_is_the_same_token(seen, world):
    tokens = {"bank": "bank_token", "tax_id": "tax_token", "owner": "owner_token"}
    for case in seen:
        pair = [int(case.record["subject"][name][4:]) for name in ("seller_id", "peer_id")]
        shared = {link["kind"] for link in case.links["items"]}
        for kind, column in tokens.items():
            rows = world.rows(
                f"SELECT COUNT(DISTINCT {column}) FROM sellers WHERE seller_no IN (?, ?)", *pair
            )
            assert (rows == [(1,)]) is (kind in shared)


def test_the_overlap_counts_the_smaller_catalogue(seen, client):
    case = next(case for case in seen if case.overlap and case.column("catalogue_overlap"))
    subject = case.record["subject"]
    back = client.get(
        "/v1/analytics/catalogue-overlap",
        params={"seller_id": subject["peer_id"], "peer_id": subject["seller_id"],
                "as_of": case.notice["issued_at"]},
    ).json()["data"]  # fmt: skip
    assert back["n_listings"] == case.overlap["n_listings"] >= 5
    assert case.overlap["price_corr"] > 0.5


def test_strangers_share_no_picture(client):
    pair = {"seller_id": "sel_00003", "peer_id": "sel_00004"}
    answer = client.get("/v1/analytics/catalogue-overlap", params=pair).json()
    assert answer.get("code") == "too_few_listings" or answer["data"]["image_share"] == 0
    alone = client.get("/v1/analytics/catalogue-overlap", params={"seller_id": "sel_00003"})
    assert (alone.status_code, alone.json()["code"]) == (400, "missing_parameter")


def test_forged_transfers_are_mostly_dated_after_the_sanction(worlds):
    after = total = 0
    for world in worlds:
        rows = world.rows(
            "SELECT d.text, p.sanctioned_at FROM hidden_documents h JOIN documents d "
            "USING (document_no) JOIN cases c ON json_extract(c.subject, '$.notice_id') = d.ref "
            "JOIN sellers p ON printf('sel_%05d', p.seller_no) = json_extract(c.subject, "
            "'$.peer_id') WHERE c.case_type = ? AND h.true_origin = 'forged' "
            "AND p.sanctioned_at IS NOT NULL", CASE_TYPE.name,
        )  # fmt: skip
        for text, sanctioned_at in rows:
            day = re.search(r"\d{4}-\d\d-\d\d", text)
            assert day is not None
            after += day[0] >= rfc3339(sanctioned_at)[:10]
            total += 1
    assert total > 3
    assert after / total > 0.3


def test_situations_name_neither_cause_nor_outcome_nor_clause(seen):
    closed = [case.record["situation"] for case in seen if case.record["status"] == "closed"]
    assert closed
    names = [*(cause.name for cause in TABLE.causes), "confirm", "permit", "dismiss", "LNK-"]
    for text in closed:
        assert 2 <= text.count(". ") + 1 <= 5
        assert not [name for name in names if re.search(rf"\b{name}\b", text)]


def test_deeds_name_parties_and_a_day():
    assert all("{a}" in deed and "{b}" in deed and "{date}" in deed for deed in DEEDS)


def test_words_alone_beat_the_commonest_outcome_by_ten_points_at_most(worlds):
    cases = []
    for world in worlds:
        right = {line["case_id"]: line["right"] for line in world.causes}
        rows = world.rows(
            "SELECT printf('case_%06d', case_no), n.statement FROM cases JOIN notices n "
            "ON json_extract(subject, '$.notice_id') = printf('ntc_%06d', n.notice_no) "
            "WHERE case_type = ?", CASE_TYPE.name,
        )  # fmt: skip
        cases += [(words(text), right[case]) for case, text in rows]
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING
