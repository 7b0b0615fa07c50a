"""Look-ups: the read-only tool calls of one reading, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from agents.answers import FUNCTION
from agents.exhibits import Exhibits
from agents.talk import Call
from agents.visible import VisibleText
from casewright.errors import UsageError
from casewright.models import Cost, Evidence
from tools.base import Tool, ToolInputError

REFUSAL_LIMIT = 1_000
"""Most characters of a tool's refusal that the model is told."""


class Toolbox(Protocol):
    """What a reader needs of the toolbox."""

    def tool(self, name: str) -> Tool:
        """The tool of that name; a UsageError where there is none."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Any], *, as_of: datetime) -> Evidence:
        """Call a tool; ToolInputError where the arguments do not fit."""
        ...


class Lookups:
    """The tools that one reading may use.

    Args:
        toolbox: Where the tools are.
        names: The tools allowed.
        budget: Most calls; every attempt counts, also one that was malformed.
        as_of: The moment whose knowledge is asked for.
        exhibits: Where results go, so that they can be quoted.

    Raises:
        UsageError: a name is unknown, or is the name of the function for answers.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        names: Sequence[str],
        *,
        budget: int,
        as_of: datetime,
        exhibits: Exhibits,
    ) -> None:
        if FUNCTION in names:
            raise UsageError(f"A reader cannot use a tool named {FUNCTION!r}.", remedy="Rename it.")
        self._tools = {name: toolbox.tool(name) for name in names}
        self._toolbox = toolbox
        self._as_of = as_of
        self._exhibits = exhibits
        self.left = budget if names else 0
        """Calls left."""
        self.cost = Cost()
        """Calls that were answered with evidence."""

    def functions(self) -> list[dict[str, Any]]:
        """Name, description and parameters (JSON schema) of each tool; none without budget."""
        return [_function(tool) for tool in self._tools.values()] if self.left else []

    async def run(self, calls: Sequence[Call]) -> list[str]:
        """Make the calls in parallel, as far as the budget goes.

        Args:
            calls: What the model called, in its order.

        Returns:
            For each call what to tell the model: the result as fenced data, or why there is none.

        Raises:
            SourceRefused: the source refuses us whatever the arguments are.
        """
        granted = calls[: self.left]
        self.left -= len(granted)
        # All calls end before an error is passed on: none may run on unobserved.
        results = await asyncio.gather(*map(self._outcome, granted), return_exceptions=True)
        told = [self._told(result) for result in results]
        refusal = "No look-ups are left. Answer from what you have."
        return [*told, *[refusal] * (len(calls) - len(granted))]

    async def _outcome(self, call: Call) -> Evidence | str:
        if call.name not in self._tools:
            return f"There is no such function. Known: {', '.join((FUNCTION, *self._tools))}."
        if call.arguments is None:
            return f"The arguments of {call.name} are not a JSON object. Call it again."
        try:
            return await self._toolbox.call(call.name, call.arguments, as_of=self._as_of)
        except ToolInputError as error:
            return VisibleText(str(error)).shown[:REFUSAL_LIMIT]

    def _told(self, result: Evidence | str | BaseException) -> str:
        if isinstance(result, BaseException):
            raise result
        if isinstance(result, str):
            return result
        self.cost += Cost(tool_calls=1)
        return self._exhibits.fetched(result)


def _function(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.arguments.model_json_schema(),
    }
