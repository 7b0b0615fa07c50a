"""A model's answer as a run's journal keeps it, with what it cost."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage

from agents.ledger import note
from casewright.cost import ModelCall


def kept(message: AIMessage, calls: Sequence[ModelCall]) -> str:
    """An answer as text.

    Args:
        message: What the model said.
        calls: How the call was metered.
    """
    metered = [call.model_dump(mode="json") for call in calls]
    return json.dumps({"message": message.model_dump(mode="json"), "calls": metered})


def replayed(text: str) -> AIMessage:
    """The answer again, its cost entered into the open ledgers: the run owes it once."""
    held = json.loads(text)
    for call in held["calls"]:
        note(ModelCall.model_validate(call))
    return AIMessage.model_validate(held["message"])
