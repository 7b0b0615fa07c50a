"""Runs an SOP's actions: each as soon as what it reads is there, independent ones in parallel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casewright.models import ActionRecord, Evidence
from graphs.facts import Facts, bind_action, bind_case
from graphs.scope import Bound
from graphs.sop import CASE, Action, Sop
from tools.base import ToolInputError
from tools.toolbox import Toolbox


class Gathering:
    """One case's round of actions.

    Args:
        sop: The procedure.
        case: The frozen case.
        toolbox: Where actions call their tools.
        as_of: The moment whose knowledge is asked for.
    """

    def __init__(self, sop: Sop, case: Evidence, toolbox: Toolbox, as_of: datetime) -> None:
        self._sop = sop
        self._case = case
        self._toolbox = toolbox.for_case()
        self._as_of = as_of
        self._records: dict[str, ActionRecord] = {}
        self._evidence: dict[str, Evidence] = {}
        self._scope: dict[str, Bound] = {CASE: bind_case(case)}
        self._done: dict[str, asyncio.Event] = {name: asyncio.Event() for name in sop.actions}

    async def run(self) -> Facts:
        """Run all actions and return the facts.

        Raises:
            SourceRefused: the source refuses us; no action can be run.
            ExpressionError: an argument's expression compares what cannot be compared.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for action in self._sop.actions.values():
                    group.create_task(self._run(action))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return Facts(self._sop, self._case, self._records, self._evidence)

    async def _run(self, action: Action) -> None:
        for name in sorted(action.needs):
            await self._done[name].wait()
        record = self._records[action.name] = await self._record(action)
        self._scope[action.name] = bind_action(self._sop, action.name, record, self._evidence)
        self._done[action.name].set()

    async def _record(self, action: Action) -> ActionRecord:
        scope = self._scope
        if action.when is not None:
            wanted = action.when.evaluate(scope)
            if wanted.value is not True:
                reason = "; ".join(gap.reason for gap in wanted.gaps)
                status = "not_needed" if wanted.known else "not_run"
                return ActionRecord(action=action.name, status=status, reason=reason)
        results = {name: bound.evaluate(scope) for name, bound in action.arguments.items()}
        gaps = [gap.reason for result in results.values() for gap in result.gaps]
        if gaps:
            return ActionRecord(action=action.name, status="not_run", reason="; ".join(gaps))
        return await self._call(action, {name: result.value for name, result in results.items()})

    async def _call(self, action: Action, arguments: Mapping[str, Any]) -> ActionRecord:
        try:
            item = await self._toolbox.call(action.tool.name, arguments, as_of=self._as_of)
        except ToolInputError as error:
            return ActionRecord(action=action.name, status="not_run", reason=error.message)
        self._evidence[item.digest] = item
        return ActionRecord(
            action=action.name,
            status=item.status.value,
            digest=item.digest,
            reason=item.reason,
            retrieved_at=item.retrieved_at,
        )
