"""The leak guard: the one place that says which closed cases a case may know.

Every retrieval asks it of every case, whatever the index answered; what it has to know of one
stands in columns of its own, see :class:`knowledge_base.records.Guarded`. There is no way around it
and no setting that turns it off: a precedent that tells the answer is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from casewright.models import Case
from knowledge_base.records import Guarded


@dataclass(frozen=True)
class View:
    """Who asks, and from when; a person who browses is no case, and nobody's matter.

    Attributes:
        as_of: The moment whose knowledge counts.
        case_type: The family to stay in; None for all.
        case_id: The case that asks; empty for a person.
        involved: What the case shares with others of its matter, see ``Case.involved``.
        in_force: References of the clauses that hold for the case; None for a person.
    """

    as_of: datetime
    case_type: str | None
    case_id: str = ""
    involved: frozenset[str] = frozenset()
    in_force: frozenset[str] | None = None

    @classmethod
    def of(cls, case: Case, *, as_of: datetime, in_force: frozenset[str]) -> Self:
        """What a case may see."""
        return cls(as_of, case.case_type, case.case_id, case.involved, in_force)


def admissible(closed: Guarded, view: View) -> bool:
    """Whether the viewer may know how this case ended.

    Never: another family, the case itself, one that was not closed strictly before the moment, one
    of the same matter (an account, a party or a subject in common), one whose decision had been
    overturned by then, and one decided under a clause version that does not hold for the viewer.
    A case that cites no clause passes the last one; whoever names no clause that holds sees none
    that cites one.
    """
    return (
        view.case_type in (None, closed.family)
        and closed.case_id != view.case_id
        and closed.closed_at < view.as_of
        and not (closed.overturned_at and closed.overturned_at <= view.as_of)
        and closed.involved.isdisjoint(view.involved)
        and (view.in_force is None or view.in_force.issuperset(closed.clauses))
    )
