"""What would be sent for a write, to be shown and not sent: the same request that sending makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from casewright.enforcement import PlannedAction
from casewright.errors import UsageError
from casewright.models import RunStatus
from casewright.store import Store
from graphs.deliver import MOST, upcoming
from tools.enforcement import WriteTool, offered
from tools.enforcer import request_of


async def due_requests(store: Store, at: datetime) -> list[dict[str, Any]]:
    """What a delivery at that moment would send, as far as can be told before it does."""
    found: list[dict[str, Any]] = []
    for case_id, run_id in await store.outbox.due(at, limit=MOST):
        run, waits = await store.run(run_id), await store.outbox.of(run_id)
        if run is None:
            continue
        paused = {key for key, one in waits.items() if one.next_at > at}
        ready = (
            one.write
            for one in upcoming(run)
            if one.write.key not in paused and one.due is not None and one.due <= at
        )
        found += _requests(case_id, ready)
    return found


async def requests_of_case(store: Store, case_id: str) -> list[dict[str, Any]]:
    """What a case still has to send, or would once its decision is let pass as proposed.

    Raises:
        UsageError: the case was never investigated, or has no decision yet.
    """
    run = await store.latest_run(case_id)
    if run is None or run.decision is None:
        raise UsageError(f"Case {case_id!r} has no decision here.")
    if run.status is RunStatus.WAITING:
        planned = [one.renewed(len(run.undone)) for one in run.decision.enforcement]
        return _requests(case_id, [*(one.write for one in upcoming(run)), *planned])
    return _requests(case_id, [one.write for one in run.enforced if one.pending])


def _requests(case_id: str, writes: Iterable[PlannedAction]) -> list[dict[str, Any]]:
    tools = offered()
    return [_shown(case_id, write, tools) for write in writes]


def _shown(case_id: str, write: PlannedAction, tools: Mapping[str, WriteTool]) -> dict[str, Any]:
    told: dict[str, Any] = {"case_id": case_id, "do": write.do, "key": write.key}
    tool = tools.get(write.do)
    if write.lacks or tool is None:
        lacks = write.lacks or (f"there is no write tool {write.do!r}",)
        return {**told, "method": "", "path": "", "body": {}, "lacks": list(lacks)}
    request = request_of(tool, write)
    body = dict(request.body or {})
    return {**told, "method": request.method, "path": request.path, "body": body, "lacks": []}
