"""Held balances: each drawn column shows in the served rows, and nothing else tells."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import pytest

from sandbox.casetypes.payout_hold.table import TABLE
from sandbox.timeline import DAY, DRIFT_ONE, instant, rfc3339
from tests.sandbox.bag_of_words import CEILING, cross_validated, words

NAME = "payout.hold_release"


class Case:
    """One case with what the generator drew; its rows at a moment."""

    def __init__(self, client, drawn):
        self.client, self.drawn = client, drawn
        self.record = client.get(f"/v1/cases/{drawn['case_id']}").json()["data"]
        self.opened = instant(self.record["opened_at"])
        self.hold_id = self.record["subject"]["hold_id"]

    def rows(self, later):
        """The data by name, ``later`` seconds after the case opened; None where there is none."""
        query = {"as_of": rfc3339(self.opened + later)}
        hold = self._get(f"/v1/holds/{self.hold_id}", query)
        root = f"/v1/sellers/{hold['seller_id']}"
        parts = {
            "seller": "", "money": "/balance", "orders": "/legal-orders", "kyb": "/kyb",
            "bank": "/bank-account", "logins": "/login-signals", "metrics": "/metrics",
            "cases": "/violations",
        }  # fmt: skip
        return {"hold": hold} | {name: self._get(root + p, query) for name, p in parts.items()}

    def _get(self, path, query):
        answer = self.client.get(path, params=query)
        assert answer.status_code in (200, 404), answer.text
        return answer.json().get("data")


@pytest.fixture(scope="module")
def cases(world, client):
    return [Case(client, drawn) for drawn in world.of(NAME)]


@pytest.fixture(scope="module", params=[0, 2 * DAY], ids=["at once", "two days later"])
def seen(cases, request):
    """Cases with their rows, when they open and when they are judged."""
    return [(case, case.rows(request.param)) for case in cases]


def _takeover(rows):
    if rows["bank"]["days_since_change"] > 14:
        return False
    logins = rows["logins"]
    return logins["impossible_travel_30d"] or (
        logins["new_device_30d"] and logins["recovery_used_30d"]
    )


READ = {
    "court_hold": lambda case, rows: rows["orders"]["n_active"] > 0,
    "payee_verified": lambda case, rows: (
        rows["kyb"]["state"] == "verified" and rows["bank"]["name_match"] == "match"
    ),
    "takeover_signs": lambda case, rows: _takeover(rows),
    "open_severe": lambda case, rows: rows["cases"]["n_open_severe"] > 0,
    "spike": lambda case, rows: (
        0 < 4 * rows["metrics"]["gmv_prior_30d_cents"] <= rows["metrics"]["gmv_30d_cents"]
    ),
    "slow_delivery": lambda case, rows: rows["metrics"]["delivered_share_30d"] < 0.6,
    "disputes_high": lambda case, rows: rows["metrics"]["dispute_rate_90d"] >= 0.015,
    "young_account": lambda case, rows: (
        case.opened - instant(rows["seller"]["registered_at"]) < 60 * DAY
    ),
    "exposure_covered": lambda case, rows: (
        rows["money"]["reserve_cents"] + rows["money"]["available_cents"]
        >= rows["money"]["expected_loss_cents"]
    ),
    "surplus": lambda case, rows: (
        rows["money"]["on_hold_cents"] > rows["money"]["expected_loss_cents"]
    ),
    "cause_cleared": lambda case, rows: rows["hold"]["cause_cleared"],
    "overdue": lambda case, rows: rows["hold"]["age_days"] >= 90,
}
WITHHELD_FROM = {"payee_verified": {"bank"}, "takeover_signs": {"bank", "logins"}}


@pytest.mark.parametrize("column", sorted(READ))
def test_each_column_shows_where_it_was_drawn(seen, column):
    hidden = WITHHELD_FROM.get(column, set())
    for case, rows in seen:
        if not hidden & set(case.drawn["withheld"]):
            drawn = case.drawn["columns"][column]
            assert READ[column](case, rows) is drawn, case.drawn["case_id"]


def test_what_is_withheld_is_not_there_and_all_else_is(seen):
    for case, rows in seen:
        gone = {name for name, data in rows.items() if data is None}
        assert gone == set(case.drawn["withheld"])


def test_the_hold_is_what_the_ledger_holds(seen):
    for case, rows in seen:
        assert rows["hold"]["amount_cents"] == rows["money"]["on_hold_cents"]
        assert rows["hold"]["amount_cents"] == case.record["impact_cents"]
        assert rows["hold"]["currency"] == case.record["currency"]
        assert min(rows["money"].values()) >= 0


def test_a_fifth_lies_close_to_a_threshold(seen):
    close = 0
    for _, rows in seen:
        metrics = rows["metrics"]
        ratio = metrics["gmv_30d_cents"] / metrics["gmv_prior_30d_cents"]
        close += 3.6 <= ratio <= 4.4
    assert 0.05 * len(seen) < close < 0.45 * len(seen)


def test_no_hold_is_older_than_its_account(seen):
    for _, rows in seen:
        assert rows["hold"]["placed_at"] > rows["seller"]["registered_at"]


def test_causes_occur_at_their_rates(world):
    opened = dict(world.rows("SELECT printf('case_%06d', case_no), opened_at FROM cases"))
    old = [line["cause"] for line in world.of(NAME) if opened[line["case_id"]] < DRIFT_ONE]
    for cause in TABLE.causes:
        spread = 4 * math.sqrt(cause.rate * (1 - cause.rate) * len(old)) + 1
        assert abs(old.count(cause.name) - cause.rate * len(old)) < spread


def test_orders_of_courts_want_their_scope(cases, world, open_client):
    reader = open_client(rate_limits=False)
    reader.headers["Authorization"] = f"Bearer {world.summary.tokens['read']}"
    seller = cases[0].record["seller_id"]
    answer = reader.get(f"/v1/sellers/{seller}/legal-orders")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_requests_are_the_sellers_words_and_holds_are_known_once_asked_for(cases):
    for case in cases[:10]:
        path = f"/v1/holds/{case.hold_id}"
        body = case.client.get(path, params={"as_of": rfc3339(case.opened)}).json()
        assert body["meta"]["untrusted"] == ["/request"]
        assert case.hold_id in body["data"]["request"]
        early = case.client.get(path, params={"as_of": rfc3339(case.opened - 3600)})
        assert (early.status_code, early.json()["code"]) == (404, "unknown_hold")


def test_notes_of_reviewers_name_neither_cause_nor_outcome(cases):
    names = [cause.name for cause in TABLE.causes if "_" in cause.name]
    for case in cases:
        if case.record["status"] == "closed":
            text = case.record["situation"]
            assert not any(word in text for word in [*names, "release", "keep", "PAY-"])
            assert 2 <= text.count(". ") + 1 <= 5


def test_words_of_requests_tell_no_more_than_the_question(worlds):
    """Whether a hardship is named with its day is the question; within each answer, nothing."""
    strata = defaultdict(list)
    for world in worlds:
        told = world.rows(
            "SELECT printf('case_%06d', c.case_no), h.request FROM cases c JOIN holds h "
            "ON json_extract(c.subject, '$.hold_id') = printf('hld_%06d', h.hold_no)"
        )
        texts = dict(told)
        for line in world.of(NAME):
            stated = line["columns"]["hardship_stated"]
            strata[stated].append((words(texts[line["case_id"]]), line["right"]))
    for cases in strata.values():
        common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
        assert cross_validated(cases) <= common + CEILING
