"""Inline examples of an SOP: stated facts, and what the table makes of them."""

from __future__ import annotations

from collections.abc import Mapping

from casewright.models import ESCALATE, REQUEST_INFORMATION, Value
from graphs.factor_schema import FactorSpec
from graphs.schema import ExampleSpec
from graphs.sop import Sop
from graphs.table import match


def example_outcome(sop: Sop, facts: Mapping[str, Value]) -> tuple[str, int]:
    """What the table decides on these facts, every clause being in force.

    Args:
        sop: The procedure.
        facts: Values by factor; a factor that is not named is unknown, or false where nobody could
            supply it (construct E1, ``platform`` with 0 days).

    Returns:
        The outcome, and the number of the deciding row, 0 where none decides.
    """
    values: dict[str, Value | None] = {
        name: facts.get(name, _unstated(rule.spec)) for name, rule in sop.factors.items()
    }
    found = match(sop, values)
    if found.row is not None:
        return found.row.spec.outcome, found.row.number
    asked = any(sop.factors[name].spec.burden for name in found.blocked)
    return (REQUEST_INFORMATION if asked else ESCALATE), 0


def example_problems(sop: Sop, example: ExampleSpec) -> tuple[str, ...]:
    """In what the table disagrees with the example; nothing where it agrees."""
    outcome, row = example_outcome(sop, example.facts)
    problems = []
    if outcome != example.then:
        problems.append(f"decided {outcome}, not {example.then}")
    if example.row is not None and row != example.row:
        problems.append(f"by row {row}, not {example.row}")
    return tuple(problems)


def _unstated(spec: FactorSpec) -> bool | None:
    return False if spec.burden == "platform" and spec.answer_days == 0 else None
