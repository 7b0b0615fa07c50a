"""What goes over the wire in each mode, and what comes of what a model says."""

import json
from datetime import UTC, datetime

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.model import reader, talks
from agents.reading import Errand, Question
from agents.talk import Call

MODES = ("schema", "tools", "json")


@pytest.fixture
def open_talk(settings, as_of):
    """Opens a conversation in a mode."""
    return lambda mode: talks(settings.model_copy(update={"model_mode": mode}))(Errand(as_of))


def calls(*items):
    """The JSON text of a reply in the modes without tool calling."""
    return json.dumps({"calls": [{"name": name, "arguments": given} for name, given in items]})


def say(endpoint, mode, *items):
    """A reply that calls functions, in a mode."""
    if mode == "tools":
        return endpoint.calls(*items)
    return endpoint.message(calls(*items))


@pytest.mark.parametrize("mode", MODES)
async def test_calls_are_the_same_in_every_mode(endpoint, open_talk, opening, functions, mode):
    wanted = ("seek", {"order_id": "O-1"}), ("answer", {"word": "it"})
    endpoint.script(say(endpoint, mode, *wanted))
    talk = open_talk(mode)
    turn = await talk.turn(opening, functions)
    assert [(call.name, call.arguments) for call in turn.calls] == list(wanted)
    assert len({call.call_id for call in turn.calls}) == 2
    assert (talk.cost.model_calls, talk.cost.tokens_in, talk.cost.tokens_out) == (1, 100, 7)


@pytest.mark.parametrize("mode", MODES)
async def test_a_conversation_goes_on_with_the_turn_and_its_replies(
    endpoint, open_talk, opening, functions, mode
):
    first = say(endpoint, mode, ("seek", {"order_id": "O-1"}), ("seek", {"order_id": "O-2"}))
    endpoint.script(first, say(endpoint, mode, ("answer", {"word": "it"})))
    talk = open_talk(mode)
    turn = await talk.turn(opening, functions)
    replies = [call.reply(f"Found {call.arguments['order_id']}.") for call in turn.calls]
    await talk.turn([*opening, turn.message, *replies, HumanMessage("Go on.")], functions)
    before, after = (asked["messages"] for asked in endpoint.requests)
    assert after[: len(before)] == before
    told = [message["content"] or "" for message in after[len(before) :]]
    assert "Found O-1." in "".join(told)
    assert "Go on." in told[-1]
    if mode != "tools":
        assert [message["role"] for message in after] == ["system", "user", "assistant", "user"]
        assert json.loads(told[0])["calls"][1]["arguments"] == {"order_id": "O-2"}
        assert told[1] == (
            "Result of call 1, `seek`:\nFound O-1.\n\n"
            "Result of call 2, `seek`:\nFound O-2.\n\nGo on."
        )


@pytest.mark.parametrize("mode", MODES)
async def test_cases_share_every_byte_before_what_is_their_own(
    endpoint, open_talk, functions, mode
):
    endpoint.forever(lambda _: say(endpoint, mode, ("answer", {"word": "it"})))
    for case, ordered in (("A", functions), ("B", functions[::-1])):
        await open_talk(mode).turn([SystemMessage("You read."), HumanMessage(case)], ordered)
    first, second = endpoint.requests
    assert [first["messages"].pop()["content"], second["messages"].pop()["content"]] == ["A", "B"]
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize("mode", MODES)
async def test_cases_of_one_sop_are_read_behind_one_prefix(
    endpoint, settings, toolbox, statement, mode
):
    endpoint.forever(lambda _: say(endpoint, mode))
    reading = reader(settings.model_copy(update={"model_mode": mode}), toolbox)
    for day, text in ((1, "The courier came late."), (2, "I was ill.")):
        passage = statement.model_copy(update={"value": text})
        question = Question(factor="blames_carrier", text="Does it?", passages=(passage,))
        errand = Errand(datetime(2026, 6, day, tzinfo=UTC), ("list_messages",), f"case-{day}")
        await reading.read([question], errand)
    openings = [asked for asked in endpoint.requests if len(asked["messages"]) == 2]
    first, second = (asked | {"messages": asked["messages"][:1]} for asked in openings)
    assert json.dumps(first) == json.dumps(second)
    assert "list_messages" in json.dumps(first)


