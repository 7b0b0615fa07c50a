"""The journal of a run: what its completed fetches and model calls brought.

A run that was interrupted begins anew, and whatever it asks for a second time is answered from
here. So nothing that was completed is asked again, whatever instant a process was killed at; only
what was in flight is. In a batch the calls of one run go one after another, so that there is but
one; many cases in flight keep sources and models busy all the same.

The journal travels in the task's context, as spans do, so that cases in flight never mix.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from pydantic_core import from_json, to_json

from casewright.models import Evidence


class Pages(Protocol):
    """Where a journal is kept."""

    async def keep(self, run_id: str, key: str, body: str, evidence: Evidence | None) -> None:
        """Write down what a call brought, and the evidence that it brought, for good."""
        ...

    async def evidence(self, digest: str) -> Evidence:
        """Evidence that was kept, checked against its digest."""
        ...


class Journal:
    """What one run has asked and got.

    Args:
        run_id: The run.
        pages: Where it is kept.
        held: What is kept already, by key.
        alone: Whether its calls go one after another.
    """

    def __init__(
        self, run_id: str, pages: Pages, held: Mapping[str, str], *, alone: bool = False
    ) -> None:
        self._run_id = run_id
        self.pages = pages
        """Where it is kept."""
        self._held = dict(held)
        self._asked = Counter[str]()
        self._turn = asyncio.Semaphore(1) if alone else nullcontext()

    @asynccontextmanager
    async def entry(self, key: str) -> AsyncIterator[Entry]:
        """A call that is about to be made.

        Args:
            key: What is asked, and of whom.
        """
        async with self._turn:
            yield Entry(self, key, self._held.get(key))

    @asynccontextmanager
    async def next_entry(self, key: str) -> AsyncIterator[Entry]:
        """As ``entry``, where asking the same again is another call: samples of one prompt are."""
        self._asked[key] += 1
        async with self.entry(f"{key}#{self._asked[key]}") as entry:
            yield entry

    async def keep(self, key: str, body: str, evidence: Evidence | None) -> None:
        """Write down what a call brought."""
        await self.pages.keep(self._run_id, key, body, evidence)
        self._held[key] = body


class Entry:
    """One call of a run.

    Args:
        journal: The run's journal.
        key: What is asked, and for which time.
        held: What it brought before; None: it was never completed.
    """

    def __init__(self, journal: Journal, key: str, held: str | None) -> None:
        self._journal = journal
        self._key = key
        self.held = held
        """What it brought before, as it was kept; None: it was never completed."""

    async def keep(self, body: str) -> None:
        """Write down what it brought, before anybody goes on with it."""
        await self._journal.keep(self._key, body, None)

    async def fetched(self) -> Evidence | None:
        """The evidence that it brought before; None: it was never completed."""
        if self.held is None:
            return None
        digest, at, written = self.held.split(" ", 2)
        evidence = await self._journal.pages.evidence(digest)
        update: dict[str, Any] = {"retrieved_at": datetime.fromisoformat(at)}
        if (data := from_json(written)) == evidence.data:
            update["data"] = data
        return evidence.model_copy(update=update)

    async def keep_fetched(self, evidence: Evidence) -> None:
        """Write down the evidence that it brought.

        Its data is kept as it came beside it: in the store its fields are sorted, a model would be
        shown them in another order, and what it was asked would not be found here.
        """
        data = to_json(evidence.data).decode()
        body = f"{evidence.digest} {evidence.retrieved_at.isoformat()} {data}"
        await self._journal.keep(self._key, body, evidence)


_journal: ContextVar[Journal | None] = ContextVar("journal", default=None)


@contextmanager
def journaling(journal: Journal | None) -> Iterator[None]:
    """Calls made inside are kept in this journal."""
    token = _journal.set(journal)
    try:
        yield
    finally:
        _journal.reset(token)


def journal_here() -> Journal | None:
    """The journal of the run that works here; None: none is kept."""
    return _journal.get()
