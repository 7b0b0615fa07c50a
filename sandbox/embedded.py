"""The home folder's own sandbox: where its world lies, and where it answers.

``sandbox serve`` leaves a note of its address in the home folder, so that other commands find it;
without one, a command starts the sandbox in its own process for as long as it needs it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from casewright.errors import UsageError
from sandbox.server import Endpoint, running

WORLD_FOLDER = "sandbox"
NOTE = "sandbox-serving.json"


def world_of(home: Path) -> Path:
    """The world folder of a home folder."""
    return home / WORLD_FOLDER


@contextmanager
def announced(home: Path, endpoint: Endpoint) -> Iterator[None]:
    """Leave the note for as long as the block lasts."""
    note = home / NOTE
    told = {"url": endpoint.base_url, "token": endpoint.read_token}
    note.write_text(json.dumps({**told, "enforce": endpoint.enforce_token}), "utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def serving(home: Path) -> Endpoint | None:
    """Where ``sandbox serve`` answers for this home folder, or None where none does."""
    with suppress(OSError, ValueError, KeyError):
        told = json.loads((home / NOTE).read_text("utf-8"))
        endpoint = Endpoint(str(told["url"]), str(told["token"]), str(told["enforce"]))
        address = urlsplit(endpoint.base_url)
        with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=1):
            return endpoint
    return None


@contextmanager
def at_hand(home: Path, *, faults: bool = True, rate_limits: bool = True) -> Iterator[Endpoint]:
    """The sandbox that serves already, or one started for the length of the block.

    Raises:
        UsageError: the home folder has no world yet.
    """
    found = serving(home)
    if found is not None:
        yield found
        return
    if not world_of(home).is_dir():
        raise UsageError(
            "There is no data source: none is set, and there is no sandbox world.",
            remedy="Run `casewright sandbox init --small`, or set CASEWRIGHT_SOURCE_URL.",
        )
    with running(world_of(home), faults=faults, rate_limits=rate_limits) as endpoint:
        yield endpoint
