"""Whether facts are right, required actions were run, and claims hold what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casewright.case import Value
from evals.measures import Measure, MetricContext, Part
from evals.rates import Rate
from evals.scored import Scored, Traits
from evals.traits import NOT_RUN

NO_TRAITS = "no case tells what its run looked like"


def key_facts(one: Scored) -> dict[str, Value]:
    """The facts that a case's factors are held against.

    Those that gold names as key factors; where it names none, all that the run has a factor for.
    """
    facts, traits = one.gold.facts, one.traits
    if traits is None:
        return {}
    names = one.gold.key_factors or [name for name in facts if name in traits.factors]
    return {name: facts[name] for name in names if name in facts}


def compared(one: Scored) -> Iterator[tuple[str, bool | None]]:
    """Each key fact, and whether the run's factor has its value; None where that is unknown."""
    for name, fact in key_facts(one).items():
        value = None if one.traits is None else one.traits.factors.get(name)
        # True is 1 in Python, and no number is a truth value here.
        alike = isinstance(value, bool) == isinstance(fact, bool)
        yield name, None if value is None else alike and value == fact


@dataclass(frozen=True)
class FactorAccuracy:
    """Factors that have the value that gold says, of those whose value the run knows."""

    name: str = "factor accuracy"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over factors; parts: the share that is unknown, then each factor by case type."""
        rate = Rate.over(scored, _known, "known factors have the value that gold says")
        unknown = Rate.over(scored, _unknown, "factors are unknown")
        parts = (Part.of("unknown", unknown), *_by_factor(scored)) if unknown.denominator else ()
        measure = Measure.of(self.name, rate, parts, without="no gold case says its facts")
        return measure.model_copy(update={"parts": parts})


def _known(one: Scored) -> tuple[int, int]:
    found = [right for _, right in compared(one) if right is not None]
    return sum(found), len(found)


def _unknown(one: Scored) -> tuple[int, int]:
    found = [right for _, right in compared(one)]
    return found.count(None), len(found)


def _by_factor(scored: Sequence[Scored]) -> Iterator[Part]:
    found = {(one.gold.case_type, name) for one in scored for name, _ in compared(one)}
    for case_type, factor in sorted(found):
        mine = [one for one in scored if one.gold.case_type == case_type]

        def share(one: Scored, factor: str = factor) -> tuple[int, int]:
            right = dict(compared(one)).get(factor)
            return bool(right), right is not None

        yield Part.of(f"{case_type} {factor}", Rate.over(mine, share, "are right"))


@dataclass(frozen=True)
class RequiredActions:
    """Cases with all required actions run: those of the SOP, and those that gold names."""

    name: str = "required actions run"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over cases; the part is that of single actions that gold names."""
        rate = Rate.over(
            scored,
            lambda one: (_all_run(one), one.traits is not None),
            "cases had all required actions run",
        )
        single = Rate.over(scored, _run_of_gold, "actions that gold names were run")
        parts = (Part.of("actions that gold names", single),) if single.denominator else ()
        return Measure.of(self.name, rate, parts, without=NO_TRAITS)


def _ran(traits: Traits, action: str) -> bool:
    return traits.actions.get(action, NOT_RUN[0]) not in NOT_RUN


def _all_run(one: Scored) -> bool:
    traits = one.traits
    if traits is None or traits.unrun:
        return False
    return all(_ran(traits, action) for action in one.gold.actions)


def _run_of_gold(one: Scored) -> tuple[int, int]:
    traits = one.traits
    if traits is None:
        return 0, 0
    return sum(_ran(traits, action) for action in one.gold.actions), len(one.gold.actions)


@dataclass(frozen=True)
class CitationValidity:
    """Citations that still hold when they are looked up again in the frozen evidence, of all."""

    name: str = "citation validity"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over the citations of claims that stand."""

        def share(one: Scored) -> tuple[int, int]:
            traits = one.traits or Traits()
            return traits.citations - traits.faulty, traits.citations

        rate = Rate.over(scored, share, "citations hold")
        return Measure.of(self.name, rate, without="no run cited anything")


@dataclass(frozen=True)
class ClaimSupport:
    """Claims that the verifier let stand, of all that were made."""

    name: str = "claim support"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """A rate over claims, those that were struck included."""

        def share(one: Scored) -> tuple[int, int]:
            traits = one.traits or Traits()
            return traits.claims, traits.claims + traits.struck

        rate = Rate.over(scored, share, "claims stand with their citations")
        return Measure.of(self.name, rate, without="no run made a claim")
