"""Manifests, order changes, messages and documents of late-dispatch cases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.late_dispatch.cited import CHANGED, Cited
from sandbox.casetypes.late_dispatch.plan import Plan, share_of_window
from sandbox.ids import render
from sandbox.streams import Bools, Floats, Ints, pick, whole
from sandbox.text.notes import buyer_request, document_text
from sandbox.timeline import DAY, HOUR
from sandbox.writer import Column, optional


def plant_manifests(stage: Stage, plan: Plan, cited: Cited, rng: np.random.Generator) -> None:
    """Write hand-over records.

    A record that proves the hand-over is signed and in time. Where none does, there is mostly
    none at all; otherwise it is unsigned, or signed within a tenth of the window after ship-by.
    """
    proved = plan.column("handover_proved")
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
    asked = plan.column("buyer_changed_order")
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
    score: Floats


def draw_papers(plan: Plan, rng: np.random.Generator) -> Papers:
    """Draw what each appeal attaches; exactly the cases that drew it have an altered paper."""
    altered = plan.column("papers_altered")
    clean = rng.binomial(2, np.where(plan.fair, 0.28, 0.36))
    case = np.concatenate([np.flatnonzero(altered), np.repeat(np.arange(len(plan)), clean)])
    bad = np.arange(len(case)) < int(altered.sum())
    near = plan.near[case]
    count = len(case)
    usual = np.minimum(rng.beta(1, 15, count), 0.84)
    score = np.where(near & ~bad, rng.uniform(0.81, 0.895, count), usual)
    kind = pick(rng, ("manifest", "screenshot", "photo"), (35, 45, 20), count)
    return Papers(case, kind, bad, np.asarray(np.round(score, 3), dtype=np.float64))


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
    no = stage.numbers.take("doc", count)
    listed = np.array([kind == "manifest" for kind in papers.kind], dtype=bool)
    carriers = [plan.carrier[case] for case in papers.case.tolist()]
    stage.writer.add(
        "documents",
        {
            "document_no": no,
            "ref": [render("app", int(appeal_no[case])) for case in papers.case.tolist()],
            "kind": papers.kind,
            "issued_on": optional(plan.ship_by[papers.case] // DAY * DAY, listed),
            "issuer_name": np.where(listed, carriers, ""),
            "party_name": [""] * count,
            "quantity_total": optional(1 + rng.poisson(6, count), listed),
            "total_cents": [None] * count,
            "text": _texts(papers, injected, rng),
            **_flags(plan, papers, rng),
            "sha256": [_sha256(stage.seed, number) for number in no.tolist()],
            "recorded_at": plan.filed_at[papers.case] + whole(rng.uniform(30, 3600, count)),
        },
    )
    origin = np.where(papers.altered, "forged", "genuine")
    stage.writer.add("hidden_documents", {"document_no": no, "true_origin": origin})


def _texts(papers: Papers, injected: dict[int, str], rng: np.random.Generator) -> list[str]:
    texts = [document_text(kind, rng) for kind in papers.kind]
    last = {case: row for row, case in enumerate(papers.case.tolist())}
    for case, extra in injected.items():
        texts[last[case]] += f"\n{extra}"
    return texts


def _flags(plan: Plan, papers: Papers, rng: np.random.Generator) -> dict[str, Column]:
    """Forensic flags: an altered paper shows one of three signs, a clean one none."""
    count = len(papers.case)
    sign = np.array(pick(rng, ("edited", "reused", "synthetic"), (70, 15, 15), count), dtype=object)
    sign[~papers.altered] = "clean"
    top = np.where(plan.near[papers.case], 0.92, 0.99)
    high = np.round(rng.uniform(0.9, top, count), 3)
    return {
        "edited_after_issue": (sign == "edited").astype(int),
        "reused_by_sellers": np.where(sign == "reused", 2 + rng.integers(0, 3, count), 1),
        "synthetic_score": np.where(sign == "synthetic", high, papers.score),
    }


def _sha256(seed: int, number: int) -> str:
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
