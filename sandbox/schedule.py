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
    """Draw the opening times of all cases; each type's are numbered by time, one type on another.

    Numbering type by type keeps the ids of the earlier types where a further one is added.

    Returns:
        The slots of each case type, by its name.
    """
    return {each.name: _slots(each, scale, seed, numbers) for each in types}


def _slots(case_type: CaseType, scale: Scale, seed: int, numbers: Numbers) -> Slots:
    drawn: list[tuple[int, State]] = [
        (int(second), state)
        for state, seconds in _drawn(case_type, scale, seed)
        for second in seconds
    ]
    drawn.sort()
    return Slots(
        case_no=numbers.take("case", len(drawn)),
        opened_at=np.array([second for second, _ in drawn], dtype=np.int64),
        state=tuple(state for _, state in drawn),
    )


def _drawn(case_type: CaseType, scale: Scale, seed: int) -> list[tuple[State, list[int]]]:
    rng = stream(seed, f"schedule {case_type.name}")
    share = case_type.share
    end = CLOCK_START + OPEN_SPAN
    past = rng.integers(HISTORY_START, CLOCK_START - 3 * DAY, scale.past(share))
    waiting = rng.integers(CLOCK_START, end, scale.open(share))
    gold = rng.integers(CLOCK_START, end, scale.gold(share))
    return [("past", past.tolist()), ("open", waiting.tolist()), ("gold", gold.tolist())]
