"""Complaints, their owners' other complaints, the violations they led to, and the appeals."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.ip_complaint.plan import Plan
from sandbox.casetypes.verdicts import Verdicts
from sandbox.places import REGIONS
from sandbox.streams import Bools, Ints, pick, whole
from sandbox.text.rights import write_complaint
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional

KIND: Final = "ip_complaint"
_WORDS: Final = {"overturn": "overturned", "uphold": "upheld", "escalate": "escalated"}


def plant_violations(stage: Stage, plan: Plan, listing: Ints, verdicts: Verdicts) -> Ints:
    """Write the violations under appeal with the listing each names; return their numbers."""
    count = len(plan)
    no = stage.numbers.take("vio", count)
    overturned = np.array([word == "overturn" for word in verdicts.outcome], dtype=bool)
    stage.writer.add(
        "violations",
        {
            "violation_no": no,
            "seller_no": plan.seller + 1,
            "kind": [KIND] * count,
            "severity": ["severe" if kind == "counterfeit" else "major" for kind in plan.kind],
            "points": [24 if kind == "counterfeit" else 12 for kind in plan.kind],
            "clause_id": ["IPR-3.3"] * count,
            "issued_at": plan.issued_at,
            "overturned_at": optional(verdicts.closed_at, overturned),
        },
    )
    stage.writer.add("violation_listings", {"violation_no": no, "listing_no": listing})
    return no


def plant_appeals(
    stage: Stage,
    plan: Plan,
    appeal: Ints,
    violation: Ints,
    listing: Ints,
    verdicts: Verdicts,
    statements: list[str],
) -> None:
    """Write the appeals the cases are about, under the numbers ``appeal``."""
    count = len(plan)
    decided = np.array([bool(word) for word in verdicts.outcome], dtype=bool)
    stage.writer.add(
        "appeals",
        {
            "appeal_no": appeal,
            "violation_no": violation,
            "seller_no": plan.seller + 1,
            "listing_no": listing,
            "kind": [KIND] * count,
            "filed_at": plan.filed_at,
            "attempt": np.ones(count, dtype=np.int64),
            "language": plan.language,
            "statement": statements,
            "outcome": [_WORDS.get(word, word) or None for word in verdicts.outcome],
            "decided_at": optional(verdicts.closed_at, decided),
        },
    )


def plant_complaints(stage: Stage, plan: Plan, violation: Ints, rng: np.random.Generator) -> None:
    """Write each case's complaint, and what else its owner filed in the half year."""
    count = len(plan)
    withdrawn = plan.column("withdrawn")
    at = plan.filed_at - whole(rng.random(count) * (plan.filed_at - plan.issued_at) * 0.9)
    status, territories = _register(plan, rng)
    result, bought_from = _test_buys(plan, stage, rng)
    noticed, sued = _counter_notices(plan, rng)
    stage.writer.add(
        "complaints",
        {
            "complaint_no": stage.numbers.take("cmp", count),
            "violation_no": violation,
            "owner_no": plan.slots.case_no,
            "kind": plan.kind,
            "filed_at": plan.complained_at,
            "withdrawn_at": optional(at, withdrawn),
            "registration_no": [f"R{n}" for n in rng.integers(10**6, 10**7, count).tolist()],
            "registration_status": status,
            "territories": territories,
            "test_buy": result,
            "test_buy_seller_no": bought_from,
            "court_order": plan.court.astype(int),
            "counter_notice_at": noticed,
            "suit_filed_at": sued,
            "statement": [write_complaint(plan.kind[i], plan.brand[i], rng) for i in range(count)],
        },
    )
    _plant_records(stage, plan, rng)


