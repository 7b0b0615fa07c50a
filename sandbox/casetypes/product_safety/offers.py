"""The listings under suspicion: their words, goods, screening, sales and edits."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.product_safety.plan import Plan, month
from sandbox.edits import FIELDS, write_edits
from sandbox.sales import write_weeks
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.goods import Manner, Words, write_listing
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional

SCORE: Final = 0.8
"""From where on a class counts (handbook 9)."""


def shown_in_listing(plan: Plan, rng: np.random.Generator) -> Bools:
    """Which disguised goods their own listing gives away; a buyer unmasks the others."""
    disguised = plan.column("disguised")
    return np.asarray(disguised & (rng.random(len(plan)) < 0.8), dtype=np.bool_)


def plant_listings(stage: Stage, plan: Plan, in_listing: Bools, rng: np.random.Generator) -> Ints:
    """Write the listings with their goods, screening, sales and edits; return their numbers."""
    count = len(plan)
    no = stage.numbers.take("lst", count)
    words = [_words(plan, case, bool(in_listing[case]), rng) for case in range(count)]
    price = whole(lognormal(rng, 2_900, 0.7, count) * stage.sellers.price_level[plan.seller])
    children = np.array([good.for_children for good in plan.good])
    stage.writer.add(
        "listings",
        {
            "listing_no": no,
            "seller_no": plan.seller + 1,
            "region": plan.region,
            "title": [each.title for each in words],
            "description": [each.description for each in words],
            "brand": plan.brand,
            "model_no": plan.model,
            "gtin": [gtin(number) for number in plan.slots.case_no.tolist()],
            "category": [good.category for good in plan.good],
            "price_cents": price,
            "created_at": plan.asked_at - rng.integers(310, 600, count) * DAY,
            "age_grade_months": optional(rng.integers(6, 96, count), children),
            "has_battery": [int(good.battery) for good in plan.good],
            "status": ["live"] * count,
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 300, 0.8, count)), 20, 8_000),
        },
    )
    write_weeks(stage.writer, no, plan.units, price, plan.opened_at, rng)
    _plant_goods(stage, plan, no)
    _plant_screening(stage, plan, no, rng)
    rows = np.flatnonzero(rng.random(count) < 0.3)
    at = plan.opened_at[rows] - whole(rng.uniform(5, 250, len(rows)) * DAY)
    kept = rng.uniform(0.3, 1.0, len(rows))
    write_edits(stage.writer, no[rows], at, pick(rng, FIELDS, (1,) * len(FIELDS), len(rows)), kept)
    return no


def gtin(case_no: int) -> str:
    """The barcode of a case's product; no other listing has the same."""
    return f"2{case_no:012d}"


def image_token(case_no: int) -> str:
    """The token of the picture on a case's listing."""
    return f"img{case_no:06d}"


def _words(plan: Plan, case: int, coded: bool, rng: np.random.Generator) -> Words:
    disguised = bool(plan.column("disguised")[case])
    openly = bool(plan.column("prohibited")[case]) and not disguised
    harmless: Manner = "close" if plan.near[case] or rng.random() < 0.1 else "plain"
    manner: Manner = "coded" if coded else "open" if openly else harmless
    return write_listing(
        "es" if plan.region[case] == "MX" else "en",
        manner,
        plan.good[case],
        plan.banned[case],
        plan.brand[case],
        plan.model[case],
        rng,
    )


def _plant_goods(stage: Stage, plan: Plan, listing: Ints) -> None:
    stage.writer.add(
        "listing_goods",
        {
            "listing_no": listing,
            "batch": [month(number) for number in plan.batch.tolist()],
            "image_token": [image_token(number) for number in plan.slots.case_no.tolist()],
        },
    )


def _plant_screening(stage: Stage, plan: Plan, listing: Ints, rng: np.random.Generator) -> None:
    """Class and score: B(14, 3) from the threshold on where banned, B(4, 8) of near misses."""
    count = len(plan)
    banned, near = plan.column("prohibited"), plan.near
    miss = ~banned & (near | (rng.random(count) < 0.12))
    high = np.where(near, rng.uniform(SCORE, 0.88, count), rng.beta(14, 3, count))
    low = np.where(near, rng.uniform(0.72, 0.79, count), rng.beta(4, 8, count))
    score = np.where(banned, np.maximum(high, SCORE), np.minimum(low, 0.79))
    needs = plan.column("needs_certificate")
    other = np.where(needs & (rng.random(count) < 0.4), "restricted", "ok")
    stage.writer.add(
        "screenings",
        {
            "listing_no": listing,
            "policy_class": np.where(banned | miss, "prohibited", other),
            "class_score": np.round(score, 3),
            "certificate_kinds": [
                json.dumps([good.certificate] if need else [])
                for good, need in zip(plan.good, needs.tolist(), strict=True)
            ],
            "recorded_at": plan.asked_at - HOUR,
        },
    )
