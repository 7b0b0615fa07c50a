"""In which order a batch takes its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Literal, Protocol, TypeVar, get_args

from casewright.models import Case

Priority = Literal["sla", "impact", "oldest", "none"]
"""``sla``: by the time left until a case is due, weighed by what is at stake; ``none``: as they
are given."""

PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)

Due = Callable[[Case], datetime | None]
"""When a case is due; None where no SOP says so."""


class Placed(Protocol):
    """A case that takes a place in the order; None where nobody knows what it is."""

    @property
    def case(self) -> Case | None:
        """The case."""
        ...


AnyPlaced = TypeVar("AnyPlaced", bound=Placed)


def ordered(
    placed: Iterable[AnyPlaced], priority: Priority, at: datetime, due: Due
) -> list[AnyPlaced]:
    """Cases in the order in which they are to be begun; those that are alike stay in theirs.

    ``sla`` orders as the reviewers' queue does (handbook 12, Queues): first those whose time is
    over, by what is at stake times how long it has been over; then the others, by the time left
    divided by what is at stake. Before a case is decided, its impact is what is at stake. Impacts
    are compared as they stand: nothing here knows an exchange rate. What nobody knows, or no SOP
    decides, comes last.

    Args:
        placed: The cases.
        priority: What counts.
        at: The present moment.
        due: When each is due.
    """
    match priority:
        case "sla":
            return sorted(placed, key=lambda one: _urgency(one.case, at, due))
        case "impact":
            return sorted(placed, key=lambda one: -_stake(one.case))
        case "oldest":
            return sorted(placed, key=lambda one: one.case.opened_at if one.case else at)
        case "none":
            return list(placed)


def _urgency(case: Case | None, at: datetime, due: Due) -> tuple[bool, float]:
    until = due(case) if case else None
    if case is None or until is None:
        return True, 0.0
    left, stake = (until - at).total_seconds(), max(_stake(case), 1)
    return False, left * stake if left < 0 else left / stake


def _stake(case: Case | None) -> int:
    return case.impact.cents if case else 0
