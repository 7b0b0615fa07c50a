"""Each drawn column must be visible in the served rows, and nothing else may give a case away."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import pytest

from sandbox.casetypes.product_safety.table import TABLE
from sandbox.text.goods import BANNED
from sandbox.text.harm import write_report
from sandbox.timeline import rfc3339
from tests.sandbox.bag_of_words import CEILING, cross_validated, words
from tests.sandbox.first_look import Case, cases_of, differing

NAME = "product.safety"
MONTHS = re.compile(r"20\d\d-\d\d")
CAUSED = (
    "burst", "melted", "shock", "choked", "stuck in his throat", "stitches", "palm", "blistered",
    "swelled shut", "swallowed", "reventó", "toques", "ahogaba", "puntadas", "ampollas", "tragó",
)  # fmt: skip


class Suspected(Case):
    """A case with the records about its listing."""

    def of(self, part: str) -> tuple[int, dict[str, Any]]:
        return self.get(f"/v1/listings/{self.record['subject']['listing_id']}{part}")

    @property
    def texts(self) -> str:
        return "\n".join(item["text"] for item in self.of("/incidents")[1]["items"])

    @property
    def notice(self) -> dict[str, Any]:
        return self.get(f"/v1/notices/{self.record['subject']['notice_id']}")[1]

    @property
    def documents(self) -> list[dict[str, Any]]:
        query = {"ref_id": self.record["subject"]["notice_id"], "limit": 100}
        return self.get("/v1/documents", **query)[1]["items"]


@pytest.fixture(scope="module")
def suspected(world, client):
    return cases_of(world, client, NAME, Suspected)


def prohibited(case):
    screened = case.of("/screening")[1]
    return screened["policy_class"] == "prohibited" and screened["class_score"] >= 0.8


def serious(case):
    return any(
        item["severity"] == "serious" and (item["order_verified"] or item["source"] == "authority")
        for item in case.of("/incidents")[1]["items"]
    )


def valid(case):
    status, cert = case.of("/certificate-check")
    if status != 200:
        return None
    return cert["present"] and (
        cert["lab_accredited"]
        and cert["lab_confirms"] == "yes"
        and cert["product_match"]
        and cert["in_date"]
    )


def forged(case):
    status, cert = case.of("/certificate-check")
    return None if status != 200 else cert["present"] and cert["lab_confirms"] == "no"


def shown(case):
    if not case.notice["responded"]:
        return None
    texts = [case.notice["statement"], *(item["text"] for item in case.documents)]
    return any(len(MONTHS.findall(text)) == 3 for text in texts)


def explained(case):
    return any(word in case.texts for word in CAUSED)


@pytest.mark.parametrize(
    ("column", "read"),
    [
        ("recall_exact", lambda c: c.of("/recalls")[1]["n_exact"] > 0),
        ("recall_near", lambda c: c.of("/recalls")[1]["n_near"] > 0),
        ("prohibited", prohibited),
        ("serious_report", serious),
        ("mechanism_plausible", explained),
        ("incident_pattern", lambda c: c.of("/incidents")[1]["n_unrelated_reporters"] >= 3),
        ("needs_certificate", lambda c: c.of("/screening")[1]["needs_certificate"]),
        ("cert_valid", valid),
        ("cert_forged", forged),
        ("batch_shown_safe", shown),
    ],
)
def test_rows_show_what_was_drawn(suspected, column, read):
    assert differing(suspected, read, column) == []


def test_disguised_goods_are_given_away_by_their_words_or_by_a_buyer(suspected):
    def read(case):
        listing = case.of("")[1]
        text = f"{listing['title']} {listing['description']} {case.texts}".lower()
        coded = any(banned.spaced in text for banned in BANNED) or "officially" in text
        return coded or "oficialmente" in text or "for reasons" in text or "not a " in text

    disguised = [case for case in suspected if case.drawn["columns"]["disguised"]]
    assert disguised
    named = [
        any(banned.name in case.texts for banned in BANNED) or read(case) for case in disguised
    ]
    assert all(named)


def test_code_words_do_not_settle_it(suspected):
    coded = [case for case in suspected if case.of("/screening")[1]["coded_terms"]]
    assert any(case.drawn["columns"]["disguised"] for case in coded)
    # A harmless thing for the shelf has them as well, and some disguised ones have none.
    assert len({case.drawn["columns"]["disguised"] for case in coded}) == 2


def test_recalls_of_a_brand_alone_are_neither_exact_nor_near(suspected):
    seen = Counter(item["match"] for case in suspected for item in case.of("/recalls")[1]["items"])
    assert set(seen) >= {"gtin_batch", "model", "brand_only"}
    for case in suspected:
        recalls = case.of("/recalls")[1]
        assert recalls["next_cursor"] is None
        if all(item["match"] == "brand_only" for item in recalls["items"]):
            assert (recalls["n_exact"], recalls["n_near"]) == (0, 0)


def test_near_misses_of_the_screening_stay_under_the_threshold(suspected):
    near = [case for case in suspected if case.drawn["near"]]
    assert near
    for case in near:
        assert 0.72 <= case.of("/screening")[1]["class_score"] <= 0.88


def test_what_is_withheld_is_pending_or_unanswered(suspected):
    for case in suspected:
        status, cert = case.of("/certificate-check")
        assert (status == 202) is ("cert" in case.drawn["withheld"])
        assert case.notice["responded"] is ("notice" not in case.drawn["withheld"])
        if status == 200 and not cert["present"]:
            assert set(cert) == {"present"}
    share = sum("notice" in case.drawn["withheld"] for case in suspected) / len(suspected)
    assert share == pytest.approx(0.25, abs=0.16)


def test_safety_claims_are_the_reports_of_known_buyers(suspected):
    for case in suspected:
        items = case.of("/incidents")[1]["items"]
        counted = case.of("/sales")[1]["n_safety_claims"]
        assert counted == sum(item["order_verified"] for item in items)


def test_a_recall_shows_from_its_record_on(world, client):
    ((recall, listing, at),) = world.rows(
        "SELECT recall_no, listing_no, recorded_at FROM recalls r JOIN listings l "
        "ON l.gtin = r.gtin LIMIT 1"
    )
    path = f"/v1/listings/lst_{listing:06d}/recalls"
    name = f"rcl_{recall:05d}"
    for second, there in ((at - 1, False), (at, True)):
        items = client.get(path, params={"as_of": rfc3339(second), "limit": 100}).json()["data"]
        assert (name in [item["recall_id"] for item in items["items"]]) is there


def test_everyday_listings_are_not_screened_and_have_no_certificate(client):
    screened = client.get("/v1/listings/lst_000001/screening")
    assert (screened.status_code, screened.json()["code"]) == (404, "not_screened")
    cert = client.get("/v1/listings/lst_000001/certificate-check").json()["data"]
    assert cert == {"present": False}
    unknown = client.get("/v1/listings/lst_999999/recalls")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_listing")


def test_causes_occur_at_their_rates(world):
    drawn = Counter(line["cause"] for line in world.causes if line["case_type"] == NAME)
    total = sum(drawn.values())
    for cause in TABLE.causes:
        spread = 4 * math.sqrt(cause.rate * (1 - cause.rate) * total) + 2
        assert abs(drawn[cause.name] - cause.rate * total) < spread


def test_situations_are_short_and_name_neither_cause_nor_outcome_nor_clause(suspected):
    closed = [case.record["situation"] for case in suspected if case.record["status"] == "closed"]
    names = [cause.name.replace("_", " ") for cause in TABLE.causes]
    assert len(closed) > 30
    for text in closed:
        assert 2 <= text.count(". ") + 1 <= 5
        for word in [*names, "remove", "restrict", "clear", "SAF-", "APL-", "GEN-"]:
            assert word not in text


def answers_of(world):
    """Return (words of the answer, right outcome) of every case of a world."""
    rows = dict(
        world.rows(
            "SELECT printf('case_%06d', case_no), statement FROM cases JOIN notices "
            "ON json_extract(subject, '$.notice_id') = printf('ntc_%06d', notice_no) "
            "WHERE case_type = ?", NAME,
        )
    )  # fmt: skip
    right = {line["case_id"]: line["right"] for line in world.causes}
    return [(words(text), right[case]) for case, text in rows.items()]


def test_words_alone_beat_the_commonest_outcome_by_ten_points_at_most(worlds):
    cases = [case for each in worlds for case in answers_of(each)]
    assert len(cases) > 150
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING


def test_every_hazard_can_be_told_in_both_languages():
    import numpy as np

    from sandbox.text.goods import GOODS

    rng = np.random.default_rng(0)
    for good in GOODS:
        for language in ("en", "es", "zh"):
            text = write_report(language, good, True, rng)
            assert "{" not in text
            assert any(word in text for word in CAUSED)
