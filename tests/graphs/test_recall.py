"""Precedents: frozen, never the case itself, and nothing where there is nothing to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.cascade import Cascade
from casewright.models import Case, ClosedCase, Cost
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.facts import Facts, freeze_case
from graphs.recall import clauses_in_force, recall, thaw_case
from graphs.run import Wish
from graphs.sop import Sop
from graphs.state import Services
from knowledge_base.precedents import Precedents

Serve = Callable[..., Services]


@pytest.fixture
def serve(clock: Callable[[], datetime]) -> Serve:
    """Services of which recalling uses the knowledge base, the clock and the count alone."""

    def serve(precedents: Precedents | None, count: int) -> Services:
        nothing: Any = None
        return Services(nothing, nothing, precedents, Cascade({}), clock, count)

    return serve


Past = Callable[..., ClosedCase]


@pytest.fixture
def past(case: Case) -> Past:
    """Writes closed cases of other sellers, nine days older than the case."""

    def past(case_id: str, outcome: str = "overturn", subject: str = "", **more: Any) -> ClosedCase:
        changed = {"case_id": case_id, "seller_id": f"of {case_id}", "subject": {"id": subject}}
        told = {"situation": "The first scan lies by ship-by."} | more
        entered = case.model_copy(update=changed)
        day = case.opened_at - timedelta(days=9)
        return ClosedCase(case=entered, outcome=outcome, closed_at=day, **told)

    return past


async def test_without_a_knowledge_base_or_a_count_nothing_is_recalled(
    small: Sop, case: Case, facts_of: Any, serve: Serve, remembered: Precedents
) -> None:
    facts = facts_of(small, case)
    assert await recall(facts, (), serve(None, 3)) is None
    assert await recall(facts, (), serve(remembered, 0)) is None


async def test_a_case_never_meets_itself_or_its_seller(
    late: Sop, facts_of: Any, closed: list[ClosedCase], serve: Serve, remembered: Precedents
) -> None:
    """Each closed case, investigated once more after it was closed."""
    everyone = {one.case.case_id: one for one in closed}
    for past in closed[:6]:
        as_of = past.closed_at + timedelta(days=365)
        # Its own situation as the query: nothing in the knowledge base is nearer than itself.
        again = past.case.model_copy(update={"text": past.situation})
        frozen = freeze_case(again, as_of=as_of, at=as_of)
        facts = Facts(late, frozen, facts_of(late, past.case).records, {})
        found = await recall(facts, (), serve(remembered, 20))
        assert found is not None
        assert found.data is not None
        assert found.intact()
        ids = [one["case_id"] for one in found.data["items"]]
        assert ids
        assert past.case.case_id not in ids
        assert past.case.seller_id not in {everyone[one].case.seller_id for one in ids}
        assert all(everyone[one].closed_at < as_of for one in ids)


async def test_the_query_is_facts_and_text(
    small: Sop,
    case: Case,
    answers: dict[str, Any],
    facts_of: Any,
    serve: Serve,
    remembered: Precedents,
) -> None:
    facts = facts_of(small, case, **answers)
    found = await recall(facts, assess(facts), serve(remembered, 2))
    assert found is not None
    assert found.request["text"].endswith("Please look again.")
    assert "2026-04-22 08:00 UTC" in found.request["text"]
    assert found.request["k"] == 2
    # Nothing of another family is a precedent.
    assert found.data == {"items": [], "contrast": []}
    assert found.request["facts"] == {"in_time": True, "altered": False}


def test_clauses_hold_on_the_day_of_the_fact_and_for_some_values_of_the_decision(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    held = clauses_in_force(facts_of(small, case, **answers))
    later = {"GEN-1.1@2026-05-01"}  # after the fact, and `altered` goes by the decision's day
    assert held == {"APL-2.1@2025-01-01", "GEN-1.1@2025-01-01", "SHIP-4.1@2025-01-01"} | later
    there = case.model_copy(update={"region": "EU"})
    held = clauses_in_force(facts_of(small, there, **answers))
    assert "SHIP-4.1@2026-03-01" in held
    assert "SHIP-4.1@2025-01-01" not in held


async def test_what_was_decided_otherwise_since_or_under_another_clause_is_not_recalled(
    small: Sop,
    case: Case,
    answers: dict[str, Any],
    facts_of: Any,
    serve: Serve,
    past: Past,
    tmp_path: Path,
) -> None:
    facts = facts_of(small, case, **answers)
    with Precedents.open(tmp_path) as base:
        base.ingest(
            [
                past("stands", clauses=("SHIP-4.1@2025-01-01",)),
                past("cites none"),
                past("other clause", clauses=("SHIP-4.1@2026-03-01",)),
                past("overturned", overturned_at=facts.case.as_of),
                past("same appeal", subject="app_1"),
            ]
        )
        found = await recall(facts, assess(facts), serve(base, 20))
    assert found is not None
    assert {one["case_id"] for one in (found.data or {})["items"]} == {"stands", "cites none"}


async def test_facts_rank_and_outcomes_that_the_nearest_had_not_stand_beside(
    small: Sop,
    case: Case,
    answers: dict[str, Any],
    facts_of: Any,
    serve: Serve,
    past: Past,
    tmp_path: Path,
) -> None:
    facts = facts_of(small, case, **answers)
    with Precedents.open(tmp_path) as base:
        base.ingest(
            [
                past(
                    "late", "uphold", situation="late", facts={"in_time": False, "altered": False}
                ),
                past(
                    "in time",
                    "overturn",
                    situation="in time",
                    facts={"in_time": True, "altered": False},
                ),
                past(
                    "in time, too",
                    "overturn",
                    situation="in time, too",
                    facts={"in_time": True, "altered": False},
                ),
                past(
                    "in time, and refused",
                    "uphold",
                    situation="in time, and refused",
                    facts={"in_time": True, "altered": False},
                ),
            ]
        )
        factors = assess(facts)
        found = await recall(facts, factors, serve(base, 2))
    decision = decide(facts, Given(factors, found, Cost(), "v"))
    nearest = {one.case_id: one.agreement for one in decision.precedents}
    assert len(nearest) == 2
    assert set(nearest.values()) == {1.0}
    beside = {one.outcome for one in (*decision.precedents, *decision.contrast)}
    assert beside == {"overturn", "uphold"}
    assert decision.outcome == "overturn"
    assert decision.vote is not None
    assert decision.vote.conflicts == ("in time, and refused",)


async def test_no_leak_passes_a_whole_run(
    opened: Callable[..., Any], plain_case: str, closed: list[ClosedCase], tmp_path: Path
) -> None:
    """Each planted copy of the case that is decided tells its outcome; only the clean one may."""
    with Precedents.open(tmp_path / "leaky") as base:
        async with opened(precedents=base) as investigator:
            first = await investigator.investigate(plain_case)
            case, day = first.case, first.as_of - timedelta(days=30)
            strange = {"seller_id": "sel_x", "linked_seller_ids": (), "subject": {}}
            now = {"case_id": case.case_id, "case_type": case.case_type, "region": case.region}
            facts = {one.name: one.value for one in first.decision.factors if one.known}

            def copy(case_id: str, closed_at: datetime = day, **changed: Any) -> ClosedCase:
                more = {
                    name: changed.pop(name)
                    for name in ("clauses", "overturned_at")
                    if name in changed
                }
                update = {**strange, **now, "case_id": case_id, **changed}
                return ClosedCase(
                    case=case.model_copy(update=update),
                    outcome="overturn",
                    closed_at=closed_at,
                    situation=situation,
                    facts=facts,
                    **more,
                )

            situation = first.case.text
            row = next(one.reference for one in first.decision.citations if one.kind == "policy")
            base.ingest(
                [
                    copy("clean", clauses=(row,)),
                    copy(case.case_id),
                    copy("of the seller", seller_id=case.seller_id),
                    copy("of a linked account", linked_seller_ids=(case.seller_id,)),
                    copy("of the same appeal", subject=case.subject),
                    copy("closed later", first.as_of + timedelta(seconds=1)),
                    copy("overturned", overturned_at=first.as_of),
                    copy("of another clause", clauses=(f"{row.partition('@')[0]}@1999-01-01",)),
                    copy("of another type", case_type="payout.hold_release"),
                ]
            )
            again = await investigator.investigate(plain_case, Wish(as_of=first.as_of, again=True))
    seen = {one.case_id for one in (*again.decision.precedents, *again.decision.contrast)}
    assert seen == {"clean"}
    assert again.decision.precedents[0].agreement == 1.0


def test_a_frozen_case_thaws_to_itself(case: Case) -> None:
    moment = case.opened_at
    assert thaw_case(freeze_case(case, as_of=moment, at=moment)) == case
