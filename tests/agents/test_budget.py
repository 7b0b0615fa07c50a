"""What a reading may use: tokens, money and time, and what it leaves open when they are spent."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from agents.reader import ModelReader
from agents.reading import Budget, Plan
from agents.talk import Call, Turn
from casewright.models import Cost

BOUNDS = st.none() | st.integers(1, 9)


class PricedTalk:
    """Looks up one message after the other; every turn costs the same."""

    def __init__(self, errand):
        self.cost = Cost()
        self.offered = []

    async def turn(self, messages, functions):
        self.offered.append([function["name"] for function in functions])
        self.cost += Cost(model_calls=1, tokens_in=900, tokens_out=100, micros=50)
        call = Call("1", "list_messages", {"order_id": f"O-{len(self.offered)}"})
        return Turn(AIMessage(""), (call,))


@pytest.fixture
def priced(toolbox):
    """A reader whose only conversation is kept beside it."""
    opened = []

    def talks(errand):
        opened.append(PricedTalk(errand))
        return opened[-1]

    return ModelReader(talks, toolbox, budget=Budget(tool_calls=6)), opened


@given(st.builds(Budget, tool_calls=BOUNDS, tokens=BOUNDS), st.builds(Budget, tokens=BOUNDS))
def test_the_narrower_bound_holds(one, other):
    both = one.within(other)
    assert both == other.within(one)
    assert both.tool_calls == one.tool_calls
    assert both.tokens in (one.tokens, other.tokens)
    assert all(b.tokens is None or both.tokens <= b.tokens for b in (one, other))


@pytest.mark.parametrize(
    ("bound", "told"),
    [(Budget(tokens=3_500), "3500 tokens"), (Budget(micros=175), "175 micros")],
)
async def test_a_spent_budget_leaves_one_turn_without_look_ups(
    priced, errand, blames_carrier, bound, told
):
    reader, opened = priced
    reading = await reader.read([blames_carrier], replace(errand, plan=Plan(budget=bound)))
    (talk,) = opened
    assert talk.offered[0] == ["answer", "list_messages"]
    assert talk.offered[-1] == ["answer"]
    assert 1_000 < reading.cost.tokens_in + reading.cost.tokens_out <= 3_500
    assert reading.discarded == (f"blames_carrier: the budget of {told} was spent.",)


async def test_what_cannot_fit_is_not_begun(priced, errand, blames_carrier):
    reader, opened = priced
    bound = Plan(budget=Budget(tokens=20))
    reading = await reader.read([blames_carrier], replace(errand, plan=bound))
    assert opened[0].offered == []
    assert "20 tokens" in reading.discarded[0]


async def test_an_endpoint_that_hangs_is_bounded_by_seconds(
    reader, endpoint, errand, blames_carrier
):
    endpoint.forever(lambda _: replace(endpoint.message("…"), delay_s=1.0))
    bound = Plan(budget=Budget(seconds=0.3))
    reading = await reader.read([blames_carrier], replace(errand, plan=bound))
    assert reading.answers == ()
    assert "the budget of 0.3 seconds was spent" in reading.discarded[0]


async def test_a_look_up_that_hangs_is_bounded_too(
    reader, endpoint, errand, blames_carrier, market
):
    market.meeting = asyncio.Barrier(2)  # nobody else ever comes
    endpoint.script(endpoint.calls(("list_messages", {"order_id": "O-1"})))
    bound = Plan(budget=Budget(seconds=0.5))
    reading = await reader.read([blames_carrier], replace(errand, plan=bound))
    assert "0.5 seconds was spent" in reading.discarded[0]


async def test_what_was_proven_before_a_failure_stays(
    reader, endpoint, errand, blames_carrier, yes
):
    other = blames_carrier.model_copy(update={"factor": "other"})
    refused = replace(endpoint.message(), body=b'{"error": {"message": "no"}}', status=400)
    endpoint.script(endpoint.answers(yes), refused)
    reading = await reader.read([blames_carrier, other], errand)
    assert [answer.factor for answer in reading.answers] == ["blames_carrier"]
    assert "other: the model failed: " in reading.discarded[0]
    assert reading.cost.model_calls == 2
