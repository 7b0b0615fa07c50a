"""Runs the simulated model on loopback: beside a test or a demo, or for the command line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casewright.errors import UsageError
from sandbox.build import WORLD_FILE
from sandbox.model.app import Manner, create_app
from sandbox.model.memory import Memory
from sandbox.model.names import FAULTS
from sandbox.server import LOOPBACK, START_SECONDS, await_start, listen, uvicorn_server


@contextmanager
def simulating(world: Path, manner: Manner | None = None, *, port: int = 0) -> Iterator[str]:
    """Serve the simulated model in a thread of this process for the length of the block.

    Args:
        world: A folder written by ``sandbox.build.build_world``; its hidden files are read.
        manner: How it behaves; None: an expert without faults.
        port: Port on loopback; 0 takes a free one.

    Yields:
        The base URL for clients, ending in ``/v1``. Models: ``simulated`` for the manner's style,
        ``simulated-expert`` and the like for each style, ``simulated-faulty:hang`` and the like
        for one fault.

    Raises:
        UsageError: there is no world, no such fault, or the port is taken.
        EnvironmentFault: The server did not start in time.
    """
    behaviour = manner or Manner()
    if behaviour.fault and behaviour.fault not in FAULTS:
        raise UsageError(f"There is no fault {behaviour.fault!r}. Known: {', '.join(FAULTS)}.")
    if not (world / WORLD_FILE).is_file():
        raise UsageError(f"{world} is not a world folder.", remedy="Make one: sandbox init.")
    listening = listen(port)
    server = uvicorn_server(create_app(Memory.of_world(world), behaviour))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        await_start(server, thread)
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listening.close()
