"""How past cases were settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.frame import Frame
from sandbox.streams import Ints, lognormal, whole
from sandbox.timeline import CLOCK_START, HOUR

REVIEWER_ERROR: Final = 0.04
"""Share of past cases that their reviewer got wrong."""


@dataclass(frozen=True)
class Verdicts:
    """How and when past cases closed: outcome by case, empty where still open."""

    outcome: list[str]
    closed_at: Ints


def settle(
    frame: Frame, right: Sequence[str], outcomes: Sequence[str], rng: np.random.Generator
) -> Verdicts:
    """Settle the past cases, four in a hundred of them wrongly.

    Args:
        frame: The cases.
        right: The right outcome of each; one that is not among ``outcomes`` is always found.
        outcomes: What reviewers choose from.
        rng: Source of randomness.
    """
    count = len(frame)
    wrong = rng.random(count) < REVIEWER_ERROR
    step = rng.integers(1, len(outcomes), count)
    settled = [
        _other(word, outcomes, int(s)) if w and word in outcomes else word
        for word, s, w in zip(right, step.tolist(), wrong.tolist(), strict=True)
    ]
    closed = frame.opened_at + whole(np.clip(lognormal(rng, 40, 0.5, count), 4, 200) * HOUR)
    closed = np.minimum(closed, CLOCK_START - HOUR)
    past = frame.past.tolist()
    return Verdicts([o if p else "" for o, p in zip(settled, past, strict=True)], closed)


def _other(word: str, outcomes: Sequence[str], step: int) -> str:
    return outcomes[(outcomes.index(word) + step) % len(outcomes)]
