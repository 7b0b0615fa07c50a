"""The queue of what waits, in the store: its order, and who has which case for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Float, Table, case, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from casewright.audit import Actor, Happened, Kind, moment_text
from casewright.base import Money
from casewright.enforcement import in_force
from casewright.errors import NotWaiting, Taken, UsageError
from casewright.models import Run, RunStatus
from casewright.store.dialect import insert, missing
from casewright.store.log import append
from casewright.store.tables import queue, subjects
from casewright.store.transaction import Transaction
from casewright.waiting import LEASE_MINUTES, RENEWALS, Group, Listed, Waiting, Wanted

Facet = Literal["sop", "region", "language", "route", "channel"]
"""What queues are told apart by."""

FACETS: Final[tuple[Facet, ...]] = ("route", "sop", "region", "language", "channel")
"""All of them, in the order of the index: to count by them sorts nothing."""

LEASE: Final = timedelta(minutes=LEASE_MINUTES)

_COPIED: Final = ("case_id", "case_type", "region", "language", "channel", "seller_id")


class Queue:
    """What waits, see ``Store.queue``. Whatever changes here is told by the log, at once with it.

    Args:
        transaction: Opens one transaction on the store.
        writing: Opens one that nobody else can write beside.
        table: Where it stands.
    """

    def __init__(
        self, transaction: Transaction, writing: Transaction, table: Table = queue
    ) -> None:
        self._transaction = transaction
        self._writing = writing
        self._table = table

    async def page(
        self, wanted: Wanted, at: datetime, *, limit: int = 50, offset: int = 0
    ) -> Listed:
        """A page of the queue, most urgent first.

        First come cases with an interim measure in force. Then those whose time is over, by how
        much is at stake times how long it has been over; then the others, by the time left divided
        by what is at stake (handbook 12, Queues): never by age alone.

        Args:
            wanted: Which cases.
            at: The present moment.
            limit: Cases on a page.
            offset: Cases before it.
        """
        now = _seconds(at)
        found = select(self._table.c.run_id).where(*_wanted(self._table, wanted, now))
        first = found.order_by(*_urgency(self._table, now)).limit(limit).offset(offset)
        async with self._transaction() as connection:
            ids = (await connection.execute(first)).scalars().all()
            rows = (
                await connection.execute(select(self._table).where(self._table.c.run_id.in_(ids)))
            ).all()
            counted = (
                select(func.count())
                .select_from(self._table)
                .where(*_wanted(self._table, wanted, now))
            )
            total = (await connection.execute(counted)).scalar_one()
        place = {run_id: number for number, run_id in enumerate(ids)}
        ordered = sorted(rows, key=lambda row: place[row.run_id])
        return Listed(items=tuple(_waiting(row, now) for row in ordered), total=total)

    async def groups(self, wanted: Wanted, at: datetime) -> tuple[Group, ...]:
        """How many wait by all facets together: what every count beside a filter is a sum of.

        The queue is read once for it, and not once a facet.
        """
        columns = [self._table.c[name] for name in FACETS]
        query = select(*columns, func.count().label("count")).group_by(*columns)
        async with self._transaction() as connection:
            rows = await connection.execute(
                query.where(*_wanted(self._table, wanted, _seconds(at)))
            )
            return tuple(Group.model_validate(row._asdict()) for row in rows)

    async def versions(self) -> tuple[str, ...]:
        """The graph versions that waiting cases are pinned to, those of most cases first."""
        column = self._table.c.graph_version
        query = select(column).group_by(column).order_by(func.count().desc(), column)
        async with self._transaction() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def of(self, case_id: str, at: datetime) -> Waiting | None:
        """The case as it waits, or None where it does not."""
        async with self._transaction() as connection:
            row = await _row(self._table, connection, case_id)
        return _waiting(row, _seconds(at)) if row else None

    async def claim(self, case_id: str, who: Actor, at: datetime) -> Waiting:
        """Take a case for twenty minutes; who has it already has it as before.

        Raises:
            Taken: somebody else has it, or is to decide it.
            NotWaiting: it does not wait.
        """
        async with self._writing() as connection:
            found = await _require(self._table, connection, case_id, at)
            _require_free(found, who.id)
            if found.claimed_by == who.id:
                return found
            until = at + LEASE
            values = {"claimed_by": who.id, "lease_until": _seconds(until), "renewals": 0}
            return await _change(
                self._table, connection, found, who, at, Kind.CLAIMED, values, _until(until)
            )

    async def renew(self, case_id: str, who: Actor, at: datetime) -> Waiting:
        """Have a claim for another twenty minutes, at most twice.

        Raises:
            Taken: somebody else has it, or nobody.
            UsageError: it was renewed as often as it can be.
        """
        async with self._writing() as connection:
            found = _own(await _require(self._table, connection, case_id, at), who.id)
            if found.renewals >= RENEWALS:
                raise UsageError(
                    f"The claim of case {case_id!r} was renewed {RENEWALS} times.",
                    remedy="Decide it, hold it with a reason, or hand it back.",
                )
            until = at + LEASE
            values = {"lease_until": _seconds(until), "renewals": found.renewals + 1}
            return await _change(
                self._table, connection, found, who, at, Kind.RENEWED, values, _until(until)
            )

    async def release(self, case_id: str, who: Actor, at: datetime, *, reason: str = "") -> Waiting:
        """Give a case back to the queue, also where it was assigned.

        Args:
            case_id: The case.
            who: Who gives it back.
            at: The present moment.
            reason: Why it is handed back, or empty.

        Raises:
            Taken: somebody else has it, or nobody.
        """
        async with self._writing() as connection:
            found = await _require(self._table, connection, case_id, at)
            if found.assigned_to != who.id:
                _own(found, who.id)
            told = {"handed_back": bool(reason)}
            return await _change(
                self._table, connection, found, who, at, Kind.RELEASED, _FREE, told
            )

    async def assign(self, case_id: str, to: str, who: Actor, at: datetime) -> Waiting:
        """Say who is to decide a case; whoever had claimed it has it no longer.

        Args:
            case_id: The case.
            to: Who is to decide it; empty: whoever takes it.
            who: Who says so.
            at: The present moment.

        Raises:
            NotWaiting: it does not wait.
        """
        async with self._writing() as connection:
            found = await _require(self._table, connection, case_id, at)
            values = {**_FREE, "assigned_to": to}
            return await _change(
                self._table, connection, found, who, at, Kind.ASSIGNED, values, {"to": to}
            )

    async def hold(
        self, case_id: str, until: datetime, why: str, who: Actor, at: datetime
    ) -> Waiting:
        """Put a case aside until a moment; it stays with who has it, and its time runs on.

        Raises:
            Taken: somebody else has it.
            NotWaiting: it does not wait.
            UsageError: the moment is past.
        """
        if until <= at:
            raise UsageError("A case is held until a moment that is still to come.")
        async with self._writing() as connection:
            found = await _require(self._table, connection, case_id, at)
            _require_free(found, who.id)
            values = {"held_until": _seconds(until), "held_for": why, "assigned_to": who.id}
            values |= {"claimed_by": "", "lease_until": 0, "renewals": 0}
            return await _change(
                self._table, connection, found, who, at, Kind.HELD, values, _until(until)
            )

    async def resume(self, case_id: str, who: Actor, at: datetime) -> Waiting:
        """Take a case off hold.

        Raises:
            Taken: somebody else holds it.
            NotWaiting: it does not wait.
        """
        async with self._writing() as connection:
            found = await _require(self._table, connection, case_id, at)
            _require_free(found, who.id)
            values = {"held_until": 0, "held_for": ""}
            return await _change(self._table, connection, found, who, at, Kind.RESUMED, values, {})


_FREE: Final[Mapping[str, Any]] = {
    "assigned_to": "",
    "claimed_by": "",
    "lease_until": 0,
    "renewals": 0,
    "held_until": 0,
    "held_for": "",
}


def _until(moment: datetime) -> dict[str, Any]:
    return {"until": moment_text(moment)}


def _own(found: Waiting, who: str) -> Waiting:
    if found.claimed_by != who:
        has = f"{found.claimed_by} has it" if found.claimed_by else "nobody has it any more"
        raise Taken(f"Case {found.case_id!r} is not {who}'s: {has}.", remedy="Claim it first.")
    return found


def _require_free(found: Waiting, who: str) -> None:
    if found.claimed_by not in ("", who):
        until = f"{found.lease_until:%H:%M} UTC" if found.lease_until else "later"
        raise Taken(
            f"{found.claimed_by} has case {found.case_id!r}, until {until}.",
            remedy="Take another one, or try then.",
        )
    if found.assigned_to not in ("", who):
        raise Taken(
            f"Case {found.case_id!r} is {found.assigned_to}'s to decide.",
            remedy="A lead can assign it to somebody else.",
        )


async def _require(
    table: Table, connection: AsyncConnection, case_id: str, at: datetime
) -> Waiting:
    row = await _row(table, connection, case_id)
    if row is None:
        raise NotWaiting(
            f"Case {case_id!r} does not wait for a person.",
            remedy="`casewright review list` shows what does.",
        )
    return _waiting(row, _seconds(at))


async def _row(table: Table, connection: AsyncConnection, case_id: str) -> Any:
    newest = table.c.since.desc(), table.c.run_id.desc()
    query = select(table).where(table.c.case_id == case_id).order_by(*newest).limit(1)
    return (await connection.execute(query)).one_or_none()


async def _change(
    table: Table,
    connection: AsyncConnection,
    found: Waiting,
    who: Actor,
    at: datetime,
    kind: Kind,
    values: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Waiting:
    await connection.execute(update(table).where(table.c.run_id == found.run_id).values(values))
    happened = Happened(kind=kind, at=at, actor=who, body=dict(body))
    await append(connection, found.case_id, found.run_id, [happened])
    row = await _row(table, connection, found.case_id)
    return _waiting(row, _seconds(at))


def _wanted(table: Table, wanted: Wanted, now: int) -> list[ColumnElement[bool]]:
    facets = (
        ("sop", wanted.sops),
        ("region", wanted.regions),
        ("language", wanted.languages),
        ("route", wanted.routes),
        ("channel", wanted.channels),
    )
    found: list[ColumnElement[bool]] = [
        table.c[name].in_(values) for name, values in facets if values
    ]
    claimed = table.c.lease_until > now
    if wanted.whose == "mine":
        mine = (table.c.claimed_by == wanted.me) & claimed
        found.append(mine | (table.c.assigned_to == wanted.me))
    elif wanted.whose == "free":
        found.append(table.c.assigned_to.in_(("", wanted.me)))
        found.append(or_(~claimed, table.c.claimed_by == wanted.me))
    if wanted.held is not None:
        held = table.c.held_until > now
        found.append(held if wanted.held else ~held)
    if wanted.overdue:
        found.append(table.c.due < now)
    return found


def _urgency(table: Table, now: int) -> tuple[ColumnElement[Any], ...]:
    left = table.c.due - now
    stake = cast(table.c.stake_cents, Float)
    weighed = case((left < 0, left * stake), else_=left / stake)
    return table.c.interim.desc(), weighed, table.c.run_id


def _waiting(row: Any, now: int) -> Waiting:
    held = row._asdict()
    claimed, on_hold = row.lease_until > now, row.held_until > now
    impact = Money(cents=held.pop("impact_cents"), currency=held.pop("currency"))
    held |= {
        "due_at": _moment(held.pop("due")),
        "since": _moment(row.since),
        "claimed_by": row.claimed_by if claimed else "",
        "lease_until": _moment(row.lease_until) if claimed else None,
        "renewals": row.renewals if claimed else 0,
        "held_until": _moment(row.held_until) if on_hold else None,
        "held_for": row.held_for if on_hold else "",
        "interim": bool(row.interim),
    }
    return Waiting(impact=impact, **held)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


async def keep_listed(connection: AsyncConnection, run: Run, *, before: Run | None) -> None:
    """Have the queue say what the run's record says, in the transaction that writes the record.

    What waits for an answer is on hold until its window closes, and free for whoever takes it.

    Args:
        connection: The transaction.
        run: The record as it is written.
        before: The record that stood there, or None.
    """
    entered = before is None
    if entered:
        rows = [{"value": one, "run_id": run.run_id} for one in sorted(run.case.involved)]
        if rows:
            await connection.execute(missing(connection, subjects), rows)
    if run.status is not RunStatus.WAITING or run.decision is None:
        if not entered:
            await connection.execute(delete(queue).where(queue.c.run_id == run.run_id))
        return
    row = listed_as(run)
    if run.awaiting is not None:
        row |= {**_FREE, "held_until": _seconds(run.awaiting.until)}
        row["held_for"] = f"an answer: {run.awaiting.to}"
    elif before is not None and before.awaiting is not None:
        row |= {"held_until": 0, "held_for": ""}
    changes = {name: value for name, value in row.items() if name != "run_id"}
    await connection.execute(
        insert(connection, queue)
        .values(row)
        .on_conflict_do_update(index_elements=["run_id"], set_=changes)
    )


def listed_as(run: Run) -> dict[str, Any]:
    """The row of a run that waits with a decision."""
    decision = run.decision
    assert decision is not None  # noqa: S101  told before
    return {
        **{name: getattr(run.case, name) for name in _COPIED},
        "run_id": run.run_id,
        "sop": run.sop,
        "graph_version": run.graph_version,
        "route": decision.route.value,
        "outcome": decision.outcome,
        "impact_cents": run.case.impact.cents,
        "currency": run.case.impact.currency,
        "stake_cents": max(run.stake_cents, 1),
        "stability": decision.stability,
        "interim": int(bool(in_force(run.enforced))),
        "due": _seconds(run.due_at or run.updated_at),
        "since": _seconds(run.updated_at),
    }
