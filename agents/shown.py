"""Shows what leaves the process for a model, and what comes back, to whoever watches.

The body of each request is shown as the client builds it, after personal data was hidden, and
each reply as it was received, before anything is restored. Who watches is set in the task's
context, as ledgers are, so that cases in flight never mix.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, Protocol

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatResult

from agents.visible import VisibleText

Tell = Callable[[Mapping[str, Any]], None]
"""Takes one record: of a request (``request``, ``endpoint``, ``body``) or of a reply (``reply``,
and ``content``, ``tool_calls``, ``tokens_in`` and ``tokens_out``, or ``error``); the two of one
call have the same number."""


class Received(Protocol):
    """What a call brought; None until it did."""

    result: ChatResult | None


class _Watch:
    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.numbers = count(1)


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(tell: Tell) -> Iterator[None]:
    """Have every model call made inside told, numbered from 1."""
    token = _watch.set(_Watch(tell))
    try:
        yield
    finally:
        _watch.reset(token)


@contextmanager
def exchange(
    endpoint: str, body: Callable[[], Mapping[str, Any]], received: Received
) -> Iterator[None]:
    """Tell one call, whatever becomes of it, where somebody watches.

    Args:
        endpoint: Where it goes.
        body: Builds the request as it leaves.
        received: Holds the result when what is done inside ends.
    """
    watch = _watch.get()
    if watch is None:
        yield
        return
    number = next(watch.numbers)
    watch.tell({"request": number, "endpoint": endpoint, "body": body()})
    try:
        yield
    except BaseException as error:
        watch.tell({"reply": number, "error": f"{type(error).__name__}: {error}"})
        raise
    watch.tell({"reply": number, **_told(received.result)})


def in_words(record: Mapping[str, Any]) -> str:
    """A record as people read it; what cannot be seen in a reply is spelled out."""
    if "body" in record:
        return _request_in_words(record)
    number, used = record["reply"], ""
    if record.get("tokens_in") is not None:
        used = f", {record['tokens_in']} tokens in, {record['tokens_out']} out"
    rest = {key: record[key] for key in ("error", "content", "tool_calls") if record.get(key)}
    lines = (f"{key}: {_shown(value)}" for key, value in rest.items())
    return "\n".join((f"── reply {number}{used} ──", *lines))


def _request_in_words(record: Mapping[str, Any]) -> str:
    body = dict(record["body"])
    messages = body.pop("messages", [])
    said = (
        "\n".join((f"[{one.get('role', '')}] {_shown(one.get('content') or '')}", *_beside(one)))
        for one in messages
    )
    rest = (f"{key}: {_shown(value)}" for key, value in body.items())
    head = f"── request {record['request']} to {record['endpoint']} ──"
    return "\n".join((head, *said, *rest))


def _beside(message: Mapping[str, Any]) -> Iterator[str]:
    """What a message holds beside its role and its text, such as calls."""
    for key, value in message.items():
        if value and key not in ("role", "content"):
            yield f"{key}: {_shown(value)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return VisibleText(text).shown


def _told(result: ChatResult | None) -> dict[str, Any]:
    message = result.generations[0].message if result and result.generations else None
    if not isinstance(message, AIMessage):
        return {}
    used = message.usage_metadata
    return {
        "content": message.content,
        "tool_calls": [*message.tool_calls, *message.invalid_tool_calls],
        "tokens_in": used["input_tokens"] if used else None,
        "tokens_out": used["output_tokens"] if used else None,
    }
