"""What takes a write back, by what was sent and what was answered."""

from __future__ import annotations

from typing import Any

import pytest

from casewright.enforcement import Enforced, PlannedAction
from tools.compensation import compensation
from tools.enforcement import BY_NAME, CORRECTION

KEY = "ab" * 32
NOTICE = {"party": "seller", "party_id": "sel_1", "text": "Upheld.", "ref_id": "app_1"}
HELD = {"hold_id": "hld_1", "amount_cents": 500, "currency": "USD"}


def done(do: str, sent: dict[str, Any], answered: dict[str, Any] | None = None) -> Enforced:
    write = PlannedAction(do=do, arguments=sent, key=KEY)
    return Enforced(write=write, status="done", answer=answered or {})


@pytest.mark.parametrize(
    ("do", "sent", "answered", "by", "given"),
    [
        ("remove_listing", {"listing_ids": ["lst_1"], "expected_version": 3}, {},
         "restore_listing", {"listing_ids": ["lst_1"]}),
        ("restore_listing", {"listing_ids": ["lst_1"]}, {},
         "remove_listing", {"listing_ids": ["lst_1"]}),
        ("add_points", {"seller_id": "sel_1", "points": 2}, {"violation_id": "vio_9"},
         "void_points", {"violation_id": "vio_9", "points": 2}),
        ("add_points", {"seller_id": "sel_1", "points": 2, "violation_id": "vio_1"}, {},
         "void_points", {"violation_id": "vio_1", "points": 2}),
        ("void_points", {"violation_id": "vio_1"}, {"seller_id": "sel_1", "points": 12},
         "add_points", {"seller_id": "sel_1", "points": 12, "violation_id": "vio_1"}),
        ("suspend", {"seller_ids": ["sel_1"], "days": 7}, {},
         "lift_suspension", {"seller_ids": ["sel_1"]}),
        ("lift_suspension", {"seller_ids": ["sel_1"]}, {}, "suspend", {"seller_ids": ["sel_1"]}),
        ("release_hold", HELD, {}, "hold_settlement", HELD),
        ("hold_settlement", HELD, {}, "release_hold", HELD),
        ("send_notice", NOTICE, {}, "send_notice", {**NOTICE, "text": CORRECTION}),
    ],
)  # fmt: skip
def test_what_was_done_is_taken_back(
    do: str, sent: dict[str, Any], answered: dict[str, Any], by: str, given: dict[str, Any]
) -> None:
    found = compensation(done(do, sent, answered), BY_NAME)
    assert isinstance(found, PlannedAction)
    assert (found.do, found.arguments, found.undoes) == (by, given, KEY)
    assert found == compensation(done(do, sent, answered), BY_NAME)
    assert found.key != KEY


@pytest.mark.parametrize(
    ("do", "sent", "why"),
    [
        ("refund", {"claim_id": "clm_1", "amount_cents": 1}, "nothing takes refund back"),
        ("file_report", {"authority": "x", "ref_id": "y"}, "nothing takes file_report back"),
        ("add_points", {"seller_id": "sel_1", "points": 2}, "void_points needs (violation_id)"),
        ("void_points", {"violation_id": "vio_1"}, "add_points needs (points, seller_id)"),
        ("unheard_of", {}, "nothing takes unheard_of back"),
    ],
)
def test_what_stays_is_told(do: str, sent: dict[str, Any], why: str) -> None:
    assert why in str(compensation(done(do, sent), BY_NAME))
