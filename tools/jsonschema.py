"""Fields from a JSON schema, as OpenAPI documents and MCP servers describe theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jsonpointer import resolve_pointer

from tools.fields import FieldSpec, Kind

DEPTH_LIMIT = 6
"""Nested levels that are described; what lies deeper is any JSON."""

SCHEMA_FAULTS = (AttributeError, KeyError, TypeError, ValueError)
"""What reading a schema raises that is not shaped as schemas are."""

Schema = Mapping[str, Any]

_KINDS: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS: dict[str, Kind] = {"date-time": "timestamp", "date": "date"}
_ANYTHING = FieldSpec(type="json")


def fields_of(schema: Schema, root: Schema) -> dict[str, FieldSpec]:
    """The fields of an object by name; empty where the schema describes no object.

    Args:
        schema: The object's schema.
        root: The document that ``$ref`` points into.
    """
    return _Place(root).fields(schema)


def field_of(schema: Schema, root: Schema) -> FieldSpec:
    """One field; any JSON where the schema says nothing that a field can say."""
    return _Place(root).field(schema)


def dereferenced(schema: Any, root: Schema) -> Schema:
    """What a chain of references ends in; empty where it leaves the document or turns back."""
    return _Place(root)._resolved(schema)[0]


def identifier(name: str) -> str:
    """The name as expressions can write it."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return plain if plain[:1].isalpha() else f"f_{plain}"


@dataclass(frozen=True)
class _Place:
    """Where in a document a schema stands: below which references, and how deep."""

    root: Schema
    below: frozenset[str] = frozenset()
    depth: int = 0

    def fields(self, schema: Schema) -> dict[str, FieldSpec]:
        found: dict[str, FieldSpec] = {}
        for part, place in self._parts(schema):
            required = part.get("required", ())
            for name, one in part.get("properties", {}).items():
                field = replace(place, depth=self.depth + 1).field(one)
                found[name] = field if name in required else _optional(field)
        return found

    def field(self, schema: Any) -> FieldSpec:
        schema, place = self._resolved(schema)
        if place.depth >= DEPTH_LIMIT:
            return _ANYTHING
        alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        solid = [one for one in alternatives if one.get("type") != "null"]
        if len(solid) == 1:
            field = place.field(solid[0])
            return _optional(field) if len(alternatives) > 1 else field
        return place._typed(schema)

    def _typed(self, schema: Schema) -> FieldSpec:
        types = schema.get("type", "object" if {"properties", "allOf"} & schema.keys() else "")
        several = types if isinstance(types, list) else [types]
        kinds = [kind for kind in several if kind != "null"]
        field = self._of_kind(kinds[0], schema) if len(kinds) == 1 else _ANYTHING
        told = " ".join(str(schema.get("description", "")).split())
        field = field.model_copy(update={"description": told})
        return _optional(field) if "null" in several or schema.get("nullable") else field

    def _of_kind(self, kind: str, schema: Schema) -> FieldSpec:
        if kind == "string":
            return _text(schema)
        if kind == "array":
            entry = replace(self, depth=self.depth + 1).field(schema.get("items", {}))
            return FieldSpec(list=entry)
        fields = self.fields(schema) if kind == "object" else {}
        return FieldSpec(fields=fields) if fields else FieldSpec(type=_KINDS.get(kind, "json"))

    def _parts(self, schema: Schema) -> Iterator[tuple[Schema, _Place]]:
        schema, place = self._resolved(schema)
        yield schema, place
        for part in schema.get("allOf", ()):
            yield place._resolved(part)

    def _resolved(self, schema: Any) -> tuple[Schema, _Place]:
        """What a chain of references ends in; empty where it leaves the document or turns back."""
        below = self.below
        while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
            if reference in below or not reference.startswith("#"):
                return {}, self
            below |= {reference}
            schema = resolve_pointer(self.root, reference[1:], {})
        return (schema if isinstance(schema, dict) else {}), replace(self, below=below)


def _optional(field: FieldSpec) -> FieldSpec:
    return field.model_copy(update={"optional": True})


def _text(schema: Schema) -> FieldSpec:
    closed = schema.get("enum")
    if closed and all(isinstance(one, str) for one in closed):
        return FieldSpec(enum=tuple(closed))
    return FieldSpec(type=_FORMATS.get(schema.get("format", ""), "string"))
