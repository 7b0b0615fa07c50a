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
from evals.refusal import deciding_in, material_of

if TYPE_CHECKING:
    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.gold import Deciding
    from evals.ground import Ground
    from evals.leaks_check import Material
    from evals.metrics import Report
    from evals.results import Key, Results
    from evals.scored import Scored
    from evals.suite import Bench

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
    freeze: Annotated[
        Path | None, typer.Option(help="Folder to keep the evidence of each case in.")
    ] = None,
    frozen: Annotated[
        Path | None, typer.Option(help="Judge on the evidence in this folder alone: no source.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often each case is judged.")] = 1,
    record: Record = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Precision, recall and confusion by outcome on gold cases, and every registered metric."""
    from evals.ground import open_ground
    from evals.report import render

    session: Session = context.obj
    scored: list[Scored] = []
    deciding = deciding_in(session, sop)
    with _results(out) as results, open_ground(freeze, frozen) as ground:
        if results is not None and seed:
            results.require_worlds(seed)
        for one in ground.worlds(seed, gold):
            with (
                ground.sourced(session, one) as sourced,
                taped(session, sourced, record, replay) as settings,
            ):
                every = ground.gold(gold, one, settings.home, deciding)
                cases = of_sop(of_world(every, one), deciding, sop)
                material = material_of(session, cases[:limit], deciding, gold)
                flying = concurrency or settings.concurrency
                runner = _Runner(session, settings, sop, flying, material, ground, one, repeats)
                kept = {} if results is None else wait(runner.kept(results, cases))
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
    session: Session,
    settings: Settings,
    path: Path | None,
    sop: str,
    deciding: Deciding | None = None,
) -> tuple[GoldCase, ...]:
    """The gold cases of a file, or of the sandbox world: those of one SOP, or all.

    What is loaded already may be handed in: ``deciding`` is that of :func:`deciding_in`.

    Raises:
        UsageError: the file cannot be read, names what its procedure does not have, or there is no
            such SOP.
    """
    from evals.gold import load_gold

    deciding = deciding or deciding_in(session, sop)
    cases = load_gold(path or settings.home / "sandbox" / "gold.jsonl", deciding=deciding)
    return of_sop(cases, deciding, sop)


def of_sop(cases: Sequence[GoldCase], deciding: Deciding, sop: str) -> tuple[GoldCase, ...]:
    """The gold cases that one SOP decides; all where none is named."""
    return tuple(case for case in cases if not sop or deciding(case.case_type))


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
    repeats: int = 1,
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
            again=bench.again,
            repeats=repeats,
        )


@contextmanager
def _told_alone() -> Iterator[None]:
    """Raise by itself, to be told, what stopped a group of tasks: the machine, or a leak."""
    from evals.leaks import LeakFound

    try:
        yield
    except ExceptionGroup as group:
        for error in group.exceptions:
            if isinstance(error, EnvironmentFault | LeakFound):
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
    material: Material
    ground: Ground
    world: int | None
    repeats: int

    async def kept(self, results: Results, cases: Sequence[GoldCase]) -> dict[Key, Scored]:
        """What the results file has already, which must be of this gold and these versions."""
        from evals.live import versions_now
        from evals.results import require_repeats

        types = {case.case_type for case in cases}
        workspace = self.session.workspace
        versions = await versions_now(self.settings, types, workspace=workspace, sop=self.sop)
        kept = results.kept(cases, versions, world=self.world)
        require_repeats(results.path, kept.values(), self.repeats)
        if self.ground.freeze is not None:  # what was never frozen has to be judged again
            kept = {key: one for key, one in kept.items() if self.ground.freeze.holds(one.gold)}
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
        workspace, ground = self.session.workspace, self.ground
        opened = ground.bench(self.settings, workspace=workspace, sop=self.sop, world=self.world)
        async with opened as (bench, freeze):

            def done(scored: Scored) -> None:
                freeze(scored)  # before the results say that the case is done
                if keep is not None:
                    keep(scored)

            await ground.refuse_leaks(self.session, self.settings, cases, self.material, bench)
            found = await judged(
                self.session, cases, bench, self.concurrency, done, repeats=self.repeats
            )
            for told in ground.told(bench, found):
                self.session.err.print(told, markup=False)
        return found


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
