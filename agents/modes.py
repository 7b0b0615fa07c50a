"""Three ways to have a model call functions: by a JSON schema, by tool calling, by JSON alone.

Whoever talks sees turns and calls whichever way is used, and may change it between two turns: a
conversation is kept in the form of tool calling, and each mode says it in its own form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage

from agents.prompts import prompt
from agents.saying import Said, said_by_tools, said_in_json, turn_of
from agents.strict import NotStrict, strict, without_nulls
from agents.talk import Turn
from agents.written import written
from casewright.settings import ModeName

Function = Mapping[str, Any]
"""Name, description and parameters (JSON schema) of what a model may call."""


@dataclass(frozen=True)
class Request:
    """One request to a chat-completions endpoint.

    Attributes:
        messages: The conversation as the endpoint gets it.
        options: What else the request carries: ``tools`` or ``response_format``.
    """

    messages: tuple[BaseMessage, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def and_then(self, *messages: BaseMessage) -> Request:
        """The same request, the conversation longer by these messages."""
        return Request((*self.messages, *messages), self.options)


class Mode(Protocol):
    """A way to have a model call functions."""

    name: ClassVar[ModeName]
    repairs: ClassVar[int]
    """How often a reply that cannot be read is asked for anew."""

    def request(self, messages: Sequence[BaseMessage], functions: Sequence[Function]) -> Request:
        """What to send. The functions stand in the order of their names.

        The same functions and opening messages are the same bytes in every conversation, and what
        was sent once is a prefix of what is sent later: endpoints cache prompts by their prefix.
        """
        ...

    def turn(self, message: AIMessage, functions: Sequence[Function]) -> Turn:
        """What the model said. Raises Malformed where it does not keep to the mode."""
        ...


class ToolsMode:
    """The endpoint's own tool calling."""

    name: ClassVar[ModeName] = "tools"
    repairs: ClassVar[int] = 0

    def request(self, messages: Sequence[BaseMessage], functions: Sequence[Function]) -> Request:
        """See :meth:`Mode.request`."""
        tools = [{"type": "function", "function": dict(one)} for one in _ordered(functions)]
        return Request(tuple(messages), {"tools": tools} if tools else {})

    def turn(self, message: AIMessage, functions: Sequence[Function]) -> Turn:
        """See :meth:`Mode.turn`; whatever is no call is text."""
        return turn_of(message, said_by_tools(message))


class SchemaMode:
    """A JSON schema that the endpoint makes the reply keep to."""

    name: ClassVar[ModeName] = "schema"
    repairs: ClassVar[int] = 0

    def request(self, messages: Sequence[BaseMessage], functions: Sequence[Function]) -> Request:
        """See :meth:`Mode.request`; endpoints do not all show the model the schema."""
        if not functions:
            return Request(written(messages))
        told = [f"- `{one['name']}`: {one['description']}" for one in _ordered(functions)]
        return Request(
            _with_told(written(messages), "calls_in_schema", told),
            {"response_format": calls_format(functions)},
        )

    def turn(self, message: AIMessage, functions: Sequence[Function]) -> Turn:
        """See :meth:`Mode.turn`."""
        return _turn_in_json(message, functions)


class JsonMode:
    """A reply that is JSON; its shape is told, validated here, and asked for anew once."""

    name: ClassVar[ModeName] = "json"
    repairs: ClassVar[int] = 1

    def request(self, messages: Sequence[BaseMessage], functions: Sequence[Function]) -> Request:
        """See :meth:`Mode.request`."""
        if not functions:
            return Request(written(messages))
        told = [
            f"- `{one['name']}`: {one['description']} Its arguments, as a JSON schema: "
            f"{json.dumps(one['parameters'], ensure_ascii=False)}"
            for one in _ordered(functions)
        ]
        options = {"response_format": {"type": "json_object"}}
        return Request(_with_told(written(messages), "calls", told), options)

    def turn(self, message: AIMessage, functions: Sequence[Function]) -> Turn:
        """See :meth:`Mode.turn`."""
        return _turn_in_json(message, functions)


MODES: Mapping[ModeName, Mode] = {
    mode.name: mode for mode in (SchemaMode(), ToolsMode(), JsonMode())
}
"""All modes, the most reliable one first."""


def calls_format(functions: Sequence[Function], **more: Mapping[str, Any]) -> dict[str, Any]:
    """The ``response_format`` of a reply that calls functions.

    Args:
        functions: What may be called.
        **more: Schemas of further properties of the reply.
    """
    try:
        parameters = [strict(one["parameters"]) for one in _ordered(functions)]
    except NotStrict:
        parameters = [dict(one["parameters"]) for one in _ordered(functions)]
        forced = False
    else:
        forced = True
    items = [
        _closed({"name": {"type": "string", "enum": [one["name"]]}, "arguments": arguments})
        for one, arguments in zip(_ordered(functions), parameters, strict=True)
    ]
    schema = _closed({**more, "calls": {"type": "array", "items": {"anyOf": items}}})
    named = {"name": "calls", "strict": forced, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _ordered(functions: Sequence[Function]) -> list[Function]:
    return sorted(functions, key=lambda function: str(function["name"]))


def _with_told(
    messages: Sequence[BaseMessage], how_to: str, told: Sequence[str]
) -> tuple[BaseMessage, ...]:
    """The conversation with the functions told at the end of its system message."""
    how = prompt(how_to).render({"functions": "\n".join(told)})
    if messages and isinstance(messages[0], SystemMessage):
        return (SystemMessage(f"{messages[0].text}\n\n{how}"), *messages[1:])
    return (SystemMessage(how), *messages)


def _turn_in_json(message: AIMessage, functions: Sequence[Function]) -> Turn:
    if not functions:
        return turn_of(message, ())
    schemas = {one["name"]: one["parameters"] for one in functions}
    calls = said_in_json(str(message.text))
    return turn_of(message, tuple(_sparing(said, schemas) for said in calls), text="")


def _sparing(said: Said, schemas: Mapping[str, Mapping[str, Any]]) -> Said:
    if said.arguments is None or said.name not in schemas:
        return said
    return Said(said.name, without_nulls(said.arguments, schemas[said.name]))
