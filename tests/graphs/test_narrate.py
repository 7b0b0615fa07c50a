"""The rationale as a reviewer is told it, in a whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from rich.console import Console

from agents.narrator import Narrator
from agents.reading import Errand
from agents.talk import Call, Turn
from casewright.errors import ModelError
from casewright.models import Cost
from casewright.render import render_run


@pytest.fixture
def case_id(plain_case: str) -> str:
    """A case whose evidence is whole."""
    return plain_case


class ScriptedTalk:
    """Stands where a model would: it tells what the test wrote, and is no model."""

    def __init__(self, *told: tuple[str, list[int]], error: Exception | None = None) -> None:
        self.cost = Cost()
        self.opened = 0
        self.messages: list[BaseMessage] = []
        self._told, self._error = told, error

    def __call__(self, errand: Errand) -> ScriptedTalk:
        self.opened += 1
        return self

    async def turn(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        self.messages = list(messages)
        self.cost = Cost(model_calls=1, tokens_in=100, tokens_out=9)
        if self._error:
            raise self._error
        calls = (
            Call(f"call-{n}", "tell", {"text": text, "points": points})
            for n, (text, points) in enumerate(self._told)
        )
        return Turn(AIMessage(""), tuple(calls))


async def test_a_checked_sentence_stands_above_the_claims_it_tells(
    opened: Any, case_id: str
) -> None:
    talk = ScriptedTalk(("The rule is clear.", [1]), ("It came 99 days late.", [2]))
    async with opened(narrator=Narrator(talk, "en")) as investigator:
        run = await investigator.investigate(case_id)
    told = run.decision.narrative
    first, second, *_ = told.supports
    assert (first.sentence, first.by) == ("The rule is clear.", "model")
    assert (second.by, second.sentence) == ("template", run.decision.claims[1].sentence)
    assert run.decision.cost.tokens_out == 9
    shown = _shown(run)
    assert shown.index("The rule is clear.") < shown.index(f"• {run.decision.claims[0].sentence}")


async def test_a_narrator_that_fails_costs_the_case_nothing(opened: Any, case_id: str) -> None:
    talk = ScriptedTalk(error=ModelError("The endpoint answers 500."))
    async with opened(narrator=Narrator(talk, "en")) as investigator:
        run = await investigator.investigate(case_id)
    assert run.status.value == "waiting"
    assert "The endpoint answers 500." in run.decision.narrative.reason


async def test_no_word_of_a_party_reaches_the_narrator(opened: Any, case_id: str) -> None:
    talk = ScriptedTalk()
    async with opened(narrator=Narrator(talk, "en")) as investigator:
        run = await investigator.investigate(case_id)
        texts = [
            str(value)
            for digest in {c.reference for c in run.decision.citations if c.kind == "evidence"}
            for item in [await investigator.store.evidence(digest)]
            for pointer in item.untrusted
            if (value := (item.data or {}).get(pointer.removeprefix("/")))
        ]
    said = "\n".join(str(message.content) for message in talk.messages)
    assert not [text for text in texts if text and text in said]


async def test_an_escalated_case_is_not_told_again(opened: Any, case_id: str, act: Any) -> None:
    talk = ScriptedTalk(("The rule is clear.", [1]))
    async with opened(narrator=Narrator(talk, "en")) as investigator:
        await investigator.investigate(case_id)
        run = await investigator.review(case_id, act("escalate", "X1"))
    assert talk.opened == 1
    assert run.decision.narrative.supports[0].sentence == "The rule is clear."


def _shown(run: Any) -> str:
    out = StringIO()
    Console(file=out, width=300).print(render_run(run))
    return out.getvalue()
