"""Similar closed cases beside a case, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from casewright.models import Decision, Precedent
from casewright.precedent import Comparison, compared
from review.layout import worded

How = Literal["same", "differs", "known on one side"]


@dataclass(frozen=True)
class Fact:
    """One fact here and there."""

    name: str
    here: str
    there: str
    how: How


@dataclass(frozen=True)
class Likeness:
    """A closed case beside this one.

    Attributes:
        precedent: The closed case.
        conflicts: Whether it has similar facts and ended otherwise.
        contrast: Whether it is shown for its outcome, which none of the nearest cases had.
        facts: The facts of both, those that differ first.
    """

    precedent: Precedent
    conflicts: bool
    contrast: bool
    facts: tuple[Fact, ...]

    @property
    def alike(self) -> str:
        """How far its facts agree."""
        agreement = self.precedent.agreement
        return "not comparable" if agreement is None else f"{agreement:.0%} of the facts agree"


def likenesses(decision: Decision) -> tuple[Likeness, ...]:
    """The similar closed cases of a decision, those in conflict with it first."""
    conflicts = set(decision.vote.conflicts) if decision.vote else set()
    listed = [(one, False) for one in decision.precedents]
    listed += [(one, True) for one in decision.contrast]
    found = [
        Likeness(one, one.case_id in conflicts, contrast, _facts(decision, one))
        for one, contrast in listed
    ]
    return tuple(sorted(found, key=lambda one: not one.conflicts))


def _facts(decision: Decision, precedent: Precedent) -> tuple[Fact, ...]:
    here = {factor.name: factor.value for factor in decision.factors}
    ways = _ways(compared(here, precedent))
    return tuple(
        Fact(name, worded(here[name]), worded(precedent.facts.get(name)), how) for name, how in ways
    )


def _ways(fields: Comparison) -> Iterator[tuple[str, How]]:
    for name, _ in fields.differ:
        yield name, "differs"
    for name in fields.unknown:
        yield name, "known on one side"
    for name in fields.same:
        yield name, "same"
