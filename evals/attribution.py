"""Why a gold case came out wrong: the fewest factors that would have made it right, and whence.

Pure functions over what a run left; gold answers are met here for the first time. The
counterfactual is asked of the decision table: which factors, set to what the gold case says of
them, make it come to the gold outcome? Sets are tried smallest first, so no part of the set that is
found would have done. Where all gold facts lead elsewhere, the table and the label speak against
each other, and nothing here can tell which of them errs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

from casewright.errors import (
    CasewrightError,
    EvidenceIncomplete,
    ModelError,
    SopError,
    SourceError,
)
from casewright.models import Decision, Factor, Model, Moment, Money, Value
from evals.scored import ERROR, Scored
from graphs.assess import NOT_SUPPLIED
from graphs.decide import table_says
from graphs.facts import Facts
from graphs.sentence import spell
from graphs.sop import FactorRule
from graphs.sums import Values
from graphs.table import Match, read_by_table

Kind = Literal[
    "source data",
    "tool failure",
    "rule",
    "statistic",
    "phrase",
    "classifier",
    "model reading",
    "nobody read it",
    "note",
    "policy gap",
    "label",
    "unattributed",
]
"""Where a wrong value came from, or what is at fault where no value is."""

OWNERS: Mapping[Kind, str] = {
    "source data": "tool",
    "tool failure": "tool",
    "rule": "SOP",
    "statistic": "SOP",
    "phrase": "SOP",
    "classifier": "training data",
    "model reading": "prompt",
    "nobody read it": "prompt",
    "note": "policy",
    "policy gap": "policy",
    "label": "label",
    "unattributed": "label",
}
"""Who can mend it: a suggestion, by kind."""

ALL_SIZES = 12
"""With more factors that differ, sets between a pair and all of them are left out."""
EXAMPLES = 3
"""Cases that are named for each cause."""


@dataclass(frozen=True)
class Miss:
    """A gold case that came out wrong, and what its run left.

    Attributes:
        scored: The gold case beside the outcome.
        decision: What the run decided; None where it came to no decision.
        facts: What its frozen evidence says; None without a run.
        error: What stopped it, or None.
        stake: The case's impact, or None where the case never entered.
        home: The home folder of its world where that is not the usual one, or empty.
    """

    scored: Scored
    decision: Decision | None = None
    facts: Facts | None = None
    error: CasewrightError | None = None
    stake: Money | None = None
    home: str = ""


class Origin(Model):
    """A kind of fault, and what it lies in.

    Attributes:
        kind: The kind.
        factor: The factor; for a policy gap or a label the row that leads elsewhere; the actions
            where no factor stands for them; or empty.
    """

    kind: Kind
    factor: str = ""


class Part(Origin):
    """One thing that was wrong in one case.

    Attributes:
        was: The value that the run had; None for unknown, or where no factor is at fault.
        right: The gold case's.
        told: How it came about, in plain words.
    """

    was: Value | None = None
    right: Value | None = None
    told: str = ""


class Attribution(Model):
    """Why one gold case came out wrong.

    Attributes:
        case_id: The case.
        seed: Its simulated world, or None.
        as_of: The moment it was judged at.
        home: The home folder of its world, or empty for the usual one.
        sop: The procedure, or the case type where none ran.
        gold: The right outcome.
        said: What the run said instead.
        parts: What was wrong; together they are one cause.
        others: How many other sets of as few factors would have led to the gold outcome as well.
        stake: The case's impact, or None where the case never entered.
    """

    case_id: str
    seed: int | None = None
    as_of: Moment
    home: str = ""
    sop: str
    gold: str
    said: str
    parts: tuple[Part, ...]
    others: int = 0
    stake: Money | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """What it is grouped by."""
        return tuple(Origin(kind=part.kind, factor=part.factor) for part in self.parts)

    @property
    def disputed(self) -> bool:
        """Whether the label is suspected."""
        return any(part.kind == "label" for part in self.parts)


class Cause(Model):
    """Wrong cases that share what was wrong.

    Attributes:
        sop: The procedure.
        origins: What was wrong.
        n: How many cases.
        share: Of all wrong cases, 0 to 1.
        stakes: The impact of the cases, by currency.
        owners: Who can mend it: a suggestion.
        examples: Ids of up to three of the cases.
    """

    sop: str
    origins: tuple[Origin, ...]
    n: int
    share: float
    stakes: tuple[Money, ...]
    owners: tuple[str, ...]
    examples: tuple[str, ...]


class Errors(Model):
    """Why gold cases came out wrong.

    Attributes:
        n: Gold cases that were judged.
        wrong: Those that came out wrong, cases that rightly asked for a record not among them.
        kinds: In how many of these each kind has a part; a case of two kinds counts for both.
        causes: What was wrong, the most frequent first; every wrong case has one cause.
        stakes: The impact of all wrong cases, by currency.
        cases: Every wrong case, in the order of the gold cases.
    """

    n: int
    wrong: int
    kinds: dict[Kind, int]
    causes: tuple[Cause, ...]
    stakes: tuple[Money, ...]
    cases: tuple[Attribution, ...]


def wrong(scored: Scored) -> bool:
    """Whether a case came out neither as gold says nor by asking for a record that was withheld."""
    return not (scored.right or scored.asked_rightly)


def attribute(miss: Miss) -> Attribution:
    """Say why one case came out wrong."""
    gold = miss.scored.gold
    parts, others = _parts(miss)
    return Attribution(
        case_id=gold.case_id,
        seed=gold.seed,
        as_of=gold.as_of,
        home=miss.home,
        sop=miss.facts.sop.name if miss.facts else gold.case_type,
        gold=gold.outcome,
        said=miss.scored.predicted,
        parts=parts,
        others=others,
        stake=miss.stake,
    )


def grouped(cases: Sequence[Attribution], judged: int) -> Errors:
    """Group wrong cases into causes.

    Args:
        cases: The wrong cases.
        judged: How many cases were judged, the right ones included.
    """
    groups: dict[tuple[str, tuple[Origin, ...]], list[Attribution]] = defaultdict(list)
    for one in cases:
        groups[one.sop, one.origins].append(one)
    causes = [_cause(sop, parts, some, len(cases)) for (sop, parts), some in groups.items()]
    kinds: Counter[Kind] = Counter()
    for one in cases:
        kinds.update({part.kind for part in one.parts})
    return Errors(
        n=judged,
        wrong=len(cases),
        kinds={kind: kinds[kind] for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind))},
        causes=tuple(sorted(causes, key=lambda cause: -cause.n)),
        stakes=_stakes(cases),
        cases=tuple(cases),
    )


def _cause(
    sop: str, origins: tuple[Origin, ...], cases: Sequence[Attribution], errors: int
) -> Cause:
    return Cause(
        sop=sop,
        origins=origins,
        n=len(cases),
        share=len(cases) / errors,
        stakes=_stakes(cases),
        owners=tuple(dict.fromkeys(OWNERS[one.kind] for one in origins)),
        examples=tuple(case.case_id for case in cases[:EXAMPLES]),
    )


def _stakes(cases: Iterable[Attribution]) -> tuple[Money, ...]:
    cents: Counter[str] = Counter()
    for stake in (case.stake for case in cases):
        if stake is not None:
            cents[stake.currency] += stake.cents
    return tuple(Money(cents=cents[currency], currency=currency) for currency in sorted(cents))


def _parts(miss: Miss) -> tuple[tuple[Part, ...], int]:
    """What was wrong, and how many other sets of factors would have done as well."""
    if miss.scored.predicted == ERROR or miss.facts is None or miss.decision is None:
        return tuple(_failed(miss)), 0
    asked = Counterfactual(miss.facts, miss.decision, miss.scored.gold.facts)
    if not asked.gold:
        told = "the gold case holds no fact that the procedure reads"
        return (Part(kind="unattributed", told=told),), 0
    found = asked.smallest(miss.scored.gold.outcome)
    if not found:
        return tuple(asked.no_way()), 0
    if found == [()]:
        return (asked.beside_the_table(),), 0
    return tuple(asked.part(name) for name in found[0]), len(found) - 1


def _failed(miss: Miss) -> Iterator[Part]:
    """What stopped a run, an action for each that failed."""
    reason, records = miss.scored.reason, miss.facts.records.values() if miss.facts else ()
    actions = [record for record in records if record.status == "error"]
    for record in actions:
        yield Part(kind="tool failure", factor=record.action, told=record.reason)
    if not actions:
        yield Part(kind=_kind_of(miss.error), told=reason)


def _kind_of(error: CasewrightError | None) -> Kind:
    if isinstance(error, EvidenceIncomplete | SourceError | ModelError):
        return "tool failure"
    return "rule" if isinstance(error, SopError) else "unattributed"


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
        kind, told = _origin(self.facts, self.decision.factor(name))
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


def _origin(facts: Facts, factor: Factor) -> tuple[Kind, str]:
    """Where a factor's value came from, or why it has none."""
    rule = facts.sop.factors[factor.name]
    match factor.by:
        case "human":
            return "note", factor.reason
        case "classifier":
            return "classifier", factor.reason or _sure(factor)
        case "model":
            return "model reading", factor.reason or _sure(factor)
    return _of_question(factor) if rule.spec.question else _of_rule(facts, rule, factor)


