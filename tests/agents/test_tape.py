"""Recorded on real calls to the scripted endpoint, replayed with nobody at the other end."""

import asyncio
import json

import openai
import pytest
from langchain_core.messages import HumanMessage

from agents.failures import NOT_RECORDED
from agents.fence import Markers, fence
from agents.metered import MeteredChat
from agents.model import talks
from agents.reader import ModelReader
from agents.reading import Budget, Errand
from agents.tape import Tape, open_tape
from casewright.errors import NotRecorded, UsageError

KEY = "sk-not-to-be-found"
NOWHERE = "http://127.0.0.1:9/v1"


def chat(tape, url=NOWHERE, retries=0):
    return MeteredChat(
        model="scripted",
        base_url=url,
        api_key=KEY,
        temperature=0,
        max_retries=retries,
        http_async_client=tape.client(),
        default_headers={"X-Gateway-Token": KEY},
    )


async def said(model, *texts):
    return [str((await model.ainvoke([HumanMessage(text)])).content) for text in texts]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sub" / "cassette.json"


@pytest.fixture
async def recorded(endpoint, path):
    endpoint.script(*(endpoint.message(word) for word in ("one", "two", "again")))
    with open_tape(path, "record") as tape:
        assert await said(chat(tape, endpoint.url), "a", "b", "a") == ["one", "two", "again"]
    return path


async def test_what_was_recorded_is_replayed_without_a_call(recorded, endpoint):
    endpoint.script()
    with open_tape(recorded, "replay") as tape:
        assert await said(chat(tape), "b", "a", "a") == ["two", "one", "again"]
    assert endpoint.requests == []


async def test_a_cassette_holds_no_key_no_header_and_no_prompt(endpoint, path):
    endpoint.script(endpoint.message("words of the model"))
    with open_tape(path, "record") as tape:
        await said(chat(tape, endpoint.url), "words of a party")
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"
    text = path.read_text("utf-8")
    for secret in (KEY, "authorization", "words of a party", "127.0.0.1"):
        assert secret.lower() not in text.lower()
    (one,) = json.loads(text)["interactions"]
    assert one["request"]["headers"] == {}
    assert list(one["response"]["headers"]) == ["content-type"]


async def test_what_is_not_recorded_is_told_at_once_and_not_asked(recorded, endpoint):
    endpoint.script(endpoint.message("live"))
    with open_tape(recorded, "replay") as tape:
        model = chat(tape, endpoint.url, retries=2)
        with pytest.raises(openai.APIStatusError, match="no further answer of scripted") as caught:
            await said(model, "c")
        assert caught.value.code == NOT_RECORDED
        await said(model, "b")
        with pytest.raises(openai.APIStatusError):  # it was recorded once, and played once
            await said(model, "b")
    assert endpoint.requests == []


async def test_once_records_what_is_missing_and_replays_the_rest(recorded, endpoint):
    endpoint.script(endpoint.message("three"))
    with open_tape(recorded, "once") as tape:
        assert await said(chat(tape, endpoint.url), "b", "c", "a") == ["two", "three", "one"]
    assert len(endpoint.requests) == 1
    with open_tape(recorded, "replay") as tape:
        assert await said(chat(tape), "c", "a", "a", "b") == ["three", "one", "again", "two"]


async def test_a_new_recording_takes_the_place_of_older_answers(recorded, endpoint):
    endpoint.script(endpoint.message("anew"))
    with open_tape(recorded, "record") as tape:
        assert await said(chat(tape, endpoint.url), "a") == ["anew"]
    with open_tape(recorded, "replay") as tape:
        assert await said(chat(tape), "a", "b") == ["anew", "two"]
        with pytest.raises(openai.APIStatusError):
            await said(chat(tape), "a")


async def test_markers_of_fences_do_not_tell_prompts_apart(endpoint, path):
    endpoint.script(endpoint.message("one"))
    markers = Markers()
    with open_tape(path, "record") as tape:
        await said(chat(tape, endpoint.url), f"Read:\n{fence('a text', markers)}")
    with open_tape(path, "replay") as tape:
        with pytest.raises(openai.APIStatusError):
            await said(chat(tape), f"Read:\n{fence('another text', markers)}")
        assert await said(chat(tape), f"Read:\n{fence('a text', markers)}") == ["one"]


async def test_eight_at_once_get_each_its_own_answer(endpoint, path):
    endpoint.forever(lambda number: endpoint.message(f"answer {number}"))
    texts = [f"case {number % 8}" for number in range(24)]
    with open_tape(path, "record") as tape:
        model = chat(tape, endpoint.url)
        live = await asyncio.gather(*(said(model, text) for text in texts))
    with open_tape(path, "replay") as tape:
        model = chat(tape)
        again = await asyncio.gather(*(said(model, text) for text in texts))
    for text in set(texts):
        places = [place for place, one in enumerate(texts) if one == text]
        assert sorted(live[place] for place in places) == sorted(again[place] for place in places)


@pytest.mark.parametrize(("status", "kept"), [(429, 1), (401, 1), (500, 2), (400, 2)])
async def test_a_refusal_that_may_pass_is_not_kept(endpoint, path, status, kept):
    refusal = type(endpoint.message())(b'{"error": {"message": "no"}}', status)
    endpoint.script(refusal, endpoint.message("yes"))
    with open_tape(path, "record") as tape:
        model = chat(tape, endpoint.url)
        with pytest.raises(openai.APIStatusError):
            await said(model, "a")
        await said(model, "b")
    assert len(json.loads(path.read_text("utf-8"))["interactions"]) == kept


async def test_what_was_recorded_before_an_error_is_saved(endpoint, path):
    endpoint.script(endpoint.message("one"))
    with pytest.raises(openai.APIStatusError), open_tape(path, "record") as tape:
        await said(chat(tape, endpoint.url), "a", "b")  # the script is spent
    assert Tape(path, "replay")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"interactions": [{}]}'])
def test_a_file_that_is_no_cassette_is_told(tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="no cassette"):
        Tape(path, "replay")


def test_there_must_be_something_to_replay(tmp_path):
    with pytest.raises(UsageError, match="There is no cassette"):
        Tape(tmp_path / "none.json", "replay")


def reading(settings, tape, toolbox):
    return ModelReader(talks(settings, tape), toolbox, budget=Budget(tool_calls=3))


async def test_a_reading_is_repeated_without_an_endpoint(
    endpoint, path, settings, toolbox, as_of, blames_carrier, yes
):
    settings = settings.model_copy(update={"model_mode": "auto", "model_privacy": "off"})
    refusal = type(endpoint.message())(b'{"error": {"message": "no schemas here"}}', 400)
    called = endpoint.calls(("acknowledge", {"word": "otter-417"}))
    endpoint.script(refusal, called, endpoint.answers(yes))  # a probe of two modes, and a reading
    with open_tape(path, "record") as tape:
        live = await reading(settings, tape, toolbox).read([blames_carrier], Errand(as_of))
    away = settings.model_copy(update={"model_base_url": "", "home": path.parent / "elsewhere"})
    with open_tape(path, "replay") as tape:
        again = await reading(away, tape, toolbox).read([blames_carrier], Errand(as_of))
    assert again == live
    assert again.answers


async def test_a_replay_that_lacks_an_answer_stops_the_case(
    recorded, settings, toolbox, as_of, blames_carrier
):
    with open_tape(recorded, "replay") as tape:
        read = reading(settings, tape, toolbox).read([blames_carrier], Errand(as_of))
        with pytest.raises(NotRecorded, match="no further answer"):
            await read
