"""``batch``: many cases to their gate at once. Heavy imports stay inside."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from casewright.cassette import Record, Replay, taped
from casewright.errors import UsageError
from casewright.session import Session, texts, wait
from graphs.batch_showing import Showing

if TYPE_CHECKING:
    from casewright.batching import Batch, Plan, Tally
    from casewright.settings import Settings
    from casewright.store import Store
    from graphs.attend import Attended
    from graphs.choosing import Query, Wanted
    from graphs.estimate import Estimate

app = typer.Typer(help="Many cases at once.", no_args_is_help=True)

EVERY_S: Final = 2.0
"""Seconds between two looks with ``--watch``."""

MICROS: Final = 1_000_000
"""Millionths in a currency's unit."""

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Summed = Annotated[
    bool, typer.Option("--json", help="Print the summary as JSON, instead of a line a case.")
]
Concurrency = Annotated[int | None, typer.Option(min=1, help="Cases in flight.")]
Engine = Annotated[
    Literal["local", "ray"] | None, typer.Option(help="Where it runs; else as before, or here.")
]
Address = Annotated[str, typer.Option(help="Ray cluster: HOST:PORT of its head, or `auto`.")]
Workers = Annotated[int, typer.Option(min=0, help="Workers on Ray; 0: one on each node with room.")]
MaxCost = Annotated[
    str, typer.Option(help="Most money, in the settings' currency; then it stops cleanly.")
]
Quietly = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
AsLines = Annotated[bool, typer.Option("--jsonl", help="Progress as JSON lines on stderr.")]
Id = Annotated[
    str, typer.Argument(metavar="[ID]", help="Its id or the beginning of it; else the newest.")
]


