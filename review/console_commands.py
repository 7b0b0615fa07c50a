"""``console``: serves the console and the API. Heavy imports stay inside."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.session import Session, wait

if TYPE_CHECKING:
    from casewright.credentials import ApiKey
    from casewright.settings import Settings
    from review.web.doors.entrance import Entrance, Tls
    from review.web.doors.serving import Served


def console(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8321,
    cert: Annotated[
        Path | None, typer.Option(help="Certificate chain (PEM) to serve TLS with.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Its key (PEM), where it is not in the same file.")
    ] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="TLS ends at a proxy before it.")
    ] = False,
) -> None:
    """Serve the console and the API until interrupted; prints a link that signs you in, once."""
    from casewright.clock import utc_now
    from review.web.doors.entrance import Entrance, require_closed
    from review.web.doors.serving import serving

    session: Session = context.obj
    entrance = Entrance(host, _tls(cert, key_file), behind_proxy)
    # Opening the store here tells what is wrong with it before anything is served.
    keys = wait(_keys(session.settings))
    require_closed(entrance, session.settings, keys, utc_now())
    who = _local_member(session.settings, entrance)
    signal.signal(signal.SIGTERM, _interrupt)
    with session.sourced() as settings:
        _tell_on_stderr()
        with serving(settings, entrance=entrance, port=port, workspace=session.workspace) as served:
            _greet(served, entrance, who)
            served.wait()


def _tls(cert: Path | None, key_file: Path | None) -> Tls | None:
    from casewright.errors import UsageError
    from review.web.doors.entrance import Tls

    if cert is None:
        if key_file is not None:
            raise UsageError("--key-file goes with --cert.")
        return None
    for file in (cert, *((key_file,) if key_file else ())):
        if not file.is_file():
            raise UsageError(f"There is no file {file}.")
    return Tls(cert, key_file)


async def _keys(settings: Settings) -> tuple[ApiKey, ...]:
    from casewright.store import Store

    async with Store.at(settings) as store:
        return await store.api_keys.all()


def _local_member(settings: Settings, entrance: Entrance) -> str:
    """Who the link signs in; nobody where others reach the console.

    Raises:
        Forbidden: who runs this is not on the team.
    """
    from casewright.team import Team
    from review.commands import account

    if entrance.public:
        return ""
    return Team.of(settings.team).member(settings.reviewer or account()).id


def _greet(served: Served, entrance: Entrance, who: str) -> None:
    if not who:
        typer.echo(f"The console is at {served.base_url}.", err=True)
    else:
        told = f"The console is at {served.link(who)}"
        typer.echo(told, err=True)
        typer.echo(f"The link signs {who} in, once, within ten minutes.", err=True)
    typer.echo("Ctrl-C ends it.", err=True)


def _tell_on_stderr() -> None:
    """Who signs in and out, and whom the door is shut to, goes to stderr with its time."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logger = logging.getLogger("casewright.doors")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _interrupt(*_: Any) -> None:
    """End as with Ctrl-C where a service manager asks for it."""
    raise KeyboardInterrupt
