"""Violations, their appeals, and the earlier appeals of the same sellers."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.late_dispatch.cited import Cited
from sandbox.casetypes.late_dispatch.plan import Plan
from sandbox.casetypes.verdicts import Verdicts
from sandbox.streams import Ints, pick, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional

_OTHER_KINDS = ("late_dispatch", "invalid_tracking", "item_mismatch", "slow_reply")


def plant_violations(
    stage: Stage, plan: Plan, cited: Cited, verdicts: Verdicts, rng: np.random.Generator
) -> Ints:
    """Write the violations under appeal and what they cite; return their numbers."""
    count = len(plan)
    no = stage.numbers.take("vio", count)
    overturned = np.array([word == "overturn" for word in verdicts.outcome], dtype=bool)
    stage.writer.add(
        "violations",
        {
            "violation_no": no,
            "seller_no": plan.seller + 1,
            "kind": ["late_dispatch"] * count,
            "severity": pick(rng, ("minor", "major"), (70, 30), count),
            "points": rng.integers(2, 13, count) * 2,
            "clause_id": ["SHIP-4.1"] * count,
            "issued_at": plan.issued_at,
            "overturned_at": optional(verdicts.closed_at, overturned),
        },
    )
    rows = np.flatnonzero(cited.cited)
    stage.writer.add(
        "violation_orders",
        {"violation_no": no[cited.case[rows]], "order_no": cited.batch.no[rows]},
    )
    listing = stage.sellers.first_listing[plan.seller]
    stage.writer.add("violation_listings", {"violation_no": no, "listing_no": listing})
    return no


def plant_appeals(
    stage: Stage,
    plan: Plan,
    cited: Cited,
    violation: Ints,
    verdicts: Verdicts,
    statements: list[str],
) -> Ints:
    """Write the appeals the cases are about; return their numbers."""
    count = len(plan)
    no = stage.numbers.take("app", count)
    words = {"overturn": "overturned", "uphold": "upheld", "partial": "partial"}
    decided = np.array([bool(word) for word in verdicts.outcome], dtype=bool)
    stage.writer.add(
        "appeals",
        {
            "appeal_no": no,
            "violation_no": violation,
            "seller_no": plan.seller + 1,
            "order_no": cited.batch.no[:count],
            "listing_no": [None] * count,
            "kind": ["late_dispatch"] * count,
            "filed_at": plan.filed_at,
            "attempt": plan.attempt,
            "prior_decided_at": optional(plan.prior_decided_at, plan.attempt == 2),
            "language": plan.language,
            "statement": statements,
            "outcome": [words.get(word) for word in verdicts.outcome],
            "decided_at": optional(verdicts.closed_at, decided),
        },
    )
    return no


def plant_first_tries(
    stage: Stage, plan: Plan, cited: Cited, violation: Ints, rng: np.random.Generator
) -> None:
    """Write the refused first appeal of every case that is a second try."""
    rows = np.flatnonzero(plan.attempt == 2)
    decided = plan.prior_decided_at[rows]
    filed = np.maximum(decided - rng.integers(DAY, 5 * DAY, len(rows)), plan.issued_at[rows] + HOUR)
    _write_refused(
        stage,
        rows,
        plan,
        violation[rows],
        cited.batch.no[rows],
        filed,
        decided,
        ["upheld"] * len(rows),
        ["late_dispatch"] * len(rows),
    )


def plant_refusals(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write earlier appeals refused as knowingly false: two or more within a year where drawn.

    Elsewhere at most one, and at most one for each seller over all its cases.
    """
    prior = plan.column("prior_false_appeals")
    count = np.where(prior, np.where(plan.near, 2, 2 + rng.poisson(0.6, len(plan))), 0)
    lone = np.flatnonzero(~prior & plan.near)
    _, first = np.unique(plan.seller[lone], return_index=True)
    count[lone[first]] = 1
    rows = np.repeat(np.arange(len(plan)), count)
    # The case's own violation starts up to 60 days before it opens; refusals lie before that.
    decided = plan.issued_at[rows] - whole(rng.uniform(1, 130, len(rows)) * DAY)
    filed = decided - rng.integers(DAY, 5 * DAY, len(rows))
    kinds = pick(rng, _OTHER_KINDS, (55, 20, 15, 10), len(rows))
    violation = _write_old_violations(stage, plan.seller[rows] + 1, filed, kinds, rng)
    _write_refused(
        stage,
        rows,
        plan,
        violation,
        [None] * len(rows),
        filed,
        decided,
        ["refused_false"] * len(rows),
        kinds,
    )


def _write_old_violations(
    stage: Stage, seller_no: Ints, filed: Ints, kinds: list[str], rng: np.random.Generator
) -> Ints:
    count = len(kinds)
    no = stage.numbers.take("vio", count)
    stage.writer.add(
        "violations",
        {
            "violation_no": no,
            "seller_no": seller_no,
            "kind": kinds,
            "severity": pick(rng, ("minor", "major"), (75, 25), count),
            "points": rng.integers(2, 13, count) * 2,
            "clause_id": ["SHIP-4.1"] * count,
            "issued_at": filed - rng.integers(DAY, 20 * DAY, count),
            "overturned_at": [None] * count,
        },
    )
    return no


def _write_refused(
    stage: Stage,
    rows: Ints,
    plan: Plan,
    violation: Ints,
    order_no: Ints | list[None],
    filed: Ints,
    decided: Ints,
    outcome: list[str],
    kinds: list[str],
) -> None:
    stage.writer.add(
        "appeals",
        {
            "appeal_no": stage.numbers.take("app", len(rows)),
            "violation_no": violation,
            "seller_no": plan.seller[rows] + 1,
            "order_no": order_no,
            "kind": kinds,
            "filed_at": filed,
            "attempt": np.ones(len(rows), dtype=np.int64),
            "language": [plan.language[i] for i in rows.tolist()],
            "statement": [""] * len(rows),
            "outcome": outcome,
            "decided_at": decided,
        },
    )
