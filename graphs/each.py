"""An action over a list: one call for each element, and one Evidence that holds all answers.

Every call keeps its own Evidence. What rules read and citations point into is the Evidence of the
action, whose ``items`` are the answers and whose request names the calls and their digests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from casewright.errors import ExpressionError
from casewright.models import Evidence, EvidenceStatus
from graphs.logic import Expression, Name
from graphs.scope import Bound, Gap, Scope, resolve
from graphs.sop import Action
from tools.base import ToolInputError
from tools.sources.page import earliest

Arguments = Mapping[str, Any]
Call = Callable[[Arguments], Awaitable[Evidence]]


@dataclass(frozen=True)
class Elements:
    """What an action over a list has to ask.

    Attributes:
        calls: The arguments of each call, at most ``limit``; equal ones are asked once.
        lacking: Why something is not asked, or why the list may hold more.
    """

    calls: tuple[Arguments, ...] = ()
    lacking: tuple[str, ...] = ()


def elements(action: Action, scope: Scope) -> Elements | tuple[Gap, ...]:
    """The calls for the elements of an action's list, or why the list is not known.

    Raises:
        ExpressionError: what it goes over is no list, or an argument cannot be evaluated.
    """
    over = action.for_each
    found = over.evaluate(scope) if over else None
    if over is None or found is None or not found.known:
        return found.gaps if found else ()
    if not isinstance(found.value, list | tuple):
        raise ExpressionError(f"`{over.text}` is no list, so nothing is done for each element.")
    calls: dict[bytes, Arguments] = {}
    lacking = [] if _complete(over, scope) else [f"{over.text} may be cut"]
    for value in found.value:
        name = str(action.spec.element)
        inner = {**scope, name: Bound(value, name)}
        results = {key: bound.evaluate(inner) for key, bound in action.arguments.items()}
        lacking += [gap.reason for result in results.values() for gap in result.gaps]
        if all(result.known for result in results.values()):
            arguments = {key: result.value for key, result in results.items()}
            calls.setdefault(to_json(sorted(arguments.items())), arguments)
    limit = action.spec.limit or len(calls)
    if len(calls) > limit:
        lacking.append(f"limit reached: {limit} of {len(calls)} asked")
    return Elements(tuple(calls.values())[:limit], tuple(dict.fromkeys(lacking)))


def _complete(over: Expression, scope: Scope) -> bool:
    return not isinstance(over.node, Name) or resolve(over.node.path, scope).complete


async def ask_each(calls: Sequence[Arguments], call: Call) -> tuple[list[Evidence], list[str]]:
    """Make the calls in parallel.

    Returns:
        The Evidence of each call, and what the tool said of calls that do not fit it.

    Raises:
        SourceRefused: the source refuses us.
    """

    async def one(arguments: Arguments) -> Evidence | str:
        try:
            return await call(arguments)
        except ToolInputError as error:
            return error.message

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(arguments)) for arguments in calls]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    ended = [task.result() for task in tasks]
    told = dict.fromkeys(message for message in ended if isinstance(message, str))
    return [item for item in ended if isinstance(item, Evidence)], list(told)


def gathered(
    action: Action, asked: Elements, parts: Sequence[Evidence], *, case: Evidence
) -> Evidence:
    """One Evidence of all calls.

    A failed call fails the whole. A call that found nothing, or whose own answer may be cut, has
    no item; then, and where ``asked`` lacks something, an absence proves nothing.

    Args:
        action: The action over the list.
        asked: What was to be asked.
        parts: The Evidence of each call.
        case: The frozen case, for the moment that was asked for.
    """
    failed = [item for item in parts if item.status is EvidenceStatus.ERROR]
    usable = [item for item in parts if item.status is EvidenceStatus.OK and item.complete]
    lacking = [*asked.lacking, *_without(parts)]
    empty = not usable and bool(lacking)
    status = EvidenceStatus.NO_DATA if empty else EvidenceStatus.OK
    status = EvidenceStatus.ERROR if failed else status
    return Evidence.freeze(
        tool=action.tool.name,
        request=_request(action, parts),
        status=status,
        data={"items": [item.data for item in usable]} if status is EvidenceStatus.OK else None,
        reason="; ".join(_counted(failed, len(parts), "failed") if failed else lacking),
        complete=not lacking and not failed,
        untrusted=_untrusted(usable) if status is EvidenceStatus.OK else (),
        source=", ".join(dict.fromkeys(item.source for item in parts if item.source)),
        through=earliest(item.through for item in parts),
        as_of=case.as_of,
        retrieved_at=max((item.retrieved_at for item in parts), default=case.retrieved_at),
    )


def _request(action: Action, parts: Iterable[Evidence]) -> dict[str, Any]:
    calls = [{"request": item.request, "digest": item.digest} for item in parts]
    over = action.for_each.text if action.for_each else ""
    return {"for_each": over, "limit": action.spec.limit, "calls": calls}


def _without(parts: Sequence[Evidence]) -> list[str]:
    nothing = [item for item in parts if item.status is EvidenceStatus.NO_DATA]
    cut = [i for i in parts if i.status is EvidenceStatus.OK and not i.complete]
    told = _counted(nothing, len(parts), "found nothing")
    return told + _counted(cut, len(parts), "may be cut")


def _counted(items: Sequence[Evidence], total: int, ended: str) -> list[str]:
    """Such as ``2 of 5 found nothing (gone)``, by reason."""
    reasons = Counter(item.reason for item in items)
    return [
        f"{count} of {total} {ended}" + (f" ({reason})" if reason else "")
        for reason, count in reasons.items()
    ]


def _untrusted(items: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(
        f"/items/{index}{pointer}" for index, item in enumerate(items) for pointer in item.untrusted
    )
