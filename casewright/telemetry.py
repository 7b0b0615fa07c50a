"""Steps: what a run did, when, and how long it took, told to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from casewright.models import Model


class Step(Model):
    """One node of a graph that has finished.

    Attributes:
        node: Its name.
        wall_ms: Time from start to end, waiting included, in milliseconds.
        cpu_ms: Time the event loop's thread worked in between, in milliseconds. It includes what
            other tasks did in that thread meanwhile, so read it on one case at a time.
        detail: What came of it, in a few words.
    """

    kind: Literal["step"] = "step"
    node: str
    wall_ms: float
    cpu_ms: float
    detail: str = ""


Listener = Callable[[Step], None]
"""Called for every step, in order."""


def ignore(step: Step) -> None:
    """The listener of those who do not listen."""
