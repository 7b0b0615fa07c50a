"""What an ``sop.yaml`` may say: the pydantic models behind its keys.

These models only give the file its shape. Names that must exist elsewhere (tools, clauses,
factors) and expressions are checked when the SOP is loaded, in :mod:`graphs.sop`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from casewright.models import Model, Route

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME)]
ExpressionText = Annotated[
    str, BeforeValidator(lambda value: "true" if value is True else value), Field(min_length=1)
]
Languages = Annotated[
    dict[str, str], BeforeValidator(lambda v: {"en": v} if isinstance(v, str) else v)
]
"""A wording by language (BCP 47); a plain text is English."""


class ActionSpec(Model):
    """One verification step: a tool call with bound arguments.

    Attributes:
        tool: Name of a registered tool.
        arguments: Expression by argument name (key ``with``).
        required: Whether nothing may be decided without its data.
        when: Condition under which it runs; "not needed" is recorded otherwise.
        no_data: What it means when nothing comes back, for the reviewer.
        ask: The factor whose question is asked when nothing comes back; none: a reviewer looks.
    """

    tool: str
    arguments: dict[str, ExpressionText] = Field(default_factory=dict, alias="with")
    required: bool = False
    when: ExpressionText | None = None
    no_data: str = ""
    ask: Name | None = None


class Sentences(Model):
    """How a factor is told; ``{order.ship_by}`` is replaced by the cited value.

    Alternatives are tried in order; the first whose fields are all there is used.
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: (one,) if isinstance(one, str) else one for key, one in value.items()}


class FactorSpec(Model):
    """One named fact: a rule over evidence, or a question about text.

    Attributes:
        rule: CEL expression of type bool.
        question: What a reader is asked; ``read`` names the fields, ``answers`` the closed set.
        says: How the fact is told, true and false.
        burden: Who owes the proof while it is unknown.
        answer_days: How long that party has; 0 resolves to false at once, ``not_supplied``.
        ask: The wording of the question to that party, by language.
        in_force: Whether policy values are those of the fact's date or of the decision's.
    """

    rule: ExpressionText | None = None
    question: str | None = None
    read: tuple[ExpressionText, ...] = ()
    answers: tuple[str, ...] = ("yes", "no", "unclear")
    says: Sentences
    burden: Literal["seller", "buyer", "platform"] | None = None
    answer_days: int = Field(default=7, ge=0)
    ask: Languages = Field(default_factory=dict)
    in_force: Literal["fact", "decision"] = "fact"

    @model_validator(mode="after")
    def _one_kind(self) -> FactorSpec:
        if (self.rule is None) == (self.question is None):
            raise ValueError("a factor has either a rule or a question")
        if self.question is not None and not self.read:
            raise ValueError("a question says which fields to read")
        if self.burden and self.answer_days and not self.ask:
            raise ValueError("a factor with a burden says what to ask")
        return self


class ScoreSpec(Model):
    """A weighted sum of factors, met from the threshold on."""

    points: dict[str, int] = Field(min_length=1)
    threshold: int


class RowSpec(Model):
    """One row of the decision table.

    Attributes:
        condition: Expression over factors and scores (key ``if``).
        then: The outcome.
        policy: The clauses that say so.
        route: The least strict route the row allows.
    """

    condition: ExpressionText = Field(alias="if")
    then: str
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW


class TableSpec(Model):
    """The decision table, in DMN's words."""

    hit_policy: Literal["first"]
    table: tuple[RowSpec, ...] = Field(min_length=1)


class GateSpec(Model):
    """Who must look, beyond what the row says; it can only raise the route.

    Attributes:
        auto: ``never``: every decision waits for a person.
        senior_if: Expression over the case and the evidence; true raises to ``senior``.
        legal_if: Likewise to ``legal``.
    """

    auto: Literal["never"] = "never"
    senior_if: ExpressionText | None = None
    legal_if: ExpressionText | None = None


class SopSpec(Model):
    """A whole ``sop.yaml``.

    Attributes:
        sop: Its name, the folder's name.
        version: The number in ``sop@number``.
        title: What people call it.
        case_type: Which cases it decides.
        outcomes: The closed set; ``request_information`` and ``escalate`` always exist.
        fact_date: Expression for the date of the fact, which chooses clauses and values.
        actions: The steps.
        factors: The facts.
        scores: Weighted sums.
        decision: The table.
        gate: The gate.
    """

    sop: Name
    version: int = Field(ge=1)
    title: str
    case_type: str
    outcomes: tuple[str, ...] = Field(min_length=1)
    fact_date: ExpressionText = "case.opened_at"
    actions: dict[Name, ActionSpec]
    factors: dict[Name, FactorSpec]
    scores: dict[Name, ScoreSpec] = Field(default_factory=dict)
    decision: TableSpec
    gate: GateSpec = GateSpec()
