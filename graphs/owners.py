"""Who is at work on a batch: each worker has a name, and a lock that says that it lives."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

FOLDER: Final = "workers"


@contextmanager
def named(home: Path) -> Iterator[str]:
    """A worker's name, and its lock for the length of the block.

    The operating system takes the lock from a process that dies: then others on this machine know
    at once, and need not wait for its leases to run out.
    """
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    name = f"{socket.gethostname()[:60]}-{getpid()}-{secrets.token_hex(4)}"
    lock = FileLock(folder / name)
    with lock:
        yield name
    (folder / name).unlink(missing_ok=True)


def dead(home: Path, names: Iterable[str]) -> list[str]:
    """Those of these workers that were at work on this machine and are no more."""
    return [name for name in names if _dead(home / FOLDER / name)]


def _dead(file: Path) -> bool:
    if not file.is_file():  # of another machine, or over in good order
        return False
    try:
        with FileLock(file, timeout=0):
            file.unlink(missing_ok=True)
    except Timeout:
        return False
    return True
