"""Messages in the JSON that OpenTelemetry's conventions give to what a model is sent and says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

_ROLES = {"human": "user", "ai": "assistant"}


def transcript(messages: Sequence[BaseMessage]) -> str:
    """The messages as JSON: each its role, and its parts by type (text, tool call, its answer)."""
    told = [
        {"role": _ROLES.get(message.type, message.type), "parts": list(_parts(message))}
        for message in messages
    ]
    return json.dumps(told, ensure_ascii=False)


def _parts(message: BaseMessage) -> Iterator[dict[str, Any]]:
    text = str(message.text)
    if isinstance(message, ToolMessage):
        yield {"type": "tool_call_response", "id": message.tool_call_id, "response": text}
        return
    if text:
        yield {"type": "text", "content": text}
    for call in message.tool_calls if isinstance(message, AIMessage) else ():
        yield {
            "type": "tool_call",
            "id": call["id"],
            "name": call["name"],
            "arguments": call["args"],
        }
