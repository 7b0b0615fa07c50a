"""What registers, banks and courts answer, and how a party's words reach them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.models import EvidenceStatus
from tools.base import ToolInputError

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
ANSWERS = {
    "check_registry": {"found": True, "active": True, "name_score": 0.97, "agent_address": False},
    "check_tax_id": {"matched": True},
    "check_address": {"deliverable": True, "kind": "agent", "n_sellers_here": 41},
    "check_identity": {
        "document_ok": True, "liveness": "pass", "face_match": 0.93, "injected_video": False,
    },
    "check_watchlist": {"n_hits": 2, "n_confirmed": 0},
    "get_bank_account": {
        "bank_token": "bk1", "name_match": "partial", "changed_at": "2026-05-01T00:00:00Z",
        "days_since_change": 33, "country": "US",
    },
}  # fmt: skip
ANSWERS |= {
    "get_login_signals": {
        "new_device_30d": True, "impossible_travel_30d": False, "recovery_used_30d": True,
        "password_reset_to_bank_hours": 5.5,
    },
    "list_legal_orders": {
        "items": [{"order_ref": "L-1", "kind": "restraint", "court": "District court"}],
        "n_active": 1,
    },
}  # fmt: skip
GIVEN = {
    "get_login_signals": {"seller_id": "S-1"},
    "list_legal_orders": {"seller_id": "S-1"},
    "check_registry": {"ref_id": "K-1", "legal_name": "Möhring & Co", "country": "DE"},
    "check_tax_id": {"ref_id": "S-1"},
    "check_address": {"ref_id": "K-1", "address": "1 Mill Lane, 10001"},
    "check_identity": {"ref_id": "K-1"},
    "check_watchlist": {"ref_id": "K-1", "legal_name": "Möhring & Co"},
    "get_bank_account": {"seller_id": "S-1"},
}


@pytest.mark.parametrize("tool", sorted(ANSWERS))
async def test_an_answer_is_the_providers_and_no_partys(wire, toolbox, tool):
    wire.plays(wire.ok(ANSWERS[tool]))
    evidence = await toolbox.call(tool, GIVEN[tool], as_of=AS_OF)
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data == ANSWERS[tool]
    assert evidence.untrusted == ()


@pytest.mark.parametrize("tool", sorted(ANSWERS))
async def test_no_answer_for_now_is_no_data(wire, toolbox, tool):
    wire.plays(wire.problem(404, "offline"))
    evidence = await toolbox.call(tool, GIVEN[tool], as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "offline")


@pytest.mark.parametrize(
    "name",
    [
        "../../enforcement/suspend",
        "x?as_of=2030-01-01T00:00:00Z&ref_id=K-2",
        "a#b",
        "吴 & 何",
        "%2e%2e",
    ],
)
async def test_a_name_a_party_wrote_is_one_query_parameter_and_nothing_else(wire, toolbox, name):
    wire.plays(wire.ok(ANSWERS["check_watchlist"]))
    await toolbox.call("check_watchlist", {"ref_id": "K-1", "legal_name": name}, as_of=AS_OF)
    seen = wire.requests[0]
    assert seen.path == "/v1/checks/watchlist"
    assert seen.query["legal_name"] == [name]
    assert seen.query["ref_id"] == ["K-1"]
    assert set(seen.query) == {"ref_id", "legal_name", "as_of"}


@pytest.mark.parametrize("name", ["", "x" * 301])
async def test_names_without_letters_or_end_are_refused(toolbox, name):
    with pytest.raises(ToolInputError):
        await toolbox.call("check_watchlist", {"ref_id": "K-1", "legal_name": name}, as_of=AS_OF)


async def test_what_a_seller_asks_for_is_marked(wire, toolbox):
    hold = {
        "hold_id": "H-1", "seller_id": "S-1", "placed_at": "2026-05-20T08:00:00Z",
        "reason": "velocity", "amount_cents": 290_000, "currency": "USD",
        "review_due_at": "2026-06-10T08:00:00Z", "age_days": 14, "cause_cleared": False,
        "request": "Please release it today.",
    }  # fmt: skip
    wire.plays(wire.ok(hold))
    evidence = await toolbox.call("get_hold", {"hold_id": "H-1"}, as_of=AS_OF)
    assert evidence.data == hold
    assert evidence.untrusted == ("/request",)