def _of_question(factor: Factor) -> tuple[Kind, str]:
    if factor.waits_for:
        return "source data", factor.reason
    if factor.known:
        return "phrase", _sure(factor)
    answered = any(one.by == "model" and one.answer for one in factor.opinions)
    return "model reading" if answered else "nobody read it", factor.reason


def _of_rule(facts: Facts, rule: FactorRule, factor: Factor) -> tuple[Kind, str]:
    lacking = factor.reason.startswith(NOT_SUPPLIED) or not (factor.known or _shut(facts, rule))
    if lacking:
        return "source data", factor.reason
    told = factor.reason or f"came out {spell(factor.value)} by {rule.spec.told}"
    return "statistic" if rule.measured else "rule", told


def _shut(facts: Facts, rule: FactorRule) -> bool:
    """Whether the rule's own guard leaves it unknown on evidence that is there."""
    scope = facts.scope_with_policy(rule.spec.in_force)
    guards = ((rule.needs_first, False), (rule.unknown_if, True))
    return any(guard is not None and guard.evaluate(scope).value is shut for guard, shut in guards)


def _sure(factor: Factor) -> str:
    quotes = [f"“{citation.quote}”" for citation in factor.citations]
    sure = "" if factor.probability is None else f", {factor.probability:.2f} sure"
    return f"read in {', '.join(quotes) or 'a text'}{sure}"
