"""What calls cost, metered on real calls to the scripted endpoint."""

import contextlib
import json
from decimal import Decimal

import pytest
from langchain_core.messages import HumanMessage

from agents.ledger import asking, ledger
from agents.model import talks
from agents.reading import Errand
from casewright.cost import Cost, by_factor, total
from casewright.errors import ModelError
from casewright.price import Price

FUNCTION = {"name": "answer", "description": "d", "parameters": {"type": "object"}}


@pytest.fixture
def priced(settings):
    price = Price(sent=Decimal(1), received=Decimal(10), cached=Decimal("0.5"))
    return settings.model_copy(update={"model_prices": {"scripted": price}})


async def say(settings, as_of, *factors):
    talk = talks(settings)(Errand(as_of))
    with ledger() as calls, asking(factors), contextlib.suppress(ModelError):
        await talk.turn([HumanMessage("hi")], [FUNCTION])
    assert talk.cost == total(calls)
    (call,) = calls
    return call


def with_usage(endpoint, usage, **other):
    body = json.loads(endpoint.message("hello").body) | {"usage": usage} | other
    return type(endpoint.message())(json.dumps(body).encode())


async def test_a_call_is_metered(endpoint, priced, as_of):
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "total_tokens": 107,
        "prompt_tokens_details": {"cached_tokens": 64},
    }
    endpoint.script(with_usage(endpoint, usage))
    call = await say(priced, as_of, "a", "b")
    assert (call.tokens_in, call.tokens_out, call.tokens_cached) == (100, 7, 64)
    assert (call.micros, call.currency) == (36 + 32 + 70, "USD")
    assert (call.model, call.mode, call.factors) == ("scripted", "tools", ("a", "b"))
    assert call.endpoint in endpoint.url
    assert call.wall_ms > 0


async def test_a_model_outside_the_table_has_no_price(endpoint, settings, as_of):
    endpoint.script(endpoint.message("hello"))
    call = await say(settings.model_copy(update={"model_prices": {}}), as_of)
    assert (call.tokens_in, call.micros, call.cost.unpriced) == (100, None, 1)


async def test_the_price_may_stand_under_the_name_that_answered(endpoint, priced, as_of):
    usage = {"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}
    endpoint.script(with_usage(endpoint, usage, model="scripted"))
    call = await say(priced.model_copy(update={"model": "alias"}), as_of)
    assert (call.model, call.micros) == ("alias", 100)


async def test_without_a_count_there_is_no_price(endpoint, priced, as_of):
    endpoint.script(with_usage(endpoint, None))
    call = await say(priced, as_of)
    assert (call.tokens_in, call.micros) == (0, None)


async def test_a_refusal_costs_nothing_and_is_a_call(endpoint, priced, as_of):
    endpoint.script(type(endpoint.message())(b'{"error": {"message": "no"}}', 401))
    call = await say(priced, as_of)
    assert (call.micros, call.cost.model_calls) == (0, 1)
    assert call.error.endswith("AuthenticationError")


async def test_a_call_given_up_on_may_have_cost_something(endpoint, priced, as_of):
    slow = type(endpoint.message())(b"{}", delay_s=1.0)
    endpoint.forever(lambda _: slow)
    call = await say(priced.model_copy(update={"model_timeout_s": 0.02}), as_of)
    assert (call.micros, call.cost.unpriced) == (None, 1)


async def test_the_reader_says_for_which_factors_it_calls(
    endpoint, reader, as_of, blames_carrier, yes
):
    late = blames_carrier.model_copy(update={"factor": "says_late"})
    endpoint.script(endpoint.answers(yes), endpoint.answers(yes | {"factor": "says_late"}))
    with ledger() as calls:
        reading = await reader.read([blames_carrier, late], Errand(as_of))
    assert [call.factors for call in calls] == [("blames_carrier", "says_late"), ("says_late",)]
    assert total(calls) == reading.cost
    assert by_factor(calls)["says_late"].tokens_in == 150


def test_ledgers_nest_and_close():
    from agents.ledger import note
    from casewright.cost import ModelCall

    call = ModelCall(endpoint="e", model="m")
    with ledger() as outer:
        with ledger() as inner:
            note(call)
        note(call)
    note(call)
    assert (len(outer), len(inner)) == (2, 1)
    assert total(inner) == Cost(model_calls=1, unpriced=1)


async def test_what_was_said_is_proven_by_digests_and_not_kept(endpoint, priced, as_of):
    endpoint.script(*(endpoint.message(text) for text in ("hello", "hello", "secret word")))
    first, second, third = [await say(priced, as_of) for _ in range(3)]
    assert first.prompt == second.prompt == third.prompt
    assert first.response == second.response != third.response
    assert {len(one) for one in (first.prompt, third.prompt, third.response)} == {64}
    assert "secret" not in third.model_dump_json()
    endpoint.script(type(endpoint.message())(b'{"error": {"message": "no"}}', 401))
    refused = await say(priced, as_of)
    assert (refused.prompt, refused.response) == (first.prompt, "")
