"""When cases open: past ones evenly over the history, the others over four weeks after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sandbox.casetypes.base import CaseType, Slots, State
from sandbox.ids import Numbers
from sandbox.sizes import Scale
from sandbox.streams import stream
from sandbox.timeline import CLOCK_START, DAY, HISTORY_START, OPEN_SPAN


def make_slots(
    types: Sequence[CaseType], scale: Scale, seed: int, numbers: Numbers
) -> Mapping[str, Slots]:
    """Draw the opening times of all cases and number them by time.

    Returns:
        The slots of each case type, by its name.
    """
    drawn: list[tuple[int, str, State]] = [
        (int(second), name, state)
        for case_type in types
        for name, state, seconds in _drawn(case_type, scale, seed)
        for second in seconds
    ]
    drawn.sort()
    numbered = list(zip(numbers.take("case", len(drawn)).tolist(), drawn, strict=True))
    return {case_type.name: _slots_of(case_type.name, numbered) for case_type in types}


def _drawn(case_type: CaseType, scale: Scale, seed: int) -> list[tuple[str, State, list[int]]]:
    rng = stream(seed, f"schedule {case_type.name}")
    share = case_type.share
    end = CLOCK_START + OPEN_SPAN
    past = rng.integers(HISTORY_START, CLOCK_START - 3 * DAY, scale.past(share))
    waiting = rng.integers(CLOCK_START, end, scale.open(share))
    gold = rng.integers(CLOCK_START, end, scale.gold(share))
    return [
        (case_type.name, "past", past.tolist()),
        (case_type.name, "open", waiting.tolist()),
        (case_type.name, "gold", gold.tolist()),
    ]


def _slots_of(name: str, numbered: Sequence[tuple[int, tuple[int, str, State]]]) -> Slots:
    mine: list[tuple[int, int, State]] = [
        (no, second, state) for no, (second, owner, state) in numbered if owner == name
    ]
    return Slots(
        case_no=np.array([no for no, _, _ in mine], dtype=np.int64),
        opened_at=np.array([second for _, second, _ in mine], dtype=np.int64),
        state=tuple(state for _, _, state in mine),
    )
