"""Plants the late-dispatch cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.late_dispatch import disruptions, papers, violations
from sandbox.casetypes.late_dispatch.cited import Cited, make_cited
from sandbox.casetypes.late_dispatch.plan import Plan, make_plan
from sandbox.casetypes.late_dispatch.situation import describe
from sandbox.casetypes.late_dispatch.voices import make_voices
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.ids import render
from sandbox.order_rows import write_orders
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "appeal.late_dispatch"
OUTCOMES: Final = ("overturn", "uphold", "partial")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    cited = make_cited(stage, plan, rng)
    right = _right(plan)
    verdicts = settle(plan, right, OUTCOMES, rng)
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
    write_cases(stage, plan, _records(stage, plan, cited, appeal, rng), verdicts, rng)
    asks = [_asks(plan, case) for case in range(len(plan))]
    late = plan.late_filed.tolist()
    return Planted(
        gold=gold_lines(plan, NAME, right, asks),
        causes=cause_lines(plan, NAME, right, voices.injected, asks, late_filed=late),
        watches=disruptions.watches(plan),
    )


def _right(plan: Plan) -> list[str]:
    """The right outcome: by cause, save that an appeal filed too late is refused (APL-1.1)."""
    late = plan.late_filed.tolist()
    return ["uphold" if out else word for word, out in zip(plan.right, late, strict=True)]


def _withhold(stage: Stage, plan: Plan, cited: Cited) -> None:
    """Record what the first look does not get."""
    for action, flags in (("manifest", plan.manifest_withheld), ("scans", plan.scans_withheld)):
        numbers = cited.batch.no[np.flatnonzero(flags)].tolist()
        withhold(stage, [render("ord", int(no)) for no in numbers], action)


def _records(
    stage: Stage, plan: Plan, cited: Cited, appeal: Ints, rng: np.random.Generator
) -> CaseRecords:
    orders = np.bincount(cited.case[cited.cited], minlength=len(plan))
    impact = lognormal(rng, 9_000, 0.8, len(plan)) * np.sqrt(orders)
    return CaseRecords(
        case_type=NAME,
        subject=[{"appeal_id": render("app", n)} for n in appeal.tolist()],
        impact_cents=whole(impact * stage.sellers.price_level[plan.seller]),
        text=_case_texts(plan, cited, rng),
        situation=describe(plan, cited, rng),
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


def _asks(plan: Plan, case: int) -> list[str]:
    flags = {"manifest": plan.manifest_withheld, "scans": plan.scans_withheld}
    return [action for action, withheld in flags.items() if withheld[case]]
