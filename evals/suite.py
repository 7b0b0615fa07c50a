"""Runs gold cases through a judge, many at once, and scores what comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from pydantic import AwareDatetime

from agents.ledger import ledger
from casewright.cost import currency_of, total
from casewright.errors import CasewrightError, UsageError
from casewright.models import GoldCase, Model, Run, RunStatus
from evals.metrics import Report, summarise
from evals.scored import Scored, Traits


class Look(Model):
    """All that a judge gets to see of a gold case: which case, and at which moment."""

    case_id: str
    as_of: AwareDatetime


Judge = Callable[[Look], Awaitable[Run]]
"""Takes one case through a graph version and gives back its run."""

Inspect = Callable[[Run, float], Awaitable[Traits | None]]
"""Looks into a run that was judged, and how many seconds it took."""


async def run_suite(
    gold: Sequence[GoldCase],
    judge: Judge,
    *,
    concurrency: int,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Judge all gold cases and report. See ``judge_all``."""
    return summarise(await judge_all(gold, judge, concurrency=concurrency, progress=progress))


async def judge_all(
    gold: Sequence[GoldCase],
    judge: Judge,
    *,
    concurrency: int,
    progress: Callable[[int, int], None] | None = None,
    keep: Callable[[Scored], None] | None = None,
    inspect: Inspect | None = None,
) -> tuple[Scored, ...]:
    """Judge all gold cases.

    Args:
        gold: The gold cases.
        judge: Called once for each; a CasewrightError from it scores as ``error`` with its message.
        concurrency: Most cases in flight.
        progress: Called with how many are done, and of how many, after every case.
        keep: Called with every case as soon as it is scored, before it counts as done.
        inspect: Called with every run; what it tells becomes the traits of the case.

    Returns:
        One scored case for each gold case, in their order.

    Raises:
        UsageError: ``concurrency`` is less than 1.
        ExceptionGroup: the judge raised anything but a CasewrightError, or ``keep`` raised; the
            rest is cancelled.
    """
    if concurrency < 1:
        raise UsageError(f"A concurrency of {concurrency} runs nothing.")
    scored: dict[int, Scored] = {}
    pending = iter(enumerate(gold))

    async def work(pending: Iterator[tuple[int, GoldCase]]) -> None:
        for place, one in pending:
            with ledger() as calls:
                ended = await _judged(one, judge, inspect)
            spent = {"cost": total(calls), "currency": currency_of(calls)}
            scored[place] = ended.model_copy(update=spent)
            if keep is not None:
                keep(scored[place])
            if progress is not None:
                progress(len(scored), len(gold))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(gold))):
            group.create_task(work(pending))
    return tuple(scored[place] for place in range(len(gold)))


async def _judged(gold: GoldCase, judge: Judge, inspect: Inspect | None) -> Scored:
    started = time.perf_counter()
    try:
        run = await judge(Look(case_id=gold.case_id, as_of=gold.as_of))
    except CasewrightError as error:
        return Scored(gold=gold, outcome="", status=RunStatus.FAILED, reason=str(error))
    seconds = time.perf_counter() - started
    traits = None if inspect is None else await inspect(run, seconds)
    return score(gold, run).model_copy(update={"traits": traits})


def score(gold: GoldCase, run: Run) -> Scored:
    """Set a gold case beside a run of it; a run of another case scores as ``error``."""
    if run.case.case_id != gold.case_id:
        reason = f"The run is of another case: {run.case.case_id}."
        return Scored(gold=gold, outcome="", status=RunStatus.FAILED, reason=reason)
    decision = run.decision
    missing = decision.missing if decision else ()
    return Scored(
        gold=gold,
        outcome=decision.outcome if decision else "",
        asked=tuple(dict.fromkeys(action for one in missing for action in one.actions)),
        status=run.status,
        reason=run.error or ("" if decision else f"The run is {run.status} without a decision."),
        graph_version=run.graph_version,
    )
