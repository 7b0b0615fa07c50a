"""Checks gold cases of one world for leaks, against the source, the home folder and the SOPs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from agents.masked import masking
from agents.prompts import prompt_texts
from casewright.models import Case, ClosedCase, GoldCase, Note, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.opening import there
from evals.leaks import Checked, Leak, Suite, on_both_sides, settled, twice
from evals.leaks_precedents import served
from evals.leaks_texts import Haystack, Text, named, of_files, of_folder, of_notes
from evals.leaks_training import taught, told_of_training
from evals.parties import cases_of
from graphs.classifiers import with_classifiers
from graphs.remember import closed_reviews
from graphs.sop import Sop
from knowledge_base.index import Index
from knowledge_base.opened import index_of
from knowledge_base.precedents import Precedents

_ALL = 1_000_000_000


@dataclass(frozen=True)
class Material:
    """What the gold cases are judged with.

    Attributes:
        sops: Their procedures.
        folders: The folders that these come from.
        gold_files: The gold files themselves, which may lie there.
    """

    sops: Sequence[Sop]
    folders: Sequence[Path] = ()
    gold_files: Sequence[Path] = ()


async def check(
    gold: Sequence[GoldCase],
    settings: Settings,
    material: Material,
    *,
    precedents: Precedents | None = None,
    frozen: Mapping[str, Case] | None = None,
    others: Sequence[GoldCase] = (),
    linked: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Checked:
    """Look for every way in which gold cases can reach their own answer.

    The knowledge base has to be up to date: see :func:`graphs.remember.remember`. What has to be
    fetched is one record a case; the evidence itself is looked at when it is gathered, see
    :func:`evals.leaks_evidence.require_unanswered`.

    Args:
        gold: Gold cases of the world that ``settings`` name.
        settings: Where the source, the home folder and the knowledge base are.
        material: What they are judged with.
        precedents: The knowledge base, where this process has opened it; it is closed by whoever
            did.
        frozen: The cases as they were frozen, by id; None: they are fetched. Where they are given
            nothing is searched: the precedents were retrieved when the case was frozen, and looked
            through then.
        others: Gold cases of another file, which may share nobody with these.
        linked: Whether accounts that the platform links count as one party there.
        progress: Called with how many cases were fetched.

    Raises:
        SourceError: the source fails.
        StoreCorrupt: the store or the knowledge base cannot be read.
    """
    ids = dict.fromkeys(one.case_id for one in (*gold, *others))
    cases = await cases_of(settings, ids, progress) if frozen is None else frozen
    notes, reviewed = await _kept(settings, ids)
    sops = tuple(with_classifiers(sop, settings.home) for sop in material.sops)
    other = Suite(others, cases, {})

    def recalled(suite: Suite, index: Index) -> Iterator[Leak]:
        with nullcontext(precedents) if precedents else Precedents(index) as knowledge:
            yield from served(suite, _related(suite, index), knowledge)

    def work() -> Checked:
        index = None if frozen is not None else index_of(settings, mask=masking(settings))
        closed = index.records(list(ids)) if index and index.exists() else {}
        suite = Suite(gold, cases, {**closed, **reviewed})
        leaks = [*settled(suite), *twice(suite), *on_both_sides(suite, other, linked=linked)]
        leaks += named(suite, Haystack.of(_texts(material, sops, notes)))
        leaks += recalled(suite, index) if index else ()
        leaks += (leak for sop in sops for leak in taught(suite, sop))
        told = tuple(line for sop in sops for line in told_of_training(suite, sop))
        return Checked(cases=len(gold), leaks=tuple(sorted(leaks, key=_order)), told=told)

    return await asyncio.to_thread(work)


def _order(leak: Leak) -> tuple[str, str, str]:
    return leak.case_id, leak.channel, leak.what


async def _kept(
    settings: Settings, ids: Iterable[str]
) -> tuple[tuple[Note, ...], Mapping[str, ClosedCase]]:
    """The home folder's notes, and how reviewers here settled cases of these ids first."""
    if not there(settings):
        return (), {}
    async with Store.at(settings) as store:
        notes = await store.notes.all()
        runs = await store.runs(RunStatus.DONE, limit=_ALL)
    wanted, first = set(ids), dict[str, ClosedCase]()
    for one in sorted(closed_reviews(runs), key=lambda one: one.closed_at):
        if one.case.case_id in wanted:
            first.setdefault(one.case.case_id, one)
    return tuple(note for note in notes if note.withdrawn_at is None), first


def _related(suite: Suite, index: Index) -> dict[str, ClosedCase]:
    """Closed cases in the knowledge base that share an id with any of the suite, by id."""
    if not index.exists():
        return {}
    parties = {party for one in suite.gold for party in suite.involved(one)}
    return index.records(index.stored.naming(sorted(parties)))


def _texts(material: Material, sops: Sequence[Sop], notes: Iterable[Note]) -> Iterator[Text]:
    for name, content in prompt_texts().items():
        yield Text(f"the prompt {name}", content)
    yield from of_notes(notes)
    for sop in sops:
        yield from of_files(sop.files, sop.name)
    held = {name for sop in sops for name in sop.files}
    for folder in material.folders:
        yield from of_folder(folder, held, material.gold_files)