def _register(plan: Plan, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Registration and territories: in force in the listing's region exactly where drawn."""
    status: list[str] = []
    territories: list[str] = []
    for i, live in enumerate(plan.column("right_live").tolist()):
        own, roll = plan.region[i], rng.random()
        others = [name for name in REGIONS if name != own and rng.random() < 0.4]
        elsewhere = not live and (roll < 0.3 or bool(plan.near[i]))
        # A copyright needs no register.
        listed = plan.kind[i] != "copyright" and (live or elsewhere)
        status.append("live" if listed else "expired" if not live and roll < 0.7 else "not_found")
        inside = plan.kind[i] != "copyright" and not elsewhere
        territories.append(json.dumps(sorted({*others, own} if inside else set(others))))
    return status, territories


def _test_buys(
    plan: Plan, stage: Stage, rng: np.random.Generator
) -> tuple[list[str], list[int | None]]:
    """Result and seller of a test buy; a fake bought elsewhere says nothing of this seller."""
    count = len(plan)
    usual = pick(rng, ("none", "genuine", "inconclusive", "counterfeit"), (72, 12, 10, 6), count)
    other = rng.integers(1, len(stage.sellers), count).tolist()
    result: list[str] = []
    sellers: list[int | None] = []
    for i, bad in enumerate(plan.column("test_buy_bad").tolist()):
        own = int(plan.seller[i]) + 1
        kind = "counterfeit" if bad else usual[i]
        stranger = other[i] + (other[i] >= own)
        result.append(kind)
        from_own = bad or kind in ("genuine", "inconclusive")
        sellers.append(None if kind == "none" else own if from_own else stranger)
    return result, sellers


def _counter_notices(plan: Plan, rng: np.random.Generator) -> tuple[list[object], list[object]]:
    """When a complete counter-notice came in, and when the owner sued; ripe ones saw no suit."""
    count = len(plan)
    ripe = plan.column("counter_notice_ripe")
    american = np.array(
        [k == "copyright" and r == "US" for k, r in zip(plan.kind, plan.region, strict=True)]
    )
    some = ripe | (american & (rng.random(count) < 0.3))
    noticed = plan.issued_at + rng.integers(HOUR, DAY, count)
    noticed = np.where(ripe, noticed, np.minimum(noticed, plan.filed_at))
    sued = noticed + whole(rng.random(count) * (plan.opened_at - noticed))
    return optional(noticed, some), optional(sued, some & ~ripe)


def _plant_records(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write each owner's other complaints of the last five months, some of them withdrawn.

    Owners who are serial file 10 + P(30) and withdraw half or more (handbook 3, Rows); of the
    others, near ones file nine, or withdraw one too few.
    """
    filed, dropped = _records(plan, rng)
    rows = np.repeat(np.arange(len(plan)), filed)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(filed) - filed, filed)
    at = plan.opened_at[rows] - whole(rng.uniform(10, 150, len(rows)) * DAY)
    count = len(rows)
    stage.writer.add(
        "complaints",
        {
            "complaint_no": stage.numbers.take("cmp", count),
            "owner_no": plan.slots.case_no[rows],
            "kind": pick(rng, ("trademark", "counterfeit", "copyright"), (5, 4, 2), count),
            "filed_at": at,
            "withdrawn_at": optional(at + rng.integers(DAY, 9 * DAY, count), rank < dropped[rows]),
            "registration_no": [f"R{n}" for n in rng.integers(10**6, 10**7, count).tolist()],
            "registration_status": ["live"] * count,
            "territories": ["[]"] * count,
            "test_buy": ["none"] * count,
            "court_order": [0] * count,
            "statement": [""] * count,
        },
    )


def _records(plan: Plan, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """How many other complaints each owner filed, and withdrew; the case's own counts as well."""
    count = len(plan)
    own = plan.column("withdrawn").astype(np.int64)
    serial = plan.column("serial_complainant")
    many = np.where(plan.near, 10, 10 + rng.poisson(30, count))
    few = np.where(plan.near, 9, np.minimum(rng.poisson(3, count) + 1, 9))
    busy: Bools = ~serial & (rng.random(count) < 0.25)
    total = np.where(serial | busy, many, few)
    half = (total + 1) // 2
    share = np.where(plan.near, 0.0, rng.random(count))
    above = half + whole(share * 0.6 * (total - half))
    below = np.maximum(half - 1 - whole(share * 0.8 * half), own)
    any_share = whole(rng.random(count) * 0.5 * total)
    dropped = np.where(serial, above, np.where(busy, below, np.maximum(any_share, own)))
    return total - 1, np.clip(dropped - own, 0, total - 1)
