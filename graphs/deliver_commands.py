"""``enforce``: what waits to be sent to the marketplace. Heavy imports stay inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from casewright.enforcement import Enforced
    from casewright.settings import Settings
    from casewright.store.outbox import Waits
    from graphs.deliver import Delivered

app = typer.Typer(help="What still has to be sent to the marketplace.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

EVERY_S: Final = 2.0
"""Seconds between two looks with ``--watch``."""


@app.command()
def run(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Keep going until interrupted.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Send what is due. Ends with 1 where something failed; it is tried again later."""
    from graphs.deliver_report import render_delivered

    session: Session = context.obj
    if watch and dry_run:
        raise UsageError("--watch and --dry-run exclude each other.")
    if dry_run:
        _show_requests(session, wait(_due(session)), as_json=as_json)
        return
    if session.settings.enforce == "off":
        raise UsageError("Nothing is sent: the setting `enforce` is off.")
    with session.sourced() as settings:
        found = wait(_delivered(session, settings, watch=watch))
    value = found.model_dump(mode="json")
    session.show(value, lambda: render_delivered(found), as_json=as_json)
    if found.failed or found.stuck:
        raise typer.Exit(1)


@app.command("list")
def list_waiting(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Only of this case.")] = "",
    as_json: Json = False,
) -> None:
    """What waits to be sent: since when, how often it was tried, why it failed."""
    from casewright.store import Store
    from graphs.deliver_report import render_waits

    session: Session = context.obj

    async def work() -> tuple[Waits, ...]:
        async with Store.at(session.settings) as store:
            return await store.outbox.all(case)

    found = wait(work())
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: render_waits(found), as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")],
    as_json: Json = False,
) -> None:
    """What a case would send, or still has to send: method, path, key and body."""
    session: Session = context.obj
    _show_requests(session, wait(_of_case(session, case)), as_json=as_json)


def _show_requests(session: Session, found: list[dict[str, Any]], *, as_json: bool) -> None:
    from rich.text import Text

    from casewright.visible import visible

    def lines() -> Text:
        told = [visible(_line(one)) for one in found]
        return Text("\n".join(told or ["Nothing would be sent."]))

    session.show(found, lines, as_json=as_json)


def _line(one: dict[str, Any]) -> str:
    if one["lacks"]:
        return f"{one['case_id']}: {one['do']} cannot be sent: {'; '.join(one['lacks'])}"
    body = json.dumps(one["body"], ensure_ascii=False, sort_keys=True)
    return f"{one['case_id']}: {one['method']} {one['path']} {one['key']} {body}"


async def _due(session: Session) -> list[dict[str, Any]]:
    from casewright.clock import utc_now
    from casewright.store import Store
    from graphs.requests import due_requests

    async with Store.at(session.settings) as store:
        return await due_requests(store, utc_now())


async def _of_case(session: Session, case: str) -> list[dict[str, Any]]:
    from casewright.store import Store
    from graphs.requests import requests_of_case

    async with Store.at(session.settings) as store:
        return await requests_of_case(store, case)


async def _delivered(session: Session, settings: Settings, *, watch: bool) -> Delivered:
    import asyncio

    from casewright.visible import visible
    from graphs.deliver import deliver_due
    from graphs.deliver_report import alarm
    from graphs.run import open_investigator

    def told(case_id: str, entry: Enforced) -> None:
        why = f": {entry.reason}" if entry.reason else ""
        typer.echo(visible(f"{case_id}: {entry.write.do} {entry.status}{why}"), err=True)

    async with open_investigator(settings, workspace=session.workspace) as investigator:
        found = await deliver_due(investigator, ended=told)
        alarmed: set[tuple[str, int]] = set()
        while watch:
            for one in found.stuck:
                if (one.key, one.attempts) not in alarmed:
                    alarmed.add((one.key, one.attempts))
                    typer.echo(alarm(one), err=True)
            await asyncio.sleep(EVERY_S)
            found = await deliver_due(investigator, ended=told)
        return found
