"""Whoever watches sees each request as it leaves and each reply as it was received."""

from __future__ import annotations

from typing import Any

import pytest

from agents.model import talks
from agents.reader import ModelReader
from agents.reading import Budget, Errand, Question
from agents.shown import in_words, watching
from casewright.errors import ModelError
from casewright.settings import Settings
from tools.toolbox import Toolbox


@pytest.fixture
def private(endpoint: Any, toolbox: Toolbox) -> ModelReader:
    settings = Settings(model="scripted", model_base_url=endpoint.url, model_mode="tools")
    return ModelReader(talks(settings), toolbox, budget=Budget(tool_calls=3))


async def test_what_is_shown_is_what_the_endpoint_got_and_said(
    private: ModelReader, endpoint: Any, blames_carrier: Question, yes: Any, as_of: Any
) -> None:
    named = blames_carrier.passages[0].model_copy(update={"value": "My name is Ann Lee. Late."})
    question = blames_carrier.model_copy(update={"passages": (named,)})
    endpoint.script(endpoint.answers(yes | {"quote": "[PERSON_1]. Late"}))
    told: list[Any] = []
    with watching(told.append):
        reading = await private.read([question], Errand(as_of))
    request, reply = told
    assert (request["request"], reply["reply"]) == (1, 1)
    assert request["body"]["messages"] == endpoint.requests[0]["messages"]
    assert request["body"]["tools"] == endpoint.requests[0]["tools"]
    assert reply["tool_calls"][0]["args"]["quote"] == "[PERSON_1]. Late"
    assert reading.answers[0].quote == "Ann Lee. Late"
    words = in_words(request) + in_words(reply)
    assert "Ann Lee" not in words
    assert "reply 1, 100 tokens in, 7 out" in words


async def test_a_call_that_fails_is_shown_with_its_error(
    private: ModelReader, blames_carrier: Question, as_of: Any
) -> None:
    told: list[Any] = []
    with watching(told.append), pytest.raises(ModelError):
        await private.read([blames_carrier], Errand(as_of))
    assert "the script is spent" in told[-1]["error"]


def test_nothing_in_a_reply_reaches_the_terminal_unseen() -> None:
    assert in_words({"reply": 1, "content": "\x1b[2J\u202e"}).endswith("⟨U+001B⟩[2J⟨U+202E⟩")
