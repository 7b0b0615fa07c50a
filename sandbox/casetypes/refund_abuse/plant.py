"""Plants the refund cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.refund_abuse.buyers import plant_buyers
from sandbox.casetypes.refund_abuse.parcels import draw_shipments, write_shipments
from sandbox.casetypes.refund_abuse.plan import Plan, make_plan
from sandbox.casetypes.refund_abuse.record import draw_record
from sandbox.casetypes.refund_abuse.returns import draw_inspections, plant_photos, plant_returns
from sandbox.casetypes.refund_abuse.situation import describe
from sandbox.casetypes.refund_abuse.voices import Story, make_voices, plant_messages
from sandbox.casetypes.verdicts import Verdicts, settle
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.streams import Ints, stream
from sandbox.timeline import HOUR
from sandbox.writer import optional

NAME: Final = "aftersales.refund_abuse"
OUTCOMES: Final = ("refund_seller_pays", "refund_platform_pays", "deny")
MERGED_SHARE: Final = 0.02
"""Part of the cases whose buyer filed twice: the case names the claim that was merged away."""

OPEN_FOR: Final = 49 * HOUR
"""A claim under review is open at least until the first look at it."""


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    right = _right(plan)
    verdicts = settle(plan, right, OUTCOMES, rng)
    buyer = plant_buyers(stage, plan, draw_record(plan, rng), rng)
    goods = draw_shipments(stage, plan, buyer, rng)
    write_shipments(stage, goods, rng)
    voices = make_voices(plan, rng)
    claim = _plant_claims(stage, plan, goods.no, buyer, verdicts, voices)
    _plant_paid_before(stage, plan, goods.no, buyer)
    seen = draw_inspections(plan, rng)
    plant_returns(stage, plan, goods, claim, seen, rng)
    plant_photos(stage, plan, claim, rng)
    plant_messages(stage, plan, goods.no, voices, rng)
    for action, flags in _withheld(plan).items():
        withhold(stage, [render("clm", int(no)) for no in claim[flags].tolist()], action)
    records = CaseRecords(
        case_type=NAME,
        subject=[{"claim_id": render("clm", no)} for no in _named(stage, claim, rng)],
        impact_cents=plan.amount_cents,
        text=[""] * len(plan),
        situation=describe(plan, seen, rng),
    )
    write_cases(stage, plan, records, verdicts, rng)
    asks = [[name for name, flags in _withheld(plan).items() if flags[i]] for i in range(len(plan))]
    more = {"out_of_time": plan.out_of_time.tolist()}
    return Planted(
        gold=gold_lines(plan, NAME, right, asks),
        causes=cause_lines(plan, NAME, right, voices.injected, asks, **more),
        watches=Watches.none(),
    )


def _right(plan: Plan) -> list[str]:
    """The right outcome: by cause, save that a claim out of time is refused (RFA-1.1)."""
    barred = plan.out_of_time.tolist()
    return ["deny" if out else word for word, out in zip(plan.right, barred, strict=True)]


def _withheld(plan: Plan) -> dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    return {"photos": plan.photos_withheld, "inspection": plan.inspection_withheld}


def _named(stage: Stage, claim: Ints, rng: np.random.Generator) -> list[int]:
    """The claim each case names: some were merged into the one that is served."""
    rows = np.flatnonzero(rng.random(len(claim)) < MERGED_SHARE)
    merged = stage.numbers.take("clm", len(rows))
    stage.writer.add("merged_claims", {"claim_no": merged, "survivor_no": claim[rows]})
    named = claim.copy()
    named[rows] = merged
    return [int(no) for no in named]


def _plant_claims(
    stage: Stage, plan: Plan, order_no: Ints, buyer: Ints, verdicts: Verdicts, voices: Story
) -> Ints:
    count = len(plan)
    no = stage.numbers.take("clm", count)
    refunded = [word.startswith("refund") for word in verdicts.outcome]
    stage.writer.add(
        "claims",
        {
            "claim_no": no,
            "order_no": order_no,
            "seller_no": plan.seller + 1,
            "buyer_no": buyer,
            "kind": plan.kind,
            "opened_at": plan.claimed_at,
            "closed_at": optional(
                np.maximum(verdicts.closed_at, plan.opened_at + OPEN_FOR), plan.past
            ),
            "refunded": np.array(refunded).astype(int),
            "amount_cents": plan.amount_cents,
            "statement": voices.statements,
            "recorded_at": plan.claimed_at,
        },
    )
    stage.writer.add("claim_replies", {"claim_no": no, "text": voices.replies})
    return no


def _plant_paid_before(stage: Stage, plan: Plan, order_no: Ints, buyer: Ints) -> None:
    """Write the refund that some orders had already."""
    rows = np.flatnonzero(plan.paid_before)
    opened = plan.claimed_at[rows] - (plan.claimed_at - plan.ship_by)[rows] // 4
    stage.writer.add(
        "claims",
        {
            "claim_no": stage.numbers.take("clm", len(rows)),
            "order_no": order_no[rows],
            "seller_no": plan.seller[rows] + 1,
            "buyer_no": buyer[rows],
            "kind": ["not_as_described"] * len(rows),
            "opened_at": opened,
            "closed_at": (opened + plan.claimed_at[rows]) // 2,
            "refunded": np.ones(len(rows), dtype=np.int64),
            "amount_cents": plan.amount_cents[rows],
            "statement": [""] * len(rows),
            "recorded_at": opened,
        },
    )
