"""What an ``sop.yaml`` says of outcomes: parameters within bounds, and the writes of each."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from casewright.enforcement import ParameterValue
from casewright.models import Model
from graphs.words import ExpressionText, Name, OneOrMore

Kind = Literal["integer", "number", "text", "ids"]

EXACT: Final = 2**53 - 1
"""The largest number that every reader of JSON reads as it was written (RFC 8259, 6)."""


class WriteSpec(Model):
    """One write: the tool, and an expression for each of its arguments.

    Attributes:
        do: Name of a write tool, such as ``add_points``.
        arguments: Expression by argument (key ``with``), over the case, the evidence, the policy's
            values and ``parameters.NAME``.
    """

    do: str
    arguments: dict[str, ExpressionText] = Field(default_factory=dict, alias="with")


class ParameterSpec(Model):
    """A parameter of an outcome; the reviewer may change it within its bounds.

    Attributes:
        value: Expression for its value.
        type: ``integer`` (money in cents is one), ``number``, ``text`` or ``ids``, a list of ids.
        at_least: Expression for the lowest value allowed.
        at_most: Expression for the highest value allowed.
    """

    value: ExpressionText
    type: Kind = "integer"
    at_least: ExpressionText | None = None
    at_most: ExpressionText | None = None

    @model_validator(mode="after")
    def _bounds_of_numbers(self) -> ParameterSpec:
        bounded = self.at_least is not None or self.at_most is not None
        if bounded and self.type not in ("integer", "number"):
            raise ValueError("only an integer or a number has bounds")
        return self

    def read(self, text: str) -> ParameterValue:
        """A value as people write it on a command line; several ids with commas between.

        Raises:
            ValueError: the text is no value of this type.
        """
        match self.type:
            case "integer" | "number":
                number = int(text) if self.type == "integer" else float(text)
                if not abs(number) <= EXACT:
                    raise ValueError("the number is too large, or none")
                return number
            case "ids":
                return tuple(one.strip() for one in text.split(",") if one.strip())
            case "text":
                return text


class OutcomeSpec(Model):
    """What follows from an outcome.

    Attributes:
        parameters: Amounts or ids, by name.
        enforce: The writes that carry it out, in order.
    """

    parameters: dict[Name, ParameterSpec] = Field(default_factory=dict)
    enforce: tuple[WriteSpec, ...] = ()


class SideEffectSpec(WriteSpec):
    """A write beside the outcome's own, such as a notice or a report to a regulator.

    Attributes:
        on: The outcomes that it follows.
    """

    on: OneOrMore


class InterimSpec(WriteSpec):
    """A measure while the case waits, taken before the gate and taken back after it.

    Attributes:
        condition: Expression over factors and evidence (key ``if``); it is taken where this holds.
        undo: The write that takes it back.
        keep_on: The outcomes that keep it; on all others it is taken back.
    """

    condition: ExpressionText = Field(alias="if")
    undo: WriteSpec
    keep_on: tuple[str, ...] = ()


def _named(value: object) -> object:
    if isinstance(value, list | dict) and not value:
        raise ValueError("an SOP has at least one outcome")
    if not isinstance(value, list | tuple):
        return value
    if len(set(map(str, value))) < len(value):
        raise ValueError("an outcome is listed twice")
    return {name: {} for name in value}


_Listed = Annotated[tuple[str, ...], Field(min_length=1)]
_Mapped = Annotated[dict[str, OutcomeSpec], Field(min_length=1)]
Outcomes = Annotated[
    dict[str, OutcomeSpec], BeforeValidator(_named, json_schema_input_type=_Listed | _Mapped)
]
"""The outcomes with what follows from each; a plain list names outcomes without consequences."""
