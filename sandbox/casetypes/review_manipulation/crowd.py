"""Who wrote the reviews of each case: connected groups, people of the shop, everyone else."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.review_manipulation.plan import Plan
from sandbox.clusters import Clusters, write_clusters
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.timeline import DAY

RING_AGE, RING_SPREAD = 60.0, 0.8
"""Accounts in rings are LN(60 d, .8) old (handbook 10, Rows)."""
_DENSE, _LOOSE = (0.3, 0.7), 0.24


@dataclass(frozen=True)
class Crowd:
    """Buyer numbers by case: the connected group, perhaps empty, and people of the shop."""

    ring: list[Ints]
    staff: list[Ints]


def plant_crowd(stage: Stage, plan: Plan, rng: np.random.Generator) -> Crowd:
    """Write the buyers that only the cases know: groups with shared devices, and staff."""
    ring = write_clusters(
        stage.writer, _clusters(stage, plan, rng), stage.places, stage.numbers, rng
    )
    return Crowd(ring, _write_staff(stage, plan, rng))


def _clusters(stage: Stage, plan: Plan, rng: np.random.Generator) -> Clusters:
    """Groups: large and dense where drawn; else mostly none, or a small, loose or rare one."""
    count, holds = len(plan), plan.column("ring_reviews")
    least = np.maximum(6, whole(np.ceil(0.2 * plan.n_reviews - 1e-9)))
    most = np.maximum(least, plan.n_reviews * 13 // 20 - 5)
    size = np.where(holds, least + whole(rng.random(count) ** 1.5 * (most - least)), 0)
    size = np.where(holds & plan.near, least, size)
    density = np.where(plan.near, _DENSE[0], rng.uniform(*_DENSE, count))
    kind = rng.random(count)
    small, loose = ~holds & (kind < 0.12), ~holds & (kind >= 0.12) & (kind < 0.2)
    rare = ~holds & plan.near & (plan.n_reviews >= 36)
    size[small] = rng.integers(3, 6, int(small.sum()))
    size[loose] = np.minimum(rng.integers(8, 13, int(loose.sum())), plan.n_reviews[loose] - 4)
    size[rare] = least[rare] - 1
    density[loose & ~rare] = _LOOSE
    return Clusters(
        size=size,
        density=density,
        age_days=np.full(count, RING_AGE),
        age_sigma=np.full(count, RING_SPREAD),
        at=plan.window_from,
        seller=_whose_device(stage, plan, rng),
        tied=plan.column("seller_tied") | plan.column("rival_gain"),
    )


def _whose_device(stage: Stage, plan: Plan, rng: np.random.Generator) -> Ints:
    """The listing's own seller, or for a rival's group any other one."""
    step = rng.integers(1, len(stage.sellers), len(plan))
    rival = (plan.seller + step) % len(stage.sellers)
    return np.where(plan.column("rival_gain"), rival, plan.seller)


def _write_staff(stage: Stage, plan: Plan, rng: np.random.Generator) -> list[Ints]:
    owner = np.repeat(np.arange(len(plan)), plan.staff)
    no = stage.numbers.take("buy", len(owner))
    age = whole(np.maximum(lognormal(rng, 200.0, 0.8, len(owner)), 1.0) * DAY)
    numbers = no.tolist()
    stage.writer.add(
        "buyers",
        {
            "buyer_no": no,
            "created_at": plan.window_from[owner] - age,
            "device_tokens": [json.dumps([f"bdev{number}"]) for number in numbers],
            "address_tokens": [json.dumps([f"addr{number}"]) for number in numbers],
            "postcode": stage.places.homes(rng, len(owner)),
        },
    )
    stage.writer.add("hidden_buyers", {"buyer_no": no, "honest": np.zeros(len(owner), dtype=int)})
    stage.writer.add(
        "staff_accounts",
        {
            "seller_no": plan.seller[owner] + 1,
            "buyer_no": no,
            "recorded_at": plan.window_from[owner] - age,
        },
    )
    return np.split(no, np.cumsum(plan.staff)[:-1])


@dataclass(frozen=True)
class Roles:
    """What each review of one window is, by its place.

    ``buyer`` numbers are 0 where anybody wrote it. ``script`` counts from 1, 0 for none.
    """

    buyer: Ints
    script: Ints
    marked: Bools
    astray: Bools
    using: Bools


def cast(plan: Plan, crowd: Crowd, case: int, rng: np.random.Generator) -> Roles:
    """Hand out the parts of one case's reviews: groups recite first, use is told by others."""
    count = int(plan.n_reviews[case])
    order = rng.permutation(count)
    buyer = np.zeros(count, dtype=np.int64)
    ring, staff = crowd.ring[case], crowd.staff[case]
    buyer[order[: len(ring)]] = ring
    buyer[order[len(ring) : len(ring) + len(staff)]] = staff
    script = np.zeros(count, dtype=np.int64)
    reciting = order[: plan.echoing[case]]
    script[reciting] = 1 + np.arange(len(reciting)) % (2 if len(reciting) >= 8 else 1)
    return Roles(
        buyer=buyer,
        script=script,
        marked=_flags(count, order[::-1][: plan.marked[case]]),
        astray=_flags(count, rng.permutation(count)[: plan.astray[case]]),
        using=_flags(count, order[::-1][: plan.using[case]]),
    )


def _flags(count: int, places: Ints) -> Bools:
    flags = np.zeros(count, dtype=bool)
    flags[places] = True
    return flags