@pytest.mark.parametrize("mode", MODES)
async def test_without_functions_a_model_talks(endpoint, open_talk, opening, mode):
    endpoint.script(endpoint.message('{"just": "text"}'))
    turn = await open_talk(mode).turn(opening, [])
    assert (turn.calls, turn.message.text) == ((), '{"just": "text"}')
    assert not {"tools", "response_format"} & endpoint.requests[0].keys()


async def test_a_schema_says_what_can_be_forced_and_no_more(
    endpoint, open_talk, opening, functions
):
    endpoint.script(endpoint.message(calls()))
    await open_talk("schema").turn(opening, functions)
    form = endpoint.requests[0]["response_format"]["json_schema"]
    assert form["strict"] is True
    answer, seek = form["schema"]["properties"]["calls"]["items"]["anyOf"]
    assert answer["properties"]["name"] == {"type": "string", "enum": ["answer"]}
    arguments = seek["properties"]["arguments"]
    null = {"type": "null"}
    assert arguments == {
        "type": "object",
        "properties": {
            "order_id": {"type": "string"},
            "from": {"anyOf": [{"type": "string"}, null]},
            "limit": {"anyOf": [{"type": "integer"}, null]},
        },
        "required": ["order_id", "from", "limit"],
        "additionalProperties": False,
    }
    assert "- `seek`: Looks something up." in endpoint.told("system")[0]
    assert endpoint.told("system")[0].startswith("You read.\n\n")


async def test_nulls_that_stand_for_nothing_are_left_out(endpoint, open_talk, opening, functions):
    given = {"order_id": "O-1", "from": None, "limit": None}
    endpoint.script(endpoint.message(calls(("seek", given), ("answer", {"word": None}))))
    turn = await open_talk("schema").turn(opening, functions)
    assert [call.arguments for call in turn.calls] == [{"order_id": "O-1"}, {"word": None}]


async def test_a_function_with_free_keys_is_asked_for_and_not_forced(
    endpoint, open_talk, opening, functions
):
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    open_ended = {"name": "tag", "description": "Tags.", "parameters": free}
    endpoint.script(endpoint.message(calls(("tag", {"any": "thing"}))))
    turn = await open_talk("schema").turn(opening, [*functions, open_ended])
    form = endpoint.requests[0]["response_format"]["json_schema"]
    assert form["strict"] is False
    assert (
        form["schema"]["properties"]["calls"]["items"]["anyOf"][2]["properties"]["arguments"]
        == free
    )
    assert turn.calls[0].arguments == {"any": "thing"}


async def test_json_mode_tells_the_schemas(endpoint, open_talk, opening, functions):
    endpoint.script(endpoint.message(calls()))
    await open_talk("json").turn(opening, functions)
    (system,) = endpoint.told("system")
    assert json.dumps(functions[0]["parameters"]) in system
    assert system.index("`answer`") < system.index("`seek`")
    assert endpoint.requests[0]["response_format"] == {"type": "json_object"}


async def test_without_a_system_message_there_is_one_for_the_functions(
    endpoint, open_talk, functions
):
    endpoint.script(endpoint.message(calls()))
    await open_talk("json").turn([HumanMessage("Read.")], functions)
    assert [message["role"] for message in endpoint.requests[0]["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```",
        "{}\n\nThat is all.",
        "Here you are: {}",
        '<think>\nMaybe {"calls": []}?\n</think>\n{}',
    ],
)
async def test_what_stands_around_the_object_is_passed_over(
    endpoint, open_talk, opening, functions, text
):
    endpoint.script(endpoint.message(text.replace("{}", calls(("answer", {"word": "it"})))))
    turn = await open_talk("json").turn(opening, functions)
    assert [call.name for call in turn.calls] == ["answer"]


MALFORMED = [
    ("I answer: it.", "it holds no JSON object"),
    ("", "it holds no JSON object"),
    ('{"calls": [{"name": "answer"', "it is not JSON (Expecting"),
    (
        '{"calls": [{"name": "a", "arguments": {"n": NaN}}]}',
        "it is not JSON (NaN is no JSON number)",
    ),
    ('{"name": "answer", "arguments": {}}', "its object has no list `calls`"),
    ('{"calls": {"name": "answer"}}', "its object has no list `calls`"),
    ('{"calls": ["answer"]}', "call 1 is no object with a `name`"),
    ('{"calls": [{"name": 7}]}', "call 1 is no object with a `name`"),
    ('{"calls": ' + "[" * 5_000, "it is not JSON"),
]


