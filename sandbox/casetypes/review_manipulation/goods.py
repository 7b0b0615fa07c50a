"""The listings of the cases, their edits and programmes; and listings of other shops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.review_manipulation.plan import BEFORE, Plan, draw_fields
from sandbox.edits import write_edits
from sandbox.streams import Ints, lognormal, pick, whole
from sandbox.timeline import DAY

_ADJECTIVES = ("Foldable", "Bright", "Soft", "Compact", "Daily", "Quiet", "Sturdy", "Light")
_MOST_SHOPS = 4


def plant_listings(stage: Stage, plan: Plan, rng: np.random.Generator) -> Ints:
    """Write a listing of its own for each case; return their numbers.

    No everyday order and no other case ever refers to it.
    """
    made = plan.window_from - (BEFORE + rng.integers(40, 130, len(plan))) * DAY
    return _write_listings(stage, plan.seller, plan.topic, made, rng)


def plant_other_shops(
    stage: Stage, plan: Plan, size: Ints, rng: np.random.Generator
) -> list[list[int]]:
    """Write up to four listings of other sellers for each connected group; return the numbers."""
    count = np.where(size >= 3, rng.integers(0, _MOST_SHOPS + 1, len(plan)), 0)
    case = np.repeat(np.arange(len(plan)), count)
    seller = (plan.seller[case] + rng.integers(1, len(stage.sellers), len(case))) % len(
        stage.sellers
    )
    made = plan.window_from[case] - rng.integers(90, 300, len(case)) * DAY
    no = _write_listings(stage, seller, [plan.topic[i] for i in case.tolist()], made, rng)
    return [part.tolist() for part in np.split(no, np.cumsum(count)[:-1])]


def _write_listings(
    stage: Stage, seller: Ints, topic: Sequence[str], made: Ints, rng: np.random.Generator
) -> Ints:
    count = len(seller)
    no = stage.numbers.take("lst", count)
    words = pick(rng, _ADJECTIVES, (1,) * len(_ADJECTIVES), count)
    price = lognormal(rng, 2_400, 0.8, count) * stage.sellers.price_level[seller]
    stage.writer.add(
        "listings",
        {
            "listing_no": no,
            "seller_no": seller + 1,
            "region": [stage.sellers.region[i] for i in seller.tolist()],
            "title": [f"{word} {name}" for word, name in zip(words, topic, strict=True)],
            "description": [
                f"{name}, {word.lower()}, ships from our own stock."
                for word, name in zip(words, topic, strict=True)
            ],
            "brand": ["generic"] * count,
            "model_no": [None] * count,
            "gtin": [None] * count,
            "category": pick(rng, ("home", "kitchen", "fashion", "pets"), (1, 1, 1, 1), count),
            "price_cents": whole(price),
            "created_at": made,
            "age_grade_months": [None] * count,
            "has_battery": [0] * count,
            "status": ["live"] * count,
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 420, 0.9, count)), 20, 20_000),
        },
    )
    return no


def plant_edits(stage: Stage, plan: Plan, listing: Ints, rng: np.random.Generator) -> None:
    """Write edits: one that leaves little before the window where drawn, else small ones or none.

    Now and then all was changed and the reviews still speak of the product.
    """
    count = len(plan)
    swapped = plan.column("repurposed")
    renewed = ~swapped & (rng.random(count) < 0.1)
    rows = np.flatnonzero(swapped | renewed)
    major = np.where(plan.near, rng.uniform(0.45, 0.499, count), rng.uniform(0.05, 0.4, count))
    at = plan.window_from - rng.integers(2 * DAY, 30 * DAY, count)
    write_edits(stage.writer, listing[rows], at[rows], draw_fields(rng, len(rows)), major[rows])
    small = np.repeat(np.arange(count), rng.poisson(1.2, count))
    kept = np.clip(rng.beta(14, 1.5, len(small)), 0.55, 1.0)
    when = plan.window_to[small] - rng.integers(DAY, 60 * DAY, len(small))
    write_edits(stage.writer, listing[small], when, draw_fields(rng, len(small)), kept)


def plant_programmes(
    stage: Stage, plan: Plan, listing: Ints, rng: np.random.Generator
) -> list[int | None]:
    """Write a programme where reviews of the window stem from one; return the numbers by case."""
    rows = np.flatnonzero(plan.marked > 0)
    no = stage.numbers.take("prg", len(rows))
    start = plan.window_from[rows] - rng.integers(2 * DAY, 30 * DAY, len(rows))
    stage.writer.add(
        "programmes",
        {
            "programme_no": no,
            "listing_no": listing[rows],
            "kind": pick(rng, ("sampling", "reward"), (70, 30), len(rows)),
            "from_at": start,
            "to_at": plan.window_to[rows] + DAY,
            "recorded_at": start,
        },
    )
    by_case: list[int | None] = [None] * len(plan)
    for case, number in zip(rows.tolist(), no.tolist(), strict=True):
        by_case[case] = number
    return by_case
