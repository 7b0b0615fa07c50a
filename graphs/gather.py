"""Runs an SOP's actions: each as soon as what it reads is there, independent ones in parallel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from casewright.models import ActionRecord, Evidence, EvidenceStatus
from graphs.each import Elements, ask_each, elements, gathered
from graphs.facts import Facts, bind_action, bind_case
from graphs.scope import Bound
from graphs.sentence import spell
from graphs.sop import CASE, Action, Sop
from graphs.words import span
from tools.base import ToolInputError
from tools.toolbox import Toolbox

STALE = "stale"
"""First word of the reason where data is older than the SOP allows."""


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
        # In the SOP's order, whichever answered first.
        records = {name: self._records[name] for name in self._sop.actions}
        bound = {name: self._scope[name] for name in (CASE, *records)}
        return Facts(self._sop, self._case, records, self._evidence, bound)

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
        try:
            async with asyncio.timeout(_seconds(action)):
                return await (self._each(action) if action.for_each else self._once(action))
        except TimeoutError:
            if action.spec.timeout is None:
                raise
            reason = f"timeout: no answer within {action.spec.timeout}"
            return ActionRecord(action=action.name, status="error", reason=reason)

    async def _once(self, action: Action) -> ActionRecord:
        results = {name: bound.evaluate(self._scope) for name, bound in action.arguments.items()}
        gaps = [gap.reason for result in results.values() for gap in result.gaps]
        if gaps:
            return _not_run(action, gaps)
        try:
            item = await self._call(action, {name: one.value for name, one in results.items()})
        except ToolInputError as error:
            return _not_run(action, [error.message])
        return self._recorded(action, item)

    async def _each(self, action: Action) -> ActionRecord:
        asked = elements(action, self._scope)
        if not isinstance(asked, Elements):
            return _not_run(action, [gap.reason for gap in asked])
        parts, unfit = await ask_each(asked.calls, lambda given: self._call(action, given))
        asked = replace(asked, lacking=(*asked.lacking, *unfit))
        self._evidence.update({item.digest: item for item in parts})
        item = gathered(action, asked, parts, case=self._case)
        return self._recorded(action, item, parts=tuple(part.digest for part in parts))

    async def _call(self, action: Action, arguments: Mapping[str, Any]) -> Evidence:
        return await self._toolbox.call(action.tool.name, arguments, as_of=self._as_of)

    def _recorded(
        self, action: Action, item: Evidence, *, parts: tuple[str, ...] = ()
    ) -> ActionRecord:
        self._evidence[item.digest] = item
        stale = _stale(action, item, self._as_of)
        return ActionRecord(
            action=action.name,
            status="no_data" if stale else item.status.value,
            digest=item.digest,
            reason=stale or item.reason,
            retrieved_at=item.retrieved_at,
            parts=parts,
        )


def _not_run(action: Action, reasons: Sequence[str]) -> ActionRecord:
    told = "; ".join(dict.fromkeys(reasons))
    return ActionRecord(action=action.name, status="not_run", reason=told)


def _seconds(action: Action) -> float | None:
    return span(action.spec.timeout).total_seconds() if action.spec.timeout else None


def _stale(action: Action, item: Evidence, as_of: datetime) -> str:
    """Why the data is older than the SOP allows, or an empty text."""
    oldest = action.spec.freshness
    if oldest is None or item.status is not EvidenceStatus.OK:
        return ""
    if item.through is None:
        return f"{STALE}: the source does not say how far its data reaches"
    if item.through >= as_of - span(oldest):
        return ""
    return f"{STALE}: the source's data ends {spell(item.through)}, more than {oldest} before"
