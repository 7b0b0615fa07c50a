"""Batches in the store: which cases, whom each is leased to, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from casewright.batching import (
    LEASE_S,
    LONGEST_REST_S,
    POISON_AFTER,
    SUSPECT_AFTER,
    Batch,
    BatchState,
    Ended,
    Ending,
    Leased,
    Plan,
    Tally,
)
from casewright.errors import UnknownName, UsageError
from casewright.store.tables import batch_cases, batches
from casewright.store.transaction import Transaction

CHUNK: Final = 5000
"""Rows that are written in one statement."""

_FREE: Final[dict[str, Any]] = {"state": "pending", "owner": "", "lease_until": 0}


class Batches:
    """What is taken to the gate together, see ``Store.batches``.

    A case is given to a worker by lease: until its moment comes nobody else is given it. A worker
    that lives renews its leases; those of one that died return.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that writes rows which others may write beside.
    """

    def __init__(self, transaction: Transaction, writing: Transaction) -> None:
        self._transaction = transaction
        self._writing = writing

    async def put(self, batch: Batch, case_ids: Iterable[str]) -> None:
        """Write down a batch with its cases, in their order; a case named twice is there once."""
        row = {**batch.model_dump(include={"batch_id", "author", "state", "why"})}
        row |= {"at": batch.at.isoformat(), "body": batch.plan.model_dump_json()}
        rows = [
            {"batch_id": batch.batch_id, "case_id": one, "place": place, **_FREE}
            for place, one in enumerate(dict.fromkeys(case_ids))
        ]
        async with self._writing() as connection:
            await connection.execute(batches.insert(), row)
            for start in range(0, len(rows), CHUNK):
                await connection.execute(batch_cases.insert(), rows[start : start + CHUNK])

    async def get(self, batch_id: str = "") -> Batch:
        """A batch by its id or the beginning of it; the newest where none is given.

        Raises:
            UsageError: there is none, or several begin so.
        """
        found = [one for one in await self.all() if one.batch_id.startswith(batch_id)]
        if not found:
            raise _unknown(batch_id, await self.all())
        if batch_id and len(found) > 1 and found[0].batch_id != batch_id:
            raise UsageError(f"Several batches begin with {batch_id!r}.")
        return found[0]

    async def all(self) -> list[Batch]:
        """All batches, newest first."""
        query = select(batches).order_by(batches.c.at.desc(), batches.c.batch_id.desc())
        async with self._transaction() as connection:
            return [_batch(row) for row in await connection.execute(query)]

    async def state(self, batch_id: str) -> BatchState:
        """Whether it may run."""
        query = select(batches.c.state).where(batches.c.batch_id == batch_id)
        async with self._transaction() as connection:
            state: BatchState = (await connection.execute(query)).scalar_one()
        return state

    async def set_state(self, batch_id: str, state: BatchState, why: str = "") -> None:
        """Open, stop or end a batch; one that is cancelled stays so."""
        own = batches.c.batch_id == batch_id, batches.c.state != "cancelled"
        values = {"state": state, "why": why[:500]}
        async with self._writing() as connection:
            await connection.execute(update(batches).where(*own).values(values))

    async def set_plan(self, batch_id: str, plan: Plan) -> None:
        """Change what the batch runs with from now on, such as its most money."""
        own = update(batches).where(batches.c.batch_id == batch_id)
        async with self._writing() as connection:
            await connection.execute(own.values(body=plan.model_dump_json()))

    async def cancel(self, batch_id: str) -> int:
        """Take out what nobody has begun, and return how many cases; what is in flight ends."""
        pending = batch_cases.c.batch_id == batch_id, batch_cases.c.state == "pending"
        async with self._writing() as connection:
            own = update(batches).where(batches.c.batch_id == batch_id)
            await connection.execute(own.values(state="cancelled", why="cancelled"))
            taken = update(batch_cases).where(*pending).values(state="cancelled")
            return (await connection.execute(taken)).rowcount

    async def retry(self, batch_id: str, case_ids: Collection[str] = ()) -> int:
        """Have parked cases run again, all of them or these, and return how many.

        Raises:
            UsageError: one of them is not parked in this batch.
        """
        parked = [batch_cases.c.batch_id == batch_id, batch_cases.c.state == "parked"]
        # Its number stays: those who read on from the last one would miss another of the same.
        values = {**_FREE, "failures": 0, "deaths": 0, "not_before": 0}
        async with self._writing() as connection:
            there = set((await connection.execute(_ids(*parked))).scalars())
            if lacking := set(case_ids) - there:
                raise UsageError(
                    f"Case {min(lacking)!r} is not parked in batch {batch_id}.",
                    remedy=f"`casewright batch status {batch_id}` lists what is.",
                )
            if case_ids:
                parked.append(batch_cases.c.case_id.in_([*case_ids]))
            freed = await connection.execute(update(batch_cases).where(*parked).values(values))
            own = update(batches).where(batches.c.batch_id == batch_id)
            await connection.execute(own.values(state="open", why=""))
            return freed.rowcount

    async def lease(
        self,
        batch_id: str,
        owner: str,
        at: datetime,
        *,
        most: int,
        suspects: bool = False,
        having: Collection[str] = (),
    ) -> list[Leased]:
        """Give a worker cases, in the batch's order; what others let lapse is free again.

        Args:
            batch_id: The batch; one that is not open gives none.
            owner: The worker.
            at: The present moment.
            most: How many at most.
            suspects: Give one case that workers died with, where nothing else is left.
            having: What the worker is at work on: that never lapses to itself. What it was given
                and never heard of, because the answer was lost, is given again.
        """
        now = int(at.timestamp())
        async with self._writing() as connection:
            if await _held_state(connection, batch_id) != "open":
                return []
            await _lapse(connection, batch_id, now, owner, having)
            ready = [batch_cases.c.batch_id == batch_id, batch_cases.c.state == "pending"]
            ready += [_due(now), batch_cases.c.case_id.not_in([*having])]
            found = await _next(connection, [*ready, batch_cases.c.deaths < SUSPECT_AFTER], most)
            if not found and suspects and not await _held(connection, batch_id):
                found = await _next(connection, ready, 1)
            if found:
                ids = [one.case_id for one in found]
                own = batch_cases.c.batch_id == batch_id, batch_cases.c.case_id.in_(ids)
                taken = {"state": "leased", "owner": owner, "lease_until": now + LEASE_S}
                await connection.execute(update(batch_cases).where(*own).values(taken))
            return found

    async def renew(self, owner: str, at: datetime) -> None:
        """Say that a worker is still at work."""
        own = _held_by(owner)
        until = int(at.timestamp()) + LEASE_S
        async with self._writing() as connection:
            await connection.execute(update(batch_cases).where(*own).values(lease_until=until))

    async def owners(self, batch_id: str) -> set[str]:
        """The workers that have cases of a batch."""
        held = batch_cases.c.batch_id == batch_id, batch_cases.c.state == "leased"
        async with self._transaction() as connection:
            query = select(batch_cases.c.owner).where(*held).distinct()
            return set((await connection.execute(query)).scalars())

    async def bury(self, owner: str) -> int:
        """Free what a worker had that died, and return how many cases."""
        return await self._free(owner, {**_FREE, "deaths": batch_cases.c.deaths + 1})

    async def leave(self, owner: str) -> int:
        """Free what a worker has that stops in good order, and return how many cases."""
        return await self._free(owner, _FREE)

    async def _free(self, owner: str, values: dict[str, Any]) -> int:
        own = update(batch_cases).where(*_held_by(owner)).values(values)
        async with self._writing() as connection:
            return (await connection.execute(own)).rowcount

    async def give_back(
        self,
        batch_id: str,
        case_id: str,
        owner: str,
        *,
        failed: bool = False,
        not_before: datetime | None = None,
    ) -> None:
        """Free a case that a worker has.

        Args:
            batch_id: The batch.
            case_id: The case.
            owner: The worker.
            failed: Whether it failed.
            not_before: When it may be tried again.
        """
        values = {
            **_FREE,
            "failures": batch_cases.c.failures + int(failed),
            "not_before": int(not_before.timestamp()) if not_before else 0,
        }
        async with self._writing() as connection:
            own = _own(batch_id, case_id, owner)
            await connection.execute(update(batch_cases).where(*own).values(values))

    async def settle(self, batch_id: str, case_id: str, owner: str, ending: Ending) -> Ended | None:
        """Write down how a case ended; None where the worker has it no longer.

        Safe to call again, where it is not known whether the first call did it.
        """
        state = "parked" if ending.status == "failed" else "ended"
        body, mine = ending.model_dump_json(), batch_cases.c.batch_id == batch_id
        async with self._writing() as connection:
            await _held_state(connection, batch_id)
            newest = await connection.execute(select(func.max(batch_cases.c.number)).where(mine))
            number = int(newest.scalar() or 0) + 1
            values = {
                **_FREE,
                "state": state,
                "number": number,
                "micros": ending.cost.micros,
                "body": body,
            }
            own = _own(batch_id, case_id, owner)
            done = await connection.execute(update(batch_cases).where(*own).values(values))
            if not done.rowcount:  # or it was done, and the answer was lost
                same = mine, batch_cases.c.case_id == case_id, batch_cases.c.state == state
                query = select(batch_cases.c.number).where(*same, batch_cases.c.body == body)
                number = int((await connection.execute(query)).scalar() or 0)
        return Ended(number=number, case_id=case_id, ending=ending) if number else None

    async def tally(self, batch_id: str) -> Tally:
        """How its cases stand."""
        state = batch_cases.c.state
        sums = func.sum(batch_cases.c.micros), func.sum(batch_cases.c.failures)
        query = select(state, func.count(), *sums).group_by(state)
        async with self._transaction() as connection:
            found = await connection.execute(query.where(batch_cases.c.batch_id == batch_id))
            rows = found.all()
        counts = {name: count for name, count, _, _ in rows}
        micros = sum(int(one) for _, _, one, _ in rows)
        return Tally(**counts, micros=micros, retried=sum(int(one) for *_, one in rows))

    async def endings(self, batch_id: str, *, after: int = 0, limit: int = 1000) -> list[Ended]:
        """Cases that ended, in the order in which they did.

        Args:
            batch_id: The batch.
            after: The number of the last one that is known.
            limit: How many at most.
        """
        later = batch_cases.c.batch_id == batch_id, batch_cases.c.number > after
        over = batch_cases.c.state.in_(["ended", "parked"])  # what is tried again is not over
        query = select(batch_cases).where(*later, over)
        query = query.order_by(batch_cases.c.number).limit(limit)
        async with self._transaction() as connection:
            return [_ended(row) for row in await connection.execute(query)]

    async def newest(self, batch_id: str) -> int:
        """The number of the case that ended last; 0 where none did."""
        query = select(func.max(batch_cases.c.number)).where(batch_cases.c.batch_id == batch_id)
        async with self._transaction() as connection:
            return int((await connection.execute(query)).scalar() or 0)

    async def parked(self, batch_id: str) -> list[Ended]:
        """The cases that failed for good, in the batch's order."""
        mine = batch_cases.c.batch_id == batch_id, batch_cases.c.state == "parked"
        query = select(batch_cases).where(*mine).order_by(batch_cases.c.place)
        async with self._transaction() as connection:
            return [_ended(row) for row in await connection.execute(query)]

    async def wakes(self, batch_id: str) -> int | None:
        """When the next case that waits may be tried, in seconds since 1970; None: none waits."""
        mine = batch_cases.c.batch_id == batch_id, batch_cases.c.state == "pending"
        async with self._transaction() as connection:
            query = select(func.min(batch_cases.c.not_before)).where(*mine)
            moment: int | None = (await connection.execute(query)).scalar()
        return moment


