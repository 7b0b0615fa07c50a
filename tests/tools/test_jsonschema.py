"""JSON schemas become fields, however they are nested, and never without end."""

from __future__ import annotations

import pytest

from tools.fields import FieldSpec
from tools.jsonschema import DEPTH_LIMIT, field_of, fields_of, identifier

ANYTHING = FieldSpec(type="json")


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"type": "string", "format": "date-time"}, {"type": "timestamp"}),
        ({"type": "string", "format": "date"}, {"type": "date"}),
        ({"type": "string", "format": "uuid"}, {"type": "string"}),
        ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a", "b"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": "string"}),
        (
            {"type": "integer", "description": "How\n many."},
            {"type": "integer", "description": "How many."},
        ),
        ({"type": "number"}, {"type": "number"}),
        ({"type": "boolean"}, {"type": "boolean"}),
        ({"type": ["string", "null"]}, {"type": "string", "optional": True}),
        ({"type": "string", "nullable": True}, {"type": "string", "optional": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "integer", "optional": True}),
        ({"oneOf": [{"type": "integer"}]}, {"type": "integer"}),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, {"type": "json"}),
        ({"type": ["integer", "string"]}, {"type": "json"}),
        ({"type": "array", "items": {"type": "string"}}, {"list": {"type": "string"}}),
        ({"type": "array"}, {"list": {"type": "json"}}),
        ({"type": "object"}, {"type": "json"}),
        ({}, {"type": "json"}),
        (True, {"type": "json"}),
        ({"$ref": "other.yaml#/x"}, {"type": "json"}),
        ({"$ref": "#/nowhere"}, {"type": "json"}),
        ({"$ref": "#/defs/again"}, {"type": "json"}),
        ({"$ref": "#/defs/text"}, {"type": "string"}),
        (
            {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]},
            {"fields": {"a": {"type": "string"}, "b": {"type": "integer", "optional": True}}},
        ),
        (
            {
                "allOf": [
                    {"$ref": "#/defs/base"},
                    {"properties": {"n": {"type": "integer"}}, "required": ["n"]},
                ]
            },
            {"fields": {"id": {"type": "string"}, "n": {"type": "integer"}}},
        ),
    ],
)
def test_what_a_schema_says_is_a_field(schema, field):
    root = {
        "defs": {
            "text": {"type": "string"},
            "again": {"$ref": "#/defs/again"},
            "base": {
                "type": "object",
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
            },
        }
    }
    assert field_of(schema, root) == FieldSpec.model_validate(field)


def test_a_schema_that_holds_itself_ends():
    root = {"node": {"type": "object", "properties": {}}}
    for name in "abcdefghij":
        root["node"]["properties"][name] = {"$ref": "#/node"}
    fields = fields_of({"$ref": "#/node"}, root)
    assert set(fields) == set("abcdefghij")
    assert fields["a"].type == "json"


def test_what_lies_too_deep_is_anything():
    schema = {"type": "string"}
    for _ in range(DEPTH_LIMIT + 2):
        schema = {"type": "object", "properties": {"in": schema}, "required": ["in"]}
    field, depth = field_of(schema, {}), 0
    while field.fields:
        field, depth = field.fields["in"], depth + 1
    assert (field, depth) == (ANYTHING, DEPTH_LIMIT)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("seller_id", "seller_id"),
        ("page-size", "page_size"),
        ("filter[x]", "filter_x"),
        ("2fa", "f_2fa"),
        ("@type", "type"),
        ("größe", "gr_e"),
        ("_x", "x"),
    ],
)
def test_any_name_can_be_written_in_an_expression(name, plain):
    assert identifier(name) == plain
