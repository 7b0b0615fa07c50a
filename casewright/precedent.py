"""What similar closed cases say of a proposal: their vote, and those that ended otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from casewright.base import Model
from casewright.case import Precedent, Value


class PrecedentVote(Model):
    """How similar closed cases ended. It is shown, and never changes an outcome.

    Attributes:
        outcome: The leading outcome.
        share: Its share of the weight, 0 to 1; a precedent weighs as far as its facts agree.
        effective: How many equally weighty precedents that is: (Σw)² / Σw² (Kish 1965).
        conflicts: Ids of precedents with similar facts that ended otherwise than the proposal, or
            than the leading outcome where there is no proposal.
    """

    outcome: str
    share: float
    effective: float
    conflicts: tuple[str, ...] = ()


class Comparison(Model):
    """A precedent's facts beside a case's, field by field; names in the case's order.

    Attributes:
        same: Facts that agree.
        differ: Facts that do not, with the precedent's value.
        unknown: Facts that only one side knows.
    """

    same: tuple[str, ...] = ()
    differ: tuple[tuple[str, Value], ...] = ()
    unknown: tuple[str, ...] = ()


def compared(facts: Mapping[str, Value | None], precedent: Precedent) -> Comparison:
    """A precedent's facts beside a case's.

    Args:
        facts: The case's factors by name; None for what is unknown.
        precedent: The closed case.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    there = {name: value for name, value in precedent.facts.items() if name in facts}
    both = [name for name in known if name in there]
    return Comparison(
        same=tuple(name for name in both if there[name] == known[name]),
        differ=tuple((name, there[name]) for name in both if there[name] != known[name]),
        unknown=tuple(name for name in facts if (name in known) != (name in there)),
    )
