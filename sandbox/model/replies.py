"""What the simulated model says, in the form of chat completions: whole or as a stream."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.model.conversation import Conversation
from sandbox.model.expert import Said

FINGERPRINT: Final = "simulation"
CREATED: Final = 1_780_300_800
"""When every reply was made: the world clock's start, since a simulation has no time of its own."""

_PIECE: Final = re.compile(r".{1,24}", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One reply: the message, why it ends, and its tokens."""

    model: str
    message: Mapping[str, Any]
    finish: str
    usage: Mapping[str, Any]

    @property
    def _head(self) -> dict[str, Any]:
        text = json.dumps([self.model, self.message], sort_keys=True)
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        return {
            "id": f"chatcmpl-simulated-{digest[:16]}",
            "created": CREATED,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
        }

    def body(self) -> dict[str, Any]:
        """The whole reply."""
        choice = {
            "index": 0, "message": self.message, "finish_reason": self.finish, "logprobs": None,
        }  # fmt: skip
        kind = {"object": "chat.completion"}
        return {**self._head, **kind, "choices": [choice], "usage": self.usage}

    def events(self, *, with_usage: bool) -> Iterator[str]:
        """The reply as server-sent events."""
        for delta in _deltas(self.message):
            yield self._event([{"index": 0, "delta": delta, "finish_reason": None}])
        yield self._event([{"index": 0, "delta": {}, "finish_reason": self.finish}])
        if with_usage:
            yield self._event([], usage=self.usage)
        yield "data: [DONE]\n\n"

    def _event(self, choices: list[Any], **more: Any) -> str:
        kind = {"object": "chat.completion.chunk"}
        chunk = {**self._head, **kind, "choices": choices, **more}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def message_of(
    conversation: Conversation, said: Said, *, forced: bool = True
) -> tuple[dict[str, Any], str]:
    """The message, and its finish reason, in the form that was asked for.

    Args:
        conversation: What was asked.
        said: What the model says to it.
        forced: Whether the endpoint makes the model keep to a form that it asked for.
    """
    if not said.calls or conversation.form in ("text", "schema"):
        text = said.text or json.dumps({"answers": [dict(one) for _, one in said.calls]})
        if not said.calls and conversation.form == "calls" and forced:
            text = json.dumps({"calls": []})
        return {"role": "assistant", "content": text}, "stop"
    if conversation.form == "calls":
        # Where a schema names functions, no other can be written.
        allowed = (forced and conversation.tools) or {name: {} for name, _ in said.calls}
        calls = [{"name": name, "arguments": one} for name, one in said.calls if name in allowed]
        content = json.dumps({"calls": calls}, ensure_ascii=False)
        return {"role": "assistant", "content": content}, "stop"
    called = [
        _tool_call(number, name, json.dumps(one, ensure_ascii=False))
        for number, (name, one) in enumerate(said.calls, start=len(conversation.calls))
    ]
    message = {"role": "assistant", "content": said.text or None, "tool_calls": called}
    return message, "tool_calls"


def _tool_call(number: int, name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for piece in _PIECE.findall(message.get("content") or ""):
        yield {"content": piece}
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = {**call["function"], "arguments": ""}
        yield {"tool_calls": [{**call, "index": index, "function": function}]}
        for piece in _PIECE.findall(call["function"]["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
