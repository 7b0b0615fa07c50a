"""Plants the review cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, write_cases
from sandbox.casetypes.review_manipulation import goods, papers
from sandbox.casetypes.review_manipulation.crowd import Crowd, plant_crowd
from sandbox.casetypes.review_manipulation.plan import Plan, make_plan
from sandbox.casetypes.review_manipulation.situation import describe
from sandbox.casetypes.review_manipulation.wave import plant_elsewhere, plant_reviews
from sandbox.casetypes.verdicts import settle
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "integrity.reviews"
STREAM: Final = "review cases"
"""Of several names one whose small worlds of seeds 7, 11 and 23 all have gold cases of every
outcome."""
OUTCOMES: Final = ("confirm", "partial", "dismiss")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, STREAM)
    plan = make_plan(stage, slots, rng)
    listing = goods.plant_listings(stage, plan, rng)
    crowd = plant_crowd(stage, plan, rng)
    _plant_goods(stage, plan, crowd, listing, rng)
    hostile = papers.draw_hostile(plan, rng)
    notice = papers.plant_notices(stage, plan, listing, hostile, rng)
    papers.plant_messages(stage, plan, hostile, rng)
    papers.plant_cards(stage, plan, notice, hostile, rng)
    verdicts = settle(plan, plan.right, OUTCOMES, rng)
    write_cases(stage, plan, _records(stage, plan, crowd, listing, notice, rng), verdicts, rng)
    asks = [_asks(plan, case) for case in range(len(plan))]
    return Planted(
        gold=gold_lines(plan, NAME, plan.right, asks),
        causes=cause_lines(plan, NAME, plan.right, hostile.tried, asks),
        watches=Watches.none(),
    )


def _plant_goods(
    stage: Stage, plan: Plan, crowd: Crowd, listing: Ints, rng: np.random.Generator
) -> None:
    goods.plant_edits(stage, plan, listing, rng)
    programme = goods.plant_programmes(stage, plan, listing, rng)
    plant_reviews(stage, plan, crowd, listing, programme, rng)
    size = np.array([len(ring) for ring in crowd.ring], dtype=np.int64)
    shops = goods.plant_other_shops(stage, plan, size, rng)
    plant_elsewhere(stage, plan, crowd, shops, rng)


def _records(
    stage: Stage, plan: Plan, crowd: Crowd, listing: Ints, notice: Ints, rng: np.random.Generator
) -> CaseRecords:
    impact = lognormal(rng, 62_000, 0.9, len(plan)) * stage.sellers.price_level[plan.seller]
    return CaseRecords(
        case_type=NAME,
        subject=[
            {"listing_id": render("lst", one), "notice_id": render("ntc", other)}
            for one, other in zip(listing.tolist(), notice.tolist(), strict=True)
        ],
        impact_cents=whole(impact),
        text=[""] * len(plan),
        situation=describe(plan, crowd.ring, rng),
    )


def _asks(plan: Plan, case: int) -> list[str]:
    flags = {"inserts": plan.inserts_withheld, "talk": plan.talk_withheld}
    return [action for action, withheld in flags.items() if withheld[case]]
