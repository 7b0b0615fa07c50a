"""A loaded SOP: its parsed expressions and its policy. :mod:`graphs.load` builds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel, create_model

from agents.trained import Classifier
from casewright.document import Document, Where
from casewright.models import ALWAYS_OUTCOMES, Value
from graphs.consequences import Consequences, Measure, SideEffect
from graphs.factor_schema import FactorSpec
from graphs.kinds import Domain
from graphs.logic import Expression
from graphs.policy import Policy
from graphs.schema import ActionSpec, SopSpec
from graphs.sentence import Sentence
from graphs.sums import Tiers
from graphs.table_schema import RowSpec
from tools.base import Tool
from tools.record import Record
from tools.statistic import Statistic

SOP_FILE = "sop.yaml"
POLICY_FILE = "policy.md"
CASE = "case"
POLICY = "policy"
SCORES = "scores"
CLASSES = "classes"
TIERS = "tiers"
ADDRESSES = "addresses_reviewer"
FOREIGN = "ids_in_text_foreign"
ROUTE_FACTORS = (ADDRESSES, FOREIGN)
"""Factors that every SOP has without writing them; see :mod:`graphs.flags`."""
VALUE = "value"
"""What a statistic's condition calls its number."""


@dataclass(frozen=True)
class Action:
    """An action with its tool and its parsed bindings."""

    name: str
    spec: ActionSpec
    tool: Tool
    arguments: Mapping[str, Expression]
    when: Expression | None
    for_each: Expression | None = None

    @cached_property
    def needs(self) -> frozenset[str]:
        """The actions whose evidence its bindings read."""
        arguments = (binding.node.roots for binding in self.arguments.values())
        outside = frozenset().union(*arguments) - {self.spec.element}
        stated = (binding.node.roots for binding in (self.when, self.for_each) if binding)
        return outside.union(*stated) - {CASE}

    @cached_property
    def result(self) -> type[BaseModel]:
        """What its evidence looks like: the tool's result, or a list of such results."""
        if self.for_each is None:
            return self.tool.result
        items = tuple[self.tool.result, ...]  # type: ignore[name-defined]
        return create_model(f"Each{self.tool.result.__name__}", __base__=Record, items=(items, ...))


@dataclass(frozen=True)
class Measured:
    """A statistic with its parsed inputs, and the condition over its number."""

    statistic: Statistic
    inputs: Mapping[str, Expression]
    holds: Expression


@dataclass(frozen=True)
class FactorRule:
    """A factor with its parsed rule, its statistic, or the fields its question reads."""

    name: str
    spec: FactorSpec
    rule: Expression | None
    measured: Measured | None
    needs_first: Expression | None
    unknown_if: Expression | None
    read: tuple[Expression, ...]
    says: Mapping[bool | None, tuple[Sentence, ...]]
    """Sentences by value; under None those of a factor that is not true or false."""

    @cached_property
    def domain(self) -> Domain:
        """The values it can have."""
        return self.spec.domain

    def told(self, value: Value) -> tuple[Sentence, ...]:
        """The sentences that tell this value, the best first."""
        return self.says[value if isinstance(value, bool) else None]

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Everything that establishes it."""
        measured = (*self.measured.inputs.values(), self.measured.holds) if self.measured else ()
        stated = (self.rule, self.needs_first, self.unknown_if, *self.read, *measured)
        return tuple(expression for expression in stated if expression)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The actions whose evidence it rests on."""
        roots = (expression.node.roots for expression in self.expressions)
        return frozenset().union(*roots) - {CASE, POLICY, VALUE}


@dataclass(frozen=True)
class Row:
    """A row of the table with its parsed condition.

    ``number`` counts rows from 1, those that the matrix stands for included; ``where`` is the place
    in the document.
    """

    number: int
    where: Where
    spec: RowSpec
    condition: Expression


@dataclass(frozen=True)
class Sop:
    """A procedure, ready to be compiled into a graph. Built by :func:`graphs.load.load_sop`.

    ``document`` and ``pack`` tell where each part of ``spec`` and ``policy`` is written;
    ``classifiers`` are those that were trained for its questions, by factor;
    ``reader_tools`` are what a reader may look things up with.
    """

    spec: SopSpec
    policy: Policy
    files: Mapping[str, str]
    document: Document
    pack: Document
    actions: Mapping[str, Action]
    factors: Mapping[str, FactorRule]
    tiers: Mapping[str, Tiers]
    rows: tuple[Row, ...]
    fact_date: Expression
    senior_if: Expression | None
    legal_if: Expression | None
    auto_when: Expression | None
    consequences: Mapping[str, Consequences]
    side_effects: tuple[SideEffect, ...]
    measures: tuple[Measure, ...]
    reader_tools: tuple[Tool, ...]
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.sop

    def expressions(self) -> Iterator[Expression]:
        """Everything that reads the case, evidence or policy values, but for the sentences."""
        for action in self.actions.values():
            yield from action.arguments.values()
        for factor in self.factors.values():
            yield from factor.expressions
        for follows in self.consequences.values():
            yield from follows.expressions()
        for effect in self.side_effects:
            yield from effect.step.arguments.values()
        for measure in self.measures:
            yield measure.condition
            yield from (*measure.step.arguments.values(), *measure.undo.arguments.values())
        beside = (one for action in self.actions.values() for one in (action.when, action.for_each))
        stated = (*beside, self.fact_date, *self.gated)
        yield from (expression for expression in stated if expression)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """All tools that its actions call or its reader may use, each once, by name."""
        called = (action.tool for action in self.actions.values())
        named = {tool.name: tool for tool in (*called, *self.reader_tools)}
        return tuple(named[name] for name in sorted(named))

    @property
    def gated(self) -> tuple[Expression | None, ...]:
        """The gate's conditions."""
        return self.senior_if, self.legal_if, self.auto_when

    @property
    def questions(self) -> tuple[FactorRule, ...]:
        """The factors that are questions about text."""
        return tuple(factor for factor in self.factors.values() if factor.spec.question)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The SOP's outcomes and the two that always exist."""
        return (*self.spec.outcomes, *ALWAYS_OUTCOMES)
