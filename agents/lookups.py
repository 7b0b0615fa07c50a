"""Look-ups: the read-only tool calls of one reading, within a budget."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from agents.answers import FUNCTION
from agents.exhibits import Exhibits
from agents.identifiers import Identifiers
from agents.lean import lean
from agents.reading import Errand
from agents.talk import Call
from agents.visible import VisibleText
from casewright.errors import UsageError
from casewright.models import Evidence, Slip
from tools.base import Tool, ToolInputError

REFUSAL_LIMIT = 1_000
"""Most characters of a tool's refusal that the model is told."""

DESCRIPTION_LIMIT = 1_000
"""Most characters of a tool's description; those of MCP servers come from outside."""

_FOREIGN = (
    "{}: no record of the platform holds that id. An id that a party's text alone names cannot be "
    "looked up. Use an id of the case, or one that a look-up returned."
)


@dataclass(frozen=True)
class _Refusal:
    """Why a call brought nothing: the kind of slip, and what the model is told."""

    slip: Slip
    told: str


class Toolbox(Protocol):
    """What a reader needs of the toolbox."""

    def tool(self, name: str) -> Tool:
        """The tool of that name; a UsageError where there is none."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Any], *, as_of: datetime) -> Evidence:
        """Call a tool; ToolInputError where the arguments do not fit."""
        ...


class Ration:
    """How many look-ups may be made for one reading, whoever makes them.

    Args:
        most: Most look-ups; one that was made before is not counted again.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._granted: set[str] = set()

    def grants(self, call: Call) -> bool:
        """Whether the call may be made."""
        key = json.dumps([call.name, call.arguments], sort_keys=True)
        if key not in self._granted and len(self._granted) >= self.most:
            return False
        self._granted.add(key)
        return True


class Lookups:
    """The tools that one conversation may use.

    Args:
        toolbox: Where the tools are.
        errand: The tools allowed, the moment whose knowledge is asked for, and the records whose
            ids may be used.
        ration: Most calls; every attempt counts, also one that was refused.
        exhibits: Where results go, so that they can be quoted.

    Raises:
        UsageError: a name is unknown, or is the name of the function for answers.
    """

    def __init__(
        self, toolbox: Toolbox, errand: Errand, *, ration: Ration, exhibits: Exhibits
    ) -> None:
        if FUNCTION in errand.tools:
            raise UsageError(f"A reader cannot use a tool named {FUNCTION!r}.", remedy="Rename it.")
        self._tools = {name: toolbox.tool(name) for name in errand.tools}
        self._toolbox = toolbox
        self._as_of = errand.as_of
        self._ids = Identifiers(errand.records, errand.subject.values())
        self._exhibits = exhibits
        self._ration = ration
        self.left = ration.most if errand.tools else 0
        """Calls left."""
        self.made = 0
        """Calls that were answered with evidence."""
        self.slips: Counter[Slip] = Counter()
        """Calls that were refused, by kind."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What was fetched, oldest first."""
        return self._exhibits.evidence

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
        # All calls end before an error is passed on: none may run on unobserved.
        results = await asyncio.gather(*map(self._outcome, calls), return_exceptions=True)
        return [self._told(result) for result in results]

    async def _outcome(self, call: Call) -> Evidence | _Refusal | str:
        if not self.left or not self._ration.grants(call):
            return "No look-ups are left. Answer from what you have."
        self.left -= 1
        if call.name not in self._tools:
            known = ", ".join((FUNCTION, *self._tools))
            return _Refusal("unknown_function", f"There is no such function. Known: {known}.")
        if call.arguments is None:
            told = f"The arguments of {call.name} are not a JSON object. Call it again."
            return _Refusal("malformed_arguments", told)
        if foreign := self._ids.foreign(call.arguments):
            return _Refusal("foreign_id", _FOREIGN.format(", ".join(foreign)))
        try:
            return await self._toolbox.call(call.name, call.arguments, as_of=self._as_of)
        except ToolInputError as error:
            told = " ".join(VisibleText(str(error)).shown.split())[:REFUSAL_LIMIT]
            return _Refusal("malformed_arguments", told)

    def _told(self, result: Evidence | _Refusal | str | BaseException) -> str:
        if isinstance(result, BaseException):
            raise result
        if isinstance(result, str):
            return result
        if isinstance(result, _Refusal):
            self.slips[result.slip] += 1
            return result.told
        self.made += 1
        self._ids.add(result)
        return self._exhibits.fetched(result)


@lru_cache(maxsize=512)
def _function(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": VisibleText(tool.description).shown[:DESCRIPTION_LIMIT],
        "parameters": lean(tool.arguments.model_json_schema()),
    }
