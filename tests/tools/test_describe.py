from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from casewright.registry import load_plugins
from tools.base import Tool
from tools.describe import fields


class Scan(BaseModel):
    at: AwareDatetime
    place: str | None = None


class Parcel(BaseModel):
    kind: Literal["box", "letter"]
    shipped: AwareDatetime = Field(alias="from", description="When it left.")
    first: Scan | None = None
    scans: tuple[Scan, ...]
    tags: list[str] = []
    inner: list[Parcel] = []


def test_every_field_is_named_as_an_expression_names_it() -> None:
    found = {one.path: (one.kind, one.optional) for one in fields(Parcel)}
    assert found == {
        "kind": ("box | letter", False),
        "from": ("time", False),
        "first.at": ("time", False),
        "first.place": ("string", True),
        "scans[].at": ("time", False),
        "scans[].place": ("string", True),
        "tags[]": ("string", True),
        "inner[]": ("object", True),  # and so on without end
    }
    assert [one.description for one in fields(Parcel) if one.path == "from"] == ["When it left."]


def test_every_built_in_tool_can_be_described() -> None:
    for tool in load_plugins().all("tool", Tool).values():
        for model in (tool.arguments, tool.result):
            paths = [one.path for one in fields(model)]
            assert len(paths) == len(set(paths))
            assert {path.partition("[")[0].partition(".")[0] for path in paths} == {
                field.serialization_alias or field.alias or name
                for name, field in model.model_fields.items()
            }
