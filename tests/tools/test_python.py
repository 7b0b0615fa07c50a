"""A typed function is a tool like any other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from casewright.errors import SourceRefused, SourceUnavailable, UsageError
from casewright.models import EvidenceStatus
from tools.base import PartyText, Tool, ToolInputError
from tools.python import FAILURES, tool
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)


class Rating(BaseModel):
    stars: int
    said: PartyText | None = None
    thread: str = ""


@tool(name="get_rating", description="A seller's rating.")
async def get_rating(
    seller_id: Annotated[str, Field(description="The seller.")],
    region: Literal["US", "EU"] = "US",
    *,
    as_of: datetime,
) -> Rating | None:
    if seller_id == "S-0":
        return None
    return Rating(stars=as_of.day, said=f"{region}!")


@tool(name="get_thread", description="The thread it runs in.")
def get_thread() -> Rating:
    return Rating(stars=1, thread=threading.current_thread().name)


ERRORS = {
    "refused": SourceRefused("no"),
    "down": SourceUnavailable("down", code="away"),
    **{kind.__name__: kind("party text") for kind in FAILURES},
}


@tool(name="fail", description="Fails.")
async def fail(how: str) -> Rating:
    if how == "another":
        return "no rating"  # type: ignore[return-value]
    raise ERRORS[how]


@pytest.fixture
def own(source) -> Toolbox:
    tools = (get_rating, get_thread, fail)
    return Toolbox({one.name: one for one in tools}, source, lambda: AS_OF)


async def test_it_takes_answers_and_marks_what_its_signature_says(own):
    evidence = await own.call("get_rating", {"seller_id": "S-1", "region": "EU"}, as_of=AS_OF)
    assert evidence.data == {"stars": 3, "said": "EU!", "thread": ""}
    assert evidence.untrusted == ("/said",)
    assert evidence.request == {"seller_id": "S-1", "region": "EU"}
    assert evidence.intact()
    shown = get_rating.arguments.model_json_schema()
    assert shown["properties"]["seller_id"]["description"] == "The seller."
    assert (shown["required"], set(shown["properties"])) == (["seller_id"], {"seller_id", "region"})


async def test_none_is_no_data(own):
    evidence = await own.call("get_rating", {"seller_id": "S-0"}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.NO_DATA, "none_found")


async def test_a_plain_function_does_not_hold_up_the_others(own):
    evidence = await own.call("get_thread", {}, as_of=AS_OF)
    assert evidence.data["thread"] != threading.main_thread().name


@pytest.mark.parametrize(
    "arguments", [{}, {"seller_id": 7}, {"seller_id": "S", "region": "MX"}, {"as_of": "now"}]
)
async def test_arguments_that_do_not_fit_are_told(own, arguments):
    with pytest.raises(ToolInputError):
        await own.call("get_rating", arguments, as_of=AS_OF)


@pytest.mark.parametrize("how", [*(kind.__name__ for kind in FAILURES), "another"])
async def test_a_faulty_tool_costs_its_evidence_alone(own, how):
    evidence = await own.call("fail", {"how": how}, as_of=AS_OF)
    assert (evidence.status, evidence.reason) == (EvidenceStatus.ERROR, "tool_failed")
    assert "party text" not in evidence.model_dump_json()


async def test_an_error_of_ours_means_what_it_means(own):
    assert (await own.call("fail", {"how": "down"}, as_of=AS_OF)).reason == "away"
    with pytest.raises(SourceRefused):
        await own.call("fail", {"how": "refused"}, as_of=AS_OF)


def test_a_function_must_say_what_it_takes_and_answers():
    async def untyped(seller_id) -> Rating: ...  # type: ignore[no-untyped-def]
    async def open_ended(**more: str) -> Rating: ...
    async def silent(seller_id: str): ...  # type: ignore[no-untyped-def]
    async def loose(seller_id: str) -> dict: ...
    async def either(seller_id: str) -> Rating | Tool: ...

    for function, told in (
        (untyped, "'seller_id' of the tool 'x' has no type"),
        (open_ended, "name each argument"),
        (silent, "does not say what it answers"),
        (loose, "does not say what it answers"),
        (either, "does not say what it answers"),
    ):
        with pytest.raises(UsageError, match=told):
            tool(name="x", description="X.")(function)
