"""Seeded checks: recommendations known to be wrong, in the queue like any other.

A check is a copy of a closed case whose right outcome is known: a person who had not seen the
proposal came to the same outcome, and nobody differed. One known fact in it is turned, so that the
SOP decides otherwise; whoever opens its citation sees what is true. It stands in tables of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from casewright.audit import Event, Kind
from casewright.base import Model
from casewright.check import Check
from casewright.clock import Clock
from casewright.errors import CasewrightError
from casewright.hits import Hit, Sought
from casewright.models import Evidence, Review, ReviewAct, Run, RunStatus
from casewright.store.queue import FACETS
from casewright.waiting import Group, Listed, Waiting, Wanted
from graphs.mislead import Misled, misled
from graphs.run import Investigator
from graphs.sampling import read_first
from graphs.stake import stake
from review.merge import merged

TRIED: Final = 12
"""Closed cases that are looked at for each check that is planted."""

_NUMBER: Final = re.compile(r"(.*?)(\d+)(\D*)")


class Planted(Model):
    """A check that was planted, or would be; for whoever plants, and nobody else.

    Attributes:
        case_id: The id under which it waits.
        source: The closed case that it was made of.
        sop: Its SOP.
        factor: The fact that was turned.
        wrong: What it recommends.
        right: How the case was decided.
    """

    case_id: str
    source: str
    sop: str
    factor: str
    wrong: str
    right: str


class Overlay:
    """The checks as one member of the team is shown them: among the cases, and like them.

    Args:
        house: Holds the runs.
        me: Who is shown them.
        clock: The present moment.
    """

    def __init__(self, house: Investigator, me: str, clock: Clock) -> None:
        self._house = house
        self._store = house.store.checks
        self._me = me
        self._clock = clock
        self._key = house.settings.sampling_key.get_secret_value().encode()

    async def run(self, case_id: str) -> Run | None:
        """The check of that id as a run; None where it is none that this member is shown."""
        return _as_run(await self.check(case_id))

    async def by_run(self, run_id: str) -> Run | None:
        """The same by the id of its run."""
        return _as_run(await self._store.of_run(run_id, self._me))

    async def check(self, case_id: str) -> Check | None:
        """The check of that id, or None."""
        return await self._store.of(case_id, self._me)

    async def page(self, wanted: Wanted, *, limit: int, offset: int) -> Listed:
        """A page of the queue with the checks in their places."""
        queue, at = self._house.store.queue, self._clock()
        among = await self._store.waiting(wanted, at)

        async def fetch(limit: int, offset: int) -> tuple[tuple[Waiting, ...], int]:
            listed = await queue.page(wanted, at, limit=limit, offset=offset)
            return listed.items, listed.total

        place = partial(_urgency, at=at)
        items, total = await merged(among, fetch, place, limit=limit, offset=offset)
        return Listed(items=items, total=total)

    async def hits(self, sought: Sought) -> tuple[Hit, ...]:
        """Open checks as a list of runs shows them, the newest first."""
        wanted = Wanted(
            sops=sought.sops, regions=sought.regions, languages=sought.languages, me=self._me
        )
        listed = await self._store.waiting(wanted, self._clock())
        runs = [run for one in listed if (run := await self.run(one.case_id))]
        return tuple(sorted((Hit.of(run) for run in runs if sought.fits(run)), key=age))

    async def groups(self, wanted: Wanted) -> tuple[Group, ...]:
        """How much waits by all facets together, the checks counted in."""
        at = self._clock()
        found = await self._house.store.queue.groups(wanted, at)
        among = await self._store.waiting(wanted, at)
        if not among:
            return found
        counted = Counter({_kind(one): one.count for one in found})
        counted.update(map(_kind, among))
        kinds = (dict(zip(FACETS, kind, strict=True)) for kind in counted)
        counts = counted.values()
        return tuple(Group(**kind, count=n) for kind, n in zip(kinds, counts, strict=True))

    async def events(self, run: Run) -> tuple[Event, ...]:
        """The log of a case; that of a check begins with how its case came to wait."""
        log, case_id = self._house.store.log, run.case.case_id
        check = await self.check(case_id)
        own = await log.of(case_id)
        source = await self._house.store.run(check.source_id) if check else None
        if check is None or source is None:
            return own
        before = [one for one in await log.of(source.case.case_id) if one.run_id == source.run_id]
        return (*_entering(before, check), *own)

    async def disguised(self, evidence: Evidence, case_id: str) -> Evidence:
        """Evidence as it is shown: that of a check does not name the case it was made of."""
        check = await self.check(case_id)
        source = await self._house.store.run(check.source_id) if check else None
        return disguised(evidence, check, source) if check and source else evidence

    async def settle(self, check: Check, review: Review) -> Run:
        """Take an act on a check, and tell who acted what it was."""
        approved = review.act is ReviewAct.APPROVE
        done = check.model_copy(
            update={
                "status": "missed" if approved else "caught",
                "reviewer": review.reviewer,
                "act": review.act.value,
                "at": review.at,
            }
        )
        await self._store.settle(done, review.codes)
        return _revealed(done)

    async def replenish(self, claimed: str) -> None:
        """Plant a check where fewer are open than the settings' share of what waits.

        Whoever claims a case has this done beside it: one closed case is tried, another one with
        each claim, and what fails here is nothing to them.
        """
        share = self._house.settings.seeded_checks
        if not share:
            return
        checks, cases = await self._store.counts()
        if checks < math.ceil(share * cases):
            with suppress(CasewrightError):
                await self.plant(1, tried=1, turn=claimed)

    async def plant(
        self,
        count: int,
        *,
        sop: str = "",
        dry_run: bool = False,
        tried: int = TRIED,
        turn: str = "",
    ) -> list[Planted]:
        """Plant checks, as many as there are closed cases for.

        Args:
            count: How many.
            sop: Of which SOP; empty: any.
            dry_run: Say what would be planted, and plant nothing.
            tried: How many closed cases are tried for each.
            turn: Another one, another order in which they are tried.
        """
        if self._house.settings.blind_first >= 1:  # then no proposal is ever shown first
            return []
        found: list[Planted] = []
        known = await self._store.known(sop)
        ordered = sorted(known, key=lambda run_id: self._keyed(f"source/{turn}/{run_id}"))
        for run_id in ordered[: count * tried]:
            if len(found) == count:
                break
            run = await self._house.store.run(run_id)
            check = await self._made(run) if run and suits(run) else None
            if run and check and (dry_run or await self._store.put(check)):
                found.append(_planted(check, run))
        return found

    async def _made(self, run: Run) -> Check | None:
        sop = await self._house.sop_of(run)
        at = self._clock()
        store, tools = self._house.store, self._house.tools
        wrong = sorted(
            await misled(sop, run, store, tools, at),
            key=lambda one: self._keyed(f"fact/{run.run_id}/{one.factor}/{one.shown}"),
        )
        case_id = await self._case_id(run) if wrong else ""
        if not case_id:
            return None
        shown = self._shown(run, wrong[0], case_id, at)
        spec = sop.spec.costs
        return Check(
            run=shown.model_copy(update={"stake_cents": stake(spec, wrong[0].decision)}),
            source_id=run.run_id,
            factor=wrong[0].factor,
            true=wrong[0].true,
            shown=wrong[0].shown,
            right=run.decision.outcome if run.decision else "",
            decision=wrong[0].decision if run.decision is None else run.decision,
            planted_at=at,
            planted_by=self._me,
        )

    def _shown(self, run: Run, wrong: Misled, case_id: str, at: datetime) -> Run:
        """The closed run as if it had just come to wait."""
        due = (run.due_at or at) - run.started_at
        return run.model_copy(
            update={
                "run_id": self._keyed(f"run/{case_id}").hex()[:32],
                "case": run.case.model_copy(update={"case_id": case_id}),
                "status": RunStatus.WAITING,
                "decision": wrong.decision,
                "proposed": wrong.proposal,
                "reviews": (),
                "undone": (),
                "awaiting": None,
                "awaited": (),
                "automatic": False,
                "second_look": False,
                "enforced": (),
                "error": "",
                "due_at": at + max(due, timedelta(hours=1)),
                "started_at": at,
                "updated_at": at,
            }
        )

    async def _case_id(self, run: Run) -> str:
        """An id like the team's own that nothing has, and that is not to be read first."""
        parts = _NUMBER.fullmatch(run.case.case_id)
        if parts is None:
            return ""
        before, digits, after = parts.groups()
        numbers = await self._store.numbers(before, after)
        low, high = min(numbers), max(numbers) + 100
        share, used = self._house.settings.blind_first, set(numbers)
        for attempt in range(1000):
            number = int.from_bytes(self._keyed(f"id/{run.run_id}/{attempt}")[:8])
            number = low + number % (high - low + 1)
            case_id = f"{before}{number:0{len(digits)}d}{after}"
            if number not in used and not read_first(case_id, share, key=self._key):
                return case_id
        return ""

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._key, f"check/{text}".encode(), hashlib.sha256)


