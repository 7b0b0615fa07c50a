"""Erases cases from the knowledge base, proves that they are gone, and keeps them from coming back.

What stays of an erased case or seller is a digest of its id, in a file that outlives a rebuild.
Records and words leave a file that overwrites what it deletes and is then written anew; vectors
leave by being left out of a copy, whose original is deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from casewright.canonical import digest_of
from casewright.errors import HomeUnwritable
from casewright.models import ClosedCase, Model
from knowledge_base.generations import Progress, recopy
from knowledge_base.index import CLASSIFIERS, Index

_LEAST = 12
"""Shorter texts may stand in a file by chance."""


class ErasureReport(Model):
    """What an erasure removed, and how that was checked.

    Attributes:
        cases: Ids of the removed cases; empty where they were gone already.
        vectors: How many vectors remain.
        refused: How many ids are refused from now on, by digest.
        named: Ids of other sellers' cases that name the seller; they are left alone.
        files: How many files were scanned for the removed texts.
        remains: What was found all the same; empty where the erasure is proven.
        classifiers: How many trained classifiers went with them: what they learned cannot be
            taken out of them, so they are to be trained anew.
    """

    cases: tuple[str, ...] = ()
    vectors: int = 0
    refused: int
    named: tuple[str, ...] = ()
    files: int = 0
    remains: tuple[str, ...] = ()
    classifiers: int = 0


class Refused:
    """The digests of erased cases and sellers: none of them is taken in again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, *, sellers: Iterable[str], case_ids: Iterable[str]) -> int:
        """Refuse these from now on; returns how many are refused in all.

        Raises:
            HomeUnwritable: the file cannot be written.
        """
        digests = self._read() | _digests(sellers, case_ids)
        draft = self._file.with_name(f"{self._file.name}.new")
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="ascii") as file:
                file.write("".join(f"{digest}\n" for digest in sorted(digests)))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
        except OSError as error:
            raise HomeUnwritable(f"{self._file} cannot be written: {error}.") from error
        return len(digests)

    def holds(self, *, sellers: Iterable[str], case_ids: Iterable[str]) -> bool:
        """Whether all of these are refused already."""
        return _digests(sellers, case_ids) <= self._read()

    def without(self, cases: Sequence[ClosedCase]) -> list[ClosedCase]:
        """Those of some cases that are not refused."""
        digests = self._read()
        return [
            one
            for one in cases
            if not digests
            or (
                _digest("case", one.case.case_id) not in digests
                and _digest("seller", one.case.seller_id) not in digests
            )
        ]

    def _read(self) -> set[str]:
        if not self._file.exists():
            return set()
        return set(self._file.read_text(encoding="ascii").split())


def refused_of(index: Index) -> Refused:
    """What an index refuses."""
    return Refused(index.folder / "erased")


def erase(
    index: Index,
    *,
    sellers: Sequence[str] = (),
    case_ids: Sequence[str] = (),
    progress: Progress | None = None,
) -> ErasureReport:
    """Erase cases by id and by seller. Safe to run again, also after an interruption.

    First nothing can bring the cases back, then no search finds them, and then their bytes go.

    Args:
        index: What to erase from.
        sellers: Whose cases go.
        case_ids: Which cases go.
        progress: Told how many of the remaining vectors are copied.

    Raises:
        CasewrightError: a file cannot be written, or does not read.
    """
    refusing, forgotten = refused_of(index), 0
    if not refusing.holds(sellers=sellers, case_ids=case_ids):
        # They may have learned from cases that this index never held. Later ones will not.
        forgotten = _forgotten(index.folder / CLASSIFIERS)
    refused = refusing.add(sellers=sellers, case_ids=case_ids)
    if not index.exists():
        return ErasureReport(refused=refused, classifiers=forgotten)
    gone = index.stored.erase(sellers=sellers, case_ids=case_ids)
    index.database.compact()
    vectors = recopy(index, progress)
    index.close()
    files, remains = _remains(index, gone)
    return ErasureReport(
        cases=tuple(one.case.case_id for one in gone),
        vectors=vectors,
        refused=refused,
        named=tuple(index.stored.naming(sellers)),
        files=files,
        remains=tuple(remains),
        classifiers=forgotten,
    )


def _forgotten(folder: Path) -> int:
    """Delete all classifiers, and tell how many there were."""
    files = list(folder.rglob("*.json"))
    for file in files:
        file.unlink()
    return len(files)


def _remains(index: Index, gone: Sequence[ClosedCase]) -> tuple[int, list[str]]:
    """How many files there are, and where something of the erased cases stands in them."""
    found = [f"record of {i}" for i in index.records([one.case.case_id for one in gone])]
    needles = [needle for one in gone for needle in _needles(one)]
    kept = {needle for needle in needles if index.stored.mentions(needle)}
    files = [file for file in sorted(index.folder.rglob("*")) if file.is_file()]
    for file in files:
        content = file.read_bytes()
        found += [
            f"{file.name}: {needle[:20]}…"
            for needle in needles
            if needle not in kept and needle.encode() in content
        ]
    return len(files), found


def _needles(closed: ClosedCase) -> list[str]:
    """Texts of a case as they would stand in a file: as they are, and as JSON writes them."""
    texts = [closed.situation, closed.case.text]
    written = [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts]
    identity = f'"case_id":{json.dumps(closed.case.case_id)}'
    return [identity, *(one for one in {*texts, *written} if len(one) >= _LEAST)]


def _digests(sellers: Iterable[str], case_ids: Iterable[str]) -> set[str]:
    return {_digest("seller", one) for one in sellers} | {_digest("case", one) for one in case_ids}


def _digest(kind: str, name: str) -> str:
    return digest_of(["erased", kind, name])
