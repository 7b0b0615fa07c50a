"""One conversation with a chat model: turns, the calls in them, and what they cost.

The client's own retries are the only layer of retries; here is only the outer bound on waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import ValidationError

from agents.failures import model_error
from agents.ledger import ledger
from agents.talk import Call, Turn
from casewright.cost import Cost, total

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What the client raises over an answer of another shape; it has no one error for it."""


class Chat:
    """A conversation with one model.

    Args:
        model: The model.
        patience_s: Longest wait for one turn, retries included, in seconds.
    """

    def __init__(self, model: BaseChatModel, patience_s: float) -> None:
        self._model = model
        self._patience_s = patience_s
        self.cost = Cost()
        """Model calls, tokens and money of the turns so far, failed ones included."""

    async def turn(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """Let the model say its next.

        Args:
            messages: The conversation so far.
            functions: Name, description and parameters (JSON schema) of what it may call.

        Raises:
            ModelError: the endpoint is unreachable, refuses, fails, or answers in another shape.
        """
        bound = self._model.bind_tools(
            [{"type": "function", "function": dict(function)} for function in functions]
        )
        try:
            with self._counting():
                async with asyncio.timeout(self._patience_s):
                    message = await bound.ainvoke(list(messages))
        except ValidationError:
            # The client cannot hold a call whose arguments are JSON but no object, such as a
            # list. That is the model's slip, not the endpoint's, and costs it the turn.
            message = AIMessage("")
        except (openai.OpenAIError, TimeoutError, *_MALFORMED) as error:
            raise model_error(error) from error
        return _turn(message)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        with ledger() as calls:
            try:
                yield
            finally:
                self.cost += total(calls)


def _turn(message: AIMessage) -> Turn:
    """The turn with an id for each call, and no malformed arguments.

    Endpoints parse the arguments of the messages they are sent back, some leave out ids or repeat
    them, and some refuse a message that says nothing; so the message is built anew.
    """
    calls = tuple(_calls(message))
    sent_back = AIMessage(
        str(message.text) or ("" if calls else "(nothing)"),
        tool_calls=[
            {"name": call.name, "args": call.arguments or {}, "id": call.call_id} for call in calls
        ],
    )
    return Turn(sent_back, calls)


def _calls(message: AIMessage) -> Iterator[Call]:
    taken: set[str] = set()
    valid = [(call["id"], call["name"], call["args"]) for call in message.tool_calls]
    broken = [(call["id"], call["name"], None) for call in message.invalid_tool_calls]
    for number, (given, name, arguments) in enumerate([*valid, *broken]):
        call_id = given if given and given not in taken else f"call-{number}"
        taken.add(call_id)
        yield Call(call_id, name or "", arguments)