def suits(run: Run) -> bool:
    """Whether a closed run is what its SOP decided by itself, with no measure taken meanwhile."""
    edited = any(one.act is ReviewAct.EDIT for one in run.reviews)
    measured = any(one.write.purpose == "interim" for one in run.enforced)
    return run.decision is not None and not edited and not measured


def disguised(evidence: Evidence, check: Check, source: Run) -> Evidence:
    """Evidence of the case that a check was made of, as if it had been fetched for the check."""
    plain = json.dumps([evidence.request, evidence.data], ensure_ascii=False)
    request, data = json.loads(plain.replace(source.case.case_id, check.case_id))
    moved = evidence.retrieved_at + (check.planted_at - source.started_at)
    return evidence.model_copy(update={"request": request, "data": data, "retrieved_at": moved})


def age(hit: Hit) -> tuple[float, tuple[int, ...]]:
    """The place of a run among runs, the newest first; the same as the store's."""
    return -hit.started_at.timestamp(), tuple(-ord(one) for one in hit.run_id)


def _as_run(check: Check | None) -> Run | None:
    """A check as a run that waits, or as what it was once it was acted on."""
    if check is None:
        return None
    return check.run if check.status == "open" else _revealed(check)


def _revealed(check: Check) -> Run:
    """A check that was acted on: as it should have been decided, and why it was there."""
    decision = check.decision.model_copy(
        update={"reasons": (check.told, *check.decision.reasons), "enforcement": ()}
    )
    done = {"status": RunStatus.DONE, "decision": decision, "updated_at": check.at}
    return check.run.model_copy(update=done)


