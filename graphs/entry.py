"""How a case enters: which procedure decides it, and its record before anything else happens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from casewright.asking import Awaiting
from casewright.audit import analyst
from casewright.happenings import SUPERSEDED
from casewright.models import Case, Cost, Route, Run, RunStatus
from graphs.classifiers import with_classifiers
from graphs.driving import Driving, Start, decided
from graphs.enforce import begun_of, dropped
from graphs.facts import freeze_case
from graphs.interim import held_over
from graphs.lapse import answer_by, asked_by, paused
from graphs.sop import Sop
from graphs.state import State
from graphs.versions import version_of
from tools.inbox import get_case, open_cases


@dataclass(frozen=True)
class Wish:
    """How a case is to be investigated.

    Attributes:
        sop: Name of the SOP; empty: the one for the case's type.
        as_of: The moment whose knowledge counts; None: now, but never before the case opened.
        again: Start a new run even where the case has one.
        awaited: What came of the questions that the run before was closed with.
        by: Who has it investigated, as the log is to name them; empty: as the settings say.
    """

    sop: str = ""
    as_of: datetime | None = None
    again: bool = False
    awaited: tuple[Awaiting, ...] = ()
    by: str = ""


class Entry(Driving):
    """Has cases enter."""

    def procedure_of(self, case: Case) -> Sop:
        """The SOP that a case of that type would enter.

        Raises:
            UnknownName: no SOP decides such cases.
        """
        return self._sop_for(case, "")

    async def announced(self, case_id: str) -> tuple[Case, str]:
        """A case as it was opened here, or as the source has it, and the SOP that would decide it.

        Nothing is written.

        Raises:
            UnknownCase: the source knows no such case.
            UsageError: no SOP is for its type.
            SourceError: the source fails.
        """
        case = await self._case(case_id)
        return case, (await self._version_for(case, "", None))[0].name

    async def open_case_ids(self, case_type: str | None, limit: int | None) -> list[str]:
        """Ids of the source's open cases, of one type or of all, at most ``limit``.

        Raises:
            SourceError: the source fails.
        """
        return [case.case_id async for case in open_cases(self._source, case_type, limit)]

    async def _case(self, case_id: str) -> Case:
        opened = await self.store.opened.get(case_id)
        return opened.case if opened else await get_case(self._source, case_id)

    async def _enter(self, case_id: str, wish: Wish, earlier: Run | None) -> Run:
        """Fetch the case, pin its version and write its record before anything else happens.

        Measures that an earlier, undecided run took are still in force, so this one holds them.
        """
        case = await self._case(case_id)
        awaited = wish.awaited
        sop, version = await self._version_for(case, wish.sop, earlier)
        self._sops[version] = sop
        as_of = wish.as_of or max(await self._source.now(), case.opened_at)
        now = self._services.clock()
        await self.store.put_version(version, sop.name, sop.files, at=now)
        run = Run(
            run_id=uuid.uuid4().hex,
            case=case,
            sop=sop.name,
            graph_version=version,
            as_of=as_of,
            status=RunStatus.RUNNING,
            enforced=() if earlier is None else held_over(earlier),
            asked=asked_by(earlier),
            answer_by=answer_by(earlier),
            awaited=awaited,
            paused=paused(earlier, max((one.at for one in awaited if one.at), default=now)),
            started_at=now,
            updated_at=now,
        )
        actor = analyst(wish.by or self._settings.reviewer)
        await self.store.enter(run, earlier=earlier.run_id if earlier else "", actor=actor)
        return run

    async def _version_for(self, case: Case, name: str, earlier: Run | None) -> tuple[Sop, str]:
        """The version that stands for the case; where none does, or one is wished, the folder's."""
        release = None if name else await self._choice.of_case(case, earlier)
        if release is not None:
            return await self.released(release), release.version
        sop = self._sop_for(case, name)
        return sop, version_of(sop, self._settings)

    def _sop_for(self, case: Case, name: str) -> Sop:
        catalog, home = self._catalog, self._settings.home
        sop = catalog.load(name) if name else catalog.for_case_type(case.case_type)
        return with_classifiers(sop, home)

    async def _input(self, run: Run) -> Start | None:
        """What starts the graph; None to go on from where it waited.

        A run that never was at its gate begins anew: its journal holds what it has asked. So does
        one whose record lacks what its checkpoint knows, as it may after a loss of power: they are
        two files.
        """
        snapshot = await self._snapshot(run)
        gated = snapshot.interrupts or snapshot.values.get("gated")
        if run.reviews or run.undone or (gated and run.decision):
            return None
        if decided(run) and snapshot.values:
            return None
        if snapshot.values:
            await self.forget(run)
        return self._begin(run)

    def _begin(self, run: Run) -> Start:
        frozen = freeze_case(run.case, as_of=run.as_of, at=self._services.clock())
        state = State(
            run_id=run.run_id,
            version=run.graph_version,
            as_of=run.as_of.isoformat(),
            case=frozen.digest,
            actions={},
            factors={},
            notes=[],
            recalled="",
            cost=Cost().model_dump(),
            calls=[],
            floor=Route.AUTO.value,
        )
        return Start(state, frozen)

    async def _supersede(self, run: Run | None) -> None:
        """Take a run that still waits out of the queue: a newer one has taken its place."""
        if run is None or run.status is RunStatus.DONE:
            return
        await self.store.journals.drop([run.run_id])
        bare = dropped(run, (), await begun_of(run, self._services), self._services.clock())
        if bare != run:
            await self.store.save_run(bare)
        if run.status is RunStatus.WAITING:
            await self._mark(run, RunStatus.FAILED, error=SUPERSEDED)
