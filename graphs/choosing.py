"""Which cases a batch takes, in which order, and which it leaves out and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from casewright.errors import UsageError
from casewright.models import Case, RunStatus
from graphs.due import due_at
from graphs.ids import FIELD, ids_of_query
from graphs.priority import Priority, ordered
from graphs.run import Investigator
from graphs.sieve import Sieve
from graphs.sop import Sop
from tools.inbox import get_case, open_cases

AT_ONCE: Final = 1000
"""Cases that are fetched between two looks at how far it is."""

TWICE: Final = "named twice"
AT_GATE: Final = "at their gate already"
DECIDED: Final = "decided already"
OTHER_TYPE: Final = "of another type"
FILTERED: Final = "the filter does not hold"
UNTOLD: Final = "the filter cannot be told of them"
BEYOND: Final = "beyond the limit"
NO_SOP: Final = "(no SOP decides it)"
UNKNOWN: Final = "(the source does not know it)"


@dataclass(frozen=True)
class Query:
    """A tool that is asked which cases there are.

    Attributes:
        tool: Its name.
        given: Its arguments as they were written.
        field: The field of its records with the id.
    """

    tool: str
    given: Mapping[str, str] = field(default_factory=dict)
    field: str = FIELD


@dataclass(frozen=True)
class Wanted:
    """Which cases are wanted.

    Attributes:
        ids: Ids given by hand or in a file; None: none were given.
        query: What names them instead; None, without ids as well: the open queue does.
        case_type: Only of this type; empty: of all.
        sieve: What must hold of them; None: nothing.
        limit: How many at most; None: all.
        priority: In which order; None: by SLA for the open queue, else as they are given.
        sop: Name of the SOP that is to decide them all; empty: that of each case's type.
    """

    ids: Sequence[str] | None = None
    query: Query | None = None
    case_type: str = ""
    sieve: Sieve | None = None
    limit: int | None = None
    priority: Priority | None = None
    sop: str = ""

    @property
    def source(self) -> Literal["ids", "query", "queue"]:
        """What names the cases."""
        if self.query is not None:
            return "query"
        return "queue" if self.ids is None else "ids"

    @property
    def order(self) -> Priority:
        """In which order they are taken."""
        return self.priority or ("sla" if self.source == "queue" else "none")

    @property
    def told(self) -> str:
        """In words, for the list of batches."""
        whence = {
            "ids": "ids that were given",
            "query": f"the tool {self.query.tool}" if self.query else "",
            "queue": "the open queue",
        }[self.source]
        parts = (
            whence,
            f"type {self.case_type}" if self.case_type else "",
            self.sieve.condition.text if self.sieve else "",
            f"by {self.order}" if self.order != "none" else "",
            f"at most {self.limit:,}" if self.limit is not None else "",
        )
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Chosen:
    """What a batch takes.

    Attributes:
        case_ids: The cases, in the order in which they are to be begun.
        skipped: Why others are left out, and how many.
        sops: How many of the chosen each SOP decides, where that was asked for.
        held: How many of them each unfinished batch has still to do.
        cut: Why the list of cases may be a part only; empty where it is whole.
    """

    case_ids: tuple[str, ...]
    skipped: Mapping[str, int]
    sops: Mapping[str, int]
    held: Mapping[str, int]
    cut: str = ""


@dataclass(frozen=True)
class _One:
    case_id: str
    case: Case | None


async def choose(investigator: Investigator, wanted: Wanted, *, sops: bool = False) -> Chosen:
    """Choose the cases of a batch; nothing is written.

    A case that has come to its gate or is decided is left out. One that the source does not know
    stays in, so that the batch parks it with the reason: it is not left out silently.

    Args:
        investigator: Holds the source, the store and the SOPs.
        wanted: Which cases.
        sops: Whether to tell which SOP decides how many; every case is fetched for it.

    Raises:
        UsageError: the tool or the SOP does not exist, or what it answers lists no cases.
        SourceError: the source fails.
    """
    return await _Choosing(investigator, wanted).chosen(sops=sops)


class _Choosing:
    def __init__(self, investigator: Investigator, wanted: Wanted) -> None:
        self._investigator = investigator
        self._wanted = wanted
        self._skipped: Counter[str] = Counter()
        self._sops: dict[str, Sop | None] = {}
        self._cut = ""

    async def chosen(self, *, sops: bool) -> Chosen:
        at = await self._investigator.now()
        if self._wanted.sop:
            self._investigator.catalog.load(self._wanted.sop)
        found = await self._unsettled(self._once(await self._found(at)))
        if sops or self._needs_cases:
            found = await self._fetched(found)
        found = list(self._sifted(found, at))
        found = self._limited(ordered(found, self._wanted.order, at, self._due))
        ids = tuple(one.case_id for one in found)
        held = await self._investigator.store.standings.held(ids)
        counted = Counter(map(self._decider, found)) if sops else Counter[str]()
        return Chosen(ids, dict(self._skipped), dict(counted.most_common()), held, self._cut)

    @property
    def _needs_cases(self) -> bool:
        wanted = self._wanted
        return bool(wanted.case_type or wanted.sieve or wanted.order != "none")

    async def _found(self, at: datetime) -> list[_One]:
        match self._wanted.source:
            case "ids":
                return [_One(one, None) for one in self._wanted.ids or ()]
            case "query":
                return [_One(one, None) for one in await self._asked(at)]
            case "queue":
                return await self._open()

    async def _asked(self, at: datetime) -> list[str]:
        query = self._wanted.query
        assert query is not None  # noqa: S101  what names the cases is the query
        toolbox = self._investigator.services.toolbox
        asked = await ids_of_query(toolbox, query.tool, query.given, at, query.field)
        if not asked.complete:
            self._cut = f"the answer of {query.tool} is a part only ({asked.why})"
        return asked.ids

    async def _open(self) -> list[_One]:
        """The source's open cases, and those that were opened here and never begun."""
        inbox, kind = self._investigator.inbox, self._wanted.case_type or None
        found = [_One(case.case_id, case) async for case in open_cases(inbox, kind)]
        there = {one.case_id for one in found}
        ours = await self._investigator.store.standings.unbegun()
        return [*found, *(_One(one.case_id, one) for one in ours if one.case_id not in there)]

    def _once(self, found: Sequence[_One]) -> dict[str, _One]:
        once: dict[str, _One] = {}
        for one in found:
            once.setdefault(one.case_id, one)
        self._skip(TWICE, len(found) - len(once))
        return once

    async def _unsettled(self, found: Mapping[str, _One]) -> list[_One]:
        stands = await self._investigator.store.standings.of(list(found))
        kept = []
        for one in found.values():
            match stands.get(one.case_id):
                case RunStatus.WAITING:
                    self._skip(AT_GATE)
                case RunStatus.DONE:
                    self._skip(DECIDED)
                case _:
                    kept.append(one)
        return kept

    async def _fetched(self, found: Sequence[_One]) -> list[_One]:
        bound = asyncio.Semaphore(self._investigator.settings.concurrency)
        fetched: list[_One] = []
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            fetched += await asyncio.gather(*(self._fetch(one, bound) for one in some))
        return fetched

    async def _fetch(self, one: _One, bound: asyncio.Semaphore) -> _One:
        if one.case is not None:
            return one
        async with bound:
            try:
                opened = await self._investigator.store.opened.get(one.case_id)
                if opened is not None:
                    return _One(one.case_id, opened.case)
                return _One(one.case_id, await get_case(self._investigator.inbox, one.case_id))
            except UsageError:  # unknown, or erased: the batch parks it with the reason
                return one

    def _sifted(self, found: Sequence[_One], at: datetime) -> Iterator[_One]:
        for one in found:
            reason = self._unwanted(one.case, at) if one.case else ""
            if reason:
                self._skip(reason)
            else:
                yield one

    def _unwanted(self, case: Case, at: datetime) -> str:
        if self._wanted.case_type not in ("", case.case_type):
            return OTHER_TYPE
        if self._wanted.sieve is None:
            return ""
        lets = self._wanted.sieve.lets(case, at)
        if lets is None:
            return UNTOLD
        return "" if lets else FILTERED

    def _limited(self, found: list[_One]) -> list[_One]:
        limit = len(found) if self._wanted.limit is None else self._wanted.limit
        self._skip(BEYOND, len(found[limit:]))
        return found[:limit]

    def _due(self, case: Case) -> datetime | None:
        sop = self._sop_of(case)
        return due_at(sop.spec.gate, case) if sop else None

    def _decider(self, one: _One) -> str:
        if one.case is None:
            return UNKNOWN
        sop = self._sop_of(one.case)
        return sop.name if sop else NO_SOP

    def _sop_of(self, case: Case) -> Sop | None:
        """The SOP that decides it; None: none does, or more than one, as its batch will tell."""
        if case.case_type not in self._sops:
            catalog = self._investigator.catalog
            try:
                self._sops[case.case_type] = (
                    catalog.load(self._wanted.sop)
                    if self._wanted.sop
                    else catalog.for_case_type(case.case_type)
                )
            except UsageError:
                self._sops[case.case_type] = None
        return self._sops[case.case_type]

    def _skip(self, reason: str, count: int = 1) -> None:
        if count:
            self._skipped[reason] += count
