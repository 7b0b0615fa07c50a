"""``eval``: measure a graph version on gold cases. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cassette import Record, Replay, taped
from casewright.session import Session, wait

if TYPE_CHECKING:
    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.metrics import Scored
    from evals.suite import Judge

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
    record: Record = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Precision, recall and confusion by outcome on gold cases, with Wilson intervals."""
    from evals.metrics import summarise
    from evals.report import render

    session: Session = context.obj
    scored: list[Scored] = []
    for one in worlds(seed):
        with (
            session.sourced(seed=one) as sourced,
            taped(session, sourced, record, replay) as settings,
        ):
            cases = gold_of(session, settings, gold, sop)[:limit]
            flying = concurrency or settings.concurrency
            scored += wait(_scored(session, settings, cases, sop, flying))
    report = summarise(scored)
    session.show(report.model_dump(mode="json"), lambda: render(report), as_json=as_json)


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


async def _scored(
    session: Session,
    settings: Settings,
    cases: Sequence[GoldCase],
    sop: str,
    concurrency: int,
) -> tuple[Scored, ...]:
    from evals.live import live_judge

    async with live_judge(settings, workspace=session.workspace, sop=sop) as judge:
        return await judged(session, cases, judge, concurrency)


async def judged(
    session: Session, cases: Sequence[GoldCase], judge: Judge, concurrency: int
) -> tuple[Scored, ...]:
    """Judge gold cases and tell the progress; see ``evals.suite.judge_all``."""
    from rich.progress import Progress

    from evals.suite import judge_all

    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("gold cases", total=len(cases))
        return await judge_all(
            cases,
            judge,
            concurrency=concurrency,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


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
