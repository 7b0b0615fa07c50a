"""What the decision table would have made of a case, had other facts been known.

Which factors, set to what the gold case says of them, make it come to the gold outcome? Sets are
tried smallest first, so no part of the set that is found would have done. Where all gold facts lead
elsewhere, the table and the label speak against each other, and nothing here can tell which of them
errs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from casewright.models import Decision, Value
from evals.causes import Part
from evals.origin import origin_of
from graphs.decide import table_says
from graphs.facts import Facts
from graphs.sums import Values
from graphs.table import Match, read_by_table

ALL_SIZES = 12
"""With more factors that differ, sets between a pair and all of them are left out."""


@dataclass(frozen=True, repr=False)
class Counterfactual:
    """A decided case, to be asked what other facts would have made of it.

    Attributes:
        facts: What its frozen evidence says.
        decision: What was decided.
        told: The gold case's facts, those that the procedure does not know included.
    """

    facts: Facts
    decision: Decision
    told: Mapping[str, Value]

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The factors that the table reads."""
        return tuple(read_by_table(self.facts.sop))

    @cached_property
    def values(self) -> Values:
        """The factors as the run had them."""
        return {factor.name: factor.value for factor in self.decision.factors}

    @cached_property
    def gold(self) -> dict[str, Value]:
        """The gold facts that the table reads."""
        return {name: self.told[name] for name in self.read if name in self.told}

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """The factors that were unknown, or other than the gold fact."""
        return tuple(name for name, value in self.gold.items() if self.values.get(name) != value)

    @cached_property
    def at_best(self) -> Match:
        """What the table says with all gold facts."""
        return self.says(self.differing)

    def says(self, names: Iterable[str]) -> Match:
        """What the table says with these factors set to the gold facts."""
        return table_says(self.facts, {**self.values, **{name: self.gold[name] for name in names}})

    def smallest(self, outcome: str) -> list[tuple[str, ...]]:
        """All sets of the least size that lead to an outcome; the empty one where it is there."""
        for size in self._sizes():
            sets = combinations(self.differing, size)
            found = [names for names in sets if _outcome(self.says(names)) == outcome]
            if found:
                return found
        return []

    def _sizes(self) -> Iterable[int]:
        most = len(self.differing)
        return range(most + 1) if most <= ALL_SIZES else (0, 1, 2, most)

    def part(self, name: str) -> Part:
        """A factor that was wrong or unknown, and why."""
        kind, told = origin_of(self.facts, self.decision.factor(name))
        was, right = self.values.get(name), self.gold.get(name)
        return Part(kind=kind, factor=name, was=was, right=right, told=told)

    def beside_the_table(self) -> Part:
        """Where the table was right: a required record lacked, or an amount was out of bounds."""
        named = (action for one in self.decision.missing for action in one.actions)
        actions = ", ".join(dict.fromkeys(named))
        told = "; ".join(self.decision.reasons)
        return Part(kind="source data" if actions else "policy gap", factor=actions, told=told)

    def no_way(self) -> Iterator[Part]:
        """Where the gold facts do not lead to the gold outcome."""
        unsaid = [name for name in self.at_best.blocked if name not in self.gold]
        yield from (self._unsaid(name) for name in unsaid)
        if not unsaid:
            yield self._gap()

    def _unsaid(self, name: str) -> Part:
        found = self.part(name)
        told = f"{found.told}; the gold case says nothing of it, so where it leads is open"
        return found.model_copy(update={"told": told})

    def _gap(self) -> Part:
        row = self.at_best.row
        which = f"row {row.number}" if row else "no row"
        silent = [name for name in self.read if name not in self.gold]
        said = f"{row.spec.outcome} by row {row.number}" if row else "nothing"
        errs = "the table or the label errs"
        if silent:
            errs = f"it says nothing of {', '.join(silent)}: one of these, or {errs}"
        told = f"all facts of the gold case lead to {said}; {errs}"
        return Part(kind="label" if self._clear() else "policy gap", factor=which, told=told)

    def _clear(self) -> bool:
        """Whether no value speaks against gold, and a row with no other one open decides as then.

        What was unknown and changes nothing once it is known speaks against nothing.
        """
        if any(self.values.get(name) is not None for name in self.differing):
            return False
        settled = self.at_best.row is not None and not self.at_best.undecided
        return settled and _outcome(self.at_best) == self.decision.outcome


def _outcome(found: Match) -> str:
    return found.row.spec.outcome if found.row else ""
