"""Trying again: how often, how long, and when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from casewright.errors import SourceError

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]


class Again(Exception, Generic[Result]):
    """The same call may end better later.

    Args:
        then: How the call ends if patience runs out: an error to raise, or a result.
        after: Seconds the source asked us to wait; None where it did not say.
        told: The source is well and told us to wait (202, 429): bounded by time, not by tries.
    """

    def __init__(
        self, then: SourceError | Result, *, after: float | None = None, told: bool = False
    ) -> None:
        super().__init__(str(then))
        self.then, self.after, self.told = then, after, told


@dataclass(frozen=True)
class Patience:
    """Exponential backoff with full jitter, and the waits a source asks for.

    Full jitter spreads callers that failed together over the whole interval (Brooker, "Exponential
    Backoff and Jitter", AWS Architecture Blog, 2015).

    Attributes:
        attempts: Most tries while the source fails.
        total_s: Most seconds spent waiting in one call; a longer wait asked for is not begun.
        first_s: Upper end of the first backoff interval, doubled with every try.
        longest_s: Upper end of any backoff interval.
        sleep: Waits that many seconds; injected by tests.
    """

    attempts: int = 4
    total_s: float = 100.0
    first_s: float = 0.25
    longest_s: float = 8.0
    sleep: Sleep = asyncio.sleep

    async def run(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Call ``attempt`` until it returns, or until patience runs out.

        Raises:
            SourceError: what ``attempt`` raised, or what its last ``Again`` said.
        """
        try:
            return await attempt()  # most calls need no patience, and tenacity is not free
        except Again as again:
            first: list[Again[Result]] = [again]

        async def call() -> Result:
            # tenacity awaits only what it can tell to be a coroutine function; a lambda is not.
            if first:
                raise first.pop()
            return await attempt()

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Again),
            wait=self._wait,
            stop=self._stop,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return await retrying(call)
        except Again as again:
            if isinstance(again.then, SourceError):
                raise again.then from again.__cause__
            result: Result = again.then
            return result

    def _wait(self, state: RetryCallState) -> float:
        jitter = wait_random_exponential(multiplier=self.first_s, max=self.longest_s)(state)
        again = _again(state)
        return jitter if again.after is None else again.after + min(jitter, self.first_s)

    def _stop(self, state: RetryCallState) -> bool:
        # `idle_for` does not yet hold the wait that tenacity asks about.
        if state.idle_for + state.upcoming_sleep > self.total_s:
            return True
        return not _again(state).told and state.attempt_number >= self.attempts


def _again(state: RetryCallState) -> Again[object]:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, Again):  # pragma: no cover - the retry condition admits no other
        raise TypeError("only Again is tried again")
    return error
