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

app = typer.Typer(help="Measure graph versions on gold cases.", no_args_is_help=True)


@app.command()
def run(
    context: typer.Context,
    gold: Annotated[
        Path | None, typer.Argument(help="Gold file; else the sandbox world's own.")
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(min=0, help="Run on a small simulated world of this seed; repeatable."),
    ] = None,
    sop: Annotated[str, typer.Option(help="SOP to measure; else the one for each case.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first cases of each file: a quick look.")
    ] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Cases in flight.")] = None,
    record: Record = None,
    replay: Replay = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Precision, recall and confusion by outcome on gold cases, with Wilson intervals."""
    from evals.gold import load_gold
    from evals.metrics import summarise
    from evals.report import render
    from evals.trial_commands import loaded

    session: Session = context.obj
    scored: list[Scored] = []
    seeds: list[int | None] = [*(seed or [])] or [None]
    for one in seeds:
        with (
            session.sourced(seed=one) as sourced,
            taped(session, sourced, record, replay) as settings,
        ):
            cases = load_gold(gold or settings.home / "sandbox" / "gold.jsonl")
            if sop:
                mine = loaded(session, sop).spec.case_type
                cases = tuple(case for case in cases if case.case_type == mine)
            cases = cases[:limit]
            flying = concurrency or settings.concurrency
            scored += wait(_scored(session, settings, cases, sop, flying))
    report = summarise(scored)
    session.show(report.model_dump(mode="json"), lambda: render(report), as_json=as_json)


async def _scored(
    session: Session,
    settings: Settings,
    cases: Sequence[GoldCase],
    sop: str,
    concurrency: int,
) -> tuple[Scored, ...]:
    from rich.progress import Progress

    from evals.live import live_judge
    from evals.suite import judge_all

    async with live_judge(settings, workspace=session.workspace, sop=sop) as judge:
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
