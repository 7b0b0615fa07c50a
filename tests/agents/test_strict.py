"""The strict subset of JSON schema takes what the whole schema takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agents.strict import NotStrict, strict, without_nulls
from casewright.registry import Registry
from tools import builtin
from tools.base import Tool

KEYWORDS = {"type", "properties", "required", "items", "enum", "anyOf", "description"}

scalars = st.sampled_from(
    [
        {"type": "string", "pattern": "^[a-z]*$", "title": "T"},
        {"type": "integer", "minimum": 0, "default": 1},
        {"type": "boolean"},
        {"enum": ["a", "b"]},
        {"const": "c"},
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        {"$ref": "#/$defs/Kind"},
    ]
)


def objects(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of these parts, some of them required."""
    properties = st.dictionaries(st.sampled_from("abcd"), parts, max_size=3)
    return properties.flatmap(
        lambda found: st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.just(found),
                "required": st.lists(st.sampled_from(sorted(found)), unique=True)
                if found
                else st.just([]),
            }
        )
    )


schemas = st.recursive(
    scalars,
    lambda parts: objects(parts) | st.builds(lambda part: {"type": "array", "items": part}, parts),
    max_leaves=6,
)


def keywords(schema: Any) -> set[str]:
    """Keywords used anywhere in a schema."""
    found = set(schema) - {"additionalProperties"}
    for part in schema.get("properties", {}).values():
        found |= keywords(part)
    for part in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        found |= keywords(part)
    return found


def completed(schema: dict[str, Any], value: Any, defs: dict[str, Any]) -> Any:
    """The value with a null for every optional property left out."""
    if isinstance(value, dict):
        parts = schema["properties"]
        return {
            name: completed(part, value[name], defs) if name in value else None
            for name, part in parts.items()
        }
    if isinstance(value, list):
        return [completed(schema["items"], one, defs) for one in value]
    return value


def smallest(schema: dict[str, Any]) -> Any:
    """A value that fits the whole schema, with required properties alone."""
    match schema:
        case {"$ref": _}:
            return "k"
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"anyOf": [first, *_]}:
            return smallest(first)
        case {"type": "object"}:
            return {name: smallest(schema["properties"][name]) for name in schema["required"]}
        case {"type": "array"}:
            return [smallest(schema["items"])]
        case _:
            return {"string": "s", "integer": 1, "boolean": True}[schema["type"]]


@given(objects(schemas))
def test_what_fits_the_schema_fits_the_subset(schema: dict[str, Any]) -> None:
    whole = {**schema, "$defs": {"Kind": {"type": "string", "enum": ["k"]}}}
    forced = strict(whole)
    assert keywords(forced) <= KEYWORDS
    value = smallest(schema)
    Draft202012Validator(whole).validate(value)
    Draft202012Validator(forced).validate(completed(schema, value, {}))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "array"},
        {},
        {"$ref": "#/$defs/Nowhere"},
        {"$ref": "#/$defs/Node", "$defs": {"Node": {"anyOf": [{"$ref": "#/$defs/Node"}]}}},
        {"type": ["string", "object"]},
    ],
)
def test_what_the_subset_cannot_say_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(NotStrict):
        strict(schema)


def test_descriptions_stay_with_what_may_be_null() -> None:
    part = {"type": "string", "description": "Told."}
    forced = strict({"type": "object", "properties": {"a": part}, "required": []})
    assert forced["properties"]["a"] == {
        "description": "Told.",
        "anyOf": [{"type": "string"}, {"type": "null"}],
    }


def test_a_null_stays_where_the_argument_is_required() -> None:
    given_arguments = {"a": None, "b": None, "c": 0}
    assert without_nulls(given_arguments, {"required": ["a"]}) == {"a": None, "c": 0}


def test_every_built_in_tool_can_be_forced() -> None:
    registry = Registry()
    builtin.register(registry)
    tools = registry.all("tool", Tool)
    assert len(tools) > 40
    for tool in tools.values():
        assert strict(tool.arguments.model_json_schema())["additionalProperties"] is False
