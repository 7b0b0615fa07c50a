"""Declared arguments and results behave as written models do."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tools.base import party_pointers
from tools.endpoint import json_of
from tools.fields import ArgumentSpec, FieldSpec, ShortField
from tools.shape import arguments_model, given_model, picked, record_model

FIELD = TypeAdapter(ShortField)


def fields(**declared: object) -> dict[str, FieldSpec]:
    return {name: FIELD.validate_python(one) for name, one in declared.items()}


def read(value: object, *, stored: bool = False, **declared: object) -> dict:
    specs = fields(**declared)
    model = record_model("get_it", specs, listed=False, stored=stored)
    return dict(json_of(model.model_validate_json(json.dumps(picked(specs, value)))))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", "x", 7),
        ("integer", 7, 7.5),
        ("integer", 7, "7"),
        ("number", 7.5, "7.5"),
        ("boolean", True, 1),
        ("timestamp", "2026-06-01T08:00:00Z", "2026-06-01"),
        ("timestamp", "2026-06-01T08:00:00Z", 1748),
        ("cents", 1250, 12.5),
        ("cents", 1250, "12.50"),
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"list": "string"}, ["a"], [1]),
        ({"fields": {"city": "string"}}, {"city": "B"}, {}),
        ({"list": {"fields": {"n": "integer"}}}, [{"n": 1}], [{"n": "1"}]),
    ],
)
def test_an_api_must_send_what_is_declared(kind, good, bad):
    assert read({"it": good}, it=kind) == {"it": good}
    with pytest.raises(ValidationError):
        read({"it": bad}, it=kind)


@pytest.mark.parametrize(
    ("kind", "stored", "found"),
    [
        ("integer", "042", 42),
        ("string", 42, "42"),
        ("number", "2.5", 2.5),
        ("boolean", 1, True),
        ("boolean", "false", False),
        ("cents", "1250", 1250),
        ("timestamp", "2026-06-01 08:00:00", "2026-06-01T08:00:00Z"),
        ("timestamp", "2026-06-01 08:00:00.25+02", "2026-06-01T06:00:00.250000Z"),
        ("timestamp", "2026-06-01T08:00:00+0530", "2026-06-01T02:30:00Z"),
        ("timestamp", "2026-06-01", "2026-06-01T00:00:00Z"),
        ("date", "2026-06-01 00:00:00", "2026-06-01T00:00:00Z"),
    ],
)
def test_a_table_may_store_it_otherwise(kind, stored, found):
    assert read({"it": stored}, stored=True, it=kind) == {"it": found}


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("cents", "12.50"),
        ("cents", 12.5),
        ("integer", "many"),
        ("boolean", "perhaps"),
        ("timestamp", "yesterday"),
        ("date", "2026-06-01 08:00:00"),
        ("date", "2026-02-30"),
        ("number", "nan"),
    ],
)
def test_what_does_not_convert_without_loss_is_refused(kind, stored):
    with pytest.raises(ValidationError):
        read({"it": stored}, stored=True, it=kind)


def test_optional_fields_may_be_absent_or_null_and_others_may_not():
    declared = {"a": {"type": "string", "optional": True}, "b": "string"}
    assert read({"a": None, "b": "x"}, **declared) == {"b": "x"}
    for lacking in ({"a": "x"}, {"a": "x", "b": None}):
        with pytest.raises(ValidationError):
            read(lacking, **declared)


def test_names_are_mapped_and_what_is_not_declared_is_dropped():
    source = {"Seller Name": "S", "address": {"town": "B", "zip": 1}, "secret": "x", "json": 3}
    declared = {
        "name": {"type": "string", "from": "Seller Name"},
        "town": {"type": "string", "from": "/address/town"},
        "none": {"type": "string", "from": "/address/none/deep", "optional": True},
        "json": "integer",
        "copy": {"type": "integer", "from": "json"},
    }
    assert read(source, **declared) == {"name": "S", "town": "B", "json": 3, "copy": 3}


def test_what_a_party_wrote_is_marked_wherever_it_lies():
    specs = fields(
        note={"type": "string", "written_by": "party", "optional": True},
        posts={"list": {"fields": {"text": {"type": "string", "written_by": "party"}}}},
        tags={"list": {"type": "string", "written_by": "party"}},
        raw={"type": "json", "written_by": "party"},
    )
    model = record_model("get_it", specs, listed=False)
    value = {"posts": [{"text": "a"}, {"text": "b"}], "tags": ["x"], "raw": {"y": 1}}
    record = model.model_validate_json(json.dumps(value))
    assert set(party_pointers(record)) == {"/posts/0/text", "/posts/1/text", "/tags", "/raw"}


def arguments(**declared: dict) -> dict[str, ArgumentSpec]:
    return {name: ArgumentSpec.model_validate(one) for name, one in declared.items()}


@pytest.mark.parametrize(
    ("spec", "good", "bad"),
    [
        ({}, "S-1", ""),
        ({}, "S-1", "x" * 1001),
        ({"pattern": r"S-\d+"}, "S-1", "S-1; DROP"),
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"type": "integer"}, 5, "5"),
        ({"type": "number"}, 0.5, "half"),
        ({"type": "boolean"}, False, "no"),
        ({"type": "cents"}, 500, 5.5),
        ({"type": "date"}, "2026-06-01", "2026-06-01T12:00:00Z"),
        ({"type": "timestamp"}, "2026-06-01T08:00:00Z", "2026-06-01"),
    ],
)
def test_arguments_are_checked_before_anything_is_asked(spec, good, bad):
    model = arguments_model("get_it", arguments(it=spec))
    assert dict(json_of(model.model_validate_json(json.dumps({"it": good})))) == {"it": good}
    for wrong in ({"it": bad}, {"it": good, "other": 1}, {}):
        with pytest.raises(ValidationError):
            model.model_validate_json(json.dumps(wrong))


def test_a_default_stands_in_the_request_and_a_day_stays_a_day():
    specs = arguments(n={"type": "integer", "default": 5}, day={"type": "date", "optional": True})
    model = arguments_model("get_it", specs)
    assert dict(json_of(model.model_validate_json("{}"))) == {"n": 5}
    bound = json.dumps({"n": 7, "day": "2026-06-01T00:00:00Z"})  # a day from other evidence
    assert dict(json_of(model.model_validate_json(bound))) == {"n": 7, "day": "2026-06-01"}


def test_a_default_must_fit_its_type():
    for spec in ({"type": "integer", "default": "five"}, {"pattern": "a+", "default": "b"}):
        with pytest.raises(ValueError, match="the default of 'it' does not fit"):
            arguments_model("get_it", arguments(it=spec))


def test_models_see_types_patterns_and_descriptions():
    told = {"pattern": "S-.*", "description": "The seller."}
    model = arguments_model("get_it", arguments(it=told, day={"type": "date"}))
    shown = model.model_json_schema()["properties"]
    assert (shown["it"]["pattern"], shown["it"]["description"]) == ("S-.*", "The seller.")
    assert shown["day"]["format"] == "date"


@pytest.mark.parametrize("name", ["page-size", "filter[x]", "1st", "_id", "json", "model_name"])
def test_any_name_of_an_argument_is_kept_as_it_is(name):
    model = given_model("get_it", {name: FieldSpec(type="integer")})
    assert dict(json_of(model.model_validate_json(json.dumps({name: 3})))) == {name: 3}


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_every_instant_a_database_writes_is_read_in_utc(moment):
    written = moment.isoformat(sep=" ")
    found = read({"it": written}, stored=True, it="timestamp")["it"]
    assert datetime.fromisoformat(found) == moment.replace(tzinfo=UTC)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_every_day_is_its_first_instant(day):
    found = read({"it": day.isoformat()}, it="date")["it"]
    assert datetime.fromisoformat(found) == datetime(day.year, day.month, day.day, tzinfo=UTC)
