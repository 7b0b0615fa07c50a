"""Manifests, order changes, messages and documents of late-dispatch cases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.late_dispatch.cited import CHANGED, Cited
from sandbox.casetypes.late_dispatch.plan import Plan, share_of_window
from sandbox.ids import render
from sandbox.streams import Bools, Ints, pick, whole
from sandbox.text.notes import buyer_request, document_text
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional


def plant_manifests(stage: Stage, plan: Plan, cited: Cited, rng: np.random.Generator) -> None:
    """Write hand-over records.

    A record that proves the hand-over is signed and in time. Where none does, there is mostly
    none at all; otherwise it is unsigned, or signed within a tenth of the window after ship-by.
    """
    proved = plan.column("manifest")
    count = len(plan)
    roll = rng.random(count)
    late = ~proved & plan.near & (roll < 0.6)
    unsigned = ~proved & ~late & (roll < 0.12)
    rows = np.flatnonzero(proved | late | unsigned)
    share = np.where(plan.near, rng.uniform(0.005, 0.1, count), rng.uniform(0.02, 0.6, count))
    before = plan.ship_by - share_of_window(plan, share)
    after = plan.ship_by + share_of_window(plan, rng.uniform(0.005, 0.1, count))
    at = np.where(late, after, np.minimum(before, plan.first_at - 60))
    stage.writer.add(
        "manifests",
        {
            "order_no": cited.batch.no[:count][rows],
            "signed": (~unsigned).astype(int)[rows],
            "handed_over_at": at[rows],
            "parcels": 1 + rng.poisson(6, len(rows)),
            "origin": pick(rng, ("carrier", "seller"), (55, 45), len(rows)),
            "recorded_at": np.minimum(at[rows] + 6 * HOUR, plan.opened_at[rows]),
        },
    )


def plant_changes(stage: Stage, plan: Plan, cited: Cited, rng: np.random.Generator) -> None:
    """Write order changes: a buyer's in time where drawn, else other ones or a late one."""
    count = len(plan)
    asked = plan.column("buyer_change")
    roll = rng.random(count)
    late = ~asked & plan.near & (roll < 0.4)
    other = ~asked & ~late & (roll < 0.12)
    share = np.where(plan.near, rng.uniform(0.005, 0.1, count), rng.uniform(0.1, 0.9, count))
    at = plan.ship_by - share_of_window(plan, share)
    at = np.where(late, plan.ship_by + share_of_window(plan, rng.uniform(0.005, 0.1, count)), at)
    kinds = pick(rng, ("address", "hold"), (55, 45), count)
    parties = pick(rng, ("seller", "platform"), (2, 1), count)
    rows = np.flatnonzero(asked | late | other)
    others = np.flatnonzero(cited.fate == CHANGED)
    when = cited.batch.ship_by[others] - rng.integers(HOUR, 12 * HOUR, len(others))
    _write_changes(
        stage,
        cited.batch.no[others],
        when,
        ["buyer"] * len(others),
        pick(rng, ("address", "hold"), (1, 1), len(others)),
    )
    _write_changes(
        stage,
        cited.batch.no[rows],
        at[rows],
        [parties[i] if other[i] else "buyer" for i in rows.tolist()],
        [kinds[i] for i in rows.tolist()],
    )
    _buyer_messages(stage, plan, cited, np.flatnonzero(asked & (rng.random(count) < 0.8)), at, rng)


def _write_changes(stage: Stage, no: Ints, at: Ints, by: list[str], kind: list[str]) -> None:
    stage.writer.add(
        "order_changes",
        {"order_no": no, "at": at, "by": by, "kind": kind, "recorded_at": at + 5},
    )


