"""Hides personal data from a model: a :class:`Talk` around the one that leaves the process.

What goes out holds tokens in place of names, mailboxes, phones, addresses, account, tax, card and
identity numbers; what comes back is restored before anyone else sees it, so that quotes and the
ids in calls are those of the case. Names of functions and of their parameters stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

from agents.identifiers import numbers
from agents.personal import Span, in_fields, kept, known, named, patterned, plain, worth_hiding
from agents.reading import Errand
from agents.talk import Call, Talk, Turn
from agents.tokens import Tokens
from casewright.models import Cost

_TOLD: Final = "description"
"""The key of a function's schema whose text is prose; all else in it are names."""


class Private:
    """A conversation that another one carries on without personal data.

    Args:
        talk: What takes the messages out of the process.
        errand: Whose records say which names and identifiers the case knows.
    """

    def __init__(self, talk: Talk, errand: Errand) -> None:
        self._talk = talk
        self._tokens = Tokens()
        self._words = dict.fromkeys(filter(worth_hiding, errand.persons))
        self._announced: dict[str, None] = {}
        self._kept = frozenset(
            plain(one) for one in (*errand.subject.values(), *numbers(errand.records))
        )
        self._patterned: dict[str, tuple[Span, ...]] = {}

    @property
    def cost(self) -> Cost:
        """What the other conversation cost so far."""
        return self._talk.cost

    async def turn(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """The other conversation's turn, about tokens; see :meth:`agents.talk.Talk.turn`."""
        # Loading the recognizers takes seconds, and other cases are under way.
        hidden = await asyncio.to_thread(self._hidden_messages, messages)
        turn = await self._talk.turn(hidden, [self._described(one) for one in functions])
        restored = _message(turn.message, self._tokens.restore)
        return Turn(
            restored if isinstance(restored, AIMessage) else turn.message,
            tuple(self._restored(call) for call in turn.calls),
        )

    def _hidden_messages(self, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
        # What a look-up brought is JSON, in which no party's text can pass for a field.
        brought = (str(one.content) for one in messages if isinstance(one, ToolMessage))
        self._words |= dict.fromkeys(word for text in brought for word in in_fields(text))
        for message in messages:
            _message(message, self._learn)
        return [
            _message(one, self._hide_shapes if isinstance(one, SystemMessage) else self._hide)
            for one in messages
        ]

    def _learn(self, text: str) -> str:
        """Note the names that a text announces: they may stand elsewhere unannounced."""
        self._announced |= dict.fromkeys(named(text, self._shapes(text)))
        return text

    def _hide(self, text: str) -> str:
        recorded = known(text, self._words)
        again = known(text, self._announced, exactly=True)
        return self._tokens.hide(text, (*self._shapes(text), *recorded, *again))

    def _hide_shapes(self, text: str) -> str:
        """The team's own words, in which a party's name may stand as a common word."""
        return self._tokens.hide(text, self._shapes(text))

    def _shapes(self, text: str) -> tuple[Span, ...]:
        if text not in self._patterned:
            found = patterned(text)
            self._patterned[text] = tuple(s for s in found if not kept(text, s, self._kept))
        return self._patterned[text]

    def _described(self, function: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: self._hide_shapes(value)
            if key == _TOLD and isinstance(value, str)
            else _inside(value, self._described)
            for key, value in function.items()
        }

    def _restored(self, call: Call) -> Call:
        return Call(call.call_id, call.name, _texts(call.arguments, self._tokens.restore))


def _message(message: BaseMessage, change: Callable[[str], str]) -> BaseMessage:
    """The message with its texts changed, and those of the calls in it."""
    update: dict[str, Any] = {"content": _texts(message.content, change)}
    if isinstance(message, AIMessage):
        update["tool_calls"] = [
            {**call, "args": _texts(call["args"], change)} for call in message.tool_calls
        ]
    return message.model_copy(update=update)


def _texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each of its texts changed, and no key."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _texts(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner, change) for inner in value]
    return value


def _inside(value: Any, change: Callable[[Mapping[str, Any]], Any]) -> Any:
    if isinstance(value, Mapping):
        return change(value)
    return [_inside(inner, change) for inner in value] if isinstance(value, list) else value
