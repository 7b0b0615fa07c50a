"""Pydantic models of declared arguments and results: the same to an SOP as written ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from jsonpointer import resolve_pointer
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import to_json

from tools.base import WrittenByParty
from tools.fields import ArgumentSpec, FieldSpec
from tools.record import Arguments, Record, Timestamp

TEXT_LIMIT = 1_000
"""Most characters of a text argument."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", flags=re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ]00:00:00(\.0+)?([Zz]|[+-]00(:?00)?)?", re.ASCII)
_TABLE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)\s?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def _first_instant(value: Any) -> Any:
    if isinstance(value, str):
        day = _DAY.fullmatch(value) or _MIDNIGHT.fullmatch(value)
        if day is not None:
            return f"{value[:10]}T00:00:00Z"
    raise ValueError("expected a day such as 2026-06-01")


def _table_instant(value: Any) -> Any:
    """A database's way to write an instant, in RFC 3339; one without a zone is in UTC."""
    match = _TABLE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return f"{value}T00:00:00Z" if isinstance(value, str) and _DAY.fullmatch(value) else value
    zone = match[3] or "Z"
    if zone not in "Zz" and len(zone) < len("+00:00"):
        zone = f"{zone[:3]}:{zone[3:].strip(':') or '00'}"
    return f"{match[1]}T{match[2]}{zone}"


Day = Annotated[Timestamp, BeforeValidator(_first_instant)]
"""A day, as its first instant in UTC, so that expressions compare it with other times."""

