"""Writes the two accounts of each case: the records, their tokens, verification and past."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from sandbox.accounts import CATEGORIES
from sandbox.casetypes.base import Stage
from sandbox.casetypes.linked_accounts.plan import Plan
from sandbox.kyb import ANSWER_SPAN, ITEMS, KybRequests, draw_identities, write_requests
from sandbox.streams import Bools, Ints, pick, whole
from sandbox.text.names import shop
from sandbox.timeline import DAY
from sandbox.writer import optional

VERIFIED: Final = 0.7
SAME_OPERATOR: Final = ("evader", "rented_identity", "several_brands")
_TOKENS: Final = {"phone": "phone", "tax": "tax_id", "bank": "bank", "owner": "owner"}


def plant_accounts(
    stage: Stage, plan: Plan, shared: dict[str, Bools], rng: np.random.Generator
) -> None:
    """Write both accounts of every case.

    Args:
        stage: The world so far.
        plan: The cases.
        shared: By kind of link, the cases whose accounts hold one identifier together.
        rng: Source of randomness.
    """
    count = len(plan)
    no = plan.seller + 1
    never = np.zeros(count, dtype=bool)
    sanctioned = plan.column("peer_sanctioned")
    _write(stage, plan, no, plan.registered_at, plan.column("approved_multi"), never, {}, rng)
    _write(stage, plan, plan.peer_no, plan.peer_registered_at, never, sanctioned, shared, rng)
    same = np.array([plan.cause(i).name in SAME_OPERATOR for i in range(count)])
    people = [f"op{n:06d}" for n in no.tolist()]
    others = np.where(same, no, plan.peer_no)
    stage.writer.add("hidden_sellers", {"seller_no": no, "operator_id": people})
    stage.writer.add(
        "hidden_sellers",
        {"seller_no": plan.peer_no, "operator_id": [f"op{n:06d}" for n in others.tolist()]},
    )
    _write_sanctions(stage, plan, sanctioned, rng)
    _verify(stage, plan, rng)


def _write(
    stage: Stage,
    plan: Plan,
    no: Ints,
    registered: Ints,
    approved: Bools,
    sanctioned: Bools,
    shared: dict[str, Bools],
    rng: np.random.Generator,
) -> None:
    """Write one account a case; a shared identifier is that of the account under suspicion."""
    count, mine = len(plan), plan.seller.tolist()
    tokens = {
        f"{token}_token": [
            f"{token[:2]}{number:06d}"
            for number in np.where(shared.get(kind, False), plan.seller + 1, no).tolist()
        ]
        for token, kind in _TOKENS.items()
    }
    stage.writer.add(
        "sellers",
        {
            "seller_no": no,
            "region": plan.region,
            "entity_type": pick(rng, ("individual", "company"), (45, 55), count),
            "home_country": [plan.sellers.home_country[i] for i in mine],
            "registered_at": registered,
            "base_status": pick(rng, ("active", "probation"), (70, 30), count),
            "sanctioned_at": optional(plan.sanctioned_at, sanctioned),
            "tier": pick(rng, ("new", "standard"), (60, 40), count),
            "multi_account_approved": approved.astype(int),
            "main_category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "display_name": [shop(rng) for _ in mine],
            "email": [f"shop{n}@seller.example" for n in no.tolist()],
            **tokens,
            "device_tokens": [json.dumps([f"dev{n}a"]) for n in no.tolist()],
            "postcode": [plan.sellers.postcode[i] for i in mine],
            "currency": [plan.sellers.currency[i] for i in mine],
            "recorded_at": registered,
        },
    )


def _write_sanctions(stage: Stage, plan: Plan, sanctioned: Bools, rng: np.random.Generator) -> None:
    """Write the severe violation behind each sanction."""
    rows = np.flatnonzero(sanctioned)
    kinds = ("counterfeit", "invalid_tracking", "fake_orders", "unsafe_product")
    stage.writer.add(
        "violations",
        {
            "violation_no": stage.numbers.take("vio", len(rows)),
            "seller_no": plan.peer_no[rows],
            "kind": pick(rng, kinds, (4, 3, 2, 1), len(rows)),
            "severity": ["severe"] * len(rows),
            "points": np.full(len(rows), 48),
            "clause_id": ["GEN-1.1"] * len(rows),
            "issued_at": plan.sanctioned_at[rows],
            "overturned_at": [None] * len(rows),
        },
    )


def _verify(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Verify most of the accounts under suspicion soon after they were opened."""
    rows = np.flatnonzero(rng.random(len(plan)) < VERIFIED)
    seller, count = plan.seller[rows], len(rows)
    asked = plan.registered_at[rows] + whole(rng.uniform(0.1, 0.5, count) * DAY)
    sent = asked + whole(rng.uniform(0.1, 0.5, count) * DAY)
    zero = np.zeros(count, dtype=np.int64)
    write_requests(
        stage.writer,
        KybRequests(
            seller=seller,
            threshold_met_at=[None] * count,
            requested_at=asked,
            due_at=asked + ANSWER_SPAN,
            submitted_at=sent,
            verdict=["verified"] * count,
            decided_at=sent + whole(rng.uniform(0.1, 0.5, count) * DAY),
            sales_12m=zero,
            gross_12m_cents=zero,
            identity=draw_identities(plan.sellers, seller, rng),
            held={name: np.ones(count, dtype=bool) for name in ITEMS},
        ),
        stage.numbers,
    )
