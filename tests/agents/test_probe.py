"""Which mode an endpoint is found to have, and that it is asked once."""

import asyncio
import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from agents.abilities import FILE
from agents.endpoint import RETRIES
from agents.model import talks
from agents.reading import Errand
from casewright.errors import ModelError, ModelRefused, ModelUnavailable

MODES = ("schema", "tools", "json")


@pytest.fixture
def turn(probed, opening, functions, as_of):
    """Opens a conversation, with changed settings, and takes its first turn."""

    async def said(**changed):
        talk = talks(probed.model_copy(update=changed))(Errand(as_of))
        return talk, await talk.turn(opening, functions)

    return said


def remembered(settings):
    """What the file in the home folder says of the endpoint."""
    told = json.loads((settings.home / FILE).read_text())
    return told["endpoints"][f"scripted at {settings.model_base_url}"]


def modes_of(endpoint):
    """The mode of each request."""
    forms = (asked.get("response_format", {}).get("type") for asked in endpoint.requests)
    return [{"json_schema": "schema", "json_object": "json"}.get(form, "tools") for form in forms]


@pytest.mark.parametrize("first", range(3))
async def test_the_most_reliable_mode_that_is_kept_to_is_used(endpoint, able, turn, probed, first):
    endpoint.respond(able(*MODES[first:]))
    talk, said = await turn()
    assert [call.name for call in said.calls] == ["answer"]
    assert modes_of(endpoint) == [*MODES[: first + 1], MODES[first]]
    assert remembered(probed) == {"mode": MODES[first], "temperature": True}
    assert talk.cost.model_calls == len(endpoint.requests)
    assert talk.cost.tokens_in == 200


@pytest.mark.parametrize("status", [400, 404, 422, 500, 501])
async def test_a_refusal_and_a_breakdown_mean_that_the_mode_is_not_there(
    endpoint, able, turn, probed, status
):
    endpoint.respond(able("json", refusal=status))
    await turn()
    assert remembered(probed)["mode"] == "json"


@pytest.mark.parametrize(
    "content",
    [
        "Ready.",
        "",
        "[]",
        '{"calls": []}',
        '{"seal": "heron-1", "calls": []}',
        '{"seal": "otter-417", "calls": [], "more": 1}',
        '{"seal": "otter-417", "calls": {}}',
        "[" * 100_000,
    ],
)
async def test_an_endpoint_that_passes_over_the_schema_has_not_the_mode(
    endpoint, able, turn, probed, content
):
    tools = able("tools")
    ignoring = endpoint.message(content)
    endpoint.respond(lambda asked: ignoring if "response_format" in asked else tools(asked))
    await turn()
    assert remembered(probed)["mode"] == "tools"


@pytest.mark.parametrize(
    "reply",
    ['{"choices": []}', "<html>", '{"choices": [{"message": {"tool_calls": [{}]}}]}'],
)
async def test_an_answer_of_another_shape_means_that_the_mode_is_not_there(
    endpoint, able, turn, probed, reply
):
    json_mode = able("json")
    other = replace(endpoint.message(), body=reply.encode())
    endpoint.respond(lambda asked: other if "tools" in asked else json_mode(asked))
    await turn()
    assert remembered(probed)["mode"] == "json"


async def test_a_function_that_is_not_called_is_no_tool_calling(endpoint, able, turn, probed):
    json_mode = able("json")
    chatting = endpoint.message("I would call acknowledge.")
    endpoint.respond(lambda asked: chatting if "tools" in asked else json_mode(asked))
    await turn()
    assert remembered(probed)["mode"] == "json"


async def test_a_model_that_can_do_nothing_is_told_and_not_remembered(endpoint, turn, probed):
    endpoint.forever(lambda _: endpoint.message("Hello!"))
    with pytest.raises(ModelRefused, match="keeps to no JSON schema") as raised:
        await turn()
    assert "CASEWRIGHT_MODEL_MODE" in raised.value.remedy
    assert len(endpoint.requests) == 3
    assert not (probed.home / FILE).exists()


async def test_an_endpoint_that_refuses_everything_says_why(endpoint, able, turn):
    endpoint.respond(able(refusal=404))
    with pytest.raises(ModelRefused, match="knows no such model"):
        await turn()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_ends_the_probe(endpoint, able, turn, status):
    endpoint.respond(able(refusal=status))
    with pytest.raises(ModelRefused, match="refuses the key"):
        await turn()
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_an_endpoint_that_is_busy_says_nothing_about_its_modes(
    endpoint, able, turn, probed, status
):
    endpoint.respond(able(refusal=status))
    with pytest.raises(ModelUnavailable):
        await turn()
    assert modes_of(endpoint) == ["schema"] * 3
    assert not (probed.home / FILE).exists()


async def test_what_was_found_is_remembered_by_the_next_process(endpoint, able, turn):
    endpoint.respond(able("tools"))
    await turn()
    endpoint.respond(able("tools"))
    talk, _ = await turn()
    assert modes_of(endpoint) == ["tools"]
    assert talk.cost.model_calls == 1


async def test_another_model_at_the_same_address_is_probed_for_itself(endpoint, able, turn):
    endpoint.respond(able("schema"))
    await turn()
    endpoint.respond(able("tools"))
    await turn(model="another")
    assert modes_of(endpoint) == ["schema", "tools", "tools"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"probes": 0, "endpoints": {}}', '{"probes": 1, "endpoints": {"a": 1}}'],
)
async def test_a_memory_that_does_not_read_is_made_anew(endpoint, able, turn, probed, text):
    (probed.home / FILE).write_text(text)
    endpoint.respond(able("tools"))
    await turn()
    assert remembered(probed)["mode"] == "tools"


