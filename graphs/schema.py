"""What an ``sop.yaml`` may say: the pydantic models behind its keys.

These models only give the file its shape. Names that must exist elsewhere (tools, clauses,
factors) and expressions are checked when the SOP is loaded, in :mod:`graphs.sop`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from casewright.models import ESCALATE, Model, Route, Value
from graphs.gate import GateSpec
from graphs.kinds import Domain, Kind
from graphs.outcomes import InterimSpec, Outcomes, SideEffectSpec
from graphs.words import ExpressionText, Languages, Name, OneOrMore, Span, Word

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


class Sentences(Model):
    """How a factor is told; ``{order.ship_by}`` is replaced by the cited value.

    Alternatives are tried in order; the first whose fields are all there is used.
    """

    yes: OneOrMore
    no: OneOrMore


class FactorSpec(Model):
    """One named fact: a rule over evidence, a question about text, or a statistic's condition.

    Attributes:
        rule: CEL expression of the factor's type.
        statistic: Name of a registered statistic.
        inputs: Expression by input name (key ``with``).
        holds: CEL expression of the factor's type over ``value``, the statistic's number.
        question: What a reader is asked; ``read`` names the fields, ``answers`` the closed set.
        type: ``bool``, or ``integer`` or ``number`` with bounds, or ``enum`` with ``values``.
        min: The least value of a number; what lies outside the bounds leaves the factor unknown.
        max: The greatest value of a number.
        values: The words of an enum.
        says: How the fact is told: true and false, or for other types with the hole ``{value}``.
        needs: Precondition: the factor is unknown, not false, where it does not hold.
        unknown_if: The factor is unknown where this holds.
        burden: Who owes the proof while it is unknown.
        answer_days: How long that party has; 0 resolves to false at once, ``not_supplied``.
        ask: The wording of the question to that party, by language.
        in_force: Whether policy values are those of the fact's date or of the decision's.
        informs: ``reviewer``: for people and precedents, and not meant to be read by a row.
    """

    rule: ExpressionText | None = None
    statistic: str | None = None
    inputs: dict[str, ExpressionText] = Field(default_factory=dict, alias="with")
    holds: ExpressionText | None = None
    question: str | None = None
    read: tuple[ExpressionText, ...] = ()
    answers: tuple[str, ...] = ()
    type: Kind = "bool"
    min: float | None = None
    max: float | None = None
    values: tuple[Word, ...] = ()
    says: Sentences | OneOrMore
    needs: ExpressionText | None = None
    unknown_if: ExpressionText | None = None
    burden: Literal["seller", "buyer", "platform"] | None = None
    answer_days: int = Field(default=7, ge=0)
    ask: Languages = Field(default_factory=dict)
    in_force: Literal["fact", "decision"] = "fact"
    informs: Literal["reviewer"] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> FactorSpec:
        if sum(kind is not None for kind in (self.rule, self.question, self.statistic)) != 1:
            raise ValueError("a factor has either a rule, a question or a statistic")
        if (self.statistic is None) != (self.holds is None) or (self.inputs and not self.holds):
            raise ValueError("a statistic goes with `with` and `holds`")
        if self.question is not None and not self.read:
            raise ValueError("a question says which fields to read")
        if self.burden and self.answer_days and not self.ask:
            raise ValueError("a factor with a burden says what to ask")
        return self

    @property
    def told(self) -> str:
        """What it asks, on one line."""
        if self.statistic is None:
            return " ".join(str(self.question or self.rule).split())
        inputs = ", ".join(
            f"{name}: {' '.join(text.split())}" for name, text in self.inputs.items()
        )
        return f"{self.statistic}({inputs}), holds: {self.holds}"

    @model_validator(mode="after")
    def _one_domain(self) -> FactorSpec:
        number, words = self.type in ("integer", "number"), self.type == "enum"
        if number != (self.min is not None and self.max is not None):
            raise ValueError("`min` and `max` belong to an integer or a number, and to it both")
        if number and float(self.min or 0) >= float(self.max or 0):
            raise ValueError("`min` lies below `max`")
        if words != (len(self.values) > 1):
            raise ValueError("`values`, two or more, belong to an enum")
        if number and self.question is not None:
            raise ValueError("a question has closed answers: yes and no, or the values of an enum")
        if isinstance(self.says, Sentences) != (self.type == "bool"):
            raise ValueError("a bool says `yes` and `no`, another type one text with {value} in it")
        if self.type != "bool" and self.burden and not self.answer_days:
            raise ValueError("only a bool resolves to false at once")
        return self

    @property
    def domain(self) -> Domain:
        """The values it can have."""
        return Domain(self.type, self.min, self.max, self.values)

    @property
    def closed_answers(self) -> tuple[str, ...]:
        """What a reader may answer: as written, else the type's values and ``unclear``."""
        own = self.values if self.type == "enum" else ("yes", "no")
        return self.answers or (*own, "unclear")


class ImputeSpec(Model):
    """What a missing component of a weighted sum counts; never implied, only written.

    Attributes:
        missing: ``largest``: as much as the largest of the known ones, 0 where none is known: among
            points the largest number counted, among weights the largest value, times the missing
            one's own weight. Or a number of points, or for weights a value.
        at_most: With more components missing, the sum is unknown.
    """

    missing: Literal["largest"] | int
    at_most: int = Field(ge=1)


