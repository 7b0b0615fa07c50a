"""What a tool takes and answers, field by field, for people who write expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

FORMATS = {"date-time": "time", "date": "date", "duration": "duration"}
REFERENCE = "#/$defs/"


@dataclass(frozen=True)
class Field:
    """One argument or field.

    Attributes:
        path: As an expression names it; ``[]`` stands for each entry of a list.
        kind: Its type, or the words of a closed set.
        optional: Whether it may be absent.
        description: What it is, or empty.
    """

    path: str
    kind: str
    optional: bool
    description: str


def fields(model: type[BaseModel]) -> tuple[Field, ...]:
    """All fields of a model, those of the records within it included, in its order."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    known = schema.get("$defs", {})
    found, reference = _resolved(schema, known)
    return tuple(_fields(found, known, "", (reference,)))


def _fields(
    schema: Mapping[str, Any], known: Mapping[str, Any], above: str, within: tuple[str, ...]
) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        found, reference = _resolved(given, known)
        while found.get("type") == "array" and "items" in found:
            path += "[]"
            found, reference = _resolved(found["items"], known)
        if "properties" in found and not (reference and reference in within):
            yield from _fields(found, known, path, (*within, reference))
        else:
            told = str(given.get("description", ""))
            yield Field(path, _kind(found), name not in required, told)


def _resolved(schema: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The schema itself, without the alternative null and behind its reference."""
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(one, known)
    reference = str(schema.get("$ref", "")).removeprefix(REFERENCE)
    return (known[reference], reference) if reference else (schema, "")


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema or "const" in schema:
        return " | ".join(str(word) for word in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "anything"))
    return FORMATS.get(str(schema.get("format")), kind)
