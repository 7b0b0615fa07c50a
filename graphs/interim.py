"""Interim measures: reversible writes while a case waits, logged, and taken back after the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from casewright.enforcement import Enforced, PlannedAction, in_force
from casewright.models import Factor, Run, RunStatus
from graphs.consequences import Measure
from graphs.facts import Facts
from graphs.plan import write
from graphs.scope import Bound, Scope, Unknown
from graphs.sop import Sop


def due(facts: Facts, factors: Sequence[Factor], run: Run) -> Iterator[PlannedAction]:
    """What is to be done now, before the gate.

    A measure whose condition holds and that is not in force is taken; one in force whose condition
    no longer holds is taken back. A condition that is unknown changes nothing.

    Args:
        facts: The case's facts.
        factors: All factors.
        run: The run with its log so far.
    """
    scope = _scope(facts, factors)
    held = in_force(run.enforced)
    for measure in facts.sop.measures:
        holds = measure.condition.evaluate(scope).value
        if holds is True and measure.name not in held:
            yield _taken(measure, scope, run)
        elif holds is False and measure.name in held:
            yield from _undo(held[measure.name])


def wanted(facts: Facts, factors: Sequence[Factor]) -> frozenset[str]:
    """Names of the measures whose condition is not known to be gone."""
    scope = _scope(facts, factors)
    holds = {one.name: one.condition.evaluate(scope).value for one in facts.sop.measures}
    return frozenset(name for name, value in holds.items() if value is not False)


def kept_on(sop: Sop, outcome: str) -> frozenset[str]:
    """Names of the measures that an outcome keeps."""
    return frozenset(measure.name for measure in sop.measures if outcome in measure.keep_on)


def taken_back(sop: Sop, run: Run, outcome: str) -> Iterator[PlannedAction]:
    """The writes that take back what the outcome does not keep."""
    kept = kept_on(sop, outcome)
    for name, entry in in_force(run.enforced).items():
        if name not in kept:
            yield from _undo(entry)


def _undo(entry: Enforced) -> Iterator[PlannedAction]:
    if entry.write.undo is not None:
        yield entry.write.undo


def _taken(measure: Measure, scope: Scope, run: Run) -> PlannedAction:
    """The write of a measure, and the one that takes it back as things stand now."""
    entries = (one for one in run.enforced if one.write.name == measure.name)
    turn = sum(1 for one in entries if (one.write.purpose, one.status) == ("interim", "done"))
    identity: dict[str, Any] = {"run": run.run_id, "version": run.graph_version, "turn": turn}
    taken = write(measure.step, scope, identity, purpose="interim", name=measure.name)
    undo = write(measure.undo, scope, identity, purpose="undo", name=measure.name)
    return taken.model_copy(update={"undo": undo})


def _scope(facts: Facts, factors: Sequence[Factor]) -> Scope:
    named = {
        factor.name: Bound(
            factor.value if factor.known else Unknown.of(factor.name, factor.reason), factor.name
        )
        for factor in factors
    }
    return {**facts.scope_with_policy("fact"), **named}


def held_over(earlier: Run) -> tuple[Enforced, ...]:
    """The measures in force that a run leaves to a newer one of the same case.

    A run that was decided leaves none: what its outcome kept is for good.
    """
    decided = earlier.status is RunStatus.DONE
    return () if decided else tuple(in_force(earlier.enforced).values())