async def test_a_home_that_cannot_be_written_costs_a_probe_and_nothing_else(
    endpoint, able, turn, probed, tmp_path
):
    (tmp_path / "file").write_text("")
    endpoint.respond(able("tools"))
    _, said = await turn(home=tmp_path / "file" / "home")
    assert said.calls


async def test_cases_that_start_at_once_probe_once(
    endpoint, able, probed, opening, functions, as_of
):
    endpoint.respond(able("schema"))
    open_talk = talks(probed)
    started = [open_talk(Errand(as_of)) for _ in range(8)]
    await asyncio.gather(*(talk.turn(opening, functions) for talk in started))
    assert len(endpoint.requests) == 9
    assert sorted(talk.cost.model_calls for talk in started) == [1] * 7 + [2]


async def test_a_probe_that_fails_fails_all_who_waited_and_is_made_again_by_the_next_case(
    endpoint, able, probed, opening, functions, as_of
):
    open_talk = talks(probed)
    endpoint.respond(able(refusal=503))
    results = await asyncio.gather(
        *(open_talk(Errand(as_of)).turn(opening, functions) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [ModelUnavailable] * 3
    assert len(endpoint.requests) == 1 + RETRIES
    endpoint.respond(able("tools"))
    assert (await open_talk(Errand(as_of)).turn(opening, functions)).calls


@pytest.mark.parametrize("mode", MODES)
async def test_the_setting_overrides_the_probe(endpoint, able, turn, probed, mode):
    endpoint.respond(able(mode))
    _, said = await turn(model_mode=mode)
    assert said.calls
    assert modes_of(endpoint) == [mode]
    assert not (probed.home / FILE).exists()


async def test_an_endpoint_that_lost_its_mode_is_probed_anew_once(
    endpoint, able, turn, probed, opening, functions
):
    endpoint.respond(able("schema"))
    talk, _ = await turn()
    endpoint.respond(able("tools"))
    said = await talk.turn(opening, functions)
    assert said.calls
    assert modes_of(endpoint) == ["schema", "schema", "tools", "tools"]
    assert remembered(probed)["mode"] == "tools"
    endpoint.respond(able("json"))
    with pytest.raises(ModelRefused):
        await talk.turn(opening, functions)
    assert modes_of(endpoint) == ["tools"]


async def test_a_call_that_is_refused_for_itself_costs_one_probe(
    endpoint, able, probed, opening, functions, as_of
):
    tools = able("tools")
    refused = replace(endpoint.message(), status=400, body=b'{"error": {"message": "too long"}}')
    endpoint.respond(lambda asked: refused if "What does" in str(asked) else tools(asked))
    open_talk = talks(probed)
    for calls in (2 + 1 + 2, 1):  # probed, refused, probed anew; then refused alone
        endpoint.requests.clear()
        with pytest.raises(ModelRefused, match="too long"):
            await open_talk(Errand(as_of)).turn(opening, functions)
        assert len(endpoint.requests) == calls


async def test_a_refused_key_has_nothing_probed_anew(endpoint, able, turn, opening, functions):
    endpoint.respond(able("tools"))
    talk, _ = await turn()
    endpoint.respond(able(refusal=401))
    with pytest.raises(ModelError, match="refuses the key"):
        await talk.turn(opening, functions)
    assert len(endpoint.requests) == 1


async def test_a_model_that_takes_no_temperature_is_sent_none(
    endpoint, able, turn, probed, opening, functions
):
    endpoint.respond(able("schema", temperature=False))
    talk, said = await turn()
    assert said.calls
    assert ["temperature" in asked for asked in endpoint.requests] == [True, False, False]
    assert remembered(probed) == {"mode": "schema", "temperature": False}
    endpoint.requests.clear()
    await talk.turn(opening, functions)
    assert len(endpoint.requests) == 1


async def test_a_temperature_is_given_up_without_a_probe_too(endpoint, able, turn):
    endpoint.respond(able("tools", temperature=False))
    for _ in range(2):
        _, said = await turn(model_mode="tools")
        assert said.calls
    assert ["temperature" in asked for asked in endpoint.requests] == [True, False, False]


async def test_a_refusal_that_stays_teaches_nothing_about_temperature(endpoint, turn, probed):
    body = b'{"error": {"message": "the temperature of this room"}}'
    endpoint.forever(lambda _: replace(endpoint.message(), status=400, body=body))
    with pytest.raises(ModelRefused):
        await turn(model_mode="tools")
    assert len(endpoint.requests) == 2
    assert not (probed.home / FILE).exists()


async def test_reasoning_effort_is_sent_where_it_is_set(endpoint, able, turn):
    endpoint.respond(able("tools"))
    await turn(model_mode="tools", model_reasoning_effort="low")
    await turn(model_mode="tools")
    assert [asked.get("reasoning_effort") for asked in endpoint.requests] == ["low", None]


async def test_what_is_remembered_holds_no_secret(endpoint, able, turn, probed):
    endpoint.respond(able("tools"))
    secret = endpoint.url.replace("//", "//user:sk-secret@")
    await turn(model_base_url=secret, model_api_key=SecretStr("sk-secret"))
    assert "secret" not in (probed.home / FILE).read_text()
    assert remembered(probed)["mode"] == "tools"
