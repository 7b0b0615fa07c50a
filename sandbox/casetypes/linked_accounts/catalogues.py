"""The listings of both accounts of a case, and the pictures that stand in both."""

from __future__ import annotations

import numpy as np

from sandbox.accounts import CATEGORIES, draw_titles
from sandbox.casetypes.base import Stage
from sandbox.casetypes.linked_accounts.plan import Plan
from sandbox.places import PRICE_LEVEL
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY

COPIED: float = 0.4
"""From which share of one's pictures on two catalogues are called the same (handbook 5)."""


def plant_catalogues(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write the listings; the drawn share of the account's pictures stands in the peer's too."""
    size = np.clip(whole(lognormal(rng, 14, 0.6, len(plan))), 6, 60)
    copied = _copied(plan, size, rng)
    theirs = np.maximum(np.clip(whole(lognormal(rng, 14, 0.6, len(plan))), 6, 60), copied)
    owner = np.repeat(np.arange(len(plan)), theirs)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(theirs) - theirs, theirs)
    titles = draw_titles(len(owner), rng)
    cents = lognormal(rng, 2_400, 0.8, len(owner))
    original = place < copied[owner]
    peer = _write(stage, plan, plan.peer_no, plan.peer_registered_at, owner, titles, cents, rng)
    mine = np.repeat(np.arange(len(plan)), size)
    at = np.arange(len(mine)) - np.repeat(np.cumsum(size) - size, size)
    copy = at < copied[mine]
    own = draw_titles(len(mine), rng)
    prices = lognormal(rng, 2_400, 0.8, len(mine))
    # The n-th copy of a case repeats the n-th listing of its peer, at nearly the same price.
    source = np.flatnonzero(original)
    for row, other in zip(np.flatnonzero(copy).tolist(), source.tolist(), strict=True):
        own[row] = titles[other] if rng.random() < 0.8 else own[row]
        prices[row] = cents[other] * rng.uniform(0.93, 1.05)
    listing = _write(stage, plan, plan.seller + 1, plan.registered_at, mine, own, prices, rng)
    pictures = [f"img{no:07d}" for no in peer[source].tolist()]
    stage.writer.add(
        "shared_images",
        {
            "listing_no": np.concatenate([peer[source], listing[copy]]),
            "image": [*pictures, *pictures],
        },
    )


def _copied(plan: Plan, size: Ints, rng: np.random.Generator) -> Ints:
    """How many pictures are copied: a share of B(7,3) where they overlap, else of B(1,15)."""
    count, overlap = len(plan), plan.column("catalogue_overlap")
    enough = np.ceil(COPIED * size - 1e-9).astype(np.int64)
    much = np.maximum(whole(rng.beta(7, 3, count) * size), enough)
    little = np.minimum(whole(rng.beta(1, 15, count) * size), enough - 1)
    edge = np.where(overlap, enough, enough - 1)
    copied = np.where(plan.near, edge, np.where(overlap, much, little))
    return np.asarray(copied, dtype=np.int64)


def _write(
    stage: Stage,
    plan: Plan,
    seller_no: Ints,
    since: Ints,
    owner: Ints,
    titles: list[str],
    prices: np.ndarray[tuple[int], np.dtype[np.float64]],
    rng: np.random.Generator,
) -> Ints:
    """Write listings opened within days of their account; return their numbers."""
    count = len(owner)
    no = stage.numbers.take("lst", count)
    region = [plan.region[i] for i in owner.tolist()]
    level = np.array([PRICE_LEVEL[name] for name in region])
    stage.writer.add(
        "listings",
        {
            "listing_no": no,
            "seller_no": seller_no[owner],
            "region": region,
            "title": titles,
            "description": [f"{title}, ships from our own stock." for title in titles],
            "brand": ["generic"] * count,
            "model_no": [None] * count,
            "gtin": [None] * count,
            "category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "price_cents": whole(prices * level),
            "created_at": since[owner] + whole(rng.uniform(0.1, 2, count) * DAY),
            "has_battery": _rarely(rng, count).astype(int),
            "status": ["live"] * count,
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 420, 0.9, count)), 20, 20_000),
        },
    )
    return no


def _rarely(rng: np.random.Generator, count: int) -> Bools:
    return np.asarray(rng.random(count) < 0.2, dtype=np.bool_)
