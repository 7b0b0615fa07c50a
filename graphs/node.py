"""What every node needs: its time, its word to the stream, and the run's record."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, TypeVar

from langgraph.runtime import Runtime

from casewright import spans
from casewright.errors import UsageError
from casewright.models import Decision, Factor, Run
from graphs.state import Json, Services, State

Context = Runtime[Services]
Next = TypeVar("Next")
Owner = TypeVar("Owner")


def timed(
    node: Callable[[Owner, State, Context], Coroutine[Any, Any, Next]],
) -> Callable[[Owner, State, Context], Coroutine[Any, Any, Next]]:
    """Tell the stream how long the node took, in wall time and in this thread's CPU time.

    It is a span of the case's trace as well.
    """

    @wraps(node)
    async def run(self: Owner, state: State, runtime: Context) -> Next:
        wall, cpu = time.perf_counter(), time.thread_time()
        name = node.__name__
        with spans.span(f"node {name}", {"casewright.node": name}):
            command = await node(self, state, runtime)
        took = {
            "wall_ms": (time.perf_counter() - wall) * 1000,
            "cpu_ms": (time.thread_time() - cpu) * 1000,
        }
        runtime.stream_writer({"node": node.__name__, **took})
        return command

    return run


def say(runtime: Context, detail: str) -> None:
    """Tell the stream what came of the node."""
    runtime.stream_writer({"detail": detail})


def factors_of(state: State) -> tuple[Factor, ...]:
    """The factors in the state, in the SOP's order."""
    return tuple(Factor.model_validate(factor) for factor in state["factors"].values())


def by_name(factors: Sequence[Factor]) -> dict[str, Json]:
    """Factors as the state holds them."""
    return {factor.name: factor.model_dump(mode="json") for factor in factors}


def dumped(records: Any) -> dict[str, Json]:
    """Models by name as the state holds them."""
    return {name: record.model_dump(mode="json") for name, record in records.items()}


async def run_of(state: State, services: Services) -> Run:
    """The record of the run.

    Raises:
        UsageError: the store has none.
    """
    run = await services.store.run(state["run_id"])
    if run is None:
        raise UsageError(f"The store has no run {state['run_id']!r}.")
    return run


def proposal_of(run: Run) -> Decision:
    """The run's decision.

    Raises:
        UsageError: it has none yet.
    """
    if run.decision is None:
        raise UsageError(f"Run {run.run_id} has no decision yet.")
    return run.decision


async def keep(decision: Decision, state: State, services: Services) -> None:
    """Write the decision to the run's record."""
    run = await run_of(state, services)
    await services.store.save_run(touched(run.model_copy(update={"decision": decision}), services))


def touched(run: Run, services: Services) -> Run:
    """The run, changed now."""
    return run.model_copy(update={"updated_at": services.clock()})