def poisonous(leased: Leased) -> bool:
    """Whether so many workers died with a case that it is not tried again."""
    return leased.deaths >= POISON_AFTER


def _own(batch_id: str, case_id: str, owner: str) -> Sequence[ColumnElement[bool]]:
    return (
        batch_cases.c.batch_id == batch_id,
        batch_cases.c.case_id == case_id,
        batch_cases.c.owner == owner,
        batch_cases.c.state == "leased",
    )


def _held_by(owner: str) -> Sequence[ColumnElement[bool]]:
    return batch_cases.c.owner == owner, batch_cases.c.state == "leased"


def _due(now: int) -> ColumnElement[bool]:
    """What rests no longer. A rest that ends far from now is of another clock."""
    moment = batch_cases.c.not_before
    return or_(moment <= now, moment > now + LONGEST_REST_S)


def _ids(*where: ColumnElement[bool]) -> Any:
    return select(batch_cases.c.case_id).where(*where)


async def _held_state(connection: AsyncConnection, batch_id: str) -> str | None:
    """A batch's state; until the transaction ends no other leases of it or numbers its endings."""
    query = select(batches.c.state).where(batches.c.batch_id == batch_id).with_for_update()
    state: str | None = (await connection.execute(query)).scalar()
    return state


async def _lapse(
    connection: AsyncConnection, batch_id: str, now: int, owner: str, having: Collection[str]
) -> None:
    """Free what was not renewed in time. A lease that ends far from now is of another clock.

    Whoever asks lives: what it is at work on does not lapse, however its clock may have jumped, and
    what it was given without hearing of it is free at once. Neither is anybody's death.
    """
    mine = batch_cases.c.batch_id == batch_id
    unheard = batch_cases.c.case_id.not_in([*having])
    free = update(batch_cases).where(mine, *_held_by(owner), unheard).values(_FREE)
    await connection.execute(free)
    over = or_(batch_cases.c.lease_until <= now, batch_cases.c.lease_until > now + 2 * LEASE_S)
    others = batch_cases.c.owner != owner, batch_cases.c.state == "leased"
    values = {**_FREE, "deaths": batch_cases.c.deaths + 1}
    await connection.execute(update(batch_cases).where(mine, *others, over).values(values))


