"""What an ``sop.yaml`` may say of its factors, and how they are told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from casewright.models import Model
from graphs.kinds import Domain, Kind
from graphs.words import ExpressionText, Languages, OneOrMore, Word

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
"""Literal words; never a pattern."""


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
        phrases: Words that settle the question where a text holds them, by answer.
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
    phrases: dict[str, tuple[Phrase, ...]] = Field(default_factory=dict)
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

    @model_validator(mode="after")
    def _known_phrases(self) -> FactorSpec:
        if self.phrases and self.question is None:
            raise ValueError("`phrases` belong to a question")
        for answer in self.phrases:
            if answer == "unclear" or answer not in self.closed_answers:
                known = ", ".join(one for one in self.closed_answers if one != "unclear")
                raise ValueError(f"`phrases` are of the answers {known}, not {answer!r}")
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
