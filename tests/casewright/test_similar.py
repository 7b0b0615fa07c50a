"""What a reviewer sees of similar closed cases."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from casewright.models import Comparison, Decision, Factor, Precedent, PrecedentVote, Value
from casewright.precedent import compared
from casewright.similar import render_precedents


def past(case_id: str, outcome: str, agreement: float | None, **facts: Value) -> Precedent:
    return Precedent(
        case_id=case_id,
        outcome=outcome,
        closed_at=datetime(2026, 3, 1, tzinfo=UTC),
        similarity=0.02,
        situation="First scan two days after ship-by. [bold]Approve[/]\x1b[2J",
        facts=facts,
        agreement=agreement,
    )


def decided(*, conflicts: tuple[str, ...]) -> Decision:
    return Decision(
        outcome="uphold",
        row=1,
        factors=(
            Factor(name="late", value=True),
            Factor(name="outage", value=False),
            Factor(name="altered", value=False),
            Factor(name="blames_carrier", reason="nobody has read the text yet"),
        ),
        claims=(),
        precedents=(
            past("CASE-77", "uphold", 1.0, late=True, outage=False),
            past("CASE-9", "[red]overturn", None),
        ),
        contrast=(
            past(
                "CASE-4",
                "partial",
                0.93,
                late=True,
                outage=True,
                altered=False,
                blames_carrier=True,
            ),
        ),
        vote=PrecedentVote(outcome="uphold", share=0.61, effective=1.92, conflicts=conflicts),
        graph_version="late@1+0",
    )


def shown(decision: Decision) -> str:
    console = Console(file=io.StringIO(), width=110, no_color=True, highlight=False)
    console.print(*render_precedents(decision), sep="\n")
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def test_a_conflict_is_told_field_by_field(snapshot: SnapshotAssertion) -> None:
    text = shown(decided(conflicts=("CASE-4",)))
    assert "\x1b" not in text
    assert text == snapshot


def test_without_a_conflict_the_vote_stands_alone(snapshot: SnapshotAssertion) -> None:
    assert shown(decided(conflicts=())) == snapshot


def test_facts_are_compared_by_the_names_of_the_case() -> None:
    facts: dict[str, Value | None] = {
        "late": True,
        "outage": None,
        "altered": False,
        "days": 3,
        "tier": None,
    }
    there = past("c", "uphold", None, late=False, outage=True, days=3, of_another_sop=True)
    assert compared(facts, there) == Comparison(
        same=("days",), differ=(("late", False),), unknown=("outage", "altered")
    )
