from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from casewright.keys import keys_at


class Leaf(BaseModel):
    when: str = ""
    arguments: dict[str, str] = Field(default_factory=dict, alias="with")


class Whole(BaseModel):
    title: str
    leaf: Leaf
    listed: tuple[Leaf, ...] = ()
    named: dict[str, Annotated[Leaf | None, "marked"]] = Field(default_factory=dict)


@pytest.mark.parametrize("where", [("leaf",), ("listed", 0), ("named", "title"), ("named", "x")])
def test_keys_are_those_of_the_record_that_stands_there(where: tuple[str | int, ...]) -> None:
    assert keys_at(Whole, where) == ("when", "with")


def test_the_whole_has_keys_and_a_plain_value_has_none() -> None:
    assert keys_at(Whole, ()) == ("title", "leaf", "listed", "named")
    assert keys_at(Whole, ("title", "deeper")) == ()
    assert keys_at(Whole, ("leaf", "with", "x", "y")) == ()
