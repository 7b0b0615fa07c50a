"""Evidence that tells a case's own answer: what was recorded of its decision by the as-of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from casewright.models import Case, Evidence, Run
from evals.leaks import MEND, LeakFound
from graphs.facts import Facts

DECIDED: Final = frozenset({"outcome", "decision", "verdict", "ruling", "resolution"})
"""Names of fields that say how a matter ended."""

PENDING: Final = frozenset(
    {"", "none", "open", "pending", "undecided", "in_review", "requested", "submitted"}
)
"""What they say while it has not."""


def require_unanswered(run: Run, facts: Facts) -> None:
    """Refuse a run whose frozen evidence tells its own answer.

    Raises:
        LeakFound: it does; nothing more is measured.
    """
    for told in answers_in(run.case, facts.evidence.values(), run.as_of):
        case_id = run.case.case_id
        raise LeakFound(
            f"The gold case {case_id} can reach its own answer (evidence): {told}.",
            remedy=f"{MEND['evidence']} Where it was not settled then, the source serves what it "
            "did not know yet: let its tool ask as of the moment.",
        )


def answers_in(case: Case, evidence: Iterable[Evidence], as_of: datetime) -> Iterator[str]:
    """Where evidence tells how the case ended, or is of a later moment than it is judged at.

    A record tells it that names the case, or what the case is about, and beside that an outcome
    which is no longer pending.

    Args:
        case: The case as it entered.
        evidence: What its actions brought.
        as_of: The moment at which the case is judged.
    """
    names = {case.case_id, *case.subject.values()}
    for item in evidence:
        if item.as_of > as_of:
            yield f"{item.tool} is evidence as of {item.as_of:%Y-%m-%d %H:%M}, after the as-of time"
        for record, pointer in _records(item.data, ""):
            for field in DECIDED & record.keys():
                if _told(record[field]) and not names.isdisjoint(_texts(record)):
                    yield f"{item.tool} says at {pointer}/{field} how it ended: {record[field]}"


def _records(data: object, pointer: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    if isinstance(data, Mapping):
        yield data, pointer
        for name, value in data.items():
            yield from _records(value, f"{pointer}/{name}")
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from _records(value, f"{pointer}/{number}")


def _told(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() not in PENDING


def _texts(record: Mapping[str, Any]) -> Iterator[str]:
    return (value for value in record.values() if isinstance(value, str))
