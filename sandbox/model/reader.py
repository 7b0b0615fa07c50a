"""The simulated model: whatever it is asked, in whichever form, it says something."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from sandbox.model.conversation import Conversation
from sandbox.model.expert import Answer, Expert, Said
from sandbox.model.gullible import Gullible
from sandbox.model.instances import instance
from sandbox.model.memory import Memory
from sandbox.model.names import Style
from sandbox.model.noisy import Noisy
from sandbox.model.plain import agent_turn

NOTHING: Final = "This is a simulated model. It reads texts of the simulated marketplace only."
_SURE: Final = {"expert": 0.95, "noisy": 0.99, "gullible": 0.99, "faulty": 0.95}


class SimulatedReader:
    """Answers questions, plays a plain agent, and fills a schema where it is asked neither.

    Args:
        memory: What it knows by heart.
        style: How it reads; ``faulty`` reads as the expert does.
        error_rate: Share of wrong answers of ``noisy``.
        seed: What those are drawn from.
    """

    def __init__(self, memory: Memory, style: Style, error_rate: float, seed: int) -> None:
        self._memory = memory
        self._style: Style = style
        self._factors = memory.factors()
        self._reader = _reader(memory, style, error_rate, seed)

    def says(self, body: dict[str, Any]) -> tuple[Conversation, Said]:
        """What it says to a request."""
        conversation = Conversation(body, self._factors)
        if conversation.questions:
            return conversation, self._answered(conversation)
        if conversation.tools and _is_agent(conversation):
            return conversation, agent_turn(conversation, self._memory)
        return conversation, _filled(conversation)

    def _answered(self, conversation: Conversation) -> Said:
        function = conversation.answering or "answer"
        answers = self._reader.answers(conversation)
        calls = [(function, self._arguments(one, conversation)) for one in answers]
        said = Said("" if calls else "Done.", tuple(calls))
        if isinstance(self._reader, Gullible):
            more = self._reader.further(conversation)
            return replace(said, text=more.text or said.text, calls=(*said.calls, *more.calls))
        if calls and self._style == "noisy":
            return replace(said, text="I am certain of this.")
        return said

    def _arguments(self, answer: Answer, conversation: Conversation) -> dict[str, Any]:
        wanted = conversation.tools.get(conversation.answering, {}).get("properties") or {}
        sure = {
            name: _SURE[self._style] for name in ("confidence", "probability") if name in wanted
        }
        return {**answer.arguments(), **sure}


def _reader(memory: Memory, style: Style, error_rate: float, seed: int) -> Expert:
    if style == "noisy":
        return Noisy(memory, error_rate, seed)
    return Gullible(memory) if style == "gullible" else Expert(memory)


def _is_agent(conversation: Conversation) -> bool:
    """Whether there are look-ups to make: functions that want an id."""
    return any(
        name.endswith("_id")
        for schema in conversation.tools.values()
        for name in schema.get("required") or ()
    )


def _filled(conversation: Conversation) -> Said:
    if conversation.form == "schema":
        return Said(json.dumps(instance(conversation.schema, conversation.prose)))
    if conversation.calls or not conversation.tools:
        return Said(NOTHING)
    named = [name for name in conversation.tools if name in conversation.prose]
    name = (named or list(conversation.tools))[0]
    prose = conversation.prose.replace(f"`{name}`", name)
    return Said(calls=((name, instance(conversation.tools[name], prose)),))
