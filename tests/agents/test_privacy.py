"""What leaves the process holds no personal data, and what comes back is as the case has it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from agents.fence import Markers
from agents.model import talks
from agents.reader import ModelReader
from agents.reading import Budget, Errand, Passage, Question
from casewright.settings import Settings
from tools.toolbox import Toolbox

TEXT = (
    "Regards,\nAnn Lee\nAnn Lee lives at 12 Mill Lane, Leeds LS1 4AP; write to ann@lee.co.uk. "
    "My shop is Zoefinds. [PERSON_1] is my word. The courier came two days late "
    "with order ord_000451."
)
PRIVATE = ("Ann Lee", "12 Mill Lane", "ann@lee.co.uk")


@pytest.fixture
def private(endpoint: Any, toolbox: Toolbox) -> ModelReader:
    settings = Settings(model="scripted", model_base_url=endpoint.url, model_mode="tools")
    return ModelReader(talks(settings), toolbox, budget=Budget(tool_calls=3))


@pytest.fixture
def question(blames_carrier: Question) -> Question:
    passage = Passage(action="appeal", digest="a" * 64, pointer="/s", value=TEXT, untrusted=True)
    return blames_carrier.model_copy(update={"passages": (passage,)})


def quoting(quote: str) -> dict[str, str]:
    return {
        "factor": "blames_carrier",
        "answer": "yes",
        "quote": quote,
        "action": "appeal",
        "pointer": "/s",
    }


async def test_names_leave_as_tokens_and_quotes_come_back_verbatim(
    private: ModelReader, endpoint: Any, question: Question, as_of: Any
) -> None:
    endpoint.script(
        endpoint.answers(quoting("[PERSON_1] lives at [ADDRESS_1]; write to [EMAIL_1]"))
    )
    reading = await private.read([question], Errand(as_of))
    sent = json.dumps(endpoint.requests, ensure_ascii=False)
    assert not [value for value in PRIVATE if value in sent]
    assert "[TEXT_1] is my word. The courier came two days late with order ord_000451." in sent
    (answer,) = reading.answers
    assert answer.quote == ("Ann Lee lives at 12 Mill Lane, Leeds LS1 4AP; write to ann@lee.co.uk")


async def test_a_token_that_the_party_wrote_is_quoted_as_the_party_wrote_it(
    private: ModelReader, endpoint: Any, question: Question, as_of: Any
) -> None:
    endpoint.script(endpoint.answers(quoting("[TEXT_1] is my word")))
    reading = await private.read([question], Errand(as_of))
    assert reading.answers[0].quote == "[PERSON_1] is my word"


async def test_calls_are_restored_and_what_they_bring_is_hidden(
    private: ModelReader, endpoint: Any, market: Any, question: Question, as_of: Any
) -> None:
    market.messages = {"Zoefinds": "Ann Lee's card is 4111 1111 1111 1111"}
    endpoint.script(
        endpoint.calls(("list_messages", {"order_id": "[PERSON_1]"})),
        endpoint.answers(quoting("came two days late")),
    )
    errand = Errand(
        as_of, ("list_messages",), persons=("Zoefinds",), subject={"order_id": "Zoefinds"}
    )
    reading = await private.read([question], errand)
    assert market.calls == ["Zoefinds"]
    assert reading.evidence[0].data["items"][0]["text"].startswith("Ann Lee")
    sent = json.dumps(endpoint.requests, ensure_ascii=False)
    assert not [value for value in ("Ann Lee", "Zoefinds", "4111") if value in sent]
    assert "[PERSON_2]'s card is [CARD_1]" in sent


async def test_the_same_case_leaves_in_the_same_words(
    endpoint: Any, toolbox: Toolbox, question: Question, as_of: Any
) -> None:
    sent = []
    for _ in range(2):
        endpoint.script(endpoint.answers(quoting("came two days late")))
        settings = Settings(model="scripted", model_base_url=endpoint.url, model_mode="tools")
        reader = ModelReader(
            talks(settings),
            toolbox,
            budget=Budget(tool_calls=3),
            markers=Markers(random.Random(1)),
        )
        await reader.read([question], Errand(as_of, persons=("Ann Lee",)))
        sent.append(endpoint.requests[0]["messages"])
    assert sent[0] == sent[1]


async def test_off_sends_the_text_as_it_is(
    endpoint: Any, toolbox: Toolbox, question: Question, as_of: Any
) -> None:
    settings = Settings(
        model="scripted",
        model_base_url=endpoint.url,
        model_mode="tools",
        model_privacy="off",
    )
    endpoint.script(endpoint.answers(quoting("Ann Lee lives at")))
    reader = ModelReader(talks(settings), toolbox, budget=Budget(tool_calls=3))
    reading = await reader.read([question], Errand(as_of))
    assert reading.answers[0].quote == "Ann Lee lives at"
    assert "Ann Lee" in endpoint.told("user")[0]
