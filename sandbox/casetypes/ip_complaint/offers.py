"""The listings that were removed, what they sold, and how brands answered about their sellers."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.ip_complaint.plan import Plan
from sandbox.sales import write_claims, write_weeks
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.offers import BRANDS, NOUNS, Offer, write_offer
from sandbox.timeline import DAY
from sandbox.writer import optional


def plant_listings(stage: Stage, plan: Plan, in_listing: Bools, rng: np.random.Generator) -> Ints:
    """Write the removed listings and return their numbers.

    ``in_listing`` marks those whose own words present the item as a copy.
    """
    count = len(plan)
    no = stage.numbers.take("lst", count)
    nouns = pick(rng, NOUNS, (1,) * len(NOUNS), count)
    offers = [_offer(plan, i, nouns[i], bool(in_listing[i]), rng) for i in range(count)]
    price = whole(lognormal(rng, 3_600, 0.7, count) * stage.sellers.price_level[plan.seller])
    stage.writer.add(
        "listings",
        {
            "listing_no": no,
            "seller_no": plan.seller + 1,
            "region": plan.region,
            "title": [offer.title for offer in offers],
            "description": [offer.description for offer in offers],
            "brand": plan.brand,
            "model_no": optional(
                [f"M{n}" for n in rng.integers(100, 999, count).tolist()], rng.random(count) < 0.6
            ),
            "gtin": optional(
                [f"{n:013d}" for n in rng.integers(10**12, 10**13, count).tolist()],
                rng.random(count) < 0.5,
            ),
            "category": ["electronics"] * count,
            "price_cents": price,
            "created_at": plan.issued_at - rng.integers(310, 600, count) * DAY,
            "status": ["removed"] * count,
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 240, 0.8, count)), 20, 5_000),
        },
    )
    _plant_sales(stage, plan, no, price, rng)
    return no


def _offer(plan: Plan, case: int, noun: str, copy: bool, rng: np.random.Generator) -> Offer:
    return write_offer(
        language="es" if plan.region[case] == "MX" else plan.language[case],
        brand=plan.brand[case],
        noun=noun,
        copy=copy,
        fits=bool(plan.column("fits_only")[case]),
        close=bool(plan.near[case]),
        rng=rng,
    )


def _plant_sales(
    stage: Stage, plan: Plan, listing: Ints, price: Ints, rng: np.random.Generator
) -> None:
    """Write the sales before removal, and claims about the goods."""
    write_weeks(stage.writer, listing, plan.units, price, plan.issued_at, rng)
    doubts = np.repeat(np.arange(len(plan)), rng.poisson(0.4 + plan.units * 0.002))
    at = plan.issued_at[doubts] - whole(rng.uniform(1, 200, len(doubts)) * DAY)
    write_claims(stage.writer, listing[doubts], "authenticity", at)


def plant_brands(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write the brands that answer, and what each said of the seller."""
    stage.writer.add("brands", {"brand": list(BRANDS)})
    authorised = plan.column("authorised")
    replied = authorised | (rng.random(len(plan)) < 0.6)
    stage.writer.add(
        "brand_answers",
        {
            "brand": plan.brand,
            "seller_no": plan.seller + 1,
            "authorised": authorised.astype(int),
            "replied": replied.astype(int),
            "recorded_at": plan.filed_at,
        },
    )