@pytest.mark.parametrize(("text", "reason"), MALFORMED)
async def test_json_is_asked_for_anew_once_with_the_reason(
    endpoint, open_talk, opening, functions, text, reason
):
    endpoint.script(endpoint.message(text), say(endpoint, "json", ("answer", {"word": "it"})))
    talk = open_talk("json")
    turn = await talk.turn(opening, functions)
    assert [call.name for call in turn.calls] == ["answer"]
    assert f"cannot be read: {reason}" in endpoint.told("user")[-1]
    assert endpoint.told("assistant") == [text or "(nothing)"]
    assert talk.cost.model_calls == 2


@pytest.mark.parametrize(("mode", "requests"), [("schema", 1), ("tools", 1), ("json", 2)])
async def test_malformed_content_costs_the_turn_and_no_more(
    endpoint, open_talk, opening, functions, mode, requests
):
    talk = open_talk(mode)
    for text, _ in MALFORMED:
        said = endpoint.message(text)
        endpoint.forever(lambda _, said=said: said)
        turn = await talk.turn(opening, functions)
        assert turn.calls == ()
        assert turn.message.text == (text or "(nothing)")
        assert len(endpoint.requests) == requests
        await talk.turn([*opening, turn.message, HumanMessage("Again.")], functions)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_that_was_cut_off_costs_the_turn_and_is_paid(
    endpoint, open_talk, opening, functions, mode, reason
):
    cut = endpoint.message('{"calls": [')
    body = json.loads(cut.body)
    body["choices"][0]["finish_reason"] = reason
    endpoint.forever(lambda _: type(cut)(json.dumps(body).encode()))
    talk = open_talk(mode)
    assert (await talk.turn(opening, functions)).calls == ()
    assert talk.cost.tokens_out == 7 * len(endpoint.requests)


UNSENDABLE = (
    '{"word": "\\ud800"}',
    '{"word": NaN}',
    '{"word": "' + "x" * 30_000 + '"}',
    "[1]",
    '"it"',
    "7",
)


@pytest.mark.parametrize("mode", MODES)
async def test_arguments_that_no_endpoint_could_be_sent_back_are_none(
    endpoint, open_talk, opening, functions, mode
):
    talk = open_talk(mode)
    for arguments in UNSENDABLE:
        content = '{"calls": [{"name": "answer", "arguments": ' + arguments + "}]}"
        by_tools = endpoint.calls(("answer", arguments))
        said = by_tools if mode == "tools" else endpoint.message(content)
        endpoint.forever(lambda _, said=said: said)
        turn = await talk.turn(opening, functions)
        assert [call.arguments for call in turn.calls] in ([None], [])
        replies = [call.reply("Not taken.") for call in turn.calls]
        await talk.turn([*opening, turn.message, *replies, HumanMessage("Again.")], functions)
        assert len(json.dumps(endpoint.requests[-1])) < 10_000


@pytest.mark.parametrize("mode", MODES)
async def test_an_impossible_name_is_told_as_it_is_and_sent_back_as_one(
    endpoint, open_talk, opening, functions, mode
):
    talk = open_talk(mode)
    for name in ("delete seller!", "", "x" * 200, "答え"):
        endpoint.script(say(endpoint, mode, (name, {"a": 1})))
        turn = await talk.turn(opening, functions)
        assert [call.name for call in turn.calls] == [name]
        assert turn.message.tool_calls[0]["name"].replace("_", "a").isalnum()
        assert len(turn.message.tool_calls[0]["name"]) <= 64


async def test_ids_are_given_where_they_lack_or_clash(endpoint, open_talk, opening, functions):
    wanted = [("answer", {"word": "it"})] * 4
    endpoint.script(endpoint.calls(*wanted, ids=("call-1", None, "call-1", "")))
    turn = await open_talk("tools").turn(opening, functions)
    assert turn.calls[0].call_id == "call-1"
    assert len({call.call_id for call in turn.calls}) == 4
    assert all(isinstance(call, Call) for call in turn.calls)


async def test_an_endless_text_is_kept_in_part(endpoint, open_talk, opening, functions):
    endpoint.script(endpoint.message("so " * 100_000))
    turn = await open_talk("tools").turn(opening, functions)
    assert 5_000 < len(turn.message.text) < 10_000
