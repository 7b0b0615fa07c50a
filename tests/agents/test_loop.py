"""The loop: why it ends, what it counts, and that it always ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from agents.loop import SPARE_TURNS
from agents.prompts import prompt
from agents.reader import ModelReader
from agents.reading import Budget
from agents.talk import Call, Turn
from casewright.models import Cost, Evidence, EvidenceStatus


@pytest.mark.parametrize(
    ("call", "slip"),
    [
        (("rm", {}), "unknown_function"),
        (("list_messages", {"order": "O-1"}), "malformed_arguments"),
        (("list_messages", "{"), "malformed_arguments"),
        (("answer", "{"), "malformed_arguments"),
        (("answer", {"factor": "guilt"}), "malformed_arguments"),
        (("list_messages", {"order_id": "O-9"}), "foreign_id"),
    ],
)
async def test_a_slip_is_counted(reader, endpoint, errand, blames_carrier, yes, call, slip):
    endpoint.script(endpoint.calls(call), endpoint.answers(yes))
    reading = await reader.read([blames_carrier], errand)
    assert reading.cost.slips == {slip: 1}
    assert len(reading.answers) == 1


async def test_an_answer_that_proves_nothing_is_counted(
    reader, endpoint, errand, blames_carrier, yes
):
    endpoint.script(endpoint.answers(yes | {"quote": "made up"}), endpoint.answers(yes))
    reading = await reader.read([blames_carrier], errand)
    assert reading.cost.slips == {"unproven_answer": 1}


@pytest.fixture
def record(as_of):
    """What the platform holds of one order; the buyer's note names another one."""
    return Evidence.freeze(
        tool="get_order",
        request={},
        status=EvidenceStatus.OK,
        data={"order_id": "ord_0001", "note": "ord_0002", "linked": ["ord_0003"]},
        untrusted=("/note",),
        as_of=as_of,
        retrieved_at=as_of,
    )


@pytest.mark.parametrize(
    ("order", "refused"),
    [("ord_0001", False), ("ORD_0001", False), ("ord_0003", False), ("ord_0002", True)],
)
async def test_an_id_that_only_a_party_names_is_not_looked_up(
    reader, endpoint, errand, blames_carrier, yes, market, record, order, refused
):
    endpoint.script(endpoint.calls(("list_messages", {"order_id": order})), endpoint.answers(yes))
    await reader.read([blames_carrier], replace(errand, records=(record,)))
    assert market.calls == ([] if refused else [order])
    assert ("no record of the platform holds that id" in endpoint.told("tool")[0]) == refused


async def test_unclear_settles_a_question_that_does_not_list_it(
    reader, endpoint, errand, blames_carrier, yes
):
    closed = blames_carrier.model_copy(update={"answers": ("yes", "no")})
    endpoint.script(endpoint.answers(yes | {"answer": "unclear"}))
    reading = await reader.read([closed], errand)
    assert reading.discarded == ("blames_carrier: the model cannot tell.",)
    assert len(endpoint.requests) == 1


async def test_the_system_prompt_and_the_functions_are_the_same_for_every_case(
    reader, endpoint, errand, blames_carrier, yes
):
    other = replace(errand, as_of=errand.as_of + timedelta(days=3), subject={"order_id": "O-7"})
    asked = blames_carrier.model_copy(update={"factor": "other", "text": "Another one?"})
    sent = []
    for questions, one in (([blames_carrier], errand), ([asked], other)):
        endpoint.script(endpoint.answers(yes | {"factor": questions[0].factor}))
        await reader.read(questions, one)
        sent.append((endpoint.told("system"), endpoint.requests[0]["tools"]))
    assert sent[0] == sent[1]
    assert sent[0][0] == [prompt("read").render({})]


ARGUMENTS = st.none() | st.dictionaries(
    st.sampled_from(["factor", "answer", "quote", "action", "pointer", "order_id"]),
    st.sampled_from(["blames_carrier", "yes", "no", "unclear", "O-1", "O-2", "O-9", "appeal"])
    | st.sampled_from(["/statement", "two days late", "invented"]),
)
CALLS = st.builds(
    Call,
    st.uuids().map(str),
    st.sampled_from(["answer", "list_messages", "get_order", ""]),
    ARGUMENTS,
)


class Scripted:
    """Says what was drawn, then the last of it for ever."""

    def __init__(self, turns):
        self.cost = Cost()
        self._turns = turns

    async def turn(self, messages, functions):
        said = self._turns[min(self.cost.model_calls, len(self._turns) - 1)]
        self.cost += Cost(model_calls=1, tokens_in=300, tokens_out=20)
        return Turn(AIMessage("…"), tuple(said))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    turns=st.lists(st.lists(CALLS, max_size=3), min_size=1, max_size=6),
    tokens=st.integers(1, 3000),
    calls=st.integers(0, 3),
)
def test_whatever_a_model_does_the_reading_ends_within_its_bounds(
    toolbox, errand, blames_carrier, statement, turns, tokens, calls
):
    bound = Budget(tool_calls=calls, tokens=tokens)
    reader = ModelReader(lambda _: Scripted(turns), toolbox, budget=bound)
    reading = asyncio.run(reader.read([blames_carrier], errand))
    assert reading.cost.model_calls <= calls + SPARE_TURNS
    assert reading.cost.tokens_in + reading.cost.tokens_out <= max(320, tokens + 320)
    assert reading.cost.tool_calls <= calls
    assert all(one.request["order_id"] in ("O-1", "O-2") for one in reading.evidence)
    for answer in reading.answers:
        assert answer.answer == "unclear" or answer.quote in statement.value
    assert bool(reading.answers) == reading.opinions[0].taken
    assert reading.answers or reading.discarded
