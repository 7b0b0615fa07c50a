"""A plain tool-calling agent: looks up whatever it can name, then tells an outcome.

It stands for an agent that is given a procedure as prose and all tools, so that its calls and
tokens can be counted. What it decides is what the case deserves, which it knows by heart; its
accuracy therefore says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.model.conversation import Conversation
from sandbox.model.expert import Said
from sandbox.model.memory import Memory

AT_ONCE: Final = 3
"""Most calls in one turn."""

_FIELD: Final = re.compile(r'"?\b(\w+)\b"?\s*[:=]\s*"?([\w./:+-]+)')
_ID: Final = re.compile(r"\b([a-z]{3,4})_\d{4,}\b")
_KINDS: Final = {
    "seller_id": "sel", "peer_id": "sel", "buyer_id": "buy", "listing_id": "lst",
    "order_id": "ord", "violation_id": "vio", "appeal_id": "app", "claim_id": "clm",
    "notice_id": "ntc", "hold_id": "hld", "request_id": "kyb",
}  # fmt: skip
_ALIASES: Final = {"from": "window_from", "to": "window_to"}


def agent_turn(conversation: Conversation, memory: Memory) -> Said:
    """The agent's next turn: at most ``AT_ONCE`` calls not made before, else its outcome."""
    made = {(call.name, json.dumps(call.arguments, sort_keys=True)) for call in conversation.calls}
    seen = _seen(conversation)
    new = [
        (name, arguments)
        for name, schema in conversation.tools.items()
        for arguments in [_arguments(schema, seen)]
        if arguments is not None and (name, json.dumps(arguments, sort_keys=True)) not in made
    ]
    if new:
        return Said(calls=tuple(new[:AT_ONCE]))
    drawn = memory.drawn(text for _, text in conversation.messages)
    outcome = drawn[0].right if drawn else "request_information"
    reason = "By what the records show (a simulated answer)."
    return Said(json.dumps({"outcome": outcome, "reason": reason}))


def _seen(conversation: Conversation) -> dict[str, str]:
    """Values by the name of the field in which they were first seen."""
    text = "\n".join(text for role, text in conversation.messages if role != "assistant")
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(name, value)
    for kind, value in _ids(text):
        found.setdefault(kind, value)
    return found


def _ids(text: str) -> Iterator[tuple[str, str]]:
    names = {prefix: name for name, prefix in reversed(_KINDS.items())}
    for match in _ID.finditer(text):
        if match[1] in names:
            yield names[match[1]], match[0]
            yield "ref_id", match[0]


def _arguments(schema: Mapping[str, Any], seen: Mapping[str, str]) -> dict[str, Any] | None:
    """The required arguments, from what was seen; None where one is not known."""
    wanted = schema.get("required") or ()
    values = {name: seen.get(name) or seen.get(_ALIASES.get(name, "")) for name in wanted}
    return None if None in values.values() else dict(values)
