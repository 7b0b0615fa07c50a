"""What a value may be: the pydantic models of declared arguments and result fields."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from casewright.models import Model

Kind = Literal["string", "integer", "number", "boolean", "timestamp", "date", "cents", "json"]
"""Type of a value. ``timestamp`` is an instant in RFC 3339, ``date`` a day, ``cents`` an integer
amount in minor units, ``json`` anything."""

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*", flags=re.ASCII)
"""A name that an expression can write."""

FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Constant = bool | int | float | str


def _kind_alone(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


class FieldSpec(Model):
    """One field of a result: of a type, of a closed set, nested fields, or a list.

    Attributes:
        type: Its type.
        enum: The texts it may be.
        fields: The fields of a nested object.
        list: What a list holds.
        optional: Whether it may be absent or null.
        written_by: ``party``: a seller, a buyer or another party wrote it.
        source_name: Its name in the source (key ``from``), or a JSON Pointer below the record.
        description: What it means.
    """

    type: Kind | None = None
    enum: tuple[str, ...] = ()
    fields: dict[str, ShortField] = Field(default_factory=dict)
    list: ShortField | None = None
    optional: bool = False
    written_by: Literal["party"] | None = None
    source_name: str = Field(default="", alias="from")
    description: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.type, self.enum, self.fields, self.list]
        if sum(bool(kind) for kind in kinds) != 1:
            raise ValueError("a field has one of type, enum, fields and list")
        if self.written_by and self.type not in ("string", "json"):
            raise ValueError("written_by marks text: a string, or json")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The names of all fields below."""
        below = (*self.fields.values(), *((self.list,) if self.list else ()))
        return (*self.fields, *(name for field in below for name in field.named))


ShortField = Annotated[FieldSpec, BeforeValidator(_kind_alone)]
"""A field; a plain text is its type."""


class ArgumentSpec(Model):
    """One argument.

    Attributes:
        type: Its type; without one, a text.
        enum: The texts it may be.
        pattern: Regular expression that a text must match as a whole.
        optional: Whether it may be left out.
        default: What stands for it where it is left out.
        description: What it means, for models and people.
    """

    type: Literal["string", "integer", "number", "boolean", "timestamp", "date", "cents"] = "string"
    enum: tuple[str, ...] = ()
    pattern: str = ""
    optional: bool = False
    default: Constant | None = None
    description: str = ""

    @model_validator(mode="after")
    def _text_alone(self) -> Self:
        if (self.enum or self.pattern) and self.type != "string":
            raise ValueError("enum and pattern are for strings")
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern is no regular expression: {error}") from error
        return self

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return not self.optional and self.default is None


ShortArgument = Annotated[ArgumentSpec, BeforeValidator(_kind_alone)]
"""An argument; a plain text is its type."""
