"""Runs the sandbox on loopback: beside a test or a demo, or for the command line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casewright.errors import EnvironmentFault, UsageError
from sandbox.summary import WORLD_FORMAT, read_summary

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

LOOPBACK: Final = "127.0.0.1"
_LOCAL: Final = (LOOPBACK, "localhost")
START_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Endpoint:
    """Where a running sandbox answers, a token that may read, and one that may write.

    The first reads whatever investigations need.
    """

    base_url: str
    read_token: str
    enforce_token: str = ""


@contextmanager
def running(
    world: Path,
    *,
    port: int = 0,
    faults: bool = False,
    fault_seed: int = 0,
    rate_limits: bool = True,
    speed: float = 0.0,
) -> Iterator[Endpoint]:
    """Serve the world folder in a thread of this process for the length of the block.

    Args:
        world: A folder written by ``sandbox.build.build_world``.
        port: Port on loopback; 0 takes a free one.
        faults: As in ``sandbox.app.create_app``, like the rest.
        fault_seed: What the faults are drawn from.
        rate_limits: Whether callers are throttled.
        speed: World seconds in one real second.

    Raises:
        UsageError: ``world`` is no world folder, or the port is taken.
        EnvironmentFault: The server did not start in time.
    """
    tokens = _tokens(world)
    listening = listen(port)
    server = _server(
        world, faults=faults, fault_seed=fault_seed, rate_limits=rate_limits, speed=speed
    )
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        await_start(server, thread)
        yield Endpoint(
            f"http://{LOOPBACK}:{listening.getsockname()[1]}",
            tokens["investigate"],
            tokens["enforce"],
        )
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()


def serve_forever(
    world: Path,
    *,
    port: int,
    host: str = LOOPBACK,
    faults: bool = False,
    fault_seed: int = 0,
    rate_limits: bool = True,
    speed: float = 0.0,
) -> None:
    """Serve the world folder until interrupted.

    Raises:
        UsageError: ``world`` is no world folder, the port is taken, or ``host`` is not loopback.
    """
    if host not in _LOCAL:
        raise UsageError(f"The sandbox serves on loopback only, not on {host!r}.")
    _tokens(world)
    server = _server(
        world, faults=faults, fault_seed=fault_seed, rate_limits=rate_limits, speed=speed
    )
    listening = listen(port)
    try:
        server.run([listening])
    finally:
        listening.close()


def _tokens(world: Path) -> dict[str, str]:
    summary = read_summary(world)
    if summary is None:
        raise UsageError(f"{world} is not a world folder.", remedy="Make one: sandbox init.")
    if summary.format != WORLD_FORMAT:
        raise UsageError(
            f"{world} is a world of format {summary.format}; this is format {WORLD_FORMAT}.",
            remedy="Make it anew: sandbox init --force.",
        )
    return summary.tokens


def listen(port: int) -> socket.socket:
    """Bind before the server starts, so that port 0 is known and a taken port is a clear error."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(f"Port {port} on {LOOPBACK} cannot be used: {error}.") from error
    return listening


def _server(
    world: Path, *, faults: bool, fault_seed: int, rate_limits: bool, speed: float
) -> uvicorn.Server:
    # Imported late: it takes most of a second, and importing this module should not.
    from sandbox.app import create_app

    app = create_app(
        world, faults=faults, fault_seed=fault_seed, rate_limits=rate_limits, speed=speed
    )
    return uvicorn_server(app)


def uvicorn_server(app: FastAPI) -> uvicorn.Server:
    """A server for ``app`` that logs nothing and ends soon when told to."""
    import uvicorn

    # Dropped connections are part of the simulation, so the server's complaints are silenced.
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    return uvicorn.Server(config)


def await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait until the server answers. Raises EnvironmentFault where it does not in time."""
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise EnvironmentFault("The sandbox did not start.")
        time.sleep(0.01)
