"""Plants the verification cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sandbox.banks import write_banks
from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import Verdicts, settle
from sandbox.casetypes.verification.answers import draw_banks, draw_checks, sales_below
from sandbox.casetypes.verification.identities import Person, make_people
from sandbox.casetypes.verification.papers import draw_linked, draw_papers, plant_papers
from sandbox.casetypes.verification.plan import Plan, make_plan
from sandbox.casetypes.verification.situation import describe
from sandbox.casetypes.verification.voices import make_voices
from sandbox.identity_checks import Checks, write_checks
from sandbox.ids import render
from sandbox.kyb import Identities, KybRequests, draw_sales, write_requests
from sandbox.network import Watches
from sandbox.streams import Ints, lognormal, stream, whole
from sandbox.timeline import DAY
from sandbox.writer import optional

NAME: Final = "identity.kyb"
OUTCOMES: Final = ("verify", "reject", "suspend")
_VERDICTS: Final = {
    "verify": "verified", "reject": "rejected", "suspend": "suspended", "escalate": "suspended",
}  # fmt: skip


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    people = make_people(stage.sellers, plan, rng)
    checks = draw_checks(plan, rng)
    right = plan.right
    verdicts = settle(plan.frame, plan.settled, OUTCOMES, rng)
    linked = draw_linked(plan, people, rng)
    papers = draw_papers(plan, people, linked, rng)
    voices = make_voices(plan, people, linked, {paper.case for paper in papers}, rng)
    requests = _requests(stage, plan, people, voices.statements, verdicts, rng)
    no = write_requests(stage.writer, requests, stage.numbers)
    write_checks(stage.writer, no, checks)
    write_banks(stage.writer, draw_banks(stage.sellers, plan, rng))
    plant_papers(stage, plan, papers, no, voices.in_documents, rng)
    asks = [[action] if action else [] for action in plan.withheld]
    _withhold(stage, plan, no)
    write_cases(stage, plan.frame, _records(stage, plan, people, checks, no, rng), verdicts, rng)
    return Planted(
        gold=gold_lines(plan.frame, NAME, right, asks),
        causes=cause_lines(
            plan.frame, NAME, right, voices.injected, asks, listed=plan.listed.tolist()
        ),
        watches=Watches.none(),
    )


def _requests(
    stage: Stage,
    plan: Plan,
    people: Sequence[Person],
    explanations: list[str],
    verdicts: Verdicts,
    rng: np.random.Generator,
) -> KybRequests:
    sales = draw_sales(stage.sellers, plan.frame.seller, rng)
    crossed = plan.requested_at - whole(rng.uniform(0.1, 9, len(plan)) * DAY)
    return KybRequests(
        seller=plan.frame.seller,
        threshold_met_at=optional(crossed, plan.high_volume),
        requested_at=plan.requested_at,
        due_at=plan.due_at,
        submitted_at=optional(plan.submitted_at, plan.answered),
        verdict=[_VERDICTS.get(word) for word in verdicts.outcome],
        decided_at=verdicts.closed_at,
        **sales_below(plan, sales["sales_12m"], sales["gross_12m_cents"], rng),
        identity=Identities(
            legal_name=[who.legal_name for who in people],
            trading_name=[who.trading_name for who in people],
            address=[who.address for who in people],
            explanation=explanations,
        ),
        held=plan.held,
    )


def _withhold(stage: Stage, plan: Plan, request_no: Ints) -> None:
    """Record what the first look does not get; banks are asked about the seller."""
    for case, action in enumerate(plan.withheld):
        if action:
            seller = render("sel", int(plan.frame.seller[case]) + 1)
            ref = seller if action == "bank" else render("kyb", int(request_no[case]))
            withhold(stage, [ref], action)


def _records(
    stage: Stage,
    plan: Plan,
    people: Sequence[Person],
    checks: Checks,
    request_no: Ints,
    rng: np.random.Generator,
) -> CaseRecords:
    frame = plan.frame
    impact = lognormal(rng, 60_000, 0.9, len(plan)) * stage.sellers.price_level[frame.seller]
    return CaseRecords(
        case_type=NAME,
        subject=[
            {"seller_id": render("sel", seller + 1), "request_id": render("kyb", no)}
            for seller, no in zip(frame.seller.tolist(), request_no.tolist(), strict=True)
        ],
        impact_cents=whole(impact),
        text=[""] * len(plan),
        situation=describe(plan, people, checks),
    )
