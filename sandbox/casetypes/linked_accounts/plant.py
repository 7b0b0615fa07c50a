"""Plants the linked-accounts cases of a world: every row, and the lines of the hidden files."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Planted, Slots, Stage
from sandbox.casetypes.linked_accounts.accounts import plant_accounts
from sandbox.casetypes.linked_accounts.catalogues import plant_catalogues
from sandbox.casetypes.linked_accounts.plan import Plan, make_plan
from sandbox.casetypes.linked_accounts.shared import draw_shared, plant_links
from sandbox.casetypes.linked_accounts.situation import describe
from sandbox.casetypes.linked_accounts.voices import make_voices, plant_papers
from sandbox.casetypes.records import CaseRecords, cause_lines, gold_lines, withhold, write_cases
from sandbox.casetypes.verdicts import settle
from sandbox.casetypes.voices import Voices
from sandbox.ids import render
from sandbox.network import Watches
from sandbox.notices import Notices, write_notices
from sandbox.streams import Ints, lognormal, stream, whole
from sandbox.timeline import DAY

NAME: Final = "integrity.linked_accounts"
OUTCOMES: Final = ("confirm", "permit", "dismiss")


def plant(stage: Stage, slots: Slots) -> Planted:
    """Write the rows of the cases in ``slots``; see ``sandbox.casetypes.base.Plant``."""
    rng = stream(stage.seed, NAME)
    plan = make_plan(stage, slots, rng)
    verdicts = settle(plan, plan.right, OUTCOMES, rng)
    shared = draw_shared(plan, rng)
    tokens = {kind: shared.cases(kind, len(plan)) for kind in set(shared.kind)}
    plant_accounts(stage, plan, tokens, rng)
    plant_links(stage, plan, shared, rng)
    plant_catalogues(stage, plan, rng)
    voices = make_voices(plan, rng)
    notice = _write_notices(stage, plan, voices)
    plant_papers(stage, plan, notice, voices, rng)
    _withhold(stage, plan, notice)
    world = replace(stage, sellers=plan.sellers)
    write_cases(world, plan, _records(world, plan, notice, rng), verdicts, rng)
    asks = [_asks(plan, case) for case in range(len(plan))]
    return Planted(
        gold=gold_lines(plan, NAME, plan.right, asks),
        causes=cause_lines(plan, NAME, plan.right, voices.injected, asks),
        watches=Watches.none(),
    )


def _write_notices(stage: Stage, plan: Plan, voices: Voices) -> Ints:
    return write_notices(
        stage.writer,
        Notices(
            kind="linked_accounts",
            seller=plan.seller,
            issued_at=plan.issued_at,
            window_from=plan.issued_at - 90 * DAY,
            window_to=plan.issued_at,
            responded_at=plan.responded_at,
            language=plan.language,
            statement=voices.statements,
        ),
        stage.numbers,
    )


def _withhold(stage: Stage, plan: Plan, notice: Ints) -> None:
    """Record what the first look does not get: answers with their papers, and comparisons."""
    silent = notice[np.flatnonzero(plan.notice_withheld)].tolist()
    withhold(stage, [render("ntc", no) for no in silent], "notice")
    rows = np.flatnonzero(plan.overlap_withheld).tolist()
    withhold(stage, [_pair(plan, case) for case in rows], "overlap")


def _pair(plan: Plan, case: int) -> str:
    return f"{render('sel', int(plan.seller[case]) + 1)}/{render('sel', int(plan.peer_no[case]))}"


def _records(stage: Stage, plan: Plan, notice: Ints, rng: np.random.Generator) -> CaseRecords:
    impact = lognormal(rng, 250_000, 1.0, len(plan))
    return CaseRecords(
        case_type=NAME,
        subject=[
            {
                "notice_id": render("ntc", int(notice[case])),
                "seller_id": render("sel", int(plan.seller[case]) + 1),
                "peer_id": render("sel", int(plan.peer_no[case])),
            }
            for case in range(len(plan))
        ],
        impact_cents=whole(impact * stage.sellers.price_level[plan.seller]),
        text=[""] * len(plan),
        situation=describe(plan, rng),
    )


def _asks(plan: Plan, case: int) -> list[str]:
    """A withheld answer takes its papers with it; nobody can supply a comparison."""
    return ["notice", "docs"] if plan.notice_withheld[case] else []