def _entering(events: Sequence[Event], check: Check) -> Iterator[Event]:
    """How a check came to wait: the events of its case up to then, moved to when it was planted."""
    last = next((n for n, one in enumerate(events) if one.kind is Kind.WAITING), len(events) - 1)
    shift = check.planted_at - events[last].at if events else timedelta()
    for one in events[: last + 1]:
        changed = {"outcome": check.wrong} if "outcome" in one.body else {}
        told = {"case_id": check.case_id, "run_id": check.run.run_id, "at": one.at + shift}
        yield one.model_copy(update={**told, "body": {**one.body, **changed}})


def _kind(one: Group | Waiting) -> tuple[str, ...]:
    return tuple(str(getattr(one, name)) for name in FACETS)


def _planted(check: Check, run: Run) -> Planted:
    return Planted(
        case_id=check.case_id,
        source=run.case.case_id,
        sop=run.sop,
        factor=check.factor,
        wrong=check.wrong,
        right=check.right,
    )


def _urgency(one: Waiting, at: datetime) -> tuple[int, float, str]:
    """The place of a case in the queue; the same as ``casewright.store.queue`` reckons."""
    left = int(one.due_at.timestamp()) - int(at.timestamp())
    weighed = left * float(one.stake_cents) if left < 0 else left / float(one.stake_cents)
    return -int(one.interim), weighed, one.run_id
