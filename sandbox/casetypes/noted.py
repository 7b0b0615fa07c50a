"""What a past case leaves behind beside its outcome: the facts noted, and a later reversal.

Both are drawn from streams of their own, so that they move nothing else in the world.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from sandbox.casetypes.frame import Frame
from sandbox.streams import Bools, Ints, lognormal, stream, whole
from sandbox.timeline import DAY

SLIP: Final = 0.03
"""How often a reviewer reads a text wrongly and notes the contrary."""

OVERTURNED_SHARE: Final = 0.03
"""Share of the past cases whose decision does not last."""


def note_facts(seed: int, case_type: str, frame: Frame) -> list[str | None]:
    """Return the factor profile of each past case as JSON, None for the others.

    Columns that are read from texts slip; what systems count does not.
    """
    rng = stream(seed, f"{case_type} facts")
    names = [name for name in frame.table.flags() if name not in frame.table.unnoted]
    profiles = {name: _noted(frame, name, rng) for name in names}
    return [
        json.dumps({name: bool(values[case]) for name, values in profiles.items()})
        if past
        else None
        for case, past in enumerate(frame.past.tolist())
    ]


def reversals(seed: int, case_type: str, frame: Frame, closed_at: Ints) -> list[object]:
    """Return when each past case was overturned, in epoch seconds; None where it never was.

    Some lie after the world clock's start: nobody knows of them yet.
    """
    rng = stream(seed, f"{case_type} reversals")
    count = len(frame)
    lasting = rng.random(count) >= OVERTURNED_SHARE
    at = closed_at + whole(lognormal(rng, 20, 0.6, count) * DAY)
    return [
        when if past and not stays else None
        for when, past, stays in zip(
            at.tolist(), frame.past.tolist(), lasting.tolist(), strict=True
        )
    ]


def _noted(frame: Frame, name: str, rng: np.random.Generator) -> Bools:
    slips = rng.random(len(frame)) < SLIP
    drawn = frame.column(name)
    return drawn ^ slips if name in frame.table.read else drawn
