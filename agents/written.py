"""A conversation with calls, written out for endpoints that know none.

A turn becomes the JSON object that the model wrote, the replies to its calls become one message of
the user, and two messages of one speaker in a row become one: many chat templates ask for turns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage


def written(messages: Sequence[BaseMessage]) -> tuple[BaseMessage, ...]:
    """The same conversation without tool calls and tool messages.

    Args:
        messages: A conversation in the form of tool calling.

    Returns:
        Messages of which each depends on those before it alone, so that a longer conversation
        begins with the same ones; only the last may still grow.
    """
    merged: list[BaseMessage] = []
    for message in _plain(messages):
        before = merged[-1] if merged else None
        if isinstance(message, HumanMessage) and isinstance(before, HumanMessage):
            merged[-1] = HumanMessage(f"{before.text}\n\n{message.text}")
        else:
            merged.append(message)
    return tuple(merged)


def _plain(messages: Sequence[BaseMessage]) -> Iterator[BaseMessage]:
    names: dict[str, str] = {}
    for message in messages:
        if isinstance(message, AIMessage) and message.tool_calls:
            calls = enumerate(message.tool_calls, start=1)
            names = {str(call["id"]): f"{number}, `{call['name']}`" for number, call in calls}
            yield AIMessage(_as_calls(message))
        elif isinstance(message, ToolMessage):
            called = names.get(message.tool_call_id, "?")
            yield HumanMessage(f"Result of call {called}:\n{message.text}")
        else:
            yield message


def _as_calls(message: AIMessage) -> str:
    calls = [{"name": call["name"], "arguments": call["args"]} for call in message.tool_calls]
    return json.dumps({"calls": calls}, ensure_ascii=False)
