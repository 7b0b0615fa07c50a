"""What a model said, as a turn that any endpoint can be sent back.

Endpoints parse the messages they are sent back: some refuse a call without an id, two calls with
one id, a name that is no identifier, a message that says nothing, or text that is no Unicode. So
what a model said is built anew.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from langchain_core.messages import AIMessage

from agents.talk import Call, Turn

TEXT_LIMIT = 8_000
"""Most characters of a model's text that are kept."""

ARGUMENTS_LIMIT = 20_000
"""Most bytes of one call's arguments; longer ones are no arguments."""

SILENCE = "(nothing)"
"""Stands for a message that says nothing."""

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""What some reasoning models write before their reply."""

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")


class Malformed(ValueError):
    """A reply that does not keep to its mode; the words say how, in the model's terms."""


@dataclass(frozen=True)
class Said:
    """A call as a model wrote it.

    Attributes:
        name: The function's name.
        arguments: Its arguments; None where they are not a JSON object.
        call_id: The endpoint's id for it, or empty.
    """

    name: str
    arguments: dict[str, Any] | None
    call_id: str = ""


def turn_of(message: AIMessage, said: Sequence[Said], *, text: str | None = None) -> Turn:
    """The turn, fit to be sent back.

    Args:
        message: What the endpoint answered.
        said: The calls in it.
        text: What it says beside the calls; None: the message's own text.
    """
    calls = tuple(_numbered(said))
    words = plain(str(message.text) if text is None else text)
    sent_back = AIMessage(
        words or ("" if calls else SILENCE),
        tool_calls=[
            {"name": _name(call.name), "args": call.arguments or {}, "id": call.call_id}
            for call in calls
        ],
    )
    return Turn(sent_back, calls)


def said_by_tools(message: AIMessage) -> tuple[Said, ...]:
    """The calls of a message of tool calling, malformed ones at the end."""
    valid = [Said(call["name"], call["args"], call["id"] or "") for call in message.tool_calls]
    broken = [
        Said(call["name"] or "", None, call["id"] or "") for call in message.invalid_tool_calls
    ]
    return (*valid, *broken)


def said_in_json(text: str) -> tuple[Said, ...]:
    """The calls of a reply that is a JSON object.

    A thought before the object, a Markdown fence around it and words behind it are passed over.

    Raises:
        Malformed: the text holds no such object.
    """
    reply = _THOUGHT.sub("", text, count=1)
    begin = reply.find("{")
    if begin < 0:
        raise Malformed("it holds no JSON object")
    try:
        # A decoder, since json.loads refuses words behind the object.
        value, _ = json.JSONDecoder(parse_constant=_no_number).raw_decode(reply, begin)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it is not JSON ({error})") from error
    calls = value.get("calls")
    if not isinstance(calls, list):
        raise Malformed("its object has no list `calls`")
    return tuple(_said(number, call) for number, call in enumerate(calls, start=1))


def plain(text: str) -> str:
    """The text as an endpoint takes it: Unicode, and not without end."""
    return text[:TEXT_LIMIT].encode(errors="replace").decode()


def _said(number: int, call: object) -> Said:
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        raise Malformed(f"call {number} is no object with a `name`")
    arguments = call.get("arguments")
    return Said(call["name"], arguments if isinstance(arguments, dict) else None)


def _numbered(said: Sequence[Said]) -> Iterator[Call]:
    """The calls, each with an id of its own."""
    taken: set[str] = set()
    for one in said:
        own = (f"call-{number}" for number in itertools.count())
        ids = itertools.chain([one.call_id] if one.call_id else [], own)
        call_id = next(call_id for call_id in ids if call_id not in taken)
        taken.add(call_id)
        yield Call(call_id, one.name, _sendable(one.arguments))


def _sendable(arguments: dict[str, Any] | None) -> dict[str, Any] | None:
    """The arguments; None where they could not be sent back as JSON."""
    try:
        size = len(json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):  # lone surrogates, numbers that are none, endless depth
        return None
    return arguments if size <= ARGUMENTS_LIMIT else None


def _name(name: str) -> str:
    return _NO_NAME.sub("_", name)[:64] or "unnamed"


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
