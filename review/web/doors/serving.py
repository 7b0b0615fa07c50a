"""Runs the console: beside a test, or for the command line."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casewright.clock import Clock, utc_now
from casewright.errors import EnvironmentFault, UsageError
from casewright.settings import Settings
from review.web.admission import Doorkeeper
from review.web.app import Opened, application
from review.web.doors.entrance import HERE, LOCAL_HOSTS, Entrance
from review.web.doors.keeper import open_doorkeeper
from review.web.doors.links import Links
from review.web.house import House, open_house

if TYPE_CHECKING:
    import uvicorn

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5
"""How long requests under way have to end."""


@dataclass(frozen=True)
class Served:
    """A console that runs.

    Attributes:
        base_url: Where browsers find it, without a slash at its end.
        port: The port that it listens on.
        links: The one-time links that it takes.
        thread: What it runs in.
    """

    base_url: str
    port: int
    links: Links
    thread: threading.Thread

    def link(self, member: str) -> str:
        """A link that signs a member in, once, within ten minutes."""
        return f"{self.base_url}/sign-in?token={self.links.issue(member)}"

    def wait(self) -> None:
        """Wait until it ends. A signal is noticed meanwhile.

        By sleeping, and not by joining: CPython 3.11 takes a thread for ended whose ``join`` was
        interrupted (``threading.Thread._wait_for_tstate_lock``), and it would not be waited for.
        """
        while self.thread.is_alive():
            time.sleep(0.1)


@contextmanager
def serving(
    settings: Settings,
    *,
    entrance: Entrance = HERE,
    port: int = 0,
    workspace: Path | None = None,
    clock: Clock = utc_now,
) -> Iterator[Served]:
    """Serve the console in a thread of this process for the length of the block.

    Args:
        settings: The settings, with a source.
        entrance: Where it is reached; whether it may be is checked by ``require_closed``.
        port: Its port; 0 takes a free one.
        workspace: Folder with more SOPs and tools, or None.
        clock: The present moment.

    Raises:
        UsageError: the port is taken, or something is set up in part only.
        EnvironmentFault: the server did not start, and why.
    """
    failed: list[Exception] = []
    links = Links(clock)

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[House, Doorkeeper]]:
        try:
            async with open_house(settings, workspace=workspace, clock=clock) as house:
                yield house, open_doorkeeper(house, entrance=entrance, links=links)
        except Exception as error:
            failed.append(error)
            raise

    listening = _listen(entrance.host, port)
    server = _server(opened, settings, entrance)
    thread = threading.Thread(target=_run, args=(server, listening), daemon=True)
    thread.start()
    try:
        _await_start(server, thread, failed)
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        bound: int = listening.getsockname()[1]
        yield Served(_base_url(settings, entrance, bound), bound, links, thread)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()


def _base_url(settings: Settings, entrance: Entrance, port: int) -> str:
    if entrance.public and settings.console_hosts:
        host = settings.console_hosts[0]
        return f"https://{host}" if entrance.behind_proxy else f"{entrance.scheme}://{host}:{port}"
    host = f"[{entrance.host}]" if ":" in entrance.host else entrance.host
    return f"{entrance.scheme}://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """Bind before the server starts: port 0 is known then, and a taken port is a clear error."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(
            f"Port {port} on {host} cannot be used: {error}.",
            remedy="Give another one: --port; 0 takes a free one.",
        ) from error
    return listening


def _server(opened: Opened, settings: Settings, entrance: Entrance) -> uvicorn.Server:
    import uvicorn

    app = application(
        opened,
        hosts=(*LOCAL_HOSTS, *settings.console_hosts),
        largest_body=settings.console_body_kb * 1024,
    )
    tls = entrance.tls
    config = uvicorn.Config(
        app,
        log_level="critical",  # why it does not start is raised; what goes wrong later is logged
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="on",
        # Nobody else is believed about whom a request comes from.
        proxy_headers=entrance.behind_proxy,
        forwarded_allow_ips=[*settings.console_proxies] if entrance.behind_proxy else [],
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls and tls.key else None,
    )
    return uvicorn.Server(config)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    with suppress(SystemExit):  # how uvicorn says that it did not start
        server.run([listening])


def _await_start(server: uvicorn.Server, thread: threading.Thread, failed: list[Exception]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if failed:
            raise failed[0]
        if not thread.is_alive() or time.monotonic() > deadline:
            raise EnvironmentFault("The console did not start.")
        time.sleep(0.01)
