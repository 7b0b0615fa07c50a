"""``webhook``: the endpoints that are told what happens. Heavy imports stay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.session import Session, wait

if TYPE_CHECKING:
    from review.delivery import Delivered

app = typer.Typer(help="Endpoints that are told what happens.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command("list")
def list_webhooks(context: typer.Context, as_json: Json = False) -> None:
    """The endpoints: how far each was told, and what went wrong the last time."""
    session: Session = context.obj
    found = wait(_listed(session))
    session.show(found, lambda: "\n".join(map(_told, found)) or "No webhooks.", as_json=as_json)


@app.command()
def send(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until it is stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Tell every endpoint what it has not been told; a running console does so by itself.

    Ends with 1 where one was told in vain.
    """
    session: Session = context.obj
    if watch:
        wait(_watched(session))
        return
    found = wait(_sent(session))
    value = [one.model_dump(mode="json") for one in found]
    session.show(value, lambda: "\n".join(map(_came_of, found)) or "No webhooks.", as_json=as_json)
    if any(one.error for one in found):
        raise typer.Exit(1)


@app.command()
def test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the endpoint.")],
) -> None:
    """Send one signed message of type `test` to an endpoint."""
    from casewright.clock import utc_now
    from review.delivery import send_test

    session: Session = context.obj
    wait(send_test(session.settings, name, utc_now))
    typer.echo(f"The webhook {name} took it.")


async def _listed(session: Session) -> list[dict[str, Any]]:
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        head = (await store.log.head()).entry
        found = []
        for name, hook in session.settings.webhooks.items():
            cursor = await store.cursors.of(name)
            told = {"behind": head - cursor.entry, "failures": cursor.failures} if cursor else {}
            error = cursor.last_error if cursor else ""
            one = {"name": name, "url": hook.url, "events": list(hook.events)}
            found.append({**one, "behind": 0, "failures": 0, **told, "last_error": error})
        return found


async def _sent(session: Session) -> tuple[Delivered, ...]:
    from casewright.clock import utc_now
    from casewright.store import Store
    from review.delivery import deliver_webhooks

    async with Store.at(session.settings) as store:
        return await deliver_webhooks(store, session.settings, utc_now)


async def _watched(session: Session) -> None:
    from casewright.clock import utc_now
    from casewright.store import Store
    from review.delivery import keep_delivering

    async with Store.at(session.settings) as store:
        await keep_delivering(store, session.settings, utc_now)


def _told(one: dict[str, Any]) -> str:
    events = ", ".join(one["events"])
    told = f"{one['name']}  {one['url']}  {events}; {one['behind']} events of the log behind"
    failed = f"; failed {one['failures']} times: {one['last_error']}" if one["failures"] else ""
    return told + failed


def _came_of(one: Delivered) -> str:
    messages = "1 message" if one.sent == 1 else f"{one.sent} messages"
    return f"{one.name}  {messages} sent" + (f"; {one.error}" if one.error else "")
