"""JSON schemas in the subset that endpoints can force a model to keep to.

The subset is that of the strict structured outputs of chat-completions endpoints: every object
names all its properties and requires each of them, alternatives are ``anyOf``, and few keywords
exist. What the subset cannot say (patterns, lengths, bounds, defaults) is dropped: whoever takes
the arguments validates them by the whole schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NULL = {"type": "null"}
_KEPT = ("type", "description", "enum")
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})


class NotStrict(ValueError):
    """The schema cannot be said in the subset, such as a map with free keys."""


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in the strict subset.

    Args:
        schema: A JSON schema; references to its own ``$defs`` are put in place.

    Returns:
        A schema that takes every value the given one takes, but for optional properties, which
        are null where they would be left out.

    Raises:
        NotStrict: it has maps with free keys, recursion, or no type.
    """
    return _strict(schema, schema.get("$defs", {}), ())


def without_nulls(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without the nulls that stand for optional properties left out."""
    required = schema.get("required", ())
    return {
        name: value for name, value in arguments.items() if value is not None or name in required
    }


def _strict(
    schema: Mapping[str, Any], known: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Any]:
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        if name in inside or name not in known:
            raise NotStrict(f"{name} refers to itself or to nothing")
        return _strict(known[name], known, (*inside, name))
    kept = {key: schema[key] for key in _KEPT if key in schema}
    if "const" in schema:
        return {**kept, "enum": [schema["const"]]}
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            parts = [_strict(part, known, inside) for part in schema[choice]]
            return {**kept, "anyOf": parts}
    return kept | _inner(schema, known, inside)


def _inner(
    schema: Mapping[str, Any], known: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Any]:
    """What an object or a list holds; nothing for a scalar."""
    match schema.get("type"):
        case "object" if "properties" in schema or schema.get("additionalProperties") is False:
            return _object(schema, known, inside)
        case "array" if "items" in schema:
            return {"items": _strict(schema["items"], known, inside)}
        case str(kind) if kind in _SCALARS:
            return {}
        case list(kinds) if set(kinds) <= _SCALARS:
            return {}
        case None if "enum" in schema:
            return {}
        case other:
            raise NotStrict(f"type {other!r} is open")


def _object(
    schema: Mapping[str, Any], known: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Any]:
    required = schema.get("required", ())
    properties = {
        name: _strict(part, known, inside) for name, part in schema.get("properties", {}).items()
    }
    return {
        "properties": {
            name: part if name in required else _nullable(part) for name, part in properties.items()
        },
        "required": list(properties),
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    parts = schema.get("anyOf", [schema])
    if any(part.get("type") == "null" for part in parts):
        return schema
    told = {"description": schema["description"]} if "description" in schema else {}
    plain = [{key: value for key, value in part.items() if key != "description"} for part in parts]
    return {**told, "anyOf": [*plain, _NULL]}
