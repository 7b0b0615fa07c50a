"""``investigate``, ``batch`` and ``kb ingest``: cases through graphs. Heavy imports stay inside."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.cassette import Record, Replay, taped
from casewright.errors import UsageError
from casewright.session import WAITING, Session, wait

if TYPE_CHECKING:
    from casewright.batching import Ended
    from casewright.models import Run
    from casewright.settings import Settings
    from casewright.telemetry import Listener, Step
    from graphs.run import Wish

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

batch_app = typer.Typer(help="Many cases at once.", no_args_is_help=True)


def investigate(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    sop: Annotated[str, typer.Option(help="SOP to use; else the one for the case's type.")] = "",
    as_of: Annotated[str, typer.Option(help="Judge by what was known then (RFC 3339).")] = "",
    again: Annotated[bool, typer.Option("--again", help="Start anew, not where it is.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Say where the time went.")] = False,
    show_prompts: Annotated[
        bool, typer.Option("--show-prompts", help="Show what leaves for the model on stderr.")
    ] = False,
    record: Record = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Take one case through its SOP to the reviewer's gate."""
    from casewright.render import render_run

    session: Session = context.obj
    imports = _import_heavy() if timing else {}
    steps: list[Step] = []

    def listen(step: Step) -> None:
        steps.append(step)
        session.step(step)

    with (
        session.sourced() as sourced,
        taped(session, sourced, record, replay) as settings,
        _showing(show_prompts, as_json=as_json),
    ):
        run = wait(_investigate(session, settings, case, _wish(sop, as_of, again), listen))
    session.show(run.model_dump(mode="json"), lambda: render_run(run), as_json=as_json)
    if timing:
        _tell_timing(session, imports, steps)
    leave(run)


@contextmanager
def _showing(wanted: bool, *, as_json: bool) -> Iterator[None]:
    """Tell every model call made inside on stderr: in words, or as JSON lines."""
    if not wanted:
        yield
        return
    import json

    from agents.shown import in_words, watching

    told = 0

    def tell(record: Mapping[str, Any]) -> None:
        nonlocal told
        told += 1
        line = json.dumps(record, ensure_ascii=False, default=str) if as_json else in_words(record)
        typer.echo(line, err=True)

    with watching(tell):
        yield
    if not told:
        typer.echo("Nothing left for a model: none is set, or no question was open.", err=True)


def leave(run: Run) -> None:
    """Exit with 3 while the run waits for a human."""
    if run.status.value == "waiting":
        raise typer.Exit(WAITING)


async def _investigate(
    session: Session, settings: Settings, case: str, wish: Wish, listener: Listener
) -> Run:
    from graphs.run import open_investigator

    async with open_investigator(settings, workspace=session.workspace) as investigator:
        return await investigator.investigate(case, wish, listener=listener)


def _wish(sop: str, as_of: str, again: bool) -> Wish:
    from graphs.run import Wish

    return Wish(sop=sop, as_of=moment(as_of) if as_of else None, again=again or bool(as_of))


def moment(text: str) -> datetime:
    """An RFC 3339 moment; without an offset it is UTC.

    Raises:
        UsageError: the text is no moment.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a moment.", remedy="Write it like 2026-06-03T12:00:00Z."
        ) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _import_heavy() -> dict[str, float]:
    """Seconds that importing the two heavy libraries takes in this process."""
    took: dict[str, float] = {}
    for name in ("langgraph.graph", "chromadb"):
        start = time.perf_counter()
        import_module(name)
        took[name] = time.perf_counter() - start
    return took


def _tell_timing(session: Session, imports: dict[str, float], steps: Sequence[Step]) -> None:
    for name, seconds in imports.items():
        session.err.print(f"  import {name:<16}{seconds * 1000:7.0f} ms")
    for step in steps:
        session.err.print(f"  {step.node:<23}{step.wall_ms:7.0f} ms, own CPU {step.cpu_ms:5.0f} ms")
    wall, cpu = sum(step.wall_ms for step in steps), sum(step.cpu_ms for step in steps)
    session.err.print(f"  {'nodes, together':<23}{wall:7.0f} ms, own CPU {cpu:5.0f} ms")


async def investigate_first(session: Session, settings: Settings) -> Run:
    """Investigate the source's first open case, telling the steps on stderr."""
    from graphs.run import open_investigator

    async with open_investigator(settings, workspace=session.workspace) as investigator:
        found = await investigator.open_case_ids(None, 1)
        if not found:
            raise UsageError("The source has no open case.")
        return await investigator.investigate(found[0], listener=session.step)


@batch_app.command("run")
def batch_run(
    context: typer.Context,
    cases: Annotated[
        list[str] | None, typer.Argument(help="Ids; `-` reads them from stdin.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Most cases of the open queue.")] = None,
    case_type: Annotated[str | None, typer.Option(help="Only open cases of this type.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Cases in flight.")] = None,
    record: Record = None,
    replay: Replay = None,
) -> None:
    """Take the open cases, or the named ones, to the gate; one JSON line a case on stdout."""
    session: Session = context.obj
    with session.sourced() as sourced, taped(session, sourced, record, replay) as settings:
        ended = wait(_batch(session, settings, _named(cases), limit, case_type, concurrency))
    _tell_cost(session, ended)
    if failed := [one.case_id for one in ended if one.ending.status == "failed"]:
        retry = "the same command tries them again"
        session.err.print(f"{len(failed)} failed: {', '.join(failed)}; {retry}.")
        raise typer.Exit(1)


def _named(cases: Sequence[str] | None) -> list[str]:
    if cases == ["-"]:
        return sys.stdin.read().split()
    return list(cases or ())


async def _batch(
    session: Session,
    settings: Settings,
    cases: list[str],
    limit: int | None,
    case_type: str | None,
    concurrency: int | None,
) -> list[Ended]:
    from rich.progress import Progress

    from casewright.batching import Plan
    from graphs.batch import begin, work
    from graphs.run import open_investigator

    found: list[Ended] = []
    async with open_investigator(settings, workspace=session.workspace, batch=True) as investigator:
        ids = cases or await investigator.open_case_ids(case_type, limit)
        batch = await begin(investigator, ids, Plan(concurrency=concurrency or 0))
        with Progress(console=session.err) as progress:
            task = progress.add_task("cases", total=len(ids))
            async for one in work(investigator, batch):
                typer.echo(_line(one))
                found.append(one)
                progress.advance(task)
    return found


def _tell_cost(session: Session, found: Sequence[Ended]) -> None:
    from casewright.bill import bill
    from casewright.cost import total

    cost = total(one.ending.cost for one in found)
    currency = next((one.ending.currency for one in found if one.ending.currency), "")
    if cost.model_calls:
        session.err.print(f"{len(found)} cases: {bill(cost, currency)}.")


def _line(one: Ended) -> str:
    import json

    ending = one.ending
    told = {
        "case_id": one.case_id,
        "status": ending.status,
        "outcome": ending.outcome or None,
        "route": ending.route or None,
        "graph_version": ending.graph_version or None,
        "error": ending.error or None,
        "cost": ending.cost.model_dump(exclude={"tool_calls"}),
        "currency": ending.currency or None,
    }
    return json.dumps(told, ensure_ascii=False)
