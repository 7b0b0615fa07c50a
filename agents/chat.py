"""One conversation with a chat model: turns, the calls in them, and what they cost.

It stays with one endpoint until that one gives no answer, and then goes on with the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agents.endpoint import Endpoint
from agents.ledger import ledger
from agents.line import Line
from agents.modes import Mode, Request
from agents.prompts import prompt
from agents.saying import Malformed, plain, turn_of
from agents.talk import Turn
from casewright.cost import Cost, total
from casewright.errors import ModelMalformed, ModelRefused, ModelUnavailable

_ELSEWHERE = (ModelUnavailable, ModelMalformed)
"""Failures that another endpoint need not share. A refusal is told: it is ours to mend."""

_NOT_THE_CALL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""Refusals of our key or of the model's name, whatever the call was."""


class Chat:
    """A conversation with the first of some endpoints that answers.

    Args:
        lines: The endpoints, the preferred one first; at least one. Those that gave no answer to
            others a moment ago come last.
        temperature: How much turns may vary; 0: the likeliest.
    """

    def __init__(self, lines: Sequence[Line], temperature: float = 0.0) -> None:
        self._lines = sorted(lines, key=lambda line: line.resting)
        self._temperature = temperature
        self.cost = Cost()
        """Model calls, tokens and money of the turns so far, with those that failed or probed."""
        self.answered_by: Endpoint | None = None
        """The endpoint of the last turn."""

    async def turn(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """Let the model say its next; see :meth:`agents.talk.Talk.turn`.

        Raises:
            ModelError: one endpoint refuses, or none of them gives an answer.
        """
        with self._counting():
            return await self._answered(messages, functions)

    async def _answered(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """The turn of the first endpoint that gives one."""
        while True:
            line = self._lines[0]
            try:
                turn = await self._said(line, messages, functions)
            except _ELSEWHERE:
                if len(self._lines) == 1:
                    raise
                del self._lines[0]
            else:
                self.answered_by = line.endpoint
                return turn

    async def _said(
        self, line: Line, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        mode = await line.mode()
        try:
            return await self._in_mode(line, mode, messages, functions)
        except ModelRefused as refusal:
            if refusal.status in _NOT_THE_CALL:
                raise
            instead = await line.mode_instead(mode)
            if instead is None:
                raise
        return await self._in_mode(line, instead, messages, functions)

    async def _in_mode(
        self,
        line: Line,
        mode: Mode,
        messages: Sequence[BaseMessage],
        functions: Sequence[Mapping[str, Any]],
    ) -> Turn:
        """The turn; one without calls where the reply does not keep to the mode."""
        request = mode.request(messages, functions)
        message = await line.call(request, self._temperature)
        for _ in range(mode.repairs):
            try:
                return mode.turn(message, functions)
            except Malformed as slip:
                request = _repairing(request, message, str(slip))
                message = await line.call(request, self._temperature)
        try:
            return mode.turn(message, functions)
        except Malformed:
            return turn_of(message, ())

    @contextmanager
    def _counting(self) -> Iterator[None]:
        with ledger() as calls:
            try:
                yield
            finally:
                self.cost += total(calls)


def _repairing(request: Request, message: AIMessage, reason: str) -> Request:
    """The request that says what was wrong with the reply to the one before."""
    said = AIMessage(plain(str(message.text)) or "(nothing)")
    return request.and_then(said, HumanMessage(prompt("repair").render({"reason": reason})))