class SumSpec(Model):
    """A weighted sum of factors, reached from the threshold on.

    Attributes:
        points: Points by factor; a factor that is true counts its points.
        weights: Weight by factor; a factor that is a number counts its value times the weight.
        threshold: From where on the sum is reached.
        impute: What missing components count; without it a sum with unknown terms is a range.
    """

    points: dict[str, int] = Field(default_factory=dict)
    weights: dict[str, Decimal] = Field(default_factory=dict)
    threshold: Decimal
    impute: ImputeSpec | None = None

    @model_validator(mode="after")
    def _some_term(self) -> SumSpec:
        if not self.points and not self.weights:
            raise ValueError("a sum has points, weights or both")
        return self

    @property
    def terms(self) -> tuple[str, ...]:
        """The factors it adds up."""
        return (*self.points, *self.weights)


class ClassSpec(SumSpec):
    """One class of a classification, with the group it belongs to."""

    group: str = ""


class ClassificationSpec(Model):
    """The class whose sum is highest among those that reach their own threshold.

    Attributes:
        classes: Weighted sums by class.
        priority: All classes; of two with equal sums the earlier one wins.
        precedence: Groups; a class of an earlier group goes before any of a later one, whatever
            its sum. Classes without a group come last.
        otherwise: The class where none reaches its threshold.
    """

    classes: dict[Name, ClassSpec] = Field(min_length=2)
    priority: tuple[str, ...]
    precedence: tuple[str, ...] = ()
    otherwise: Name = "inconclusive"

    @model_validator(mode="after")
    def _all_ranked(self) -> ClassificationSpec:
        if sorted(self.priority) != sorted(self.classes):
            raise ValueError("priority names every class once")
        groups = {spec.group for spec in self.classes.values() if spec.group}
        if set(self.precedence) != groups:
            raise ValueError("precedence names every group once")
        if self.otherwise in self.classes:
            raise ValueError("the class for none is not one of the classes")
        return self


class TierSpec(Model):
    """One tier: reached when any, or all, of its conditions hold; none: it always is."""

    tier: Name
    any: tuple[ExpressionText, ...] = ()
    all: tuple[ExpressionText, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> TierSpec:
        if self.any and self.all:
            raise ValueError("a tier has either `any` or `all`")
        return self


class RowSpec(Model):
    """One row of the decision table.

    Attributes:
        id: A name by which an SOP that extends this one can change the row.
        condition: Expression over factors, scores, classes and tiers (key ``if``).
        then: The outcome; with ``discretion`` the outcomes that a person chooses between.
        policy: The clauses that say so.
        route: The least strict route the row allows.
        discretion: Whether a person decides between the listed outcomes.
    """

    id: Name | None = None
    condition: ExpressionText = Field(alias="if")
    then: OneOrMore
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW
    discretion: bool = False

    @model_validator(mode="after")
    def _one_outcome(self) -> RowSpec:
        if self.discretion != (len(self.then) > 1):
            raise ValueError("`then` lists several outcomes exactly where `discretion` is true")
        return self

    @property
    def outcome(self) -> str:
        """What the row decides; with discretion a person has to."""
        return ESCALATE if self.discretion else self.then[0]


class CellSpec(Model):
    """One cell of a matrix, where it says more than its outcome."""

    then: str
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW


def _plain_cell(value: object) -> object:
    return {"then": value} if isinstance(value, str) else value


Cell = Annotated[CellSpec, BeforeValidator(_plain_cell, json_schema_input_type=str | CellSpec)]
"""A cell; a plain text is its outcome."""


class MatrixSpec(Model):
    """Rows written as class by tier; each cell stands for a row, in reading order.

    Attributes:
        rows: Path of the class, such as ``classes.kind``.
        columns: Path of the tier, such as ``tiers.risk``.
        cells: Outcome, or cell, by class and tier.
        policy: Clauses of cells that name none.
        route: Route of cells that name none.
    """

    rows: ExpressionText
    columns: ExpressionText
    cells: dict[Name, dict[Name, Cell]]
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW

    def row(self, row: str, column: str) -> RowSpec:
        """The row of the table that a cell stands for."""
        said = self.cells[row][column]
        given = said.model_fields_set
        return RowSpec.model_validate(
            {
                "if": f'{self.rows} == "{row}" && {self.columns} == "{column}"',
                "then": said.then,
                "policy": said.policy if "policy" in given else self.policy,
                "route": said.route if "route" in given else self.route,
            }
        )


class TableSpec(Model):
    """The decision table, in DMN's words.

    Attributes:
        hit_policy: ``first``: the first row that matches decides. ``unique``: at most one may
            match; more than one escalates. ``priority``: of all that match, the one whose outcome
            stands first among the SOP's outcomes. ``collect``: all that match are cited, and
            their outcomes become one by ``aggregate``.
        aggregate: Under ``collect``, the ``strictest`` outcome of the rows that match, which is the
            one that stands first among the SOP's outcomes, or the ``mildest``.
        table: The rows.
        matrix: More rows, written as class by tier, below those of the table.
    """

    hit_policy: Literal["first", "unique", "priority", "collect"]
    aggregate: Literal["strictest", "mildest"] | None = None
    table: tuple[RowSpec, ...] = ()
    matrix: MatrixSpec | None = None

    @model_validator(mode="after")
    def _some_row(self) -> TableSpec:
        if not self.table and self.matrix is None:
            raise ValueError("a decision has a table, a matrix or both")
        if (self.hit_policy == "collect") != (self.aggregate is not None):
            raise ValueError("`aggregate` says, under `collect` alone, how outcomes become one")
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
