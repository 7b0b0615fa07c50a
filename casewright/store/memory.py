"""A store for a single case that nobody will ask for later: it lives in memory, and goes with it.

Evals judge a gold case and look at what it rested on; forty transactions a case would cost more
than deciding it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from casewright.audit import SYSTEM, Actor
from casewright.errors import UsageError
from casewright.models import ActionRecord, Evidence, ModelCall, Review, Run, RunStatus
from casewright.note import Note
from casewright.release import Release
from casewright.settings import Settings
from casewright.store.calibrations import Calibrations, Entry
from casewright.store.looks import SecondLooks
from casewright.store.notes import Notes
from casewright.store.opened import OpenedCase, OpenedCases
from casewright.store.opening import there
from casewright.store.outbox import Outbox, Waits
from casewright.store.releases import Releases
from casewright.store.store import Store


class _NoNotes(Notes):
    """Nobody noted anything: a gold case knows no note."""

    def __init__(self) -> None:
        """Without a database."""

    async def all(self) -> tuple[Note, ...]:
        return ()


class _NoReleases(Releases):
    """Nothing stands: an eval judges what would run if it were promoted."""

    def __init__(self) -> None:
        """Without a database."""

    async def newest(self) -> int:
        return 0

    async def all(self, sop: str = "") -> tuple[Release, ...]:
        return ()


class HeldCalibrations(Calibrations):
    """Calibrations as they stood when they were read.

    Args:
        held: Entries by graph version, oldest first.
    """

    def __init__(self, held: Mapping[str, tuple[Entry, ...]]) -> None:
        self._held = held

    async def versions(self) -> tuple[str, ...]:
        """The graph versions that were ever calibrated."""
        return tuple(self._held)

    async def entries(self, version: str) -> tuple[Entry, ...]:
        """All entries of a version, oldest first."""
        return self._held.get(version, ())


class _NoOutbox(Outbox):
    """Nothing waits to be sent: what such a store decides is carried out at once, or never."""

    def __init__(self) -> None:
        """Without a database."""

    async def of(self, run_id: str) -> Mapping[str, Waits]:
        return {}

    async def begin(self, run_id: str, key: str) -> int:
        return 1

    async def postpone(self, run_id: str, key: str, until: datetime, error: str) -> None:
        return None


class _NoLooks(SecondLooks):
    """Nobody looked twice at anything."""

    def __init__(self) -> None:
        """Without a database."""

    async def automatic(self, version: str, *, beside: str, at_most: int) -> int:
        return 0


async def held_calibrations(settings: Settings) -> HeldCalibrations:
    """The calibrations of the settings' store; none where there is no store yet.

    Raises:
        StoreCorrupt: an entry does not read.
        SchemaStale: the store was written by another version.
    """
    if not there(settings):
        return HeldCalibrations({})
    async with Store.at(settings) as store:
        known = store.calibrations
        return HeldCalibrations({one: await known.entries(one) for one in await known.versions()})


class _NoOpened(OpenedCases):
    """Nothing was opened here: a gold case is the source's."""

    def __init__(self) -> None:
        """Without a database."""

    async def get(self, case_id: str) -> OpenedCase | None:
        return None


class MemoryStore(Store):
    """A :class:`Store` without a file; see there for what each method does.

    What is put in is frozen, so it is given back as it is: nothing is checked a second time.

    Args:
        calibrations: Those that tell the case's confidence; None: there are none.
    """

    def __init__(self, calibrations: Calibrations | None = None) -> None:
        self._calibrations = calibrations or HeldCalibrations({})
        self._kept: dict[str, Evidence] = {}
        self._linked: dict[str, set[str]] = {}
        self._versions: dict[str, dict[str, str]] = {}
        self._runs: dict[str, Run] = {}

    @property
    def notes(self) -> Notes:
        """None at all."""
        return _NoNotes()

    @property
    def releases(self) -> Releases:
        """None at all."""
        return _NoReleases()

    @property
    def calibrations(self) -> Calibrations:
        """Those that it was made with."""
        return self._calibrations

    @property
    def second_looks(self) -> SecondLooks:
        """None at all."""
        return _NoLooks()

    @property
    def outbox(self) -> Outbox:
        """Nothing waits."""
        return _NoOutbox()

    @property
    def opened(self) -> OpenedCases:
        """None at all."""
        return _NoOpened()

    @property
    def kept(self) -> tuple[Evidence, ...]:
        """All evidence, in the order in which it was put in."""
        return tuple(self._kept.values())

    async def put_evidence(self, items: Iterable[Evidence], *, run_id: str = "") -> None:
        """Keep evidence; what is already there stays as it is."""
        for item in items:
            self._kept.setdefault(item.digest, item)

    async def intact_evidence(self, digests: Iterable[str]) -> dict[str, Evidence]:
        """What is there of the given digests."""
        return {digest: self._kept[digest] for digest in set(digests) if digest in self._kept}

    async def evidence_of(self, digests: Iterable[str]) -> dict[str, Evidence]:
        """All evidence of the given digests; a UsageError where one is not there."""
        wanted = set(digests)
        found = await self.intact_evidence(wanted)
        if missing := wanted - found.keys():
            raise UsageError(f"The store has no evidence {sorted(missing)[0]!r}.")
        return found

    async def linked(self, run_id: str) -> frozenset[str]:
        """The digests of the evidence that a run's actions brought."""
        return frozenset(self._linked.get(run_id, ()))

    async def put_version(
        self, version: str, sop: str, files: Mapping[str, str], *, at: datetime
    ) -> None:
        """Pin a graph version's files."""
        self._versions.setdefault(version, dict(files))

    async def version_files(self, version: str) -> dict[str, str]:
        """The files of a pinned graph version; a UsageError where there is none of that name."""
        if version not in self._versions:
            raise UsageError(f"The store has no graph version {version!r}.")
        return self._versions[version]

    async def save_run(
        self,
        run: Run,
        *,
        actions: Sequence[ActionRecord] = (),
        review: Review | None = None,
        actor: Actor = SYSTEM,
    ) -> None:
        """Keep the run's record as it stands now; its reviews stand in it."""
        self._runs[run.run_id] = run
        digests = {one for record in actions for one in (record.digest, *record.parts) if one}
        self._linked.setdefault(run.run_id, set()).update(digests)

    async def enter(self, run: Run, *, earlier: str, actor: Actor) -> None:
        """Keep the record of a new run."""
        await self.save_run(run)

    async def note_calls(self, run_id: str, calls: Iterable[ModelCall], at: datetime) -> None:
        """Nothing: there is no log."""

    async def run(self, run_id: str) -> Run | None:
        """The run of that id, or None."""
        return self._runs.get(run_id)

    async def latest_run(self, case_id: str) -> Run | None:
        """The newest run of a case, or None where the case never entered."""
        mine = [run for run in self._runs.values() if run.case.case_id == case_id]
        return max(mine, key=lambda run: (run.started_at, run.run_id), default=None)

    async def runs(self, status: RunStatus | None = None, *, limit: int = 1000) -> list[Run]:
        """Runs, oldest first, of one status or of all."""
        found = [run for run in self._runs.values() if status in (None, run.status)]
        return sorted(found, key=lambda run: (run.started_at, run.run_id))[:limit]
