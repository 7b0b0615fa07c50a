"""The order in which a batch takes its cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casewright.models import Case, Money
from graphs.priority import PRIORITIES, Priority, ordered

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@dataclass(frozen=True)
class One:
    case_id: str
    case: Case | None


def one(name: str, *, age_h: float = 0, cents: int = 100) -> One:
    case = Case(
        case_id=name,
        case_type="appeal.small",
        subject={},
        seller_id="s-1",
        region="DE",
        channel="appeal",
        opened_at=NOW - timedelta(hours=age_h),
        impact=Money(cents=cents, currency="EUR"),
    )
    return One(name, case)


def due(case: Case) -> datetime | None:
    return None if case.case_id == "nobody" else case.opened_at + timedelta(hours=48)


def names(placed: list[One], priority: Priority) -> list[str]:
    return [each.case_id for each in ordered(placed, priority, NOW, due)]


PLACED = [
    One("unknown", None),
    one("nobody", age_h=99, cents=9_999),
    one("soon", age_h=47, cents=100),
    one("dear", age_h=0, cents=90_000),
    one("cheap", age_h=0, cents=100),
    one("over", age_h=50, cents=100),
    one("long over", age_h=60, cents=100),
    one("over and dear", age_h=50, cents=9_000),
]


def test_by_sla_goes_what_is_over_first_then_time_left_by_what_is_at_stake() -> None:
    assert names(PLACED, "sla") == [
        "over and dear",
        "long over",
        "over",
        "dear",
        "soon",
        "cheap",
        "unknown",
        "nobody",
    ]


def test_by_impact_by_age_and_as_given() -> None:
    assert names(PLACED, "impact")[:3] == ["dear", "nobody", "over and dear"]
    assert names(PLACED, "oldest")[:3] == ["nobody", "long over", "over"]
    assert names(PLACED, "none") == [each.case_id for each in PLACED]


@given(
    st.lists(st.tuples(st.floats(0, 200), st.integers(0, 10**9)), max_size=20),
    st.sampled_from(PRIORITIES),
)
def test_every_order_keeps_every_case_once(
    drawn: list[tuple[float, int]], priority: Priority
) -> None:
    placed = [one(f"c{n}", age_h=age, cents=cents) for n, (age, cents) in enumerate(drawn)]
    assert sorted(names(placed, priority)) == sorted(each.case_id for each in placed)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 200))
def test_of_two_that_are_due_at_once_the_dearer_goes_first(
    cents: int, more: int, age: float
) -> None:
    if age == 48:  # nothing is left, and nothing is over: they are alike
        return
    placed = [one("less", age_h=age, cents=cents), one("more", age_h=age, cents=cents + more)]
    assert names(placed, "sla") == ["more", "less"]