DayArgument = Annotated[
    Day,
    PlainSerializer(lambda day: day.date().isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day, sent as ``2026-06-01``."""

Types = Mapping[str, Any]
"""Python type by declared type."""

AS_SENT: Types = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "timestamp": Timestamp,
    "date": Day,
    "cents": int,
    "json": JsonValue,
}
"""For sources that speak JSON: types as they are sent, nothing is converted."""

AS_STORED: Types = {**AS_SENT, "timestamp": Annotated[Timestamp, BeforeValidator(_table_instant)]}
"""For tables, where a number may stand as text and a time without its zone."""


class Row(Record):
    """Base of results read from tables: what converts without loss is converted."""

    model_config = ConfigDict(strict=False, coerce_numbers_to_str=True)


def record_model(
    name: str, fields: Mapping[str, FieldSpec], *, listed: bool, stored: bool = False
) -> type[BaseModel]:
    """The model of a result.

    Args:
        name: The tool's name.
        fields: Its fields, or an entry's.
        listed: Whether the result is ``{"items": [entry, …]}``.
        stored: Whether it is read from a table, where types are converted.

    Returns:
        A frozen model; what it does not name is dropped.
    """
    base, types = (Row, AS_STORED) if stored else (Record, AS_SENT)
    shape = _Shape(base, types)
    if not listed:
        return shape.model(_camel(name), fields)
    entry = shape.model(f"{_camel(name)}Entry", fields)
    return create_model(_camel(name), __base__=base, items=(tuple[entry, ...], ...))  # type: ignore[valid-type]


def given_model(name: str, fields: Mapping[str, FieldSpec]) -> type[BaseModel]:
    """The model of arguments that may be nested, as an MCP server declares them."""
    return _Shape(Arguments, AS_SENT).model(f"{_camel(name)}Arguments", fields)


class _Shape:
    def __init__(self, base: type[BaseModel], types: Types) -> None:
        self._base = base
        self._types = types

    def model(self, name: str, fields: Mapping[str, FieldSpec]) -> type[BaseModel]:
        content = {_attribute(key): self._field(name, key, spec) for key, spec in fields.items()}
        return create_model(name, __base__=self._base, **content)  # type: ignore[call-overload,no-any-return]

    def _field(self, owner: str, key: str, spec: FieldSpec) -> tuple[Any, Any]:
        kind = self._annotation(f"{owner}{_camel(key)}", spec)
        default = None if spec.optional else ...
        kind = kind | None if spec.optional else kind
        return kind, Field(default, alias=_alias(key), description=spec.description or None)

    def _annotation(self, name: str, spec: FieldSpec) -> Any:
        if spec.fields:
            return self.model(name, spec.fields)
        if spec.list is not None:
            return tuple[self._annotation(name, spec.list), ...]  # type: ignore[misc]
        kind = Literal[spec.enum] if spec.enum else self._types[str(spec.type)]
        return Annotated[kind, WrittenByParty()] if spec.written_by else kind


def arguments_model(name: str, arguments: Mapping[str, ArgumentSpec]) -> type[BaseModel]:
    """The model of a tool's arguments; what was left out has its default.

    Raises:
        ValueError: a default does not fit its type.
    """
    defaults = {key: spec.default for key, spec in arguments.items() if spec.default is not None}
    for key in defaults:
        _check_default(key, arguments[key])

    def filled(cls: type[BaseModel], given: Any) -> Any:
        # As if they had been given: what was asked for must stand in the evidence.
        return {**defaults, **given} if isinstance(given, dict) else given

    content: dict[str, Any] = {_attribute(key): _argument(key, arguments[key]) for key in arguments}
    validator: Any = classmethod(filled)
    validators: dict[str, Any] = {"filled": model_validator(mode="before")(validator)}
    return create_model(
        f"{_camel(name)}Arguments", __base__=Arguments, __validators__=validators, **content
    )


def _argument(key: str, spec: ArgumentSpec) -> tuple[Any, Any]:
    kind = _argument_type(spec)
    return kind if spec.required else kind | None, Field(
        ... if spec.required else spec.default,
        alias=_alias(key),
        description=spec.description or None,
    )


def _argument_type(spec: ArgumentSpec) -> Any:
    if spec.enum:
        return Literal[spec.enum]
    if spec.type == "date":
        return DayArgument
    if spec.type != "string":
        return AS_SENT[spec.type]
    text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    if not spec.pattern:
        return text
    told = Field(json_schema_extra={"pattern": spec.pattern})
    return Annotated[text, AfterValidator(_matching(spec.pattern)), told]


def _matching(pattern: str) -> Callable[[str], str]:
    # As a whole, and by Python's own engine, which knows what pydantic's does not.
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f"expected a text that matches {pattern}")
        return text

    return check


def _check_default(key: str, spec: ArgumentSpec) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(_argument_type(spec), config=ConfigDict(strict=True))
    try:
        adapter.validate_json(to_json(spec.default))
    except ValueError as error:
        raise ValueError(f"the default of {key!r} does not fit its type") from error


def picked(fields: Mapping[str, FieldSpec], value: Any) -> Any:
    """What is declared of a source's record, under the declared names; nulls are left out."""
    if not isinstance(value, dict):
        return value
    found = {key: _within(spec, _taken(key, spec, value)) for key, spec in fields.items()}
    return {key: one for key, one in found.items() if one is not None}


def _taken(key: str, spec: FieldSpec, record: dict[str, Any]) -> Any:
    if spec.source_name.startswith("/"):
        return resolve_pointer(record, spec.source_name, None)
    return record.get(spec.source_name or key)


def _within(spec: FieldSpec, value: Any) -> Any:
    if spec.fields:
        return picked(spec.fields, value)
    if spec.list is not None and isinstance(value, list):
        return [_within(spec.list, one) for one in value]
    return value


def _attribute(name: str) -> str:
    """A Python name for the field: some names have a meaning of their own in pydantic."""
    plain = re.sub(r"\W", "_", name)
    if plain[0] in "_0123456789":
        return f"f{plain}"
    return f"{plain}_" if hasattr(BaseModel, plain) or plain.startswith("model_") else plain


def _alias(name: str) -> str | None:
    return None if _attribute(name) == name else name


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