def _buyer_messages(
    stage: Stage, plan: Plan, cited: Cited, rows: Ints, at: Ints, rng: np.random.Generator
) -> None:
    no = stage.numbers.take("msg", len(rows))
    stage.writer.add(
        "messages",
        {
            "message_no": no,
            "thread_no": stage.numbers.take("thr", len(rows)),
            "order_no": cited.batch.no[rows],
            "seller_no": plan.seller[rows] + 1,
            "from_party": ["buyer"] * len(rows),
            "sent_at": at[rows] - 600,
            "language": ["es" if plan.region[i] == "MX" else "en" for i in rows.tolist()],
            "text": [buyer_request(plan.region[i], rng) for i in rows.tolist()],
        },
    )


@dataclass(frozen=True)
class Papers:
    """Documents attached to the appeals: the case of each, its kind and forensic flags."""

    case: Ints
    kind: list[str]
    altered: Bools
    score: list[float]


def draw_papers(plan: Plan, rng: np.random.Generator) -> Papers:
    """Draw what each appeal attaches; exactly the cases that drew it have an altered paper."""
    altered = plan.column("altered")
    clean = rng.binomial(2, np.where(plan.fair, 0.28, 0.36))
    case = np.concatenate([np.flatnonzero(altered), np.repeat(np.arange(len(plan)), clean)])
    bad = np.arange(len(case)) < int(altered.sum())
    near = plan.near[case]
    count = len(case)
    usual = np.minimum(rng.beta(1, 15, count), 0.84)
    score = np.where(near & ~bad, rng.uniform(0.81, 0.895, count), usual)
    kind = pick(rng, ("manifest", "screenshot", "photo"), (35, 45, 20), count)
    return Papers(case, kind, bad, np.round(score, 3).tolist())


def plant_documents(
    stage: Stage,
    plan: Plan,
    papers: Papers,
    appeal_no: Ints,
    injected: dict[int, str],
    rng: np.random.Generator,
) -> None:
    """Write the attached documents; an injected text ends one document of its case."""
    count = len(papers.case)
    way = pick(rng, ("edited", "reused", "synthetic"), (70, 15, 15), count)
    bad = papers.altered.tolist()
    ways = [w if b else "clean" for w, b in zip(way, bad, strict=True)]
    high = np.where(
        plan.near[papers.case], rng.uniform(0.9, 0.92, count), rng.uniform(0.9, 0.99, count)
    )
    no = stage.numbers.take("doc", count)
    filed = plan.filed_at[papers.case]
    last = {case: i for i, case in enumerate(papers.case.tolist())}
    texts = [document_text(kind, rng) for kind in papers.kind]
    for case, extra in injected.items():
        if case in last:
            texts[last[case]] += f"\n{extra}"
    stage.writer.add(
        "documents",
        {
            "document_no": no,
            "ref": [render("app", int(appeal_no[c])) for c in papers.case.tolist()],
            "kind": papers.kind,
            "issued_on": optional(
                plan.ship_by[papers.case] // DAY * DAY,
                np.array([k == "manifest" for k in papers.kind], dtype=bool),
            ),
            "issuer_name": [
                plan.carrier[c] if k == "manifest" else ""
                for c, k in zip(papers.case.tolist(), papers.kind, strict=True)
            ],
            "party_name": [""] * count,
            "quantity_total": optional(
                1 + rng.poisson(6, count),
                np.array([k == "manifest" for k in papers.kind], dtype=bool),
            ),
            "total_cents": [None] * count,
            "text": texts,
            "edited_after_issue": [int(w == "edited") for w in ways],
            "reused_by_sellers": [
                2 + int(rng.integers(0, 3)) if w == "reused" else 1 for w in ways
            ],
            "synthetic_score": [
                round(float(h), 3) if w == "synthetic" else s
                for w, h, s in zip(ways, high, papers.score, strict=True)
            ],
            "sha256": [
                hashlib.sha256(f"{stage.seed}/{n}".encode()).hexdigest() for n in no.tolist()
            ],
            "recorded_at": filed + whole(rng.uniform(30, 3600, count)),
        },
    )
    stage.writer.add(
        "hidden_documents",
        {"document_no": no, "true_origin": ["forged" if b else "genuine" for b in bad]},
    )
