"""Sellers, buyers and listings, and which sellers share an identifier."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from sandbox.ids import Numbers
from sandbox.places import CURRENCY, PRICE_LEVEL, REGIONS, Places
from sandbox.sizes import Scale
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, stream, whole
from sandbox.timeline import CLOCK_START, DAY, HISTORY_START
from sandbox.writer import WorldWriter, optional

CATEGORIES: Final = (
    "home",
    "kitchen",
    "toys",
    "beauty",
    "fashion",
    "electronics",
    "sports",
    "pets",
)
_NOUNS: Final = ("Lamp", "Bottle", "Puzzle", "Brush", "Jacket", "Charger", "Mat", "Leash", "Mug")
_ADJECTIVES: Final = ("Foldable", "Bright", "Soft", "Compact", "Daily", "Quiet", "Sturdy", "Light")
_BRANDS: Final = ("Alderon", "Brixa", "Covela", "Dunmar", "Elowen", "Fennick", "Garrow", "generic")
_SHOP: Final = ("Harbor", "Maple", "Lucky", "Golden", "River", "Urban", "North", "Bright", "Casa")
_TRADE: Final = ("Goods", "Store", "Trading", "Outlet", "Market", "Supply", "Direct", "Studio")
_EXPORT: Final = ("Shenzhen", "Yiwu", "Ningbo", "Hangzhou")
TOKENS: Final = ("phone", "tax", "bank", "owner")
HEAVIEST: Final = 8.0
"""No seller has more than this many times the mean number of orders."""


@dataclass(frozen=True)
class Sellers:
    """What later parts need of the sellers; all arrays run over sellers, ``no`` from 1."""

    no: Ints
    region: list[str]
    home_country: list[str]
    postcode: list[str]
    rural: Bools
    carriers: list[tuple[str, str]]
    weight: Floats
    first_listing: Ints
    n_listings: Ints
    token_owner: Mapping[str, Ints]
    """By kind of token, the number of the seller whose token each one uses; mostly its own."""

    def __len__(self) -> int:
        return len(self.no)

    @cached_property
    def currency(self) -> list[str]:
        """Each seller's currency."""
        return [CURRENCY[region] for region in self.region]

    @cached_property
    def price_level(self) -> Floats:
        """Each region's price level, as a factor on US prices."""
        return np.array([PRICE_LEVEL[region] for region in self.region])


def region_quotas(count: int, rng: np.random.Generator) -> list[str]:
    """Spread ``count`` sellers over the regions by their shares, in random order."""
    edges = np.rint(np.cumsum(list(REGIONS.values())) * count).astype(int)
    names = np.repeat(list(REGIONS), np.diff(edges, prepend=0))
    return [str(name) for name in rng.permutation(names)]


def make_sellers(
    writer: WorldWriter, scale: Scale, seed: int, places: Places, numbers: Numbers
) -> Sellers:
    """Draw the sellers and their listings, and write both."""
    rng = stream(seed, "sellers")
    count = scale.sellers
    weight = np.minimum(lognormal(rng, 0.40, 1.35, count), HEAVIEST)
    n_listings = np.clip(whole(lognormal(rng, 12, 1.57, count)), 1, 400)
    regions = region_quotas(count, rng)
    china = np.array(
        [rng.random() < (0.3 if region == "SEA" else 0.115) for region in regions], dtype=bool
    )
    sellers = Sellers(
        no=numbers.take("sel", count),
        region=regions,
        home_country=[
            "CN" if cn else places.country(r, rng) for r, cn in zip(regions, china, strict=True)
        ],
        postcode=[places.warehouse(region) for region in regions],
        rural=rng.random(count) < 0.2,
        carriers=[places.two_carriers(region, rng) for region in regions],
        weight=weight / weight.sum(),
        first_listing=np.cumsum(n_listings) - n_listings + 1,
        n_listings=n_listings,
        token_owner=_token_owners(count, rng),
    )
    _write_sellers(writer, sellers, rng)
    _write_listings(writer, sellers, numbers, rng)
    return sellers


def _write_sellers(writer: WorldWriter, sellers: Sellers, rng: np.random.Generator) -> None:
    count = len(sellers)
    registered = HISTORY_START - whole(lognormal(rng, 420, 0.8, count) * DAY)
    sanctioned = rng.random(count) < 0.06
    sanctioned_at = rng.integers(HISTORY_START, CLOCK_START, count)
    writer.add(
        "sellers",
        {
            "seller_no": sellers.no,
            "region": sellers.region,
            "entity_type": pick(rng, ("individual", "company"), (0.35, 0.65), count),
            "home_country": sellers.home_country,
            "registered_at": registered,
            "base_status": pick(rng, ("active", "probation", "restricted"), (92, 5, 3), count),
            "sanctioned_at": optional(sanctioned_at, sanctioned),
            "tier": pick(rng, ("new", "standard", "top"), (15, 70, 15), count),
            "multi_account_approved": (rng.random(count) < 0.05).astype(int),
            "main_category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "display_name": _shop_names(sellers, rng),
            "email": [f"shop{n}@seller.example" for n in sellers.no.tolist()],
            **{f"{kind}_token": _tokens(sellers, kind) for kind in TOKENS},
            "device_tokens": [json.dumps([f"dev{n}a", f"dev{n}b"]) for n in sellers.no.tolist()],
            "postcode": sellers.postcode,
            "currency": sellers.currency,
            "recorded_at": registered,
        },
    )
    operators = [f"op{no:06d}" for no in sellers.token_owner["owner"].tolist()]
    writer.add("hidden_sellers", {"seller_no": sellers.no, "operator_id": operators})


