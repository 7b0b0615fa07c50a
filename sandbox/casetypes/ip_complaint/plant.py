"""Plants the appeals against complaints: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.ip_complaint import complaints, offers, papers
from sandbox.casetypes.ip_complaint.plan import Plan, make_plan
from sandbox.casetypes.ip_complaint.situation import describe
from sandbox.casetypes.ip_complaint.voices import make_voices, shown_in_listing
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "appeal.ip_complaint"
OUTCOMES: Final = ("overturn", "uphold", "partial")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    verdicts = settle(plan, plan.verdict, OUTCOMES, rng)
    in_listing = shown_in_listing(plan, rng)
    listing = offers.plant_listings(stage, plan, in_listing, rng)
    offers.plant_brands(stage, plan, rng)
    violation = complaints.plant_violations(stage, plan, listing, verdicts)
    complaints.plant_complaints(stage, plan, violation, rng)
    appeal = stage.numbers.take("app", len(plan))
    drawn = papers.draw_papers(plan, rng)
    voices = make_voices(plan, listing, in_listing, drawn.with_others, rng)
    complaints.plant_appeals(stage, plan, appeal, violation, listing, verdicts, voices.statements)
    papers.plant_documents(stage, plan, drawn, appeal, voices.in_documents, rng)
    papers.plant_suppliers(stage, plan, drawn, appeal, rng)
    _withhold(stage, plan, appeal)
    write_cases(stage, plan, _records(stage, plan, listing, appeal, rng), verdicts, rng)
    return Planted(
        gold=gold_lines(plan, NAME, plan.verdict, plan.asks),
        causes=cause_lines(plan, NAME, plan.verdict, voices.injected, plan.asks),
        watches=Watches.none(),
    )


def _withhold(stage: Stage, plan: Plan, appeal: Ints) -> None:
    """Record what the first look does not get: the invoice, or the supplier's call."""
    flags = {"invoice": plan.invoice_withheld, "supplier": plan.call_withheld}
    for action, hidden in flags.items():
        numbers = appeal[np.flatnonzero(hidden)].tolist()
        withhold(stage, [render("app", number) for number in numbers], action)


def _records(
    stage: Stage, plan: Plan, listing: Ints, appeal: Ints, rng: np.random.Generator
) -> CaseRecords:
    lines = {"en": "Appeal, listing {}", "es": "Apelación, publicación {}", "zh": "申诉 商品{}"}
    named = (rng.random(len(plan)) < 0.3).tolist()
    impact = lognormal(rng, 90_000, 0.9, len(plan)) * stage.sellers.price_level[plan.seller]
    return CaseRecords(
        case_type=NAME,
        subject=[{"appeal_id": render("app", number)} for number in appeal.tolist()],
        impact_cents=whole(impact),
        text=[
            lines[language].format(render("lst", number)) if flag else ""
            for language, number, flag in zip(plan.language, listing.tolist(), named, strict=True)
        ],
        situation=describe(plan, rng),
    )
