"""Policy clauses: found by meaning and by letter, and only those in force."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from casewright.canonical import digest_of
from casewright.clause import Clause
from casewright.errors import UsageError
from knowledge_base.bm25 import Bm25
from knowledge_base.fusion import fuse
from knowledge_base.index import CLAUSES, Index, fill

_DEPTH = 50
_INSERT = "INSERT INTO clauses (digest, vector, record) VALUES (?, ?, ?)"


class HeldClause(Clause):
    """A clause, and the SOPs that hold it.

    Attributes:
        sops: Names of the SOPs whose policy has it.
    """

    sops: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Over all of it."""
        return digest_of(self.model_dump(mode="json"))


class ClauseReport(NamedTuple):
    """What an ingest of clauses did."""

    added: int
    removed: int
    unchanged: int


class Clauses:
    """The policy clauses in an index. They are replaced as a whole, for the SOPs hold them."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def ingest(self, clauses: Iterable[HeldClause]) -> ClauseReport:
        """Make the index hold exactly these clauses; what is there already stays untouched.

        Raises:
            HomeUnwritable: the folder cannot be written.
            StoreCorrupt: the present index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        if not self._index.exists():
            self._index.create()
        given = {one.digest: one for one in clauses}
        known = {one.digest for one in self._all()}
        fresh = [given[digest] for digest in given.keys() - known]
        state = self._index.database.state()
        documents = {digest_of(one.text): one.text for one in given.values()}
        embedding = self._index.embedding(state.space)
        fill(self._index.dense(state), embedding, CLAUSES, documents)
        self._write(fresh, known - given.keys())
        return ClauseReport(len(fresh), len(known - given.keys()), len(given) - len(fresh))

    def search(
        self, text: str, *, on: datetime, region: str | None = None, k: int = 5
    ) -> tuple[HeldClause, ...]:
        """The clauses in force that are most like a text, best first.

        In force is the newest version of a clause that had begun by that day, among those that
        hold in the region.

        Args:
            text: What to look for.
            on: The day whose clauses count; must carry a time zone.
            region: Where; None for anywhere.
            k: Most clauses to return.

        Raises:
            UsageError: ``on`` has no time zone.
            StoreCorrupt: the index does not read.
            SchemaStale: another version or another embedding model wrote it.
        """
        if on.tzinfo is None:
            raise UsageError("The day has no time zone.", remedy="Give it in UTC.")
        if k < 1 or not text.strip() or not self._index.exists():
            return ()
        held = {one.digest: one for one in in_force(self._all(), on=on, region=region)}
        if not held:
            return ()
        rankings = [
            list(itertools.islice((digest for digest in ranking if digest in held), _DEPTH))
            for ranking in self._ranked(text, list(held.values()))
        ]
        return tuple(held[one.case_id] for one in fuse(rankings)[:k])

    def _ranked(self, text: str, held: Sequence[HeldClause]) -> tuple[Iterable[str], Iterable[str]]:
        words, *counted = self._index.tokenizer.words([text, *(one.text for one in held)])
        scores = Bm25(counted).scores(words).tolist()
        scored = sorted((-score, one.digest) for score, one in zip(scores, held, strict=True))
        behind: defaultdict[str, list[str]] = defaultdict(list)
        for one in held:
            behind[digest_of(one.text)].append(one.digest)
        state = self._index.database.state()
        vector = self._index.embedding(state.space).embed([text])[0]
        near = self._index.dense(state).ranked([CLAUSES], vector)
        return (
            (digest for score, digest in scored if score),
            (digest for _, name in near for digest in behind[name]),
        )

    def _all(self) -> list[HeldClause]:
        with self._index.database.reading() as connection:
            rows = connection.execute("SELECT record FROM clauses ORDER BY id").fetchall()
        return [HeldClause.model_validate_json(record) for (record,) in rows]

    def _write(self, fresh: Sequence[HeldClause], gone: Iterable[str]) -> None:
        rows = [(one.digest, digest_of(one.text), one.model_dump_json()) for one in fresh]
        delete = "DELETE FROM clauses WHERE digest IN (SELECT value FROM json_each(?))"
        with self._index.database.writing() as connection:
            connection.execute(delete, (json.dumps(sorted(gone)),))
            connection.executemany(_INSERT, rows)


def in_force(
    clauses: Iterable[HeldClause], *, on: datetime, region: str | None
) -> tuple[HeldClause, ...]:
    """Those in force on a day (UTC) in a region, or anywhere: of each clause the newest version."""
    day = on.astimezone(UTC).date()
    held = [
        one
        for one in clauses
        if one.start <= day and (region is None or not one.regions or region in one.regions)
    ]
    newest: dict[tuple[str, tuple[str, ...]], date] = {}
    for one in held:
        scope = _scope(one, region)
        newest[scope] = max(one.start, newest.get(scope, one.start))
    return tuple(one for one in held if newest[_scope(one, region)] == one.start)


def _scope(clause: HeldClause, region: str | None) -> tuple[str, tuple[str, ...]]:
    """What one version of a clause replaces; where no region is asked for, each has its own."""
    return clause.clause_id, clause.regions if region is None else ()
