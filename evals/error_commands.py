"""``eval errors``: why gold cases came out wrong. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cassette import Record, Replay, taped
from casewright.errors import UsageError
from casewright.session import Session, wait
from evals.commands import (
    GoldFile,
    InFlight,
    Json,
    Limit,
    Measured,
    Seeds,
    app,
    gold_of,
    judged,
    of_world,
    worlds,
)
from evals.refusal import deciding_in, material_of, refuse_leaks

if TYPE_CHECKING:
    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.attribution import Miss
    from evals.causes import Attribution
    from evals.leaks_check import Material
    from evals.live import Bench
    from evals.scored import Scored


@app.command()
def errors(
    context: typer.Context,
    gold: GoldFile = None,
    seed: Seeds = None,
    sop: Measured = "",
    limit: Limit = None,
    concurrency: InFlight = None,
    record: Record = None,
    replay: Replay = None,
    fix: Annotated[
        str, typer.Option(metavar="CASE", help="Only print this gold case for a gold.yaml.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Why gold cases come out wrong: which factors, and where their values came from."""
    from evals.causes import grouped
    from evals.error_report import render

    session: Session = context.obj
    if fix:
        typer.echo(_entry(session, fix, gold, seed, sop), nl=False)
        return
    found: list[Attribution] = []
    deciding, total = deciding_in(session, sop), 0
    for one in worlds(seed):
        with (
            session.sourced(seed=one) as sourced,
            taped(session, sourced, record, replay) as settings,
        ):
            cases = of_world(gold_of(session, settings, gold, sop, deciding), one)[:limit]
            material = material_of(session, cases, deciding, gold)
            flying = concurrency or settings.concurrency
            total += len(cases)
            found += wait(_attributed(session, settings, cases, sop, flying, material))
    report = grouped(found, total)
    session.show(report.model_dump(mode="json"), lambda: render(report), as_json=as_json)


async def _attributed(
    session: Session,
    settings: Settings,
    cases: Sequence[GoldCase],
    sop: str,
    concurrency: int,
    material: Material,
) -> list[Attribution]:
    """Judge the cases; what gold says of them is looked at when all of them are judged."""
    from evals.attribution import attribute, wrong
    from evals.live import live_bench

    home = "" if settings.home == session.settings.home else str(settings.home)
    async with live_bench(settings, workspace=session.workspace, sop=sop) as bench:
        await refuse_leaks(session, settings, cases, material, precedents=bench.precedents)
        scored = await judged(session, cases, bench, concurrency)
        misses = [await _miss(one, bench, home) for one in scored if wrong(one)]
    return [attribute(miss) for miss in misses]


async def _miss(scored: Scored, bench: Bench, home: str) -> Miss:
    from evals.attribution import Miss

    seen = await bench.seen(scored.gold.case_id)
    run = seen.run
    return Miss(
        scored,
        decision=run.decision if run else None,
        facts=seen.facts,
        error=seen.error,
        stake=run.case.impact if run else None,
        home=home,
    )


def _entry(
    session: Session, case_id: str, path: Path | None, seed: Sequence[int] | None, sop: str
) -> str:
    """A gold case as an entry of its procedure's gold.yaml.

    Raises:
        UsageError: there is no such gold case, or more than one world has it.
    """
    from evals.draw import gold_yaml
    from graphs.sop_commands import catalog_of

    found: list[GoldCase] = []
    for one in worlds(seed):
        with session.sourced(seed=one) as settings:
            cases = of_world(gold_of(session, settings, path, sop), one)
        found += [case for case in cases if case.case_id == case_id]
    if len(found) != 1:
        told = "is a gold case of several worlds" if found else "is no gold case here"
        raise UsageError(f"{case_id!r} {told}.", remedy="Name its world with one --seed.")
    catalog, (case,) = catalog_of(session), found
    procedure = catalog.load(sop) if sop else catalog.for_case_type(case.case_type)
    return gold_yaml([case], procedure.factors)
