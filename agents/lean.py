"""JSON schemas as a model needs them: without what costs tokens and tells it nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SILENT: Final = frozenset({"title", "pattern", "additionalProperties"})
"""Keys that say nothing a model could act on; what it gets wrong is told in the refusal."""


def lean(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a tool's arguments with names, types and what each argument means.

    Args:
        schema: An object's JSON schema as pydantic writes it.

    Returns:
        A schema that allows whatever the given one allows.
    """
    given = schema.get("properties", {})
    rest = {key: value for key, value in schema.items() if key not in ("description", "properties")}
    arguments = {name: _argument(name, one) for name, one in given.items()}
    return _pruned(rest) | {"properties": arguments}


def _argument(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """An argument without the null that stands for leaving it out, and without its name again."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    told = {**schema, **kinds[0]} if len(kinds) == 1 else dict(schema)
    unsaid = {"anyOf"} if len(kinds) == 1 else set()
    unsaid |= {"default"} if told.get("default", "") is None else set()
    unsaid |= {"description"} if told.get("description") == _restated(name) else set()
    return {key: value for key, value in _pruned(told).items() if key not in unsaid}


def _restated(name: str) -> str:
    return f"The {name.removesuffix('_id')}'s id."


def _pruned(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _SILENT}
