"""Bounds on a minute that all processes keep together: each reserves its portion here."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import extract, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.rate import Rate, Reserved, reserve
from casewright.store.away import patiently
from casewright.store.tables import rate_limits
from casewright.store.transaction import Transaction

MICROS = 1_000_000

NAME_LENGTH = 300

PATIENCE_S = 120.0
"""How long a store that is locked or away is tried, in seconds; then the call fails with it."""


class Rates:
    """The bounds, see ``Store.rates``.

    Args:
        writing: Opens a transaction that nobody else can write beside.
        clock: Seconds since 1970; None: the server's clock where there is a server, since the
            clocks of nodes differ, and else this machine's.
    """

    def __init__(self, writing: Transaction, clock: Callable[[], float] | None = None) -> None:
        self._writing = writing
        self._clock = clock

    async def reserve(self, name: str, kind: str, rate: Rate, amount: float) -> Reserved:
        """Reserve an amount, in one short transaction; see :func:`casewright.rate.reserve`.

        Args:
            name: The place that is asked.
            kind: What is bounded: ``requests`` or ``tokens``.
            rate: The bound, which all who share it are to give alike.
            amount: How much; at most the rate's burst.
        """
        one = partial(self._reserved, name[:NAME_LENGTH], kind, rate, amount)
        return await patiently(one, PATIENCE_S)

    async def _reserved(self, name: str, kind: str, rate: Rate, amount: float) -> Reserved:
        row = (rate_limits.c.name == name) & (rate_limits.c.kind == kind)
        async with self._writing() as connection:
            held = await connection.execute(select(rate_limits.c.micros).where(row))
            micros: int | None = held.scalar()
            now = await self._now(connection)
            reserved = reserve((micros or 0) / MICROS, now, amount, rate)
            free = round(reserved.free_at * MICROS)
            if micros is None:
                new = insert(rate_limits).values(name=name, kind=kind, micros=free)
                await connection.execute(new)
            else:
                await connection.execute(update(rate_limits).where(row).values(micros=free))
        return reserved

    async def _now(self, connection: AsyncConnection) -> float:
        if self._clock is not None:
            return self._clock()
        if connection.dialect.name != "postgresql":
            return time.time()
        present = select(extract("epoch", func.clock_timestamp()))
        return float((await connection.execute(present)).scalar_one())
