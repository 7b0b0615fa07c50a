"""``key``: the keys that programs come in with. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait

if TYPE_CHECKING:
    from rich.console import RenderableType

    from casewright.credentials import ApiKey

app = typer.Typer(help="Keys that programs come in with.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
LONGEST = 100
"""Characters of a name."""


@app.command()
def new(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it is for.")],
    member: Annotated[str, typer.Option("--as", help="As which member it acts.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how long it holds.")] = 90,
    as_json: Json = False,
) -> None:
    """Make a key, and show it this once: the store keeps its digest alone."""
    from casewright.team import Team
    from casewright.visible import visible

    session: Session = context.obj
    if not name.strip() or len(name) > LONGEST or visible(name) != name:
        raise UsageError(f"A name is one line of 1 to {LONGEST} characters.", remedy="Give --name.")
    Team.of(session.settings.team).member(member)
    key, text = wait(_made(session, name, member, days))
    value = key.model_dump(mode="json") | {"key": text}
    session.show(value, lambda: _told_new(key, text), as_json=as_json)


@app.command("list")
def list_keys(context: typer.Context, as_json: Json = False) -> None:
    """All keys, without their secrets."""
    session: Session = context.obj
    keys = wait(_all(session))
    value = [one.model_dump(mode="json") for one in keys]
    session.show(value, lambda: _table(keys), as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Id of the key, as listed.")],
    as_json: Json = False,
) -> None:
    """Have a key let nobody in any more, from the next request on."""
    session: Session = context.obj
    gone = wait(_revoked(session, key))
    session.show(
        gone.model_dump(mode="json"), lambda: f"{gone.key_id} is revoked.", as_json=as_json
    )


async def _made(session: Session, name: str, member: str, days: int) -> tuple[ApiKey, str]:
    from casewright.clock import utc_now
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        return await store.api_keys.new(name, member, utc_now(), timedelta(days=days))


async def _all(session: Session) -> tuple[ApiKey, ...]:
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        return await store.api_keys.all()


async def _revoked(session: Session, key_id: str) -> ApiKey:
    from casewright.clock import utc_now
    from casewright.store import Store

    async with Store.at(session.settings) as store:
        return await store.api_keys.revoke(key_id, utc_now())


def _told_new(key: ApiKey, text: str) -> RenderableType:
    from rich.text import Text

    told = f"It acts as {key.member} until {key.expires_at:%Y-%m-%d}, and is not shown again."
    return Text(f"{text}\n{told}", no_wrap=True, overflow="ignore")


def _table(keys: Sequence[ApiKey]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from casewright.clock import utc_now

    if not keys:
        return "There are no keys."
    now = utc_now()
    table = Table("id", "name", "acts as", "until", "last used", "", box=None, pad_edge=False)
    for key in keys:
        state = "" if key.live(now) else "revoked" if key.revoked_at else "over"
        used = f"{key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never"
        cells = (key.key_id, key.name, key.member, f"{key.expires_at:%Y-%m-%d}", used, state)
        table.add_row(*map(Text, cells))
    return table
