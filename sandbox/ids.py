"""Identifiers: integers inside the world file, strings with a kind's prefix everywhere else."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_WIDTH: Final = {
    "sel": 5,
    "buy": 6,
    "lst": 6,
    "ord": 7,
    "vio": 6,
    "app": 6,
    "doc": 6,
    "msg": 7,
    "thr": 7,
    "clm": 6,
    "ntc": 6,
    "cpn": 6,
    "cmp": 6,
    "rev": 7,
    "prg": 5,
    "sup": 6,
    "rcl": 5,
    "sin": 6,
    "alr": 5,
    "inc": 5,
    "case": 6,
    "kyb": 6,
    "hld": 6,
}


def render(kind: str, number: int) -> str:
    """Write number ``number`` of ``kind`` as an id, such as ``ord_0001234``."""
    return f"{kind}_{number:0{_WIDTH[kind]}d}"


def parse(kind: str, text: str) -> int | None:
    """Return the number in an id of ``kind``, or None where the text is no such id."""
    match = re.fullmatch(rf"{kind}_([0-9]{{{_WIDTH[kind]},12}})", text)
    if match is None:
        return None
    number = int(match[1])
    return number if render(kind, number) == text else None


class Numbers:
    """Hands out consecutive numbers of each kind, from 1."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def take(self, kind: str, count: int) -> Ints:
        """Return the next ``count`` numbers of ``kind``."""
        first = self._used[kind] + 1
        self._used[kind] += count
        return np.arange(first, first + count, dtype=np.int64)

    def used(self, kind: str) -> int:
        """Return how many numbers of ``kind`` were handed out."""
        return self._used[kind]
