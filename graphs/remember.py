"""Fills the knowledge base: the source's closed cases, files, closed reviews, policy clauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from agents.masked import masking
from casewright.clause import Clause
from casewright.models import ALWAYS_OUTCOMES, ClosedCase, Decision, Run, RunStatus, Value
from casewright.settings import Settings
from casewright.store import Store
from graphs.sop import Sop
from knowledge_base.clauses import ClauseReport, Clauses, HeldClause
from knowledge_base.files import Wrong, cases_in
from knowledge_base.opened import index_of, open_knowledge
from knowledge_base.precedents import IngestReport
from tools.inbox import closed_cases
from tools.named import inbox_of, source_of

Progress = Callable[[int, int | None], None]
"""Told how many cases are done, and of how many, where that is known."""

_ALL = 1_000_000_000


async def remember(
    settings: Settings, *, rebuild: bool = False, progress: Progress | None = None
) -> IngestReport:
    """Ingest every closed case of the source; what is there already is skipped.

    Args:
        settings: Where the source and the home folder are.
        rebuild: Drop the knowledge base first.
        progress: Called with how many cases are done, and of how many.

    Raises:
        SourceError: the source fails; nothing is ingested then.
        StoreCorrupt: the knowledge base cannot be read, and ``rebuild`` is not set.
    """
    async with source_of(settings) as source:
        cases = [case async for case in closed_cases(inbox_of(settings, source))]
    return await _ingest(settings, cases, len(cases), rebuild=rebuild, progress=progress)


async def remember_files(
    settings: Settings,
    files: Sequence[Path],
    *,
    wrong: Callable[[Wrong], None],
    rebuild: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Ingest closed cases from JSON Lines and Parquet files, one file after another.

    Args:
        settings: Where the home folder is.
        files: The files; see :func:`knowledge_base.files.cases_in`.
        wrong: Told of each line that is no closed case.
        rebuild: Drop the knowledge base first.
        progress: Called with how many cases are done.

    Raises:
        UsageError: a file is not there, or of another kind.
        StoreCorrupt: the knowledge base cannot be read, and ``rebuild`` is not set.
    """
    count = 0

    def told(line: Wrong) -> None:
        nonlocal count
        count += 1
        wrong(line)

    cases = (case for file in files for case in cases_in(file, told))
    report = await _ingest(settings, cases, None, rebuild=rebuild, progress=progress)
    return report.model_copy(update={"wrong": count})


async def remember_reviews(
    settings: Settings, *, rebuild: bool = False, progress: Progress | None = None
) -> IngestReport:
    """Ingest the cases that reviewers decided here.

    Args:
        settings: Where the home folder is.
        rebuild: Drop the knowledge base first.
        progress: Called with how many cases are done, and of how many.

    Raises:
        StoreCorrupt: the store or the knowledge base cannot be read.
    """
    async with Store.at(settings) as store:
        runs = await store.runs(RunStatus.DONE, limit=_ALL)
    cases = list(closed_reviews(runs))
    return await _ingest(settings, cases, len(cases), rebuild=rebuild, progress=progress)


def remember_clauses(settings: Settings, sops: Iterable[Sop]) -> ClauseReport:
    """Make the knowledge base hold exactly the policy clauses of these SOPs.

    Raises:
        StoreCorrupt: the knowledge base cannot be read.
    """
    holders: dict[Clause, list[str]] = {}
    for sop in sops:
        for one in sop.policy.clauses:
            holders.setdefault(one, []).append(sop.name)
    index = index_of(settings, mask=masking(settings))
    try:
        return Clauses(index).ingest(
            HeldClause(**dict(clause), sops=tuple(sorted(names)))
            for clause, names in holders.items()
        )
    finally:
        index.close()


def closed_reviews(runs: Iterable[Run]) -> Iterator[ClosedCase]:
    """What reviewers decided, as closed cases; of two runs of a case the later one counts.

    What passed without a person, or ended in a question, settles nothing that could be learned.
    A decision that an appeal led away from is there with the moment at which it was overturned.
    """
    held = list(runs)
    over = overturned(held)
    for run in held:
        closed = closed_review(run)
        if closed is not None:
            over_at = over.get(run.case.case_id)
            yield closed.model_copy(update={"overturned_at": over_at})


def closed_review(run: Run) -> ClosedCase | None:
    """What reviewers decided in one run, or None where that settles nothing."""
    decision = run.decision
    if decision is None or run.automatic or not run.reviews:
        return None
    if decision.outcome in ALWAYS_OUTCOMES:
        return None
    return ClosedCase(
        case=run.case,
        outcome=decision.outcome,
        closed_at=run.reviews[-1].at,
        situation=_situation(decision),
        facts=_facts(decision),
        clauses=_clauses(decision),
    )


def overturned(runs: Iterable[Run]) -> dict[str, datetime]:
    """When appeals led to another outcome than a decision had, by its case.

    Args:
        runs: Runs that are done.
    """
    decided = {run.case.case_id: run for run in runs if _settles(run)}
    appeals = {run.appeal_of: run for run in decided.values() if run.appeal_of}
    found: dict[str, datetime] = {}
    for case_id, run in decided.items():
        last = run
        while last.case.case_id in appeals:
            last = appeals[last.case.case_id]
        if _outcome(last) != _outcome(run):
            found[case_id] = last.reviews[-1].at if last.reviews else last.updated_at
    return found


def _outcome(run: Run) -> str:
    return run.decision.outcome if run.decision else ""


def _settles(run: Run) -> bool:
    return run.status is RunStatus.DONE and _outcome(run) not in ("", *ALWAYS_OUTCOMES)


def _situation(decision: Decision) -> str:
    """The known factors in the SOP's sentences, in the order of the factors."""
    told = {
        claim.factor: claim.sentence
        for claim in decision.claims
        if claim.factor and not claim.struck
    }
    return " ".join(told[one.name] for one in decision.factors if one.name in told)


def _facts(decision: Decision) -> dict[str, Value]:
    return {one.name: one.value for one in decision.factors if one.value is not None}


def _clauses(decision: Decision) -> tuple[str, ...]:
    cited = (one.reference for one in decision.citations if one.kind == "policy")
    return tuple(dict.fromkeys(cited))


async def _ingest(
    settings: Settings,
    cases: Iterable[ClosedCase],
    total: int | None,
    *,
    rebuild: bool,
    progress: Progress | None,
) -> IngestReport:
    def told(done: int) -> None:
        if progress is not None:
            progress(done, total)

    def ingest() -> IngestReport:
        with open_knowledge(settings, mask=masking(settings)) as precedents:
            return precedents.ingest(cases, told, rebuild=rebuild)

    return await asyncio.to_thread(ingest)
