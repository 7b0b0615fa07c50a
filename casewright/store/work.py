"""The store as one run sees it on its way to the gate: its record is written once, at the end.

Between entering and the gate a run's record changes at every node. None of that has to survive: a
run that is killed begins anew, and what it has asked and got stands in its journal. So the changes
are held here and written in one transaction when the run comes to its gate, ends or fails, and
before anything leaves the house. Evidence is written at once, as ever: the verifier reads it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from casewright.audit import SYSTEM, Actor, Happened
from casewright.happenings import Writing, called, fetched, told
from casewright.journal import Journal
from casewright.models import ActionRecord, Evidence, ModelCall, Review, Run
from casewright.store.journals import Journals
from casewright.store.log import append
from casewright.store.recording import put_run
from casewright.store.records import require_untouched
from casewright.store.store import Store


class RunWork(Store):
    """A :class:`Store` for the length of one drive of a run; see there for what each method does.

    Args:
        store: The store that it writes to in the end.
        run: The run as it is recorded there.
        patience_s: How long to go on trying to keep what a call brought, see ``Journals``.
    """

    def __init__(self, store: Store, run: Run, *, patience_s: float = 0.0) -> None:
        super().__init__(store._place)
        self._journals = Journals(self._transaction, self._apart, patience_s)
        self._first = self._now = run
        self._noted: list[Writing | Happened] = []
        self._actions: list[ActionRecord] = []
        self._reviews: list[Review] = []
        self._kept: dict[str, Evidence] = {}

    async def journal(self, *, alone: bool) -> Journal:
        """The run's journal, whose evidence need not be written or read again.

        Args:
            alone: Whether its calls go one after another.
        """
        held = await self._journals.of(self._now.run_id)
        return Journal(self._now.run_id, self, held, alone=alone)

    async def keep(self, run_id: str, key: str, body: str, evidence: Evidence | None) -> None:
        """Write down what a call brought, see ``casewright.journal.Pages``."""
        await self._journals.keep(run_id, key, body, evidence)
        if evidence is not None:
            self._kept[evidence.digest] = evidence

    async def put_evidence(self, items: Iterable[Evidence], *, run_id: str = "") -> None:
        """Keep evidence at once; that it came is told with the run's record."""
        items = list(items)
        new = {item.digest: item for item in items if item.digest not in self._kept}
        await super().put_evidence(new.values())
        self._kept |= new
        if run_id:
            self._noted += map(fetched, items)

    async def evidence_of(self, digests: Iterable[str]) -> dict[str, Evidence]:
        """As in the store; what came in this drive is at hand. The verifier reads what is kept."""
        wanted = set(digests)
        known = {digest: self._kept[digest] for digest in wanted & self._kept.keys()}
        lacking = wanted - known.keys()
        return known | (await super().evidence_of(lacking) if lacking else {})

    async def save_run(
        self,
        run: Run,
        *,
        actions: Sequence[ActionRecord] = (),
        review: Review | None = None,
        actor: Actor = SYSTEM,
    ) -> None:
        """Hold the record as it stands now."""
        self._noted.append(Writing(self._now, run, actions, review, actor))
        self._actions += actions
        self._reviews += [review] if review else []
        self._now = run

    async def note_calls(self, run_id: str, calls: Iterable[ModelCall], at: datetime) -> None:
        """Have the log tell of model calls with the run's record."""
        self._noted += [called(one, at) for one in calls]

    async def run(self, run_id: str) -> Run | None:
        """The run as it is held here."""
        return self._now if run_id == self._now.run_id else await super().run(run_id)

    async def flush(self) -> None:
        """Write what is held, all or nothing; safe to call again.

        Raises:
            Taken: somebody else went on with the run meanwhile; nothing is written.
        """
        if not self._noted:
            return
        async with self._apart() as connection:
            await require_untouched(connection, self._first)
            await put_run(connection, self._now, self._first, self._actions, self._reviews)
            await self._hold(connection)  # last, so that others who write wait for little
            happened = told(self._noted, Writing(self._first, self._now))
            await append(connection, self._now.case.case_id, self._now.run_id, happened)
        self._first = self._now
        self._noted, self._actions, self._reviews = [], [], []
