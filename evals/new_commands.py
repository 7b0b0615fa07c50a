"""``eval new``: draws gold cases from closed ones. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait
from evals.commands import Json, app

if TYPE_CHECKING:
    from rich.table import Table

    from casewright.settings import Settings
    from evals.new import Population
    from evals.new_sample import Sample
    from graphs.sop import Sop


class Origin(StrEnum):
    """Where closed cases are taken from."""

    REVIEWS = "reviews"
    SOURCE = "source"


@app.command("new")
def new(
    context: typer.Context,
    sop: Annotated[str, typer.Argument(metavar="SOP", help="Name of the SOP.")],
    out: Annotated[Path, typer.Option(help="Gold file to write: .yaml or .jsonl.")],
    origin: Annotated[
        Origin,
        typer.Option("--from", help="This home folder's reviews, or the source's closed cases."),
    ] = Origin.REVIEWS,
    cases: Annotated[int, typer.Option(min=1, help="How many to draw.")] = 200,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Divide by outcome, region, channel, language or month; repeatable, the most "
            "important first. Else outcome, region and channel."
        ),
    ] = None,
    minimum: Annotated[int, typer.Option(min=1, help="Fewest cases of each stratum.")] = 2,
    overrides: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Share of cases whose decision a reviewer changed."),
    ] = None,
    after: Annotated[
        float, typer.Option(min=0, help="Hours after opening at which a source's case is judged.")
    ] = 48,
    draw_seed: Annotated[int, typer.Option(min=0, help="Draw another sample.")] = 0,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draw from the small simulated world of this seed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw a stratified sample of closed cases as gold cases, with their sampling weights."""
    from evals.new_sample import BY, Wish, draw
    from evals.trial_commands import loaded
    from evals.written import require_new, write_gold

    session: Session = context.obj
    require_new(out)
    if overrides is not None and origin is Origin.SOURCE:
        raise UsageError("A source does not say which decisions a reviewer changed.")
    procedure = loaded(session, sop)
    population = _population(session, procedure, origin, timedelta(hours=after), seed)
    _require_some(population, procedure, origin)
    sample = draw(
        population.closed, Wish(cases, tuple(by or BY), minimum, overrides, seed=draw_seed)
    )
    write_gold(out, sample.gold, session.workspace)
    session.err.print(_strata(sample, by or BY))
    value = _value(sample, population)
    session.show(value, lambda: _told(sample, population, out), as_json=as_json)


def _population(
    session: Session, sop: Sop, origin: Origin, after: timedelta, seed: int | None
) -> Population:
    if origin is Origin.REVIEWS and seed is None:
        return wait(_of_reviews(session.settings, sop))
    with session.sourced(seed=seed) as settings:
        if origin is Origin.REVIEWS:
            return wait(_of_reviews(settings, sop))
        found = wait(_of_source(session, settings, sop, after))
    return found if seed is None else found.in_world(seed)


async def _of_reviews(settings: Settings, sop: Sop) -> Population:
    from casewright.models import RunStatus
    from casewright.store import Store
    from casewright.store.opening import there
    from evals.new import Population, of_reviews

    if not there(settings):
        return Population((), {})
    async with Store.at(settings) as store:
        runs = await store.runs(RunStatus.DONE, limit=1_000_000_000)
        looks = await store.second_looks.all()
    return of_reviews((run for run in runs if run.case.case_type == sop.spec.case_type), looks)


async def _of_source(
    session: Session, settings: Settings, sop: Sop, after: timedelta
) -> Population:
    from evals.new import of_settled
    from tools.inbox import closed_cases
    from tools.named import inbox_of, source_of

    async with source_of(settings) as source:
        inbox = inbox_of(settings, source)
        with session.err.status("Listing closed cases"):
            closed = [one async for one in closed_cases(inbox, sop.spec.case_type)]
        return of_settled(closed, after=after, now=await inbox.now(), facts=sop.factors)


def _require_some(population: Population, sop: Sop, origin: Origin) -> None:
    if population.closed:
        return
    left = "; ".join(f"{n} {reason}" for reason, n in population.left_out.items())
    remedy = (
        "`casewright review list` shows what waits; `--from source` draws from its closed cases."
        if origin is Origin.REVIEWS
        else "The source lists no settled case of this type."
    )
    told = f" ({left})" if left else ""
    raise UsageError(f"No closed case of {sop.name} can be drawn{told}.", remedy=remedy)


def _strata(sample: Sample, by: Sequence[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    split = any(one.overridden is not None for one in sample.strata)
    table = Table(*by, *(["overridden"] if split else []), box=None)
    for name in ("closed", "drawn", "weight"):
        table.add_column(name, justify="right")
    for one in sample.strata:
        mark = ["yes" if one.overridden else "no"] if split else []
        numbers = (str(one.cases), str(one.drawn), f"{one.weight:.2f}")
        table.add_row(*map(Text, (*one.name, *mark, *numbers)))
    return table


def _value(sample: Sample, population: Population) -> dict[str, Any]:
    return {
        "drawn": len(sample.gold),
        "closed": len(population.closed),
        "left_out": dict(population.left_out),
        "strata": [one.model_dump(mode="json") for one in sample.strata],
    }


def _told(sample: Sample, population: Population, out: Path) -> str:
    lines = [
        f"{len(sample.gold)} of {len(population.closed)} closed cases drawn, "
        f"{len(sample.strata)} strata: {out}"
    ]
    lines += [f"Left out: {n} {reason}." for reason, n in sorted(population.left_out.items())]
    return "\n".join(lines)
