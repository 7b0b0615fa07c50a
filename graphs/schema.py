"""What an ``sop.yaml`` may say: the pydantic models behind its keys.

These models only give the file its shape. Names that must exist elsewhere (tools, clauses,
factors) and expressions are checked when the SOP is loaded, in :mod:`graphs.sop`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from agents.reading import Plan
from casewright.models import Model, Value
from graphs.costs import CostSpec
from graphs.factor_schema import FactorSpec
from graphs.gate import GateSpec
from graphs.outcomes import InterimSpec, Outcomes, SideEffectSpec
from graphs.sum_schema import ClassificationSpec, SumSpec, TierSpec
from graphs.table_schema import TableSpec
from graphs.words import ExpressionText, Name, Span

MOST_CALLS = 200
"""The highest limit that an action over a list may have."""


class ActionSpec(Model):
    """One verification step: a tool call with bound arguments.

    Attributes:
        tool: Name of a registered tool.
        arguments: Expression by argument name (key ``with``).
        for_each: A list; the tool is called once for each of its elements, and the result has all
            answers as ``items``.
        element: What the element is called in the arguments (key ``as``).
        limit: The most calls; needed with ``for_each``. Reaching it is reported, and an absence
            proves nothing then.
        required: Whether nothing may be decided without its data.
        when: Condition under which it runs; "not needed" is recorded otherwise.
        timeout: The longest wait for all its calls; longer is a failure.
        freshness: The oldest that the source's data may be at the case's as-of time; older data,
            or data whose source does not say how far it reaches, is none.
        no_data: What it means when nothing comes back, for the reviewer.
        ask: The factor whose question is asked when nothing comes back; none: a reviewer looks.
        informs: ``reviewer``: for people to look at, and not meant to be read by a factor.
    """

    tool: str
    arguments: dict[str, ExpressionText] = Field(default_factory=dict, alias="with")
    for_each: ExpressionText | None = None
    element: Name | None = Field(default=None, alias="as")
    limit: int | None = Field(default=None, ge=1, le=MOST_CALLS)
    required: bool = False
    when: ExpressionText | None = None
    timeout: Span | None = None
    freshness: Span | None = None
    no_data: str = ""
    ask: Name | None = None
    informs: Literal["reviewer"] | None = None

    @model_validator(mode="after")
    def _bounded(self) -> ActionSpec:
        each = (self.for_each, self.element, self.limit)
        if any(one is not None for one in each) and any(one is None for one in each):
            raise ValueError("`for_each` goes with `as` and `limit`")
        return self


class ExampleSpec(Model):
    """An inline example: facts, and what must follow from them. ``sop test`` tries it.

    Attributes:
        name: What it shows.
        facts: Values by factor; a factor that is not named is unknown.
        then: The outcome that the table must reach.
        row: The number of the row that must decide, or None for any.
    """

    name: str
    facts: dict[Name, Value]
    then: str
    row: int | None = Field(default=None, ge=1)


class SopSpec(Model):
    """A whole ``sop.yaml``.

    Attributes:
        sop: Its name, the folder's name.
        version: The number in ``sop@number``.
        extends: The SOP whose parts hold where this one does not give its own.
        use: Fragments whose actions, factors and sums hold likewise.
        title: What people call it.
        case_type: Which cases it decides.
        outcomes: The closed set, with what follows from each; ``request_information`` and
            ``escalate`` always exist.
        fact_date: Expression for the date of the fact, which chooses clauses and values.
        actions: The steps.
        factors: The facts.
        scores: Weighted sums, read as ``scores.NAME.met``.
        classifications: Classes by weighted sums, read as ``classes.NAME``.
        tiers: Ordered lists of conditions, read as ``tiers.NAME``.
        decision: The table.
        side_effects: Notices and reports that follow from outcomes.
        interim: Reversible measures while a case waits.
        gate: The gate.
        reading: Who reads the texts, in which order, how sure they have to be, and within what.
        costs: What wrong decisions cost; evals and thresholds use it, never a decision.
        examples: Facts with the outcome that must follow.
    """

    sop: Name
    version: int = Field(ge=1)
    extends: Name | None = None
    use: tuple[Name, ...] = ()
    title: str
    case_type: str
    outcomes: Outcomes
    fact_date: ExpressionText = "case.opened_at"
    actions: dict[Name, ActionSpec]
    factors: dict[Name, FactorSpec]
    scores: dict[Name, SumSpec] = Field(default_factory=dict)
    classifications: dict[Name, ClassificationSpec] = Field(default_factory=dict)
    tiers: dict[Name, tuple[TierSpec, ...]] = Field(default_factory=dict)
    decision: TableSpec
    side_effects: dict[Name, SideEffectSpec] = Field(default_factory=dict)
    interim: dict[Name, InterimSpec] = Field(default_factory=dict)
    gate: GateSpec = GateSpec()
    reading: Plan = Plan()
    costs: CostSpec | None = None
    examples: tuple[ExampleSpec, ...] = ()


class FragmentSpec(Model):
    """A fragment: a ``NAME.yaml`` with parts that several SOPs share.

    Attributes:
        fragment: Its name, the file's name.
        title: What it holds.
        use: Fragments that it builds on.
        actions: As in an SOP; likewise the rest.
        factors: The facts.
        scores: Weighted sums.
        classifications: Classes.
        tiers: Ordered lists of conditions.
    """

    fragment: Name
    title: str
    use: tuple[Name, ...] = ()
    actions: dict[Name, ActionSpec] = Field(default_factory=dict)
    factors: dict[Name, FactorSpec] = Field(default_factory=dict)
    scores: dict[Name, SumSpec] = Field(default_factory=dict)
    classifications: dict[Name, ClassificationSpec] = Field(default_factory=dict)
    tiers: dict[Name, tuple[TierSpec, ...]] = Field(default_factory=dict)
