"""What one reading may use, and what it has used: tokens, money and time.

A turn is begun only where what it is likely to use fits in what is left; what it then used is known
afterwards. So a budget can be passed by what one estimate was off, and no further. Time is exact: a
turn that outlasts it is given up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.messages import BaseMessage

from agents.reading import Budget
from agents.talk import Talk, Turn
from casewright.models import Cost

TOKENS_PER_BYTE = 0.25
"""Of text in any script, before an endpoint has said what it counts: four bytes to a token."""


class Spent(Exception):
    """A budget is spent; the text says which, in plain words."""


class Allowance:
    """The budget of one reading, shared by all that is done for it. Build one for each reading.

    Args:
        budget: What may be used; look-ups are counted elsewhere.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began = asyncio.get_running_loop().time()
        self._used = Cost()
        self._promised = 0.0
        self._rate = TOKENS_PER_BYTE
        self._slowest = 0.0

    def short_of(
        self,
        messages: Sequence[BaseMessage],
        functions: Sequence[Mapping[str, Any]],
        turns: int = 1,
    ) -> str:
        """What is spent once so many turns like this one were taken, in plain words; or nothing.

        Args:
            messages: The conversation so far.
            functions: What the model may call.
            turns: How many more turns, each of that length.
        """
        tokens = self._promised + turns * self._rate * _size(messages, functions)
        used = self._used.tokens_in + self._used.tokens_out
        micros = self._used.micros * (used + tokens) / used if used else 0
        most, seconds = self._budget, self._elapsed() + (turns - 1) * self._slowest
        if most.tokens is not None and used + tokens > most.tokens:
            return f"{most.tokens} tokens"
        if most.micros is not None and micros > most.micros:
            return f"{most.micros} micros"
        if most.seconds is not None and seconds >= most.seconds:
            return f"{most.seconds:g} seconds"
        return ""

    async def turn(
        self, talk: Talk, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """Take a turn.

        Raises:
            Spent: it does not fit in what is left, or outlasted it.
            ModelError: the endpoint did not do its part.
        """
        if bound := self.short_of(messages, functions):
            raise Spent(bound)
        size, before, began = _size(messages, functions), talk.cost, self._elapsed()
        promised = self._rate * size
        self._promised += promised
        try:
            async with self.in_time():
                return await talk.turn(messages, functions)
        finally:
            self._promised -= promised
            self._slowest = max(self._slowest, self._elapsed() - began)
            self._count(before, talk.cost, size)

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Give up what is done here when the time is spent. Raises Spent then."""
        most = self._budget.seconds
        bound = asyncio.timeout(None if most is None else most - self._elapsed())
        try:
            async with bound:
                yield
        except TimeoutError as error:
            if not bound.expired():
                raise
            raise Spent(f"{most:g} seconds") from error

    def _count(self, before: Cost, after: Cost, size: int) -> None:
        turn = Cost(
            tokens_in=after.tokens_in - before.tokens_in,
            tokens_out=after.tokens_out - before.tokens_out,
            micros=after.micros - before.micros,
        )
        tokens = turn.tokens_in + turn.tokens_out
        self._rate = tokens / size if tokens else self._rate  # some endpoints count nothing
        self._used = self._used + turn

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began


def _size(messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]) -> int:
    """Bytes of what is sent, near enough."""
    spoken = sum(len(str(message.content).encode("utf-8", "replace")) for message in messages)
    return spoken + len(json.dumps(list(functions)))
