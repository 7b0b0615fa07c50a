"""How files stood when they were read, so that they need not be read again while they stand so."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Stood = tuple[int, int, int, int]

FRESH_NS: Final = 2_000_000_000
"""A file that was changed so shortly before may be changed again within one tick of its clock."""


@dataclass(frozen=True)
class Stamp:
    """Files and folders as they stood.

    Attributes:
        paths: The files that were read, and the folders in which others could have been found.
        stood: For each: number, size, and when its content and its entry last changed; None where
            there was nothing. The latter time is that of every change, whatever the former says.
        settled: Whether all had been as they were for long enough to tell a later change.
    """

    paths: tuple[Path, ...]
    stood: tuple[Stood | None, ...]
    settled: bool

    @classmethod
    def of(cls, paths: Iterable[Path], since: int) -> Stamp:
        """The stamp of what was read, taken after it was read.

        Args:
            paths: What was read, and where was looked.
            since: When reading began, as :func:`began` tells it.
        """
        named = tuple(dict.fromkeys(paths))
        stood = tuple(map(_stood, named))
        return cls(
            named, stood, all(one is None or max(one[2:]) < since - FRESH_NS for one in stood)
        )

    def stands(self) -> bool:
        """Whether nothing was changed since."""
        return self.settled and all(map(_as_before, self.paths, self.stood))


def began() -> int:
    """The moment at which reading begins, by the clock that files are stamped with."""
    return time.time_ns()


def _as_before(path: Path, stood: Stood | None) -> bool:
    return _stood(path) == stood


def _stood(path: Path) -> Stood | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
