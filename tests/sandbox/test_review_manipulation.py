"""Each drawn column of a review case is visible in the served rows, and nothing else tells."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sandbox.casetypes.review_manipulation.table import TABLE
from sandbox.text.deals import TALK
from sandbox.text.reviews import BANKS
from sandbox.timeline import DAY, instant, rfc3339
from tests.sandbox.bag_of_words import CEILING, cross_validated, words

NAME = "integrity.reviews"
USE = {
    re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence))
    for bank in BANKS.values()
    for sentence in bank.use
}


@dataclass(frozen=True)
class Seen:
    """A review case as served at its first look, with what the generator drew."""

    drawn: dict[str, Any]
    record: dict[str, Any]
    notice: dict[str, Any]
    answers: dict[str, tuple[int, dict[str, Any]]]

    def holds(self, column):
        return bool(self.drawn["columns"][column])

    def data(self, name):
        status, body = self.answers[name]
        assert status == 200, (name, body)
        return body["data"]


@pytest.fixture(scope="module")
def seen(world, client):
    lines = [line for line in world.causes if line["case_type"] == NAME]
    return [look(client, line) for line in lines]


def look(client, line):
    record = client.get(f"/v1/cases/{line['case_id']}").json()["data"]
    as_of = rfc3339(instant(record["opened_at"]) + 2 * DAY)

    def ask(path, **query):
        answer = client.get(path, params={**query, "as_of": as_of})
        return answer.status_code, answer.json()

    subject = record["subject"]
    notice = ask(f"/v1/notices/{subject['notice_id']}")[1]["data"]
    window = {"from": notice["window_from"], "to": notice["window_to"]}
    listing = f"/v1/listings/{subject['listing_id']}"
    ring = {"listing_id": subject["listing_id"], **window}
    return Seen(
        line,
        record,
        notice,
        {
            "stats": ask(f"{listing}/review-stats", **window),
            "reviews": ask(f"{listing}/reviews", **window, limit=100),
            "ring": ask("/v1/analytics/reviewer-ring", **ring),
            "talk": ask(f"/v1/sellers/{notice['seller_id']}/messages", **window, limit=100),
            "inserts": ask("/v1/documents", ref_id=subject["notice_id"]),
            "programmes": ask(f"{listing}/programmes", **window),
            "edits": ask(f"{listing}/edits"),
        },
    )


def differing(seen, read, column):
    return [one.record["case_id"] for one in seen if read(one) != one.holds(column)]


def test_the_notice_names_the_listing_and_the_window_lies_before_it(seen):
    for one in seen:
        assert one.notice["listing_id"] == one.record["subject"]["listing_id"]
        assert one.notice["seller_id"] == one.record["seller_id"]
        assert one.notice["window_to"] < one.notice["issued_at"] < one.record["opened_at"]
        assert instant(one.notice["window_to"]) - instant(one.notice["window_from"]) >= 14 * DAY


def test_programmes_account_for_most_reviews_where_drawn(seen):
    def read(one):
        inside = one.data("programmes")["n_reviews_in_window"]
        assert inside == sum(item["programme"] for item in one.data("reviews")["items"])
        return inside * 10 >= one.data("stats")["n_reviews"] * 6

    assert differing(seen, read, "official") == []


def test_groups_are_large_dense_and_frequent_where_drawn(seen):
    def read(one):
        ring = one.data("ring")
        large = ring["found"] and ring["n_reviewers"] >= 6
        return large and ring["density"] >= 0.3 and ring["review_share"] >= 0.2

    assert differing(seen, read, "ring_reviews") == []


def test_devices_lead_to_the_seller_or_to_a_rival_where_drawn(seen):
    assert differing(seen, lambda one: one.data("ring")["seller_shared"], "seller_tied") == []
    rival = lambda one: bool(one.data("ring")["rival_seller_ids"])  # noqa: E731
    assert differing(seen, rival, "rival_gain") == []
    for one in seen:
        assert one.record["seller_id"] not in one.data("ring")["rival_seller_ids"]


def test_staff_write_where_drawn(seen):
    assert differing(seen, lambda one: one.data("ring")["staff_match"] >= 2, "insiders") == []


def test_texts_echo_where_drawn(seen):
    def read(one):
        stats = one.data("stats")
        return stats["n_reviews"] >= 10 and stats["echo_share"] >= 0.3

    assert differing(seen, read, "echo") == []


def test_a_changed_listing_keeps_its_old_reviews_where_drawn(seen):
    def read(one):
        edited = one.data("edits")["n_major_180d"] >= 1
        return edited and one.data("stats")["off_product_share"] >= 0.3

    assert differing(seen, read, "repurposed") == []
    assert any(one.data("edits")["n_major_180d"] and not one.holds("repurposed") for one in seen)


def test_most_reviews_tell_of_use_where_drawn(seen):
    tells = re.compile("|".join(sorted(USE)))

    def read(one):
        items = one.data("reviews")["items"]
        return sum(bool(tells.search(item["text"])) for item in items) > len(items) / 2

    assert differing(seen, read, "specific_use") == []


def test_messages_offer_something_where_drawn_unless_purged(seen):
    offers = {plain(text) for talk in TALK.values() for text in talk.offers}

    def read(one):
        status, body = one.answers["talk"]
        if status == 410:
            assert body["code"] == "messages_purged"
            assert "talk" in one.drawn["withheld"]
            return one.holds("offer_made")
        texts = [plain(item["text"].split("\n")[0]) for item in body["data"]["items"]]
        return not offers.isdisjoint(texts)

    assert differing(seen, read, "offer_made") == []
    assert any(one.answers["talk"][0] == 410 for one in seen)


def test_cards_offer_something_where_drawn_unless_nobody_sent_a_picture(seen):
    offers = {plain(text) for talk in TALK.values() for text in talk.card_offers}

    def read(one):
        body = one.answers["inserts"][1]
        withheld = "inserts" in one.drawn["withheld"]
        assert body["meta"]["coverage"]["complete"] is not withheld
        items = body["data"]["items"]
        assert len(items) == (0 if withheld else 1)
        texts = {plain(item["text"].split("\n")[0]) for item in items}
        return one.holds("card_offer") if withheld else bool(texts & offers)

    assert differing(seen, read, "card_offer") == []
    share = sum("inserts" in one.drawn["withheld"] for one in seen) / len(seen)
    assert share == pytest.approx(0.45, abs=0.2)


def plain(text):
    """The text without the disguises of the telling word."""
    for real, disguise in (("review", "r3v!ew"), ("reseña", "res3ña"), ("好评", "好坪")):
        text = text.replace(disguise, real)
    return text


def test_bursts_come_out_as_drawn(seen):
    off = [
        abs(one.data("stats")["burst_z"] - one.drawn["columns"]["burst_z"])
        for one in seen
        if one.drawn["columns"]["burst_z"] < 6
    ]
    assert statistics.median(off) < 0.15


def test_groups_review_other_shops_together(seen):
    common = [one.data("ring")["common_shops"] for one in seen if one.holds("ring_reviews")]
    assert max(common) >= 2
    assert all(
        not one.data("ring")["common_shops"] for one in seen if not one.data("ring")["found"]
    )


def test_accounts_of_groups_are_young(seen):
    ages = {found: [] for found in (True, False)}
    for one in seen:
        ages[one.data("ring")["found"]].append(one.data("ring")["median_account_age_days"])
    assert statistics.median(ages[True]) < 120 < statistics.median(ages[False])


def test_the_window_is_the_cases_own(world, seen):
    for one in seen:
        number = int(one.record["subject"]["listing_id"].removeprefix("lst_"))
        assert world.rows("SELECT 1 FROM orders WHERE listing_no = ?", number) == []
        assert 12 <= one.data("stats")["n_reviews"] <= 100


def test_situations_name_neither_cause_nor_outcome_nor_clause(seen):
    closed = [one for one in seen if one.record["status"] == "closed"]
    words = [cause.name for cause in TABLE.causes if "_" in cause.name]
    for one in closed:
        for word in [*words, "confirm", "partial", "dismiss", "REV-", "GEN-"]:
            assert word not in one.record["situation"]


def test_ties_are_drawn_only_within_groups():
    drawn = TABLE.draw(np.zeros(20_000, dtype=np.int64), np.random.default_rng(1))
    columns = {name: values > 0.5 for name, values in drawn.columns.items()}
    assert not (columns["seller_tied"] & ~columns["ring_reviews"]).any()
    assert not (columns["rival_gain"] & (columns["seller_tied"] | ~columns["ring_reviews"])).any()
    rates = Counter(drawn.cause.tolist())
    for number, cause in enumerate(TABLE.causes):
        assert rates[number] / 20_000 == pytest.approx(cause.rate, abs=0.012)


def test_words_of_answers_beat_the_commonest_outcome_by_ten_points_at_most(worlds):
    cases = []
    for world in worlds:
        right = {line["case_id"]: line["right"] for line in world.causes}
        rows = world.rows(
            "SELECT printf('case_%06d', case_no), n.statement FROM cases JOIN notices n "
            "ON json_extract(subject, '$.notice_id') = printf('ntc_%06d', n.notice_no) "
            "WHERE case_type = ? AND n.statement IS NOT NULL", NAME,
        )  # fmt: skip
        cases += [(words(text), right[case]) for case, text in rows]
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING


def test_words_of_reviews_tell_no_more_than_use_and_echo(worlds):
    """Whether most tell of use is a question, and echoes are counted; within each, nothing."""
    strata = defaultdict(list)
    for world in worlds:
        texts = defaultdict(set)
        for case, text in world.rows(
            "SELECT printf('case_%06d', c.case_no), r.text FROM cases c JOIN notices n "
            "ON json_extract(c.subject, '$.notice_id') = printf('ntc_%06d', n.notice_no) "
            "JOIN reviews r ON r.listing_no = n.listing_no AND r.posted_at >= n.window_from "
            "AND r.posted_at < n.window_to WHERE c.case_type = ?", NAME,
        ):  # fmt: skip
            texts[case] |= words(text)
        for line in world.causes:
            if line["case_type"] == NAME:
                key = (line["columns"]["specific_use"], line["columns"]["echo"])
                strata[key].append((texts[line["case_id"]], line["right"]))
    for cases in strata.values():
        common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
        assert cross_validated(cases) <= common + CEILING
