"""Everything that an endpoint or a model can do wrong, on purpose."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sandbox.model.conversation import Conversation
from sandbox.model.expert import Said
from sandbox.model.names import FAULTS

FAULT_RATE: Final = 0.5
"""Share of the requests that meet a fault where none is named."""

RETRY_AFTER: Final = 1
"""Seconds that a 429 asks to wait."""

ENORMOUS: Final = 2_000_000
"""Characters of an enormous reply."""

REFUSALS: Final[Mapping[str, int]] = {
    "rate_limited": 429, "server_error": 500, "overloaded": 503, "no_access": 401,
}  # fmt: skip
"""Faults that are an HTTP error."""


def _each(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Said], Said]:
    def changed(said: Said) -> Said:
        calls = tuple((name, change(dict(arguments))) for name, arguments in said.calls)
        return replace(said, calls=calls)

    return changed


_SAID: Final[Mapping[str, Callable[[Said], Said]]] = {
    "invented_quote": _each(lambda one: one | {"quote": "The seller admits everything (p. 7)."}),
    "wrong_pointer": _each(lambda one: one | {"pointer": "/nowhere/0"}),
    "wrong_action": _each(lambda one: one | {"action": "court_file"}),
    "unknown_factor": _each(lambda one: one | {"factor": "guilt"}),
    "unknown_answer": _each(lambda one: one | {"answer": "probably"}),
    "missing_arguments": _each(lambda one: {name: one[name] for name in list(one)[:1]}),
    "wrong_types": _each(lambda one: dict.fromkeys(one, 7)),
    "wrong_tool": lambda said: Said(calls=(("decide_case", {"outcome": "approve"}),)),
    "prose": lambda said: Said("In my view the answer is rather yes, all things considered."),
    "silence": lambda said: Said(" "),
    "enormous": lambda said: Said("word " * (ENORMOUS // 5)),
    "contradiction": lambda said: replace(said, calls=(*said.calls, *_turned(said))),
}
"""Faults of what is said, by what they make of it."""


class FaultDraw:
    """Which fault the next request meets.

    Args:
        seed: What they are drawn from; requests are drawn in the order in which they come.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def next(self) -> str:
        """A fault's name, or nothing where the request is answered as it should be."""
        with self._lock:
            luck = random.Random(f"{self._seed}/{next(self._numbers)}")
        return luck.choice(FAULTS) if luck.random() < FAULT_RATE else ""


def misspoken(fault: str, said: Said, conversation: Conversation) -> Said:
    """What is said where a fault changes it."""
    if fault == "endless_tools":
        return _endless(conversation)
    return _SAID[fault](said) if fault in _SAID else said


def miswritten(fault: str, message: dict[str, Any]) -> dict[str, Any]:
    """The message where a fault changes how it is written."""
    broken = {"malformed_arguments": '{"factor": "x", "ans', "arguments_list": '["yes", "no"]'}
    if fault not in broken:
        return message
    if "tool_calls" not in message:
        return message | {"content": broken[fault]}
    calls = [
        one | {"function": one["function"] | {"arguments": broken[fault]}}
        for one in message["tool_calls"]
    ]
    return message | {"tool_calls": calls}


def _endless(conversation: Conversation) -> Said:
    """One more look-up of an id made up, each time another, and never an answer."""
    others = [name for name in conversation.tools if name != conversation.answering]
    number = len(conversation.calls) + 1
    for name in others:
        wanted = conversation.tools[name].get("required") or ()
        return Said(calls=((name, dict.fromkeys(wanted, f"ord_{number:07d}")),))
    return Said(calls=(("look_again", {"page": number}),))


def _turned(said: Said) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    other = {"yes": "no", "no": "yes"}
    return tuple(
        (name, {**one, "answer": other.get(str(one.get("answer")), "yes")})
        for name, one in said.calls
    )
