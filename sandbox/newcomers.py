"""Sellers that a case brings along, beside those the world begins with."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np

from sandbox.accounts import CATEGORIES, TOKENS, Sellers, region_quotas
from sandbox.ids import Numbers
from sandbox.places import Places
from sandbox.streams import Ints, lognormal, pick, whole
from sandbox.text.names import shop
from sandbox.timeline import DAY
from sandbox.writer import WorldWriter, optional

LISTINGS: Final = 3
_CHINA: Final = 0.115


def draw_newcomers(
    sellers: Sellers, count: int, places: Places, numbers: Numbers, rng: np.random.Generator
) -> Sellers:
    """Draw ``count`` further sellers.

    Returns:
        Sellers whose index is their number less one, the new ones last; what other cases brought
        along between is left blank. Nothing is written yet.
    """
    blank = numbers.used("sel") - len(sellers)
    regions = region_quotas(count, rng)
    china = (rng.random(count) < _CHINA).tolist()
    no = numbers.take("sel", count)
    listing = numbers.take("lst", count * LISTINGS)
    new = Sellers(
        no=no,
        region=regions,
        home_country=[
            "CN" if cn else places.country(region, rng)
            for region, cn in zip(regions, china, strict=True)
        ],
        postcode=[places.warehouse(region) for region in regions],
        rural=rng.random(count) < 0.2,
        carriers=[places.two_carriers(region, rng) for region in regions],
        weight=np.zeros(count),
        first_listing=listing[::LISTINGS],
        n_listings=np.full(count, LISTINGS, dtype=np.int64),
        token_owner=dict.fromkeys(TOKENS, no),
    )
    return _joined(sellers, new, blank)


def _joined(old: Sellers, new: Sellers, blank: int) -> Sellers:
    parts: dict[str, Any] = {}
    for field in fields(Sellers):
        one, two = getattr(old, field.name), getattr(new, field.name)
        if isinstance(one, list):
            parts[field.name] = [*one, *(one[:1] * blank), *two]
        elif isinstance(one, np.ndarray):
            parts[field.name] = np.concatenate([one, np.zeros(blank, dtype=one.dtype), two])
    return replace(old, **parts)


def write_newcomers(
    writer: WorldWriter,
    sellers: Sellers,
    seller: Ints,
    registered_at: Ints,
    rng: np.random.Generator,
) -> None:
    """Write the rows of new sellers and of their few listings.

    Args:
        writer: Where the rows go.
        sellers: All sellers.
        seller: Indices of the new ones.
        registered_at: When each of them registered.
        rng: Source of randomness.
    """
    rows, count = seller.tolist(), len(seller)
    no = sellers.no[seller]
    names = no.tolist()
    writer.add(
        "sellers",
        {
            "seller_no": no,
            "region": [sellers.region[i] for i in rows],
            "entity_type": pick(rng, ("individual", "company"), (0.35, 0.65), count),
            "home_country": [sellers.home_country[i] for i in rows],
            "registered_at": registered_at,
            "base_status": pick(rng, ("active", "probation", "restricted"), (92, 5, 3), count),
            "sanctioned_at": [None] * count,
            "tier": pick(rng, ("new", "standard", "top"), (30, 62, 8), count),
            "multi_account_approved": [0] * count,
            "main_category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "display_name": [shop(rng) for _ in rows],
            "email": [f"shop{n}@seller.example" for n in names],
            **{f"{kind}_token": [f"{kind[:2]}{n:06d}" for n in names] for kind in TOKENS},
            "device_tokens": [json.dumps([f"dev{n}a", f"dev{n}b"]) for n in names],
            "postcode": [sellers.postcode[i] for i in rows],
            "currency": [sellers.currency[i] for i in rows],
            "recorded_at": registered_at,
        },
    )
    writer.add("hidden_sellers", {"seller_no": no, "operator_id": [f"op{n:06d}" for n in names]})
    _write_listings(writer, sellers, seller, registered_at, rng)


def _write_listings(
    writer: WorldWriter,
    sellers: Sellers,
    seller: Ints,
    registered_at: Ints,
    rng: np.random.Generator,
) -> None:
    owner = np.repeat(seller, LISTINGS)
    count = len(owner)
    place = np.tile(np.arange(LISTINGS), len(seller))
    goods = pick(rng, ("Lamp", "Bottle", "Mat", "Brush", "Mug"), (1,) * 5, count)
    writer.add(
        "listings",
        {
            "listing_no": sellers.first_listing[owner] + place,
            "seller_no": owner + 1,
            "region": [sellers.region[i] for i in owner.tolist()],
            "title": goods,
            "description": [f"{name}, ships from our own stock." for name in goods],
            "brand": ["generic"] * count,
            "model_no": [None] * count,
            "gtin": [None] * count,
            "category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "price_cents": whole(lognormal(rng, 2_400, 0.8, count) * sellers.price_level[owner]),
            "created_at": np.repeat(registered_at, LISTINGS) + rng.integers(60, DAY, count),
            "age_grade_months": [None] * count,
            "has_battery": optional(np.zeros(count, dtype=int), rng.random(count) < 0.7),
            "status": ["live"] * count,
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 420, 0.9, count)), 20, 20_000),
        },
    )