def _token_owners(count: int, rng: np.random.Generator) -> dict[str, Ints]:
    """Draw whose tokens each seller uses; about one in a hundred repeats another's of a kind."""
    owners: dict[str, Ints] = {}
    for kind in TOKENS:
        own = np.arange(1, count + 1)
        twin = rng.random(count) < 0.012
        own[twin] = rng.integers(1, count + 1, int(twin.sum()))
        owners[kind] = own
    return owners


def _tokens(sellers: Sellers, kind: str) -> list[str]:
    return [f"{kind[:2]}{no:06d}" for no in sellers.token_owner[kind].tolist()]


def _shop_names(sellers: Sellers, rng: np.random.Generator) -> list[str]:
    first = rng.integers(0, 36, len(sellers)).tolist()
    second = rng.integers(0, len(_TRADE), len(sellers)).tolist()
    names: list[str] = []
    for country, a, b in zip(sellers.home_country, first, second, strict=True):
        town = _EXPORT[a % len(_EXPORT)] if country == "CN" else _SHOP[a % len(_SHOP)]
        names.append(f"{town} {_TRADE[b]}")
    return names


def _write_listings(
    writer: WorldWriter, sellers: Sellers, numbers: Numbers, rng: np.random.Generator
) -> None:
    owner = np.repeat(np.arange(len(sellers)), sellers.n_listings)
    count = len(owner)
    region = [sellers.region[i] for i in owner.tolist()]
    level = np.array([PRICE_LEVEL[name] for name in region])
    adjective = pick(rng, _ADJECTIVES, (1,) * len(_ADJECTIVES), count)
    noun = pick(rng, _NOUNS, (1,) * len(_NOUNS), count)
    toy = rng.random(count) < 0.12
    writer.add(
        "listings",
        {
            "listing_no": numbers.take("lst", count),
            "seller_no": owner + 1,
            "region": region,
            "title": [f"{a} {n}" for a, n in zip(adjective, noun, strict=True)],
            "description": [
                f"{n}, {a.lower()}, ships from our own stock."
                for a, n in zip(adjective, noun, strict=True)
            ],
            "brand": pick(rng, _BRANDS, (1,) * len(_BRANDS), count),
            "model_no": optional(
                [f"M{n}" for n in rng.integers(100, 999, count).tolist()], rng.random(count) < 0.6
            ),
            "gtin": optional(
                [f"{n:013d}" for n in rng.integers(10**12, 10**13, count).tolist()],
                rng.random(count) < 0.5,
            ),
            "category": pick(rng, CATEGORIES, (1,) * len(CATEGORIES), count),
            "price_cents": whole(lognormal(rng, 2_400, 0.8, count) * level),
            "created_at": rng.integers(HISTORY_START - 400 * DAY, HISTORY_START, count),
            "age_grade_months": optional(rng.integers(6, 120, count), toy),
            "has_battery": optional((rng.random(count) < 0.2).astype(int), rng.random(count) < 0.7),
            "status": pick(rng, ("live", "paused"), (94, 6), count),
            "n_identical_images": rng.poisson(0.6, count),
            "weight_g": np.clip(whole(lognormal(rng, 420, 0.9, count)), 20, 20_000),
        },
    )


def draw_titles(count: int, rng: np.random.Generator) -> list[str]:
    """Draw the titles of ``count`` listings."""
    adjective = pick(rng, _ADJECTIVES, (1,) * len(_ADJECTIVES), count)
    noun = pick(rng, _NOUNS, (1,) * len(_NOUNS), count)
    return [f"{a} {n}" for a, n in zip(adjective, noun, strict=True)]


def make_buyers(
    writer: WorldWriter, scale: Scale, seed: int, places: Places, numbers: Numbers
) -> None:
    """Draw the buyers and write them."""
    rng = stream(seed, "buyers")
    no = numbers.take("buy", scale.buyers)
    created = rng.integers(HISTORY_START - 900 * DAY, HISTORY_START, scale.buyers)
    writer.add(
        "buyers",
        {
            "buyer_no": no,
            "created_at": created,
            "device_tokens": [json.dumps([f"bdev{n}"]) for n in no.tolist()],
            "address_tokens": [json.dumps([f"addr{n}"]) for n in no.tolist()],
            "postcode": places.homes(rng, scale.buyers),
        },
    )
    honest = (rng.random(scale.buyers) < 0.97).astype(int)
    writer.add("hidden_buyers", {"buyer_no": no, "honest": honest})