async def _next(
    connection: AsyncConnection, ready: Iterable[ColumnElement[bool]], most: int
) -> list[Leased]:
    columns = [batch_cases.c[name] for name in Leased.model_fields]
    query = select(*columns).where(*ready).order_by(batch_cases.c.place).limit(most)
    return [Leased(**row._asdict()) for row in await connection.execute(query)]


async def _held(connection: AsyncConnection, batch_id: str) -> bool:
    """Whether anybody has a case of the batch, or another than a suspect is to come."""
    there = or_(batch_cases.c.state == "leased", batch_cases.c.deaths < SUSPECT_AFTER)
    open_ones = batch_cases.c.batch_id == batch_id, batch_cases.c.state.in_(["leased", "pending"])
    found = await connection.execute(_ids(*open_ones, there).limit(1))
    return found.scalar() is not None


def _batch(row: Any) -> Batch:
    held = row._asdict()
    plan = Plan.model_validate_json(held.pop("body"))
    return Batch(**held, plan=plan)


def _ended(row: Any) -> Ended:
    ending = Ending.model_validate_json(row.body)
    return Ended(number=row.number, case_id=row.case_id, ending=ending)


def _unknown(batch_id: str, known: Sequence[Batch]) -> UsageError:
    if not known:
        return UsageError("There is no batch yet.", remedy="`casewright batch run` starts one.")
    return UnknownName.among("batch", batch_id, [one.batch_id for one in known])