@app.command()
def run(
    context: typer.Context,
    cases: Annotated[
        list[str] | None, typer.Argument(help="Ids; `-` reads them from stdin.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="File of ids: one a line, CSV or JSON lines.")
    ] = None,
    query: Annotated[str, typer.Option(help="Tool whose answer lists the cases.")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--with", help="NAME=VALUE: an argument of that tool.")
    ] = None,
    case_field: Annotated[str, typer.Option(help="Column or field with the id.")] = "case_id",
    case_type: Annotated[str, typer.Option(help="Only cases of this type.")] = "",
    condition: Annotated[
        str, typer.Option("--filter", help="Only cases that this holds of, as in an SOP.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=0, help="Most cases.")] = None,
    priority: Annotated[
        Literal["sla", "impact", "oldest", "none"] | None,
        typer.Option(help="Which first; else by SLA for the open queue, or as they are given."),
    ] = None,
    sop: Annotated[str, typer.Option(help="SOP to use; else the one for each case's type.")] = "",
    concurrency: Concurrency = None,
    max_cost: MaxCost = "",
    engine: Engine = None,
    address: Address = "",
    workers: Workers = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and cost; write nothing.")
    ] = False,
    quiet: Quietly = False,
    jsonl: AsLines = False,
    as_json: Summed = False,
    record: Record = None,
    replay: Replay = None,
) -> None:
    """Take cases to the gate: the open queue, or those named; one JSON line a case on stdout."""
    from casewright.batching import Plan
    from graphs.choosing import Wanted
    from graphs.sieve import Sieve

    session: Session = context.obj
    asked = _query(query, given or [], case_field)
    wanted = Wanted(
        ids=_ids(cases or [], from_file, case_field, asked),
        query=asked,
        case_type=case_type,
        sieve=Sieve.of(condition) if condition else None,
        limit=limit,
        priority=priority,
        sop=sop,
    )
    plan = Plan(
        chosen=wanted.told,
        sop=sop,
        concurrency=concurrency or 0,
        **_placed(engine or "local", address, workers),
        **_bound(session, max_cost),
    )
    shown = Showing(session, quiet=quiet, jsonl=jsonl, as_json=as_json)
    with session.sourced() as sourced, taped(session, sourced, record, replay) as settings:
        if dry_run:
            _show_estimate(session, wait(_estimated(session, settings, wanted, plan)), as_json)
            return
        found = wait(_begun(shown, settings, wanted, plan))
    shown.end(found)


@app.command()
def resume(
    context: typer.Context,
    batch: Id = "",
    concurrency: Concurrency = None,
    max_cost: MaxCost = "",
    engine: Engine = None,
    address: Address = "",
    workers: Workers = 0,
    quiet: Quietly = False,
    jsonl: AsLines = False,
    as_json: Summed = False,
    record: Record = None,
    replay: Replay = None,
) -> None:
    """Go on with a batch that was stopped, or whose process died."""
    session: Session = context.obj
    shown = Showing(session, quiet=quiet, jsonl=jsonl, as_json=as_json)

    async def opened(store: Store, found: Batch) -> Batch:
        if found.state == "cancelled":
            raise UsageError(
                f"Batch {found.batch_id} was cancelled.",
                remedy="`casewright batch run` takes its cases in a new one.",
            )
        placed = _placed(engine or found.plan.engine, address, workers)
        await _replan(store, found, concurrency, placed | _bound(session, max_cost))
        await store.batches.set_state(found.batch_id, "open")
        return await store.batches.get(found.batch_id)

    with session.sourced() as sourced, taped(session, sourced, record, replay) as settings:
        found = wait(_gone_on(shown, settings, batch, concurrency, opened))
    shown.end(found)


@app.command()
def retry(
    context: typer.Context,
    batch: Id = "",
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Only these; else all.")
    ] = None,
    concurrency: Concurrency = None,
    engine: Engine = None,
    address: Address = "",
    workers: Workers = 0,
    quiet: Quietly = False,
    jsonl: AsLines = False,
    as_json: Summed = False,
    record: Record = None,
    replay: Replay = None,
) -> None:
    """Try the cases of a batch again that failed for good."""
    session: Session = context.obj
    shown = Showing(session, quiet=quiet, jsonl=jsonl, as_json=as_json)

    async def opened(store: Store, found: Batch) -> Batch:
        if not await store.batches.parked(found.batch_id):
            raise UsageError(f"No case of batch {found.batch_id} failed for good.")
        await store.batches.retry(found.batch_id, cases or ())
        placed = _placed(engine or found.plan.engine, address, workers)
        await _replan(store, found, concurrency, placed)
        return await store.batches.get(found.batch_id)

    with session.sourced() as sourced, taped(session, sourced, record, replay) as settings:
        found = wait(_gone_on(shown, settings, batch, concurrency, opened))
    shown.end(found)


@app.command()
def cancel(context: typer.Context, batch: Id = "", as_json: Json = False) -> None:
    """Take the cases out of a batch that nobody has begun; what is in flight ends."""
    session: Session = context.obj

    async def cancelled(store: Store) -> tuple[str, int]:
        found = await store.batches.get(batch)
        return found.batch_id, await store.batches.cancel(found.batch_id)

    batch_id, count = wait(_with_store(session, cancelled))
    value = {"batch_id": batch_id, "cancelled": count}
    told = f"Batch {batch_id} is cancelled: {count:,} cases were taken out."
    session.show(value, lambda: told, as_json=as_json)


@app.command()
def status(
    context: typer.Context,
    batch: Id = "",
    watch: Annotated[bool, typer.Option("--watch", help="Go on until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """How a batch stands: its cases, what it cost, what failed for good."""
    session: Session = context.obj
    wait(_watch(session, batch, watch=watch, as_json=as_json))


@app.command("list")
def list_batches(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Most batches.")] = 20,
    as_json: Json = False,
) -> None:
    """The batches, newest first, and how each stands."""
    from graphs.standing import Standing, render_standings

    session: Session = context.obj

    async def found(store: Store) -> list[Standing]:
        newest = (await store.batches.all())[:limit]
        return [Standing.of(one, await store.batches.tally(one.batch_id)) for one in newest]

    standings = wait(_with_store(session, found))
    value = [one.told() for one in standings]
    session.show(value, lambda: render_standings(standings), as_json=as_json)


def _ids(
    cases: Sequence[str], file: Path | None, field: str, query: Query | None
) -> list[str] | None:
    """The ids that were given, in their order; None where none were."""
    from graphs.ids import ids_in

    if sum((bool(cases), file is not None, query is not None)) > 1:
        raise UsageError("Cases come from the line, from a file or from a query: one of them.")
    if list(cases) == ["-"]:
        return ids_in(sys.stdin.read(), "stdin", field)
    if file is not None:
        return ids_in(_text(file), file.name, field)
    return list(cases) or None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text.") from error


def _query(tool: str, given: Sequence[str], field: str) -> Query | None:
    from graphs.choosing import Query

    if given and not tool:
        raise UsageError("--with gives an argument to the tool of --query.")
    return Query(tool, texts(given), field) if tool else None


def _placed(engine: str, address: str, workers: int) -> dict[str, Any]:
    """Where a plan has its cases taken; empty where nothing was said.

    Raises:
        UsageError: a cluster is named and not to be used.
    """
    if engine != "ray" and (address or workers):
        raise UsageError("--address and --workers are for --engine ray.")
    told = {"engine": engine, "address": address, "workers": workers}
    return {name: value for name, value in told.items() if value}


def _bound(session: Session, max_cost: str) -> dict[str, Any]:
    """The most money of a plan; empty where none was named.

    Raises:
        UsageError: it is no amount, or there is no price to count by.
    """
    from decimal import Decimal, InvalidOperation

    if not max_cost:
        return {}
    try:
        micros = int(Decimal(max_cost) * MICROS)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise UsageError(f"{max_cost!r} is no amount of money.", remedy="Write 25.50.") from error
    if micros <= 0:
        raise UsageError("--max-cost is an amount above nought.")
    settings = session.settings
    if settings.model and not settings.model_prices:
        raise UsageError(
            "--max-cost needs prices: without them no money is counted.",
            remedy="Set `model_prices`.",
        )
    return {"max_micros": micros, "currency": settings.model_currency}


async def _begun(shown: Showing, settings: Settings, wanted: Wanted, plan: Plan) -> Attended:
    """Choose the cases, write the batch down, and have it worked on."""
    from graphs.batch import begin, open_batches
    from graphs.choosing import BEYOND, choose
    from graphs.estimate import held_told

    opened = open_batches(settings, workspace=shown.session.workspace, concurrency=plan.concurrency)
    async with opened as (investigator, pace):
        with _choosing(shown.session):
            chosen = await choose(investigator, wanted)
        if chosen.cut:
            shown.say(f"There may be more cases: {chosen.cut}.")
        for why, count in chosen.skipped.items():
            if why != BEYOND:  # that was asked for
                shown.say(f"Left out: {count:,} {why}.")
        for told in held_told(chosen.held):
            shown.say(told)
        batch = await begin(investigator, chosen.case_ids, plan)
        return await shown.attend(investigator, batch, pace)


async def _gone_on(
    shown: Showing,
    settings: Settings,
    batch_id: str,
    concurrency: int | None,
    opened: Callable[[Store, Batch], Any],
) -> Attended:
    """Open a batch again, and have it worked on."""
    from graphs.batch import open_batches

    async with _store(settings) as store:
        batch = await opened(store, await store.batches.get(batch_id))
    many = concurrency or batch.plan.concurrency
    working = open_batches(settings, workspace=shown.session.workspace, concurrency=many)
    async with working as (investigator, pace):
        return await shown.attend(investigator, batch, pace)


async def _replan(
    store: Store, batch: Batch, concurrency: int | None, bound: dict[str, Any]
) -> None:
    changes = {**bound, **({"concurrency": concurrency} if concurrency else {})}
    if changes:
        plan = batch.plan.model_copy(update=changes)
        await store.batches.set_plan(batch.batch_id, plan)


async def _estimated(session: Session, settings: Settings, wanted: Wanted, plan: Plan) -> Estimate:
    from graphs.batch import open_batches
    from graphs.choosing import choose
    from graphs.estimate import estimate

    async with open_batches(settings, workspace=session.workspace) as (investigator, _):
        with _choosing(session):
            chosen = await choose(investigator, wanted, sops=True)
        return await estimate(
            investigator.store,
            chosen,
            wanted.told,
            concurrency=plan.concurrency or settings.concurrency,
            currency=settings.model_currency,
        )


def _show_estimate(session: Session, found: Estimate, as_json: bool) -> None:
    from graphs.estimate import render_estimate

    value = found.model_dump(mode="json")
    session.show(value, lambda: render_estimate(found), as_json=as_json)


@contextmanager
def _choosing(session: Session) -> Iterator[None]:
    """Show on a terminal that cases are being chosen: with a filter each one is fetched."""
    if not session.err.is_terminal:
        yield
        return
    with session.err.status("Choosing cases"):
        yield


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    from graphs.services import open_store

    async with open_store(settings, None) as store:
        yield store


async def _with_store(session: Session, work: Callable[[Store], Any]) -> Any:
    async with _store(session.settings) as store:
        return await work(store)


async def _watch(session: Session, batch_id: str, *, watch: bool, as_json: bool) -> None:
    import asyncio

    from graphs.standing import Standing, render_standing

    async with _store(session.settings) as store:
        while True:
            batch = await store.batches.get(batch_id)
            tally: Tally = await store.batches.tally(batch.batch_id)
            parked = await store.batches.parked(batch.batch_id)
            found = Standing.of(batch, tally, parked)
            session.show(found.told(), lambda: render_standing(found), as_json=as_json)  # noqa: B023
            if not watch or batch.state != "open":
                return
            await asyncio.sleep(EVERY_S)
