"""``eval``: measure a graph version on gold cases. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cassette import Record, Replay, taped
from casewright.errors import EnvironmentFault
from casewright.session import Session, wait

if TYPE_CHECKING:
    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.live import Bench
    from evals.metrics import Report
    from evals.results import Key, Results
    from evals.scored import Scored

app = typer.Typer(help="Measure graph versions on gold cases.", no_args_is_help=True)


GoldFile = Annotated[Path | None, typer.Argument(help="Gold file; else the sandbox world's own.")]
Seeds = Annotated[
    list[int] | None,
    typer.Option(min=0, help="Run on a small simulated world of this seed; repeatable."),
]
Measured = Annotated[str, typer.Option(help="SOP to measure; else the one for each case.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Only the first cases of each file: a quick look.")
]
InFlight = Annotated[int | None, typer.Option(min=1, help="Cases in flight.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def run(
    context: typer.Context,
    gold: GoldFile = None,
    seed: Seeds = None,
    sop: Measured = "",
    limit: Limit = None,
    concurrency: InFlight = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File to keep each scored case in, for `eval compare`; goes on with it."),
    ] = None,
    record: Record = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Precision, recall and confusion by outcome on gold cases, and every registered metric."""
    from evals.report import render

    session: Session = context.obj
    scored: list[Scored] = []
    with _results(out) as results:
        if results is not None and seed:
            results.require_worlds(seed)
        for one in worlds(seed):
            with (
                session.sourced(seed=one) as sourced,
                taped(session, sourced, record, replay) as settings,
            ):
                cases = of_world(gold_of(session, settings, gold, sop), one)
                runner = _Runner(session, settings, sop, concurrency or settings.concurrency)
                kept = {} if results is None else wait(runner.kept(results, cases, one))
                keep = None if results is None else results.add
                scored += wait(runner.scored(cases[:limit], kept, keep))
    report = reported(session, scored, sop)
    session.show(report.model_dump(mode="json"), lambda: render(report), as_json=as_json)


def reported(session: Session, scored: Sequence[Scored], sop: str = "") -> Report:
    """The report of scored cases with all registered metrics.

    Args:
        session: The command's session, which knows the SOPs.
        scored: The cases.
        sop: SOP that decided them all; empty: the one for each case's type.
    """
    from evals.context import context_of
    from evals.measures import metrics
    from evals.metrics import summarise
    from graphs.sop_commands import catalog_of

    types = {one.gold.case_type for one in scored}
    context = context_of(catalog_of(session), types, sop=sop)
    return summarise(scored, metrics().values(), context)


def worlds(seed: Sequence[int] | None) -> list[int | None]:
    """The simulated worlds that are named, or the one source that is set (None)."""
    return [*(seed or [])] or [None]


def gold_of(
    session: Session, settings: Settings, path: Path | None, sop: str
) -> tuple[GoldCase, ...]:
    """The gold cases of a file, or of the sandbox world: those of one SOP, or all.

    Raises:
        UsageError: the file cannot be read, or there is no such SOP.
    """
    from evals.gold import load_gold
    from evals.trial_commands import loaded

    cases = load_gold(path or settings.home / "sandbox" / "gold.jsonl")
    if not sop:
        return cases
    mine = loaded(session, sop).spec.case_type
    return tuple(case for case in cases if case.case_type == mine)


def of_world(cases: Sequence[GoldCase], seed: int | None) -> tuple[GoldCase, ...]:
    """The cases that lie in the simulated world of that seed, which they then name."""
    if seed is None:
        return tuple(cases)
    here = (case for case in cases if case.seed in (None, seed))
    return tuple(case.model_copy(update={"seed": seed}) for case in here)


async def judged(
    session: Session,
    cases: Sequence[GoldCase],
    bench: Bench,
    concurrency: int,
    keep: Callable[[Scored], None] | None = None,
) -> tuple[Scored, ...]:
    """Judge gold cases and tell the progress; see ``evals.suite.judge_all``."""
    from rich.progress import Progress

    from evals.suite import judge_all

    with Progress(console=session.err, transient=True) as bar, _told_alone():
        task = bar.add_task("gold cases", total=len(cases))
        return await judge_all(
            cases,
            bench.judge,
            concurrency=concurrency,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            keep=keep,
            inspect=bench.traits,
        )


@contextmanager
def _told_alone() -> Iterator[None]:
    """Raise the fault of the machine that a group of tasks ended in by itself, to be told."""
    try:
        yield
    except ExceptionGroup as group:
        for error in group.exceptions:
            if isinstance(error, EnvironmentFault):
                raise error from group
        raise


@contextmanager
def _results(path: Path | None) -> Iterator[Results | None]:
    from evals.results import open_results

    if path is None:
        yield None
        return
    with open_results(path) as results:
        yield results


@dataclass(frozen=True)
class _Runner:
    """Judges the gold cases of one source."""

    session: Session
    settings: Settings
    sop: str
    concurrency: int

    async def kept(
        self, results: Results, cases: Sequence[GoldCase], world: int | None
    ) -> dict[Key, Scored]:
        """What the results file has already, which must be of this gold and these versions."""
        from evals.live import versions_now

        types = {case.case_type for case in cases}
        workspace = self.session.workspace
        versions = await versions_now(self.settings, types, workspace=workspace, sop=self.sop)
        kept = results.kept(cases, versions, world=world)
        if kept:
            told = f"{results.path} holds {len(kept)} scored cases already: it goes on from there."
            self.session.err.print(told, markup=False)
        return kept

    async def scored(
        self,
        cases: Sequence[GoldCase],
        kept: Mapping[Key, Scored],
        keep: Callable[[Scored], None] | None,
    ) -> list[Scored]:
        """All cases, scored: those that were kept, and the others judged now."""
        from evals.results import key_of

        left = [case for case in cases if key_of(case) not in kept]
        fresh = await self._judged(left, keep) if left else ()
        found = {**kept, **{key_of(one.gold): one for one in fresh}}
        return [found[key_of(case)] for case in cases]

    async def _judged(
        self, cases: Sequence[GoldCase], keep: Callable[[Scored], None] | None
    ) -> tuple[Scored, ...]:
        from evals.live import live_bench

        workspace = self.session.workspace
        async with live_bench(self.settings, workspace=workspace, sop=self.sop) as bench:
            return await judged(self.session, cases, bench, self.concurrency, keep)


@app.command("gold")
def draw(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SOP", help="Name of the SOP.")],
    seed: Annotated[
        list[int], typer.Option(min=0, help="A small simulated world to draw from; repeatable.")
    ],
    cases: Annotated[int, typer.Option(min=1, help="How many to draw.")] = 45,
) -> None:
    """Draw gold cases for an SOP, evenly over the right outcomes, as YAML for its gold.yaml."""
    from evals.draw import draw_gold, gold_yaml
    from evals.gold import load_gold
    from evals.trial_commands import loaded

    session: Session = context.obj
    sop = loaded(session, name)
    found: list[GoldCase] = []
    for one in seed:
        with session.sourced(seed=one) as settings:
            every = load_gold(settings.home / "sandbox" / "gold.jsonl")
        mine = [case for case in every if case.case_type == sop.spec.case_type]
        found += [case.model_copy(update={"seed": one}) for case in mine]
    typer.echo(gold_yaml(draw_gold(found, cases), sop.factors), nl=False)
