"""Plumbing against a real small model: in ``make test-llm`` live, in ``make test`` from cassettes.

Its answers carry no judgement; what is looked at is that they arrive whole: turns, calls that
parse, a second turn that knows the first, and counts. The requests are written here, so that a
cassette outlives changes of prompts.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.ledger import ledger
from agents.model import talks
from agents.reader import ModelReader
from agents.reading import Budget, Errand
from agents.talk import Talk
from agents.tape import open_tape
from casewright.settings import Settings

URL = os.environ.get("CASEWRIGHT_TEST_LLM", "")
CASSETTES = Path(__file__).parents[1] / "cassettes" / "small_model"
ANSWER = {
    "name": "answer",
    "description": "Answers the question.",
    "parameters": {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "enum": ["yes", "no", "unclear"]},
            "quote": {"type": "string"},
        },
        "required": ["answer", "quote"],
    },
}
ASKED = [
    SystemMessage("You answer by calling the function answer."),
    HumanMessage("Does the text blame the courier? The text: The courier came two days late."),
]


def settings_for(mode: str, home: Path) -> Settings:
    return Settings(
        model="smollm2-135m-instruct",
        model_base_url=URL,
        model_mode=mode,
        model_privacy="off",
        model_timeout_s=240,
        home=home,
    )


@pytest.fixture(params=["tools", "json"])
def talk(request: Any, tmp_path: Path, as_of: Any) -> Iterator[Talk]:
    """A conversation in each mode that its server has; a schema it refuses."""
    name = f"{request.node.originalname}_{request.param}.json"
    with open_tape(CASSETTES / name, "record" if URL else "replay") as tape:
        yield talks(settings_for(request.param, tmp_path), tape)(Errand(as_of))


async def test_a_turn_arrives_whole_and_is_counted(talk: Talk) -> None:
    with ledger() as calls:
        turn = await talk.turn(ASKED, [ANSWER])
    assert str(turn.message.text) or turn.calls
    assert all(call.arguments is None or isinstance(call.arguments, dict) for call in turn.calls)
    assert len(calls) == talk.cost.model_calls
    assert min(call.tokens_in for call in calls) > 10
    assert min(call.tokens_out for call in calls) > 0
    assert not any(call.error for call in calls)


async def test_a_conversation_goes_on_after_a_call(talk: Talk) -> None:
    with ledger() as before:
        first = await talk.turn(ASKED, [ANSWER])
    replies = [call.reply("Not taken: the quote is not in the text.") for call in first.calls]
    more = [] if replies else [HumanMessage("Call the function.")]
    with ledger() as after:
        await talk.turn([*ASKED, first.message, *replies, *more], [ANSWER])
    assert after[0].tokens_in > before[0].tokens_in


@pytest.mark.skipif(not URL, reason="needs the model itself: `make test-llm`")
async def test_a_reading_ends_and_takes_nothing_unproven(
    tmp_path: Path, toolbox: Any, as_of: Any, blames_carrier: Any
) -> None:
    settings = settings_for("tools", tmp_path)
    budget = Budget(tool_calls=1, tokens=6_000, seconds=300)
    reader = ModelReader(talks(settings), toolbox, budget=budget)
    reading = await reader.read([blames_carrier], Errand(as_of, ("list_messages",)))
    (passage,) = blames_carrier.passages
    assert all(answer.quote in passage.value for answer in reading.answers)
    assert reading.answers or reading.discarded
    assert reading.cost.model_calls > 0
    assert reading.cost.unpriced == reading.cost.model_calls
