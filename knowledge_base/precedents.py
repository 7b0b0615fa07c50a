"""Closed past cases that resemble a case, retrieved in one way only: through the leak guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from casewright.errors import StoreCorrupt, UsageError
from casewright.models import Case, ClosedCase, Model, Precedent, Value
from knowledge_base.embedding import Embedder, Embedding, Embeddings
from knowledge_base.erasure import ErasureReport, erase, refused_of
from knowledge_base.fusion import fuse
from knowledge_base.generations import Progress, reembed
from knowledge_base.guard import View, admissible
from knowledge_base.index import Index, Ranking, pages
from knowledge_base.profile import Candidate, ranked

NO_FACTS: Mapping[str, Value] = MappingProxyType({})
"""Nothing has been established: words and vectors alone rank."""

_DEPTH = 50


class IngestReport(Model):
    """What an ingest did.

    Attributes:
        added: Cases that are new.
        replaced: Cases that were there with other content.
        unchanged: Cases that were there already, word for word.
        refused: Cases that were erased before, or whose seller was.
        wrong: Lines of files that are no closed case.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: int = 0
    wrong: int = 0


class Stats(Model):
    """What the knowledge base holds: closed cases in all and by case type."""

    cases: int
    families: dict[str, int]


class Precedents:
    """The knowledge base of closed cases in one folder.

    Reads are safe from many threads, and the calls block: use ``asyncio.to_thread`` from async
    code. One process writes at a time, others may read meanwhile; within a process, share one
    object for a folder. Use it as a context manager, or call ``close``.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    @classmethod
    def open(cls, folder: Path, *, embedder: Embedding | Embeddings | None = None) -> Self:
        """Open the knowledge base of a folder; nothing is read or created yet."""
        return cls(Index(folder, embedder or Embedder()))

    def ingest(
        self,
        cases: Iterable[ClosedCase],
        progress: Callable[[int], None] | None = None,
        *,
        rebuild: bool = False,
    ) -> IngestReport:
        """Index closed cases. Safe to run again, also after an interruption.

        Args:
            cases: Closed cases; a known case with changed content is replaced.
            progress: Told how many cases are done, after every batch.
            rebuild: Delete the index first, whatever state it is in.

        Raises:
            HomeUnwritable: the folder cannot be written.
            StoreCorrupt: the present index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        if rebuild:
            self._index.remove()
        if not self._index.exists():
            self._index.create()
        refused = refused_of(self._index)
        done = kept = added = replaced = 0
        for batch in pages(cases):
            admitted = refused.without(batch)
            new, changed = self._index.put(admitted)
            done, kept = done + len(batch), kept + len(admitted)
            added, replaced = added + new, replaced + changed
            if progress is not None:
                progress(done)
        unchanged = kept - added - replaced
        return IngestReport(
            added=added, replaced=replaced, unchanged=unchanged, refused=done - kept
        )

    def overturn(self, closed: ClosedCase) -> bool:
        """Have no search find a case again that was decided as ``closed`` says, and then undone.

        Decided anew and ingested again, it is found as it was decided then.

        Returns:
            Whether it was there, as it says.

        Raises:
            StoreCorrupt: the index does not read.
        """
        case_id = closed.case.case_id
        if not self._index.exists() or self._index.records([case_id]).get(case_id) != closed:
            return False
        self._index.put([closed.model_copy(update={"overturned_at": closed.closed_at})])
        return True

    def search(
        self,
        case: Case,
        *,
        as_of: datetime,
        text: str,
        k: int = 5,
        in_force: frozenset[str] = frozenset(),
        facts: Mapping[str, Value] = NO_FACTS,
    ) -> tuple[Precedent, ...]:
        """The closed cases most like ``case`` that it may see, best first.

        What it may never see, :func:`knowledge_base.guard.admissible` says. How they are ranked,
        :func:`knowledge_base.profile.ranked` does.

        Args:
            case: The case to decide.
            as_of: The moment whose knowledge counts; must carry a time zone.
            text: Its facts in words, as a reviewer would note them.
            k: Most precedents to return.
            in_force: References of the clauses that hold for it, such as ``SHIP-4.1@2026-03-01``;
                what was decided under another clause is no precedent.
            facts: What has been established in it, by factor; unknown ones are left out.

        Returns:
            Up to ``k`` precedents; empty where there is no index or nothing admissible.

        Raises:
            UsageError: ``as_of`` has no time zone.
            StoreCorrupt: the index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        view = View.of(case, as_of=as_of, in_force=in_force)
        return self._retrieve(text, view, k, facts)

    def examples(
        self,
        case: Case,
        *,
        as_of: datetime,
        text: str,
        per_outcome: int = 1,
        in_force: frozenset[str] = frozenset(),
        facts: Mapping[str, Value] = NO_FACTS,
    ) -> tuple[Precedent, ...]:
        """The closed cases most like ``case`` of each outcome, best first.

        Args:
            case: The case to decide.
            as_of: As for :meth:`search`, like the arguments that are not named here.
            text: Likewise.
            per_outcome: Most precedents of one outcome.
            in_force: Likewise.
            facts: Likewise.

        Returns:
            Up to ``per_outcome`` of every outcome among the nearest fifty.
        """
        near = self.search(case, as_of=as_of, text=text, k=_DEPTH, in_force=in_force, facts=facts)
        return stratified(near, per_outcome)

    def browse(
        self, text: str, *, case_type: str | None, as_of: datetime, k: int = 5
    ) -> tuple[Precedent, ...]:
        """Closed cases for a person who looks around: no case, so nobody is left out.

        Args:
            text: What to look for.
            case_type: The family to stay in, or None for all.
            as_of: Only cases closed strictly before; must carry a time zone.
            k: Most precedents to return.

        Raises:
            UsageError: ``as_of`` has no time zone.
            StoreCorrupt: the index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        return self._retrieve(text, View(as_of, case_type), k)

    def warm(self) -> None:
        """Load what the first search needs; call it beside other work. It retrieves nothing."""
        if self._index.exists():
            self._index.warm("warm")

    @property
    def embeddings(self) -> Embeddings:
        """The embedding models at hand, for others who need vectors: each is loaded once."""
        return self._index.embeddings

    def stats(self) -> Stats:
        """How many closed cases there are, in all and by case type."""
        families = self._index.families()
        return Stats(cases=sum(families.values()), families=families)

    def erase(
        self,
        *,
        sellers: Sequence[str] = (),
        case_ids: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> ErasureReport:
        """Erase cases for good, and prove it; see :func:`knowledge_base.erasure.erase`."""
        return erase(self._index, sellers=sellers, case_ids=case_ids, progress=progress)

    def reembed(self, progress: Progress | None = None) -> int:
        """Go over to the preferred model; see :func:`knowledge_base.generations.reembed`."""
        return reembed(self._index, progress) if self._index.exists() else 0

    def close(self) -> None:
        """Release the files; the next use opens them again."""
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _retrieve(
        self, text: str, view: View, k: int, facts: Mapping[str, Value] = NO_FACTS
    ) -> tuple[Precedent, ...]:
        """Every retrieval passes here: rank, guard, and only then fuse and compare facts."""
        if view.as_of.tzinfo is None:
            raise UsageError("The as-of time has no time zone.", remedy="Give it in UTC.")
        if k < 1 or not text.strip() or not self._index.exists():
            return ()
        space = self._index.database.state().space
        try:
            return self._found(text, view, k, facts)
        except StoreCorrupt:
            if self._index.database.state().space == space:
                raise
            return self._found(text, view, k, facts)  # other vectors serve since

    def _found(
        self, text: str, view: View, k: int, facts: Mapping[str, Value]
    ) -> tuple[Precedent, ...]:
        rankings = self._index.rankings(text, view.case_type, view.as_of)
        admitted = [self._admitted(ranking, view, max(k, _DEPTH)) for ranking in rankings]
        found = fuse(admitted)[: max(k, _DEPTH) if facts else k]
        records = self._index.records([one.case_id for one in found])
        known = [one for one in found if one.case_id in records]
        nearest = ranked(facts, [Candidate(records[one.case_id], one.score) for one in known])
        return tuple(map(_precedent, nearest[:k]))

    def _admitted(self, ranking: Ranking, view: View, depth: int) -> list[str]:
        """The best ``depth`` admissible cases of a ranking, read on until it is exhausted."""
        admitted: list[str] = []
        with closing(ranking):
            for case_ids in pages(ranking):
                guarded = self._index.guarded(case_ids)
                admitted += (i for i in case_ids if i in guarded and admissible(guarded[i], view))
                if len(admitted) >= depth:
                    break
        return admitted[:depth]


def stratified(precedents: Iterable[Precedent], per_outcome: int) -> tuple[Precedent, ...]:
    """The first few of every outcome, in the order given."""
    taken: Counter[str] = Counter()
    kept = []
    for one in precedents:
        taken[one.outcome] += 1
        if taken[one.outcome] <= per_outcome:
            kept.append(one)
    return tuple(kept)


def _precedent(found: Candidate) -> Precedent:
    closed = found.closed
    return Precedent(
        case_id=closed.case.case_id,
        outcome=closed.outcome,
        closed_at=closed.closed_at,
        similarity=found.score,
        situation=closed.situation,
        facts=closed.facts,
        agreement=found.agreement,
    )
