"""Plants the cases on fake orders: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.fake_orders.counts import make_counts
from sandbox.casetypes.fake_orders.orders import (
    make_before,
    make_window,
    plant_campaigns,
    plant_traces,
    window_details,
)
from sandbox.casetypes.fake_orders.plan import Plan, make_plan
from sandbox.casetypes.fake_orders.praise import plant_reviews
from sandbox.casetypes.fake_orders.situation import describe
from sandbox.casetypes.fake_orders.voices import make_voices
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.casetypes.voices import Voices
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.notices import Notices, write_notices
from sandbox.order_rows import write_orders
from sandbox.orders import Details, OrderBatch
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "integrity.fake_orders"
OUTCOMES: Final = ("confirm", "partial", "dismiss")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    counts = make_counts(plan, rng)
    window = make_window(stage, plan, counts, rng)
    _write_orders(stage, window.batch, window_details(stage, plan, window, rng))
    before, usual = make_before(stage, plan, rng)
    _write_orders(stage, before, usual)
    plant_traces(stage, plan, window, plant_campaigns(stage, plan, counts, rng), rng)
    plant_reviews(stage, plan, np.concatenate([window.batch.no, before.no]), rng)
    voices = make_voices(plan, rng)
    notice = _write_notices(stage, plan, voices)
    _withhold(stage, plan, notice)
    frame, right = plan.frame, plan.frame.right
    records = _records(stage, plan, notice, describe(plan, counts), rng)
    write_cases(stage, frame, records, settle(frame, right, OUTCOMES, rng), rng)
    asks = [_asks(plan, case) for case in range(len(plan))]
    return Planted(
        gold=gold_lines(frame, NAME, right, asks),
        causes=cause_lines(frame, NAME, right, voices.injected, asks),
        watches=Watches.none(),
    )


def _write_orders(stage: Stage, batch: OrderBatch, details: Details) -> None:
    write_orders(stage.writer, batch, stage.sellers, stage.places, stage.scale, stage.seed, details)


def _write_notices(stage: Stage, plan: Plan, voices: Voices) -> Ints:
    return write_notices(
        stage.writer,
        Notices(
            kind="orders",
            seller=plan.frame.seller,
            issued_at=plan.times.issued_at,
            window_from=plan.times.start,
            window_to=plan.times.end,
            responded_at=plan.times.responded_at,
            language=plan.frame.language,
            statement=voices.statements,
            listing_no=plan.listing,
        ),
        stage.numbers,
    )


def _withhold(stage: Stage, plan: Plan, notice: Ints) -> None:
    """Record what the first look does not get."""
    silent = notice[np.flatnonzero(plan.answer_withheld)].tolist()
    withhold(stage, [render("ntc", no) for no in silent], "notice")
    sellers = np.unique(plan.frame.seller[np.flatnonzero(plan.money_withheld)]).tolist()
    withhold(stage, [render("sel", no + 1) for no in sellers], "money")


def _asks(plan: Plan, case: int) -> list[str]:
    flags = {"notice": plan.answer_withheld, "money": plan.money_withheld}
    return [action for action, withheld in flags.items() if withheld[case]]


def _records(
    stage: Stage, plan: Plan, notice: Ints, situation: list[str], rng: np.random.Generator
) -> CaseRecords:
    seller = plan.frame.seller
    impact = lognormal(rng, 1_200, 0.6, len(plan)) * plan.total
    return CaseRecords(
        case_type=NAME,
        subject=[
            {"notice_id": render("ntc", no), "seller_id": render("sel", who + 1)}
            for no, who in zip(notice.tolist(), seller.tolist(), strict=True)
        ],
        impact_cents=whole(impact * stage.sellers.price_level[seller]),
        text=[""] * len(plan),
        situation=situation,
    )
