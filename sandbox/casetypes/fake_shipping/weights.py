"""What parcels weigh: what sellers declare, and what carriers find of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.fake_shipping.counts import Counts
from sandbox.casetypes.fake_shipping.plan import Plan
from sandbox.orders import weight_ratios
from sandbox.streams import Bools, Floats, Ints, lognormal, whole

TEMPLATES: Final = (250, 300, 500, 800, 1000)
"""Grams that sellers declare for everything."""
SAME_SHARE: Final = 0.6
LIGHT_AT_MOST: Final = 0.345


@dataclass(frozen=True)
class Weights:
    """Weights of each case: the template, what share declares it, and how light goods are.

    ``steady`` sellers' goods all weigh about the same share of the template, so that the spread
    of the ratios is small although a third or more are too light.
    """

    template: Ints
    share: Floats
    steady: Bools

    def declared(self, case: Ints, rng: np.random.Generator) -> Ints:
        """Draw the declared grams of the orders of these cases."""
        own = np.clip(whole(lognormal(rng, 450, 0.9, len(case))), 100, 25_000)
        same = _spread(case, self.share)
        return np.where(same, self.template[case], own)

    def ratio(self, case: Ints, light: Bools, rng: np.random.Generator) -> Floats:
        """Draw carriers' weights over declared ones; exactly the ``light`` lie under 35%."""
        count = len(case)
        steady = self.steady[case]
        low = np.where(steady, rng.uniform(0.28, LIGHT_AT_MOST, count), _hollow(rng, count))
        high = np.where(steady, rng.uniform(0.355, 0.42, count), weight_ratios(rng, count))
        return np.where(light, low, high)


def _hollow(rng: np.random.Generator, count: int) -> Floats:
    """Ratios of empty boxes: LN(.12, .5) (handbook 2, Rows)."""
    return np.clip(lognormal(rng, 0.12, 0.5, count), 0.03, LIGHT_AT_MOST)


def _spread(case: Ints, share: Floats) -> Bools:
    """Mark ``share`` of each case's orders, evenly over their places."""
    first = np.searchsorted(case, case)
    place = np.arange(len(case)) - first
    before, after = np.floor(place * share[case]), np.floor((place + 1) * share[case])
    return np.asarray(after > before, dtype=np.bool_)


def make_weights(plan: Plan, counts: Counts, rng: np.random.Generator) -> Weights:
    """Draw the weights of every case.

    A template is one weight declared for six parcels in ten or more, whose ratios lie close
    together; other sellers declare each parcel's own, save that close cases come near six in ten.
    """
    count = len(plan)
    template = plan.column("template_weights")
    far = np.where(template, rng.uniform(0.85, 0.97, count), 0.0)
    close = np.where(template, rng.uniform(0.64, 0.68, count), rng.uniform(0.45, 0.53, count))
    wanted = np.where(plan.near, close, far)
    # Orders of other times count towards the share as well; only the window's are chosen here.
    everything = plan.size + plan.around.weighed_40d
    share = np.where(wanted > 0, np.minimum(wanted * everything / plan.size, 1.0), 0.0)
    lights = counts.light > 0.2 * (plan.size - counts.flagged)
    return Weights(
        template=np.array(TEMPLATES)[rng.integers(0, len(TEMPLATES), count)],
        share=share,
        steady=template & lights,
    )
