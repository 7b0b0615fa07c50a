"""Finds out in which mode an endpoint calls functions, by asking it for what it cannot guess.

One small request for each mode, the most reliable first, until one is kept to. An endpoint that
refuses a request, fails over it with 500 or 501, or answers anything else has not that mode; one
that is unreachable, too busy or does not know our key says nothing about its modes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agents.modes import MODES, Function, Mode, Request, calls_format
from agents.saying import Malformed
from casewright.errors import ModelError, ModelRefused, ModelUnavailable
from casewright.settings import ModeName

SEAL = "otter-417"
"""A word that no model writes unless it has to."""

ACKNOWLEDGE: Function = {
    "name": "acknowledge",
    "description": "Acknowledges a word.",
    "parameters": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
}

_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_UNABLE = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_IMPLEMENTED)
_SYSTEM = SystemMessage("This is a test of the connection.")
_CALL = HumanMessage(f"Call the function `acknowledge` with the word {SEAL}.")

Ask = Callable[[Request], Awaitable[AIMessage]]


async def able_mode(ask: Ask) -> Mode:
    """The most reliable mode that an endpoint keeps to.

    Args:
        ask: Makes one call.

    Raises:
        ModelUnavailable: the endpoint cannot be asked now.
        ModelRefused: it refuses our key, or every call, or keeps to no mode.
        ModelMalformed: it never answers with a chat completion.
    """
    failures: list[ModelError] = []
    for mode in MODES.values():
        try:
            if _PROVEN[mode.name](await ask(_REQUESTS[mode.name]())):
                return mode
        except ModelError as error:
            if _says_nothing(error):
                raise
            failures.append(error)
    if len(failures) == len(MODES):
        raise failures[0]
    raise ModelRefused(
        "The model endpoint keeps to no JSON schema, calls no function, and writes no JSON.",
        remedy="Use another model, or set CASEWRIGHT_MODEL_MODE to what it can do.",
    )


def _says_nothing(error: ModelError) -> bool:
    """Whether a failure leaves open what the endpoint can do."""
    if isinstance(error, ModelUnavailable):
        return error.status not in _UNABLE
    return error.status in _KEY


def _schema_request() -> Request:
    """The seal stands in the schema alone; nothing else says that it is wanted."""
    seal = {"type": "string", "enum": [SEAL]}
    return Request(
        (_SYSTEM, HumanMessage("Say that you are ready, as JSON.")),
        {"response_format": calls_format([ACKNOWLEDGE], seal=seal)},
    )


def _called_request(mode: Mode) -> Request:
    return mode.request((_SYSTEM, _CALL), [ACKNOWLEDGE])


def _sealed(message: AIMessage) -> bool:
    try:
        value = json.loads(str(message.text))
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict) or value.keys() != {"seal", "calls"}:
        return False
    return value["seal"] == SEAL and isinstance(value["calls"], list)


def _called(mode: Mode, message: AIMessage) -> bool:
    try:
        calls = mode.turn(message, [ACKNOWLEDGE]).calls
    except Malformed:
        return False
    return any(call.name == ACKNOWLEDGE["name"] and call.arguments for call in calls)


_REQUESTS: dict[ModeName, Callable[[], Request]] = {
    "schema": _schema_request,
    "tools": lambda: _called_request(MODES["tools"]),
    "json": lambda: _called_request(MODES["json"]),
}

_PROVEN: dict[ModeName, Callable[[AIMessage], bool]] = {
    "schema": _sealed,
    "tools": lambda message: _called(MODES["tools"], message),
    "json": lambda message: _called(MODES["json"], message),
}
