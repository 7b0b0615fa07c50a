"""Runs gold cases through a judge, many at once, and scores what comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from pydantic import AwareDatetime

from agents.ledger import ledger
from casewright.cost import currency_of, total
from casewright.errors import CasewrightError, UsageError
from casewright.models import GoldCase, Model, Run, RunStatus
from evals.metrics import Report, summarise
from evals.scored import ERROR, Scored, Traits
from knowledge_base.precedents import Precedents


class Look(Model):
    """All that a judge gets to see of a gold case: which case, and at which moment."""

    case_id: str
    as_of: AwareDatetime


Judge = Callable[[Look], Awaitable[Run]]
"""Takes one case through a graph version and gives back its run."""

Inspect = Callable[[Run, float], Awaitable[Traits | None]]
"""Looks into a run that was judged, and how many seconds it took."""


class Bench(Protocol):
    """Judges cases, and can say afterwards what their runs show."""

    @property
    def precedents(self) -> Precedents | None:
        """The knowledge base that its cases look through; None where nothing is searched."""
        ...

    async def judge(self, look: Look) -> Run:
        """Take a case to the gate; see ``Judge``."""
        ...

    async def again(self, look: Look) -> Run:
        """Take a case to the gate once more, remembering nothing of the runs before."""
        ...

    async def traits(self, run: Run, seconds: float) -> Traits | None:
        """What a run shows besides its outcome; see ``Inspect``."""
        ...


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
    again: Judge | None = None,
    repeats: int = 1,
) -> tuple[Scored, ...]:
    """Judge all gold cases.

    Args:
        gold: The gold cases.
        judge: Called once for each; a CasewrightError from it scores as ``error`` with its message.
        concurrency: Most cases in flight.
        progress: Called with how many are done, and of how many, after every case.
        keep: Called with every case as soon as it is scored, before it counts as done.
        inspect: Called with every run; what it tells becomes the traits of the case.
        again: Called for the further runs of a case; None: ``judge`` is.
        repeats: How often each case is judged. The first run is the one that is scored; how the
            others ended stands in its traits, and what they used is added to its cost.

    Returns:
        One scored case for each gold case, in their order.

    Raises:
        UsageError: ``concurrency`` is less than 1.
        ExceptionGroup: the judge raised anything but a CasewrightError, or ``keep`` raised; the
            rest is cancelled.
    """
    if concurrency < 1:
        raise UsageError(f"A concurrency of {concurrency} runs nothing.")
    if repeats < 1:
        raise UsageError(f"Judging each case {repeats} times judges nothing.")
    scored: dict[int, Scored] = {}
    pending = iter(enumerate(gold))

    async def work(pending: Iterator[tuple[int, GoldCase]]) -> None:
        for place, one in pending:
            with ledger() as calls:
                ended = await _judged(one, judge, inspect)
                ended = await _repeated(ended, again or judge, repeats - 1)
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


async def _repeated(first: Scored, judge: Judge, times: int) -> Scored:
    """The scored case with how its further runs ended; one without traits has no room for them."""
    if first.traits is None or not times:
        return first
    look = Look(case_id=first.gold.case_id, as_of=first.gold.as_of)
    ended = tuple([await _outcome(look, judge) for _ in range(times)])
    traits = first.traits.model_copy(update={"repeats": ended})
    return first.model_copy(update={"traits": traits})


async def _outcome(look: Look, judge: Judge) -> str:
    try:
        run = await judge(look)
    except CasewrightError:
        return ERROR
    return run.decision.outcome if run.decision else ERROR


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
