"""How often `eval compare` is wrong, on simulated sellers whose cases are alike.

Each seller loses and wins cases at rates of its own, drawn from a Dirichlet distribution around the
true ones; the smaller its concentration, the more alike a seller's cases are (0: not at all).
Printed are: how often the 95% interval holds the true difference; how often each test is at most
0.05, which for equal rates is to be at most 1 time in 20; how often a loss is shown to be within a
margin of 2 points, which for a loss of just that is to be at most 1 time in 20; the design effect.

Run: python benchmarks/comparison.py [--trials 600]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from casewright.bootstrap import percentile_ends
from evals.paired import (
    design_effect,
    differences,
    mcnemar,
    score_low,
    swap_test,
)

MARGIN = 0.02


@dataclass(frozen=True)
class World:
    """Sellers, cases of each, true rates, and the concentration."""

    sellers: int
    cases: int
    lost: float
    won: float
    alike: float


WORLDS = (
    World(60, 5, 0.05, 0.05, 0),
    World(60, 5, 0.05, 0.05, 3),
    World(150, 4, 0.05, 0.05, 3),
    World(200, 1, 0.05, 0.05, 0),
    World(30, 5, 0.10, 0.10, 2),
    World(20, 5, 0.10, 0.10, 2),
    World(60, 5, 0.06, 0.04, 0),
    World(60, 5, 0.06, 0.04, 3),
    World(150, 4, 0.03, 0.01, 3),
    World(200, 4, 0.03, 0.01, 1),
    World(30, 10, 0.05, 0.03, 1),
    World(60, 10, 0.0201, 0.0001, 1),
)


def trial(world: World, generator: np.random.Generator) -> tuple[float, ...]:
    """Held, McNemar's and the swap test's rejections, non-inferior, design effect."""
    cases = generator.poisson(world.cases - 1, world.sellers) + 1
    shares = np.array([world.lost, world.won, 1 - world.lost - world.won])
    own = np.tile(shares, (world.sellers, 1))
    if world.alike:
        own = generator.dirichlet(shares * world.alike, world.sellers)
    drawn = np.array([generator.multinomial(n, p) for n, p in zip(cases, own, strict=True)])
    lost, won, n = int(drawn[:, 0].sum()), int(drawn[:, 1].sum()), int(cases.sum())
    right = drawn[:, 2] // 2
    counts = np.stack([right + drawn[:, 0], cases, right + drawn[:, 1], cases], axis=-1)
    samples = differences(counts[:, None, :], draws=1000, seed=int(generator.integers(2**31)))
    (wide,), (narrow,) = percentile_ends(samples, 0.95), percentile_ends(samples, 0.90)
    effect = design_effect(samples[:, 0], lost, won, n)
    bound = score_low(lost, won, n, effect=effect * world.sellers / (world.sellers - 1))
    return (
        wide.low <= world.won - world.lost <= wide.high,
        mcnemar(lost, won) <= 0.05,
        swap_test([int(one) for one in drawn[:, 1] - drawn[:, 0]]) <= 0.05,
        min(bound, narrow.low) > -MARGIN,
        effect,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=600)
    trials = parser.parse_args().trials
    print(f"{'world':<58} held   mcnemar by seller  within  effect")
    for world in WORLDS:
        generator = np.random.default_rng(1)
        means = np.mean([trial(world, generator) for _ in range(trials)], axis=0)
        told = "   ".join(f"{one:6.3f}" for one in means)
        shown = str(world).removeprefix("World")
        print(f"{shown:<58} {told}")


if __name__ == "__main__":
    main()
