"""One act at a time on a case, in all processes of this machine together."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import AsyncFileLock

FOLDER: Final = "locks"
STRIPES: Final = 256
"""Locks there are; two cases that share one wait for each other, which does no harm."""


@asynccontextmanager
async def turn(home: Path, case_id: str) -> AsyncIterator[None]:
    """Wait until nobody else acts on the case, and keep others waiting inside.

    The operating system takes the lock from a process that dies, so nothing is left behind.

    Args:
        home: The home folder.
        case_id: The case.
    """
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    name = f"{zlib.crc32(case_id.encode()) % STRIPES:02x}"
    async with AsyncFileLock(folder / name):
        yield
