"""Plants the late-dispatch cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.late_dispatch import disruptions, papers, violations
from sandbox.casetypes.late_dispatch.cited import Cited, make_cited
from sandbox.casetypes.late_dispatch.plan import Plan, make_plan
from sandbox.casetypes.late_dispatch.situation import describe
from sandbox.casetypes.late_dispatch.violations import Verdicts
from sandbox.casetypes.late_dispatch.voices import make_voices
from sandbox.ids import render
from sandbox.orders import write_orders
from sandbox.streams import Ints, lognormal, pick, stream, whole
from sandbox.timeline import CLOCK_START, HOUR, rfc3339
from sandbox.writer import optional

NAME: Final = "appeal.late_dispatch"
OUTCOMES: Final = ("overturn", "uphold", "partial")
REVIEWER_ERROR: Final = 0.04
FIRST_LOOK: Final = 48 * HOUR


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    cited = make_cited(stage, plan, rng)
    right = _right(plan)
    verdicts = _verdicts(plan, right, rng)
    write_orders(stage.writer, cited.batch, stage.sellers, stage.places, stage.scale, stage.seed)
    disruptions.plant_alerts(stage, plan, rng)
    disruptions.plant_incidents(stage, plan, rng)
    papers.plant_manifests(stage, plan, cited, rng)
    papers.plant_changes(stage, plan, cited, rng)
    drawn_papers = papers.draw_papers(plan, rng)
    voices = make_voices(plan, cited, set(drawn_papers.case.tolist()), rng)
    violation = violations.plant_violations(stage, plan, cited, verdicts, rng)
    violations.plant_refusals(stage, plan, rng)
    violations.plant_first_tries(stage, plan, cited, violation, rng)
    appeal = violations.plant_appeals(stage, plan, cited, violation, verdicts, voices.statements)
    papers.plant_documents(stage, plan, drawn_papers, appeal, voices.in_documents, rng)
    _withhold(stage, plan, cited)
    channels = pick(rng, ("appeal", "batch", "regulatory"), (94, 5, 1), len(plan))
    _write_cases(stage, plan, cited, appeal, verdicts, channels, rng)
    return Planted(
        gold=_gold_lines(plan, right, channels),
        causes=_cause_lines(plan, right, voices.injected),
        watches=disruptions.watches(plan),
    )


def _right(plan: Plan) -> list[str]:
    """The right outcome: by cause, save that an appeal filed too late is refused (APL-1.1)."""
    return [
        "uphold" if late else plan.cause(i).right for i, late in enumerate(plan.late_filed.tolist())
    ]


def _verdicts(plan: Plan, right: list[str], rng: np.random.Generator) -> Verdicts:
    """Settled outcomes of past cases, four in a hundred of them wrong; empty for the others."""
    count = len(plan)
    wrong = rng.random(count) < REVIEWER_ERROR
    step = rng.integers(1, len(OUTCOMES), count)
    settled = [
        OUTCOMES[(OUTCOMES.index(word) + int(s) * int(w)) % len(OUTCOMES)]
        for word, s, w in zip(right, step.tolist(), wrong.tolist(), strict=True)
    ]
    closed = plan.opened_at + whole(np.clip(lognormal(rng, 40, 0.5, count), 4, 200) * HOUR)
    closed = np.minimum(closed, CLOCK_START - HOUR)
    past = [state == "past" for state in plan.slots.state]
    return Verdicts([o if p else "" for o, p in zip(settled, past, strict=True)], closed)


def _withhold(stage: Stage, plan: Plan, cited: Cited) -> None:
    """Record what the first look does not get."""
    for action, flags in (("manifest", plan.manifest_withheld), ("scans", plan.scans_withheld)):
        rows = np.flatnonzero(flags)
        refs = [render("ord", int(no)) for no in cited.batch.no[rows].tolist()]
        stage.writer.add("withheld", {"ref": refs, "action": [action] * len(refs)})


def _write_cases(
    stage: Stage,
    plan: Plan,
    cited: Cited,
    appeal: Ints,
    verdicts: Verdicts,
    channels: list[str],
    rng: np.random.Generator,
) -> None:
    past = np.array([state == "past" for state in plan.slots.state], dtype=bool)
    orders = np.bincount(cited.case[cited.cited], minlength=len(plan))
    impact = lognormal(rng, 9_000, 0.8, len(plan)) * np.sqrt(orders)
    reviewers = [f"reviewer-{n}" for n in rng.integers(1, 41, len(plan)).tolist()]
    situation = describe(plan, cited, rng)
    stage.writer.add(
        "cases",
        {
            "case_no": plan.slots.case_no,
            "case_type": [NAME] * len(plan),
            "status": np.where(past, "closed", "open"),
            "listed": [int(state != "gold") for state in plan.slots.state],
            "subject": [json.dumps({"appeal_id": render("app", n)}) for n in appeal.tolist()],
            "seller_no": plan.seller + 1,
            "region": plan.region,
            "channel": channels,
            "language": plan.language,
            "opened_at": plan.opened_at,
            "impact_cents": whole(impact * stage.sellers.price_level[plan.seller]),
            "currency": [stage.sellers.currency[i] for i in plan.seller.tolist()],
            "text": _case_texts(plan, cited, rng),
            "closed_at": optional(verdicts.closed_at, past),
            "outcome": [word or None for word in verdicts.outcome],
            "decided_by": optional(reviewers, past),
            "situation": optional(situation, past),
        },
    )


def _case_texts(plan: Plan, cited: Cited, rng: np.random.Generator) -> list[str]:
    """A subject line for some; most appeals come without one."""
    lines = {"en": "Appeal, order {}", "es": "Apelación, pedido {}", "zh": "申诉 订单{}"}
    return [
        lines[language].format(render("ord", int(no))) if draw < 0.3 else ""
        for language, no, draw in zip(
            plan.language,
            cited.batch.no[: len(plan)].tolist(),
            rng.random(len(plan)).tolist(),
            strict=True,
        )
    ]


def _gold_lines(plan: Plan, right: list[str], channels: list[str]) -> list[Mapping[str, Any]]:
    return [
        {
            "case_id": render("case", int(plan.slots.case_no[i])),
            "case_type": NAME,
            "outcome": right[i],
            "ask": _asks(plan, i),
            "as_of": rfc3339(int(plan.opened_at[i]) + FIRST_LOOK),
            "seller_id": render("sel", int(plan.seller[i]) + 1),
            "region": plan.region[i],
            "channel": channels[i],
            "language": plan.language[i],
        }
        for i, state in enumerate(plan.slots.state)
        if state == "gold"
    ]


def _asks(plan: Plan, case: int) -> list[str]:
    flags = {"manifest": plan.manifest_withheld, "scans": plan.scans_withheld}
    return [action for action, withheld in flags.items() if withheld[case]]


def _cause_lines(plan: Plan, right: list[str], injected: list[bool]) -> list[Mapping[str, Any]]:
    return [
        {
            "case_id": render("case", int(plan.slots.case_no[i])),
            "case_type": NAME,
            "state": plan.slots.state[i],
            "cause": plan.cause(i).name,
            "right": right[i],
            "late_filed": bool(plan.late_filed[i]),
            "near": bool(plan.near[i]),
            "injected": injected[i],
            "withheld": _asks(plan, i),
            "columns": {
                name: round(float(values[i]), 3) if name == "lag_hours" else bool(values[i] > 0.5)
                for name, values in plan.drawn.columns.items()
            },
        }
        for i in range(len(plan))
    ]
