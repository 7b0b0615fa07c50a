"""What a member is shown of a case: with tokens for personal data, until they have it revealed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import NamedTuple

from pydantic import ValidationError

from casewright.audit import Actor
from casewright.clock import Clock
from casewright.errors import UsageError
from casewright.models import Evidence, Run
from casewright.reveal import REASONS, Reveal, RevealReason
from casewright.store import Store
from review.veil import Veil, Veiled

Linked = Callable[[Run], Awaitable[frozenset[str]]]
"""Tells the digests of the evidence that a run's actions brought."""


class Shown(NamedTuple):
    """A run as a member sees it, and whether tokens stand in it for personal data."""

    run: Run
    masked: bool


class Showing:
    """Shows cases to one member.

    Args:
        store: The store.
        veil: Hides personal data; None: nothing is hidden, on a machine of one.
        who: The member, as the log names them.
        clock: The present moment.
        linked: Tells the digests of the evidence that a run's actions brought.
    """

    def __init__(
        self, store: Store, veil: Veil | None, who: Actor, clock: Clock, linked: Linked
    ) -> None:
        self._store = store
        self._linked = linked
        self._veil = veil
        self._who = who
        self._clock = clock

    async def revealed(self, run: Run) -> bool:
        """Whether this member sees the case as it is."""
        if self._veil is None:
            return True
        case_id, now = run.case.case_id, self._clock()
        last = await self._store.reveals.last(case_id, self._who.id)
        if last is None:
            return False
        queues = self._store.queue, self._store.checks.queue
        places = [await one.of(case_id, now) for one in queues]
        place = next(filter(None, places), None)
        return last.holds(now, claimed=place is not None and place.claimed_by == self._who.id)

    async def reveal(self, run: Run, reason: str, note: str = "") -> Reveal:
        """Have the case shown as it is, for half an hour or as long as this member has it.

        Raises:
            UsageError: the reason is not one of those known, or needs words.
        """
        try:
            told = Reveal(
                case_id=run.case.case_id,
                member=self._who.id,
                reason=RevealReason(reason),
                note=note.strip(),
                at=self._clock(),
            )
        except (ValueError, ValidationError) as error:
            listed = ", ".join(f"{one.value} ({words})" for one, words in REASONS.items())
            raise UsageError(
                "Seeing personal data takes a reason, and another one takes words, at most 500.",
                remedy=f"One of: {listed}.",
            ) from error
        await self._store.reveals.put(told, self._who, run_id=run.run_id)
        return told

    async def shown(self, run: Run) -> Shown:
        """The run as this member sees it."""
        if await self.revealed(run):
            return Shown(run, masked=False)
        return Shown((await self._veiled(run)).run, masked=True)

    async def records(self, run: Run) -> Mapping[str, Evidence]:
        """All evidence of the run as this member sees it, under the digests it is cited by."""
        if await self.revealed(run):
            return await self._evidence(run)
        return (await self._veiled(run)).evidence

    async def record(self, run: Run, item: Evidence) -> Evidence:
        """One body of evidence as this member sees it."""
        return (await self.records(run)).get(item.digest, item)

    async def _veiled(self, run: Run) -> Veiled:
        assert self._veil is not None  # noqa: S101  told before
        found = self._veil.held(run)
        return found or await self._veil.over(run, await self._evidence(run))

    async def _evidence(self, run: Run) -> Mapping[str, Evidence]:
        linked = await self._linked(run)
        return await self._store.intact_evidence(linked | {*_named(run)})


def _named(run: Run) -> Iterator[str]:
    """The digests that a run's decision cites."""
    decision = run.decision
    if decision is None:
        return
    held = (decision.factors, decision.flags, decision.claims, decision.parameters)
    for citations in (one.citations for group in held for one in group):
        yield from (one.reference for one in citations if one.kind != "policy")
