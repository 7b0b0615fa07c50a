"""An endpoint is a declaration; its ids stay one segment of its path."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from casewright.errors import UsageError
from tools.base import ToolInputError
from tools.endpoint import endpoint, fill, json_of, parameters
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 3, tzinfo=UTC)


class Any(BaseModel):
    """Arguments without any pattern, as a user may declare them."""

    thing: str
    days: int | None = None
    deep: bool | None = None
    from_: str | None = Field(default=None, alias="from")


class Found(BaseModel):
    n: int


THING = endpoint("get_thing", "/v1/things/{thing}/parts", Any, Found, "Parts of a thing.")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT)
@example("a/b")
@example("../../_sandbox/clock")
@example("x?as_of=2030-01-01T00:00:00Z")
@example("x#y")
@example("%2e%2e")
@example("..%2f")
@example("a;b=c")
@example("\\..\\")
@example("{thing}")
@example("\x00\r\n")
def test_any_id_is_one_segment(identity):
    if identity in {".", ".."}:
        return
    path = fill("/v1/things/{thing}/parts", {"thing": identity})
    sent = httpx.URL(f"http://x.invalid{path}", params={"a": "b"})
    segments = sent.raw_path.decode().partition("?")[0].split("/")
    assert [unquote(segment) for segment in segments] == ["", "v1", "things", identity, "parts"]
    assert sent.query == b"a=b"


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_ids_that_climb_or_vanish_are_refused(identity):
    with pytest.raises(ToolInputError, match="thing"):
        fill("/v1/things/{thing}", {"thing": identity})


@pytest.mark.parametrize("identity", ["a/../b", "x/scans?y=1", "50%", "ü ñ"])
async def test_a_strange_id_arrives_whole(wire, source, identity):
    wire.plays(wire.ok({"n": 1}))
    toolbox = Toolbox({"get_thing": THING}, source, lambda: AS_OF)
    await toolbox.call("get_thing", {"thing": identity}, as_of=AS_OF)
    seen = wire.requests[0]
    assert seen.path.count("/") == 4
    assert unquote(seen.path.split("/")[3]) == identity
    assert set(seen.query) == {"as_of"}


@pytest.mark.parametrize(
    "identity", ["a/b", "..", ".", "", "a b", "a?b", "a#b", "a%2Fb", "a\n", "ü", "-x", "x" * 129]
)
@pytest.mark.parametrize(
    ("tool", "argument"),
    [("get_order", "order_id"), ("list_documents", "ref_id"), ("list_links", "seller_id")],
)
async def test_builtin_ids_are_plain(wire, toolbox, tool, argument, identity):
    with pytest.raises(ToolInputError, match=argument):
        await toolbox.call(tool, {argument: identity}, as_of=AS_OF)
    assert wire.requests == []


async def test_what_is_not_in_the_path_becomes_the_query(wire, source):
    wire.plays(wire.ok({"n": 1}))
    toolbox = Toolbox({"get_thing": THING}, source, lambda: AS_OF)
    arguments = {"thing": "T", "days": 3, "deep": False, "from": "x&y=z"}
    evidence = await toolbox.call("get_thing", arguments, as_of=AS_OF)
    assert evidence.request == arguments
    query = wire.requests[0].query
    assert (query["days"], query["deep"], query["from"]) == (["3"], ["false"], ["x&y=z"])


def test_a_template_must_fit_its_arguments():
    with pytest.raises(UsageError, match="order_id"):
        endpoint("get_x", "/v1/x/{order_id}", Any, Found, "")


def test_names_in_the_template_are_those_of_the_api():
    tool = endpoint("get_x", "/v1/x/{from}", Any, Found, "")
    assert tool.name == "get_x"
    assert parameters("/v1/{a}/x/{b}") == ("a", "b")


def test_nulls_and_defaults_are_not_sent():
    assert json_of(Any(thing="T", days=None)) == {"thing": "T"}


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"order_id": "O-1"}, "/v1/orders/O-1/messages"),
        ({"seller_id": "S-1", "order_id": None}, "/v1/sellers/S-1/messages"),
    ],
)
async def test_the_template_whose_arguments_are_given_is_read(wire, toolbox, arguments, path):
    wire.plays(wire.ok({"items": [], "next_cursor": None}))
    await toolbox.call("list_messages", arguments, as_of=AS_OF)
    assert wire.requests[0].path == path
    assert set(wire.requests[0].query) == {"limit", "as_of"}
