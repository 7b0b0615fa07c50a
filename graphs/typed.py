"""The types that expressions have: from what tools declare, from a case, from policy values.

A time is no number, an amount of money no count, and a text of a closed set is one of its words.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from casewright.models import Case

MONEY = "_cents"
"""What the names of amounts in minor units end with."""

Kind = Literal[
    "any", "bool", "int", "number", "money", "text", "time", "span", "list", "map", "record"
]

TOLD: Mapping[Kind, str] = {
    "any": "a value",
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number with decimals",
    "money": "an amount of money",
    "text": "a text",
    "time": "a time",
    "span": "a length of time",
    "list": "a list",
    "map": "a map",
    "record": "a record",
}

PLAIN: Mapping[Any, Kind] = {
    bool: "bool",
    int: "int",
    float: "number",
    str: "text",
    datetime: "time",
    AwareDatetime: "time",
    date: "time",
    timedelta: "span",
}


@dataclass(frozen=True)
class Type:
    """The type of an expression.

    Attributes:
        kind: What it is.
        words: The texts it can be, where they are closed; of a literal, itself.
        literal: Whether it is written in the expression: a number then fits money as well.
        of: What a list or a map holds.
        members: The types of a list that is written in the expression.
        model: The model of a record.
        fields: The fields of a record without a model, by name.
    """

    kind: Kind = "any"
    words: tuple[str, ...] = ()
    literal: bool = False
    of: Type | None = None
    members: tuple[Type, ...] = ()
    model: type[BaseModel] | None = None
    fields: tuple[tuple[str, Type], ...] = ()

    @property
    def told(self) -> str:
        """The type in words."""
        return TOLD[self.kind]

    @property
    def known_fields(self) -> Mapping[str, Type] | None:
        """The fields of a record; None for anything else."""
        if self.model is not None:
            return _fields(self.model)
        return dict(self.fields) if self.kind == "record" else None


ANY = Type()
BOOL, INT, NUMBER, TEXT = Type("bool"), Type("int"), Type("number"), Type("text")
TIME, SPAN = Type("time"), Type("span")


def record(fields: Mapping[str, Type]) -> Type:
    """A record with these fields."""
    return Type("record", fields=tuple(fields.items()))


def type_of(annotation: Any, *, name: str = "") -> Type:
    """The type that a field of a model has; ``name`` tells money from other whole numbers."""
    found = [one for one in alternatives(annotation) if one is not types.NoneType]
    if len(found) != 1:
        return ANY
    kind = found[0]
    if get_origin(kind) is Literal:
        words = get_args(kind)
        return Type("text", words=words) if all(isinstance(w, str) for w in words) else ANY
    if get_origin(kind) in (list, tuple):
        return Type("list", of=type_of(get_args(kind)[0]))
    if get_origin(kind) in (dict, Mapping):
        return Type("map", of=type_of(get_args(kind)[1]))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Type("record", model=kind)
    plain = Type(PLAIN.get(kind, "any"))
    return replace(plain, kind="money") if plain.kind == "int" and name.endswith(MONEY) else plain


def case_type() -> Type:
    """A case as it is frozen: its money lies flat, as everywhere in evidence."""
    fields = {name: one for name, one in _fields(Case).items() if name != "impact"}
    money = {"impact_cents": Type("money"), "currency": TEXT}
    return record({**fields, **money, "as_of": TIME})


def value_type(values: Iterable[Any], *, name: str) -> Type:
    """The type of a policy value, of all its versions and regions; any where they differ."""
    found = {type_of(type(value), name=name) for value in values}
    return found.pop() if len(found) == 1 else ANY


def fields_of(kind: Any) -> dict[str, Any] | None:
    """Field annotations of a model by the name they have in JSON, or None for anything else."""
    for part in alternatives(kind):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return {
                field.serialization_alias or field.alias or name: _annotation(field)
                for name, field in part.model_fields.items()
            }
    return None


def alternatives(kind: Any) -> Iterator[Any]:
    """The types that an annotation allows, without their marks."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from alternatives(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(kind):
            yield from alternatives(part)
    else:
        yield kind


def _annotation(field: Any) -> Any:
    marks = tuple(field.metadata)
    return Annotated[(field.annotation, *marks)] if marks else field.annotation


@cache
def _fields(model: type[BaseModel]) -> Mapping[str, Type]:
    return {name: type_of(kind, name=name) for name, kind in (fields_of(model) or {}).items()}
