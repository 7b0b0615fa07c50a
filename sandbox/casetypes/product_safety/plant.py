"""Plants the cases about a product's safety: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.product_safety import offers, papers, recalls, reports
from sandbox.casetypes.product_safety.plan import Plan, make_plan
from sandbox.casetypes.product_safety.situation import describe
from sandbox.casetypes.product_safety.voices import make_batches, make_voices, shown_in_letter
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "product.safety"
OUTCOMES: Final = ("remove", "restrict", "clear")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    verdicts = settle(plan, plan.right, OUTCOMES, rng)
    in_listing = offers.shown_in_listing(plan, rng)
    listing = offers.plant_listings(stage, plan, in_listing, rng)
    recalled = recalls.draw_recalls(plan, rng)
    recalls.plant_recalls(stage, plan, recalled, rng)
    recalls.plant_everyday_recalls(stage, rng)
    drawn_reports = reports.draw_reports(plan, in_listing, rng)
    reports.plant_reports(stage, plan, drawn_reports, listing, rng)
    papers.plant_certificates(stage, plan, listing, rng)
    in_letter = shown_in_letter(plan, rng)
    drawn = papers.draw_papers(plan, in_letter, rng)
    batches = make_batches(plan, recalled)
    voices = make_voices(plan, batches, in_letter, set(drawn.case.tolist()), rng)
    notice = papers.plant_notices(stage, plan, listing, voices.statements)
    papers.plant_documents(stage, plan, drawn, notice, batches, voices.in_documents, rng)
    _withhold(stage, plan, listing, notice)
    write_cases(stage, plan, _records(stage, plan, listing, notice, rng), verdicts, rng)
    return Planted(
        gold=gold_lines(plan, NAME, plan.right, plan.asks),
        causes=cause_lines(plan, NAME, plan.right, voices.injected, plan.asks),
        watches=Watches.none(),
    )


def _withhold(stage: Stage, plan: Plan, listing: Ints, notice: Ints) -> None:
    """Record what the first look does not get: the laboratory's reply, the seller's answer."""
    late = listing[np.flatnonzero(plan.lab_withheld)].tolist()
    withhold(stage, [render("lst", number) for number in late], "cert")
    silent = notice[np.flatnonzero(plan.answer_withheld)].tolist()
    withhold(stage, [render("ntc", number) for number in silent], "notice")


def _records(
    stage: Stage, plan: Plan, listing: Ints, notice: Ints, rng: np.random.Generator
) -> CaseRecords:
    impact = lognormal(rng, 60_000, 1.0, len(plan)) * stage.sellers.price_level[plan.seller]
    return CaseRecords(
        case_type=NAME,
        subject=[
            {"listing_id": render("lst", number), "notice_id": render("ntc", asked)}
            for number, asked in zip(listing.tolist(), notice.tolist(), strict=True)
        ],
        impact_cents=whole(impact),
        text=[""] * len(plan),
        situation=describe(plan, rng),
    )
