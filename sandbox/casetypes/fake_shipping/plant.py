"""Plants the cases on tracking and empty parcels: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.fake_shipping.claims import claimed_orders, make_claims, write_claims
from sandbox.casetypes.fake_shipping.counts import make_counts
from sandbox.casetypes.fake_shipping.plan import Plan, make_plan
from sandbox.casetypes.fake_shipping.situation import describe
from sandbox.casetypes.fake_shipping.voices import make_voices, plant_papers
from sandbox.casetypes.fake_shipping.weights import make_weights
from sandbox.casetypes.fake_shipping.window import make_window, plant_corrections, plant_notices
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.casetypes.voices import Voices
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.notices import Notices, write_notices
from sandbox.order_rows import write_orders
from sandbox.orders import Details, OrderBatch
from sandbox.streams import Ints, lognormal, stream, whole

NAME: Final = "fulfilment.fake_shipping"
OUTCOMES: Final = ("confirm", "partial", "dismiss")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    counts = make_counts(plan, rng)
    weights = make_weights(plan, counts, rng)
    window, details = make_window(stage, plan, counts, weights, rng)
    _write_orders(stage, window.batch, details)
    plant_corrections(stage, plan, counts, window, rng)
    plant_notices(stage, plan, rng)
    claims = make_claims(stage, plan, rng)
    batch, claimed = claimed_orders(stage, plan, claims, weights, rng)
    _write_orders(stage, batch, claimed)
    write_claims(stage, plan, claims, batch, rng)
    voices, papers = make_voices(plan, window, rng)
    notice = _write_notices(stage, plan, voices)
    plant_papers(stage, plan, papers, notice, rng)
    _withhold(stage, plan, notice)
    frame, right = plan.frame, plan.frame.right
    records = _records(stage, plan, notice, describe(plan, counts, claims), rng)
    write_cases(stage, frame, records, settle(frame, right, OUTCOMES, rng), rng)
    asks = [["notice"] if withheld else [] for withheld in plan.answer_withheld.tolist()]
    return Planted(
        gold=gold_lines(frame, NAME, right, asks),
        causes=cause_lines(
            frame, NAME, right, voices.injected, asks, unweighed=plan.weights_withheld.tolist()
        ),
        watches=Watches.none(),
    )


def _write_orders(stage: Stage, batch: OrderBatch, details: Details) -> None:
    write_orders(stage.writer, batch, stage.sellers, stage.places, stage.scale, stage.seed, details)


def _write_notices(stage: Stage, plan: Plan, voices: Voices) -> Ints:
    return write_notices(
        stage.writer,
        Notices(
            kind="tracking",
            seller=plan.frame.seller,
            issued_at=plan.issued_at,
            window_from=plan.start,
            window_to=plan.end,
            responded_at=plan.responded_at,
            language=plan.frame.language,
            statement=voices.statements,
        ),
        stage.numbers,
    )


def _withhold(stage: Stage, plan: Plan, notice: Ints) -> None:
    """Record what the first look does not get."""
    silent = notice[np.flatnonzero(plan.answer_withheld)].tolist()
    withhold(stage, [render("ntc", no) for no in silent], "notice")
    sellers = np.unique(plan.frame.seller[np.flatnonzero(plan.weights_withheld)]).tolist()
    withhold(stage, [render("sel", no + 1) for no in sellers], "weights")


def _records(
    stage: Stage, plan: Plan, notice: Ints, situation: list[str], rng: np.random.Generator
) -> CaseRecords:
    seller = plan.frame.seller
    impact = lognormal(rng, 900, 0.6, len(plan)) * plan.total
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
