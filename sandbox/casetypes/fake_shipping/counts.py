"""How many orders of each window go wrong, and in which way.

Counts are chosen so that the summary of the window lands on the drawn side of each threshold; in
the cases close to one, just there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.fake_shipping.plan import Plan
from sandbox.streams import Floats, Ints

SILENT_LEAST: Final = 5
LIGHT_SHARE: Final = 0.3
MENDED_SHARE: Final = 0.7
LETTERS_WEIGHED: Final = 0.15
"""Envelopes go unweighed in 85 of a hundred (handbook 2, Rows)."""


@dataclass(frozen=True)
class Counts:
    """Orders of each case by fate.

    The first ``impossible`` of a window have scans that cannot be; the first ``reused`` of it go by
    a number used before. The next ``silent`` are never scanned; the last ``light`` weigh too
    little. ``mended`` of those flagged get another number in time. ``weighed`` is a share.
    """

    impossible: Ints
    reused: Ints
    silent: Ints
    light: Ints
    mended: Ints
    weighed: Floats

    @property
    def flagged(self) -> Ints:
        """Orders of each case whose tracking shows something wrong."""
        return np.maximum(self.impossible, self.reused) + self.silent


def make_counts(plan: Plan, rng: np.random.Generator) -> Counts:
    """Draw the counts of every case."""
    impossible = _impossible(plan)
    reused = plan.frame.amount("reused_count").astype(np.int64)
    wrong = np.maximum(impossible, reused)
    silent = _silent(plan, wrong, rng)
    letters = np.array([cause.name == "letter_trick" for cause in plan.frame.table.causes])
    weighed = np.where(letters[plan.frame.drawn.cause], LETTERS_WEIGHED, 1.0)
    weighed = np.where(plan.weights_withheld, 0.0, weighed)
    return Counts(
        impossible=impossible,
        reused=reused,
        silent=silent,
        light=_light(plan, wrong + silent, weighed),
        mended=_mended(plan, wrong + silent, rng),
        weighed=weighed,
    )


def _impossible(plan: Plan) -> Ints:
    """The drawn share of the window's orders; close cases go to the nearest side of 5%."""
    share = plan.frame.amount("impossible_share")
    above = (share >= 0.05) & (np.rint(share * plan.total) >= SILENT_LEAST)
    drawn = np.rint(share * plan.total)
    edge = np.ceil(np.maximum(0.05 * plan.total, SILENT_LEAST))
    tight = plan.near & (np.abs(share - 0.05) < 0.03)
    drawn = np.where(tight, np.where(above, edge, edge - 1), drawn)
    drawn = np.where(above, np.maximum(drawn, edge), drawn)
    return np.minimum(drawn, plan.size // 2).astype(np.int64)


def _silent(plan: Plan, wrong: Ints, rng: np.random.Generator) -> Ints:
    """What is left of the flagged share, B(3, 17); at least five where the carrier is to blame."""
    count = len(plan)
    rest = np.rint(rng.beta(3, 17, count) * plan.size) - wrong
    blamed = np.where(
        plan.near, SILENT_LEAST, np.maximum(rest, SILENT_LEAST + rng.poisson(4, count))
    )
    other = np.where(plan.near, SILENT_LEAST - 1, np.maximum(rest, 1))
    silent = np.where(plan.column("carrier_gap"), blamed, other)
    return np.minimum(silent, plan.size // 3).astype(np.int64)


def _light(plan: Plan, flagged: Ints, weighed: Floats) -> Ints:
    """Parcels under 35% of their declared weight: the drawn share of all weighed ones."""
    share = plan.frame.amount("underweight_share")
    total = np.rint((plan.size - flagged) * weighed) + plan.around.weighed
    above = share >= LIGHT_SHARE
    edge = np.ceil(LIGHT_SHARE * total)
    tight = plan.near & (np.abs(share - LIGHT_SHARE) < 0.1)
    drawn = np.where(tight, np.where(above, edge, edge - 1), np.rint(share * total))
    drawn = np.where(above, np.maximum(drawn, edge), np.minimum(drawn, edge - 1))
    room = np.rint((plan.size - flagged) * weighed)
    return np.asarray(np.clip(drawn, 0, np.maximum(room, 0)), dtype=np.int64)


def _mended(plan: Plan, flagged: Ints, rng: np.random.Generator) -> Ints:
    """Flagged orders whose number is put right in time: seven in ten or more where drawn."""
    count = len(plan)
    edge = np.ceil(MENDED_SHARE * flagged - 1e-9)
    above = np.where(plan.near, edge, np.ceil(rng.uniform(0.75, 1.0, count) * flagged))
    below = np.where(plan.near, edge - 1, np.floor(rng.uniform(0.0, 0.35, count) * flagged))
    mended = np.where(plan.column("labels_corrected"), above, np.minimum(below, edge - 1))
    return np.asarray(np.clip(mended, 0, flagged), dtype=np.int64)
