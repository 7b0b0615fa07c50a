"""The store: short transactions on SQLite or PostgreSQL, one object for the life of a process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casewright.audit import SYSTEM, Actor
from casewright.errors import (
    UsageError,
    VerificationError,
)
from casewright.happenings import Writing, called, fetched, happenings
from casewright.models import ActionRecord, Evidence, ModelCall, Review, Run, RunStatus
from casewright.settings import Settings
from casewright.store import schema
from casewright.store.answers import ExpectedAnswers
from casewright.store.api_keys import ApiKeys
from casewright.store.audited import Audited, Progress, audited, silent
from casewright.store.batches import Batches
from casewright.store.calibrations import Calibrations
from casewright.store.checks import Checks
from casewright.store.cursors import Cursors
from casewright.store.dialect import WRITING, missing
from casewright.store.erasing import erase
from casewright.store.figures import FigureTable
from casewright.store.firsts import FirstReads
from casewright.store.idempotency import Idempotency
from casewright.store.journals import Journals
from casewright.store.judgements import Judgements
from casewright.store.log import Head, Log, append, case_of
from casewright.store.looks import SecondLooks
from casewright.store.matters import Matters
from casewright.store.notes import Notes
from casewright.store.opened import OpenedCases
from casewright.store.opening import Place, corrupt, place_in, place_of, prepare, readable
from casewright.store.outbox import Outbox
from casewright.store.queue import Queue
from casewright.store.rates import Rates
from casewright.store.recording import put_run
from casewright.store.records import evidence_row, files_digest, require_newest, thaw
from casewright.store.releases import Releases
from casewright.store.reveals import Reveals
from casewright.store.search import Search
from casewright.store.sessions import Sessions
from casewright.store.shadows import Shadows
from casewright.store.standings import Standings
from casewright.store.submissions import Submissions
from casewright.store.tables import evidence, graph_versions, run_evidence, runs


class Store:
    """Evidence by digest, graph versions by name, runs by id.

    Use ``async with Store.at(settings) as store``. Every method is one transaction. Evidence is
    only ever added; a run's record is replaced as the run goes on, and what happened to it is
    appended to the log in the same transaction. A method raises StoreCorrupt
    where the database does not read, and lets SQLAlchemy's OperationalError through where it is
    locked, full or away: then the same call can be tried again.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._files: dict[str, str] = {}
        self._engine = place.engine
        self._where = place.where

    @classmethod
    @asynccontextmanager
    async def open(cls, home: Path, *, inline: bool = False) -> AsyncIterator[Store]:
        """Open, and create where there is none, the store in the folder ``home``.

        Args:
            home: The folder.
            inline: Whether it works in the event loop's own thread: for batches.

        Raises:
            HomeUnwritable: the folder cannot be created or written.
            SchemaStale: the store was written by another version.
            StoreCorrupt: the file is not a readable database.
            EnvironmentFault: the file is locked, or the disk is full.
        """
        async with cls._opened(place_in(home, inline=inline)) as store:
            yield store

    @classmethod
    @asynccontextmanager
    async def at(cls, settings: Settings, *, inline: bool = False) -> AsyncIterator[Store]:
        """Open the store where the settings have it: at ``store_url``, or in the home folder.

        Args:
            settings: The settings.
            inline: As for :meth:`open`, where it is in the home folder.

        Raises as :meth:`open` does, and:
            UsageError: ``store_url`` names no PostgreSQL database.
            EnvironmentFault: its driver is not installed, or the server cannot be reached, refuses
                the account or cannot hold a store.
        """
        async with cls._opened(place_of(settings, inline=inline)) as store:
            yield store

    @classmethod
    @asynccontextmanager
    async def _opened(cls, place: Place) -> AsyncIterator[Store]:
        try:
            await prepare(place, schema.require_head)
            yield cls(place)
        finally:
            await place.engine.dispose()

    @property
    def notes(self) -> Notes:
        """What experts noted."""
        return Notes(self._transaction)

    @property
    def releases(self) -> Releases:
        """Which versions may run."""
        return Releases(self._transaction, self._writing)

    @property
    def shadows(self) -> Shadows:
        """What other versions made of runs."""
        return Shadows(self._transaction)

    @property
    def calibrations(self) -> Calibrations:
        """How surely reviewers agree, and what was switched off."""
        return Calibrations(self._transaction, self._writing)

    @property
    def second_looks(self) -> SecondLooks:
        """What second readers said."""
        return SecondLooks(self._transaction, self._writing)

    @property
    def queue(self) -> Queue:
        """What waits for a person, and who has it."""
        return Queue(self._transaction, self._writing)

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self._transaction)

    @property
    def api_keys(self) -> ApiKeys:
        """With which keys programs come."""
        return ApiKeys(self._transaction)

    @property
    def outbox(self) -> Outbox:
        """What waits to be sent to the marketplace."""
        return Outbox(self._transaction)

    @property
    def opened(self) -> OpenedCases:
        """Cases that were opened here, and not at the source."""
        return OpenedCases(self._transaction, self._writing)

    @property
    def expected(self) -> ExpectedAnswers:
        """Cases that an answer may come for."""
        return ExpectedAnswers(self._transaction)

    @property
    def search(self) -> Search:
        """Runs by what they are about and how they stand."""
        return Search(self._transaction)

    @property
    def reveals(self) -> Reveals:
        """Who was shown personal data."""
        return Reveals(self._transaction, self._writing)

    @property
    def matters(self) -> Matters:
        """Who acted before on what a case is about."""
        return Matters(self._transaction)

    @property
    def first_reads(self) -> FirstReads:
        """What reviewers would have decided before they saw a proposal."""
        return FirstReads(self._transaction, self._writing)

    @property
    def judgements(self) -> Judgements:
        """What several people, and the graph, said of the same cases."""
        return Judgements(self._transaction)

    @property
    def figures(self) -> FigureTable:
        """What the log and the reviews say of each reviewer."""
        return FigureTable(self._transaction)

    @property
    def checks(self) -> Checks:
        """Recommendations known to be wrong, and what became of them."""
        return Checks(self._transaction, self._writing)

    @property
    def idempotency(self) -> Idempotency:
        """Writes that came over the API, with their answers."""
        return Idempotency(self._transaction, self._writing)

    @property
    def submissions(self) -> Submissions:
        """Cases that were submitted and are still to be investigated."""
        return Submissions(self._transaction, self._writing)

    @property
    def cursors(self) -> Cursors:
        """How far each webhook was told of the log."""
        return Cursors(self._transaction, self._writing)

    @property
    def rates(self) -> Rates:
        """What all processes may do together in a minute."""
        return Rates(self._writing)

    @property
    def journals(self) -> Journals:
        """What runs on their way to the gate have asked and got."""
        return Journals(self._transaction, self._apart)

    @property
    def batches(self) -> Batches:
        """What is taken to the gate together, and what has become of each case."""
        return Batches(self._transaction, self._apart)

    @property
    def standings(self) -> Standings:
        """How cases stand before a batch takes them."""
        return Standings(self._transaction)

    @property
    def log(self) -> Log:
        """What happened to each case."""
        return Log(self._transaction, self._writing)

    async def audited(
        self, case_id: str = "", *, head: Head | None = None, progress: Progress = silent
    ) -> Audited:
        """Verify the log: each event, and that what it refers to is there and unchanged.

        Args:
            case_id: Tell only what concerns this case; empty: all cases.
            head: A head that was kept elsewhere; the chain must still hold it.
            progress: Told how many rows are read.
        """
        async with self._transaction() as connection:
            return await audited(connection, case_id=case_id, head=head, progress=progress)

    async def put_evidence(self, items: Iterable[Evidence], *, run_id: str = "") -> None:
        """Keep evidence; what is already there stays as it is.

        Args:
            items: The evidence.
            run_id: The run that it was frozen for, whose log says so; empty where ``save_run``
                tells it with the action that brought it.
        """
        items = list(items)
        rows = [evidence_row(item) for item in items]
        if not rows:
            return
        async with self._writing() as connection:
            await connection.execute(missing(connection, evidence), rows)
            if run_id:
                case_id = await case_of(connection, run_id)
                await append(connection, case_id, run_id, [*map(fetched, items)])

    async def evidence(self, digest: str) -> Evidence:
        """The evidence of that digest, its content checked against it.

        Raises:
            UsageError: there is none.
            VerificationError: the stored content no longer matches the digest.
        """
        found = await self.evidence_of([digest])
        return found[digest]

    async def intact_evidence(self, digests: Iterable[str]) -> dict[str, Evidence]:
        """What the store still holds, unchanged, of the given digests; the rest is left out."""
        kept: dict[str, Evidence] = {}
        for row in await self._evidence_rows(set(digests)):
            with suppress(VerificationError):
                kept[row.digest] = thaw(row.digest, row.content, row.retrieved_at)
        return kept

    async def evidence_of(self, digests: Iterable[str]) -> dict[str, Evidence]:
        """All evidence of the given digests, each checked; errors as for ``evidence``."""
        wanted = set(digests)
        rows = await self._evidence_rows(wanted)
        found = {row.digest: thaw(row.digest, row.content, row.retrieved_at) for row in rows}
        if missing := wanted - found.keys():
            raise UsageError(f"The store has no evidence {sorted(missing)[0]!r}.")
        return found

    async def _evidence_rows(self, digests: set[str]) -> Sequence[Row[Any]]:
        async with self._transaction() as connection:
            query = select(evidence).where(evidence.c.digest.in_(digests))
            return (await connection.execute(query)).all()

    async def linked(self, run_id: str) -> frozenset[str]:
        """The digests of the evidence that a run's actions brought."""
        query = select(run_evidence.c.digest).where(run_evidence.c.run_id == run_id)
        async with self._transaction() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def erase(self, case_id: str, *, actor: Actor, at: datetime) -> tuple[str, ...]:
        """Erase what a closed case says of people; its log stays, and says what was taken.

        Evidence that another case rests on as well stays. What the knowledge base remembers is
        another matter, and so are the checkpoints of its runs.

        Args:
            case_id: The case.
            actor: Who erases.
            at: The present moment.

        Returns:
            The digests of the evidence that went.

        Raises:
            UsageError: there is no such case, or it is not closed.
        """
        async with self._writing() as connection:
            gone = await erase(connection, case_id, actor, at)
        if self._engine.dialect.name == "sqlite":  # what was written stands in its log file
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    async def put_version(
        self, version: str, sop: str, files: Mapping[str, str], *, at: datetime
    ) -> None:
        """Pin a graph version's files; a version once kept never changes."""
        if version in self._files:
            return
        row = {"version": version, "sop": sop, "files": dict(files), "created_at": at.isoformat()}
        async with self._transaction() as connection:
            await connection.execute(missing(connection, graph_versions), row)

    async def version_files(self, version: str) -> dict[str, str]:
        """The SOP files of a pinned graph version, by name.

        Args:
            version: ``sop@number+digest``, or its beginning where only one version begins so.

        Raises:
            UsageError: no such version was ever used with this store, or several begin so.
        """
        columns = (graph_versions.c.version, graph_versions.c.files)
        begins = graph_versions.c.version.startswith(version, autoescape=True)
        async with self._transaction() as connection:
            rows = (await connection.execute(select(*columns).where(begins))).all()
        found = {row.version: row.files for row in rows}
        if version not in found and len(found) > 1:
            told = f"Several graph versions begin with {version!r}."
            raise UsageError(told, remedy=f"Name one of {', '.join(sorted(found))}.")
        if not found:
            raise UsageError(f"The store has no graph version {version!r}.")
        files: dict[str, str] = found[version if version in found else min(found)]
        return files

    async def save_run(
        self,
        run: Run,
        *,
        actions: Sequence[ActionRecord] = (),
        review: Review | None = None,
        actor: Actor = SYSTEM,
    ) -> None:
        """Write the run's record, and in the same transaction what it rests on or who acted.

        Args:
            run: The record.
            actions: How actions ended, where they just did.
            review: What a reviewer just did.
            actor: Who has the case enter, for a new run.
        """
        async with self._writing() as connection:
            held = await self._held(connection, run.run_id)
            before = self._read_run(held) if held else None
            files = "" if before else await self._files_digest(connection, run.graph_version)
            writing = Writing(before, run, actions, review, actor, files, held or "")
            await append(connection, run.case.case_id, run.run_id, happenings(writing))
            await put_run(connection, run, before, actions, [review] if review else [])

    async def enter(self, run: Run, *, earlier: str, actor: Actor) -> None:
        """Write the record of a new run, if its case has no newer one than was thought.

        Args:
            run: The record.
            earlier: Id of the run that the case had; empty: it had none.
            actor: Who has the case enter.

        Raises:
            Taken: somebody else began a run of the case meanwhile; nothing is written.
        """
        async with self._writing() as connection:
            await require_newest(connection, run.case.case_id, earlier)
            files = await self._files_digest(connection, run.graph_version)
            told = happenings(Writing(None, run, actor=actor, files=files))
            await append(connection, run.case.case_id, run.run_id, told)
            await put_run(connection, run, None, first=not earlier)

    async def flush(self) -> None:
        """Make what was written durable: here it is already, see ``RunWork``."""

    async def note_calls(self, run_id: str, calls: Iterable[ModelCall], at: datetime) -> None:
        """Have the log tell of model calls that no record of the run will tell of: it failed."""
        async with self._writing() as connection:
            case_id = await case_of(connection, run_id)
            await append(connection, case_id, run_id, [called(one, at) for one in calls])

    async def run(self, run_id: str) -> Run | None:
        """The run of that id, or None."""
        return await self._one_run(select(runs.c.body).where(runs.c.run_id == run_id))

    async def latest_run(self, case_id: str) -> Run | None:
        """The newest run of a case, or None where the case never entered."""
        query = select(runs.c.body).where(runs.c.case_id == case_id)
        newest = runs.c.started_at.desc(), runs.c.run_id.desc()
        return await self._one_run(query.order_by(*newest).limit(1))

    async def records(self, case_id: str) -> list[str]:
        """The records of a case's runs as they are stored, oldest first."""
        query = select(runs.c.body).where(runs.c.case_id == case_id)
        async with self._transaction() as connection:
            found = await connection.execute(query.order_by(runs.c.started_at, runs.c.run_id))
            return list(found.scalars())

    async def runs(self, status: RunStatus | None = None, *, limit: int = 1000) -> list[Run]:
        """Runs, oldest first, of one status or of all."""
        query = select(runs.c.body).order_by(runs.c.started_at, runs.c.run_id).limit(limit)
        if status is not None:
            query = query.where(runs.c.status == status)
        return await self._read_runs(query)

    async def _one_run(self, query: Any) -> Run | None:
        found = await self._read_runs(query)
        return found[0] if found else None

    async def _read_runs(self, query: Any) -> list[Run]:
        async with self._transaction() as connection:
            bodies = (await connection.execute(query)).scalars().all()
        return [self._read_run(body) for body in bodies]

    def _read_run(self, body: str) -> Run:
        try:
            return Run.model_validate_json(body)
        except ValidationError as error:
            raise corrupt(self._where, "the record of a run does not read") from error

    async def _files_digest(self, connection: AsyncConnection, version: str) -> str:
        """Digest of a version's files, which never change."""
        if version in self._files:
            return self._files[version]
        digest = await files_digest(connection, version)
        if digest:  # kept for good
            self._files[version] = digest
        return digest

    async def _held(self, connection: AsyncConnection, run_id: str) -> str | None:
        query = select(runs.c.body).where(runs.c.run_id == run_id)
        body: str | None = (await connection.execute(query)).scalar()
        return body

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the store's one writing lock from its beginning.

        What is read in it, such as the end of a chain, is what its writing goes on from.
        """
        async with self._transaction() as connection:
            await connection.exec_driver_sql(WRITING[connection.dialect.name])
            yield connection

    async def _hold(self, connection: AsyncConnection) -> None:
        """Take the store's one writing lock until the transaction ends."""
        if connection.dialect.name == "postgresql":  # on SQLite whoever writes has it already
            await connection.exec_driver_sql(WRITING["postgresql"])

    @asynccontextmanager
    async def _apart(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes rows on which no chain rests.

        A server lets others write beside it, until it takes the lock; see ``_hold``.
        """
        async with self._transaction() as connection:
            if connection.dialect.name == "sqlite":  # it has but one writer
                await connection.exec_driver_sql(WRITING["sqlite"])
            yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with readable(self._where):
            async with self._engine.begin() as connection:
                yield connection
