"""Plants the cases about held balances: every row, and the lines of the hidden files."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.payout_hold import access, money, trade
from sandbox.casetypes.payout_hold.plan import Plan, make_plan, staged
from sandbox.casetypes.payout_hold.situation import describe
from sandbox.casetypes.payout_hold.voices import make_voices
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.newcomers import write_newcomers
from sandbox.streams import Ints, stream

NAME: Final = "payout.hold_release"
OUTCOMES: Final = ("release", "partial_release", "keep_hold")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    frame, right = plan.frame, plan.frame.right
    write_newcomers(stage.writer, plan.sellers, frame.seller, plan.registered_at, rng)
    made = trade.make_trade(plan, rng)
    order_no = trade.plant_trade(stage, plan, made, rng)
    trade.plant_claims(stage, plan, made, order_no, rng)
    ledger = money.draw_money(plan, made, rng)
    money.plant_money(stage, plan, made, ledger, rng)
    money.plant_orders(stage, plan, rng)
    access.plant_payees(stage, plan, rng)
    access.plant_logins(stage, plan, rng)
    access.plant_record(stage, plan, rng)
    hold_no = stage.numbers.take("hld", len(plan))
    voices = make_voices(plan, hold_no, rng)
    money.plant_holds(stage, plan, hold_no, voices.statements, rng)
    asks = _withhold(stage, plan)
    verdicts = settle(frame, right, OUTCOMES, rng)
    records = _records(plan, hold_no, describe(plan, ledger))
    write_cases(staged(stage, plan), frame, records, verdicts, rng)
    return Planted(
        gold=gold_lines(frame, NAME, right, asks),
        causes=cause_lines(frame, NAME, right, voices.injected, asks),
        watches=Watches.none(),
    )


def _withhold(stage: Stage, plan: Plan) -> list[list[str]]:
    """Record what the first look does not get; return the actions of each case."""
    seller = [render("sel", number + 1) for number in plan.frame.seller.tolist()]
    asks: list[list[str]] = [[] for _ in seller]
    for action, flags in (("bank", plan.bank_withheld), ("logins", plan.logins_withheld)):
        rows = np.flatnonzero(flags).tolist()
        withhold(stage, [seller[case] for case in rows], action)
        for case in rows:
            asks[case].append(action)
    return asks


def _records(plan: Plan, hold_no: Ints, situation: list[str]) -> CaseRecords:
    return CaseRecords(
        case_type=NAME,
        subject=[{"hold_id": render("hld", number)} for number in hold_no.tolist()],
        impact_cents=plan.held_cents,
        text=[""] * len(plan),
        situation=situation,
    )
