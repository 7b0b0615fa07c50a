"""``kb ingest`` and ``kb train``: what past cases teach. Heavy imports stay inside."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.table import Table

    from casewright.settings import Settings
    from graphs.train import Trained
    from knowledge_base.clauses import ClauseReport
    from knowledge_base.precedents import IngestReport

    Progress = Callable[[int, int | None], None]
    Ingest = Callable[[Settings, Progress], Coroutine[Any, Any, IngestReport]]

WRONG = 1
"""Exit code where a line was no closed case; the others are remembered."""


def kb_ingest(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="JSON Lines or Parquet files.")
    ] = None,
    reviews: Annotated[
        bool, typer.Option("--reviews", help="Remember what reviewers decided here.")
    ] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Start from nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Remember closed cases, of the source unless files or reviews are named, and all clauses."""
    if files and reviews:
        raise UsageError("Files and --reviews are two ingests.", remedy="Run one after the other.")
    session: Session = context.obj
    started = time.perf_counter()
    with _source(session, needed=not (files or reviews)) as settings:
        report = wait(_work(session, files or [], reviews=reviews, rebuild=rebuild)(settings))
        clauses = ingest_clauses(session, settings)
    took = time.perf_counter() - started
    value = {**report.model_dump(), "clauses": clauses.added + clauses.unchanged}
    session.show(value, lambda: _told(report, clauses, took), as_json=as_json)
    if report.wrong:
        raise typer.Exit(WRONG)


async def ingest(session: Session, settings: Settings) -> IngestReport:
    """Remember the source's closed cases with a progress bar on stderr."""
    return await _work(session, [], reviews=False, rebuild=False)(settings)


def ingest_clauses(session: Session, settings: Settings) -> ClauseReport:
    """Remember the policy clauses of all SOPs."""
    from graphs.catalog import Catalog
    from graphs.remember import remember_clauses
    from tools.workspace import open_tools

    async def opened() -> ClauseReport:
        async with open_tools(settings, session.workspace) as tools:
            catalog = Catalog(tools, session.workspace)
            return remember_clauses(settings, map(catalog.load, catalog.names()))

    return wait(opened())


@contextmanager
def _source(session: Session, *, needed: bool) -> Iterator[Settings]:
    if not needed:
        yield session.settings
        return
    with session.sourced() as settings:
        yield settings


def _work(
    session: Session, files: list[Path], *, reviews: bool, rebuild: bool
) -> Callable[[Settings], Coroutine[Any, Any, IngestReport]]:
    from graphs.remember import remember, remember_files, remember_reviews

    async def work(settings: Settings) -> IngestReport:
        with _bar(session) as progress:
            if files:
                return await remember_files(
                    settings,
                    files,
                    wrong=lambda one: session.err.print(str(one), markup=False),
                    rebuild=rebuild,
                    progress=progress,
                )
            one = remember_reviews if reviews else remember
            return await one(settings, rebuild=rebuild, progress=progress)

    return work


@contextmanager
def _bar(session: Session) -> Iterator[Progress]:
    """A progress bar on stderr, with the rate."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate)
    with Progress(*columns, console=session.err, transient=True) as bar:
        task = bar.add_task("closed cases", total=None, rate="")
        started = time.perf_counter()

        def told(done: int, total: int | None) -> None:
            rate = f"{done / (time.perf_counter() - started):.0f}/s"
            bar.update(task, completed=done, total=total, rate=rate)

        yield told


def _told(report: IngestReport, clauses: ClauseReport, took: float) -> str:
    done = report.added + report.replaced + report.unchanged
    parts = [
        f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged",
        f"{report.refused} refused, for they were erased" * bool(report.refused),
        f"{report.wrong} lines that are no closed case" * bool(report.wrong),
        f"{clauses.added + clauses.unchanged} clauses",
        f"{done / took:.0f} cases a second",
    ]
    return "; ".join(part for part in parts if part)


def kb_train(
    context: typer.Context,
    sops: Annotated[
        list[str] | None,
        typer.Option("--sop", metavar="NAME", help="Train for this SOP alone; may be repeated."),
    ] = None,
    least: Annotated[
        float,
        typer.Option(
            min=0.5, max=0.999, help="Share of right answers asked of those that are given."
        ),
    ] = 0.9,
    newest: Annotated[
        int, typer.Option(min=1, help="Most closed cases of an SOP, the newest, to learn from.")
    ] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train the classifiers that read texts, on closed cases and on what reviewers decided here."""
    session: Session = context.obj
    with session.sourced() as settings:
        report = wait(_training(session, settings, sops or (), least=least, newest=newest))
    session.show(
        [_trained_value(one) for one in report], lambda: _trained_table(report), as_json=as_json
    )


async def _training(
    session: Session, settings: Settings, sops: Sequence[str], *, least: float, newest: int
) -> tuple[Trained, ...]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from graphs.catalog import Catalog
    from graphs.train import train
    from tools.workspace import open_tools

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=session.err, transient=True) as bar:
        task = bar.add_task("closed cases", total=None)

        def told(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        async with open_tools(settings, session.workspace) as tools:
            catalog = Catalog(tools, session.workspace)
            chosen = [catalog.load(name) for name in sops or catalog.names()]
            return await train(settings, chosen, least=least, newest=newest, progress=told)


def _trained_value(one: Trained) -> dict[str, Any]:
    learned = one.classifier
    return {
        "sop": one.sop,
        "factor": one.factor,
        "lacking": one.lacking,
        "answers": list(learned.answers) if learned else [],
        "threshold": learned.threshold if learned else None,
        "until": learned.until.isoformat() if learned else None,
        "estimate": learned.estimate.model_dump() if learned else None,
    }


def _trained_table(report: Sequence[Trained]) -> Table | str:
    from rich.table import Table
    from rich.text import Text

    if not report:
        return "No question to train for: the SOPs ask none."
    table = Table(box=None, header_style="bold")
    for head in ("SOP", "question", "cases", "right", "answers", "of these right", "above", ""):
        table.add_column(head, overflow="fold")
    for one in report:
        table.add_row(Text(one.sop), Text(one.factor), *map(Text, _estimated(one)))
    return table


def _estimated(one: Trained) -> tuple[str, ...]:
    """Cases, share right of all, share answered, share right of these, threshold, remark."""
    if one.classifier is None:
        return ("", "", "", "", "", f"not trained: {one.lacking}")
    told, threshold = one.classifier.estimate, one.classifier.threshold
    whole = (str(told.cases), f"{told.right / told.cases:.0%}")
    if threshold is None:
        return (*whole, "none", "", "", "right too seldom to be used")
    share = f"{told.answered / told.cases:.0%}"
    return (*whole, share, f"{told.right_answered / told.answered:.1%}", f"{threshold:.2f}", "")
