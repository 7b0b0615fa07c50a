"""Goods whose safety may be in doubt: what they are, and how listings put them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sandbox.text.letters import one_of

Hazard = Literal["fire", "shock", "choking", "laceration", "chemical", "ingestion"]
Manner = Literal["plain", "close", "open", "coded"]
BRANDS: Final = (
    "Abelin", "Bokari", "Cintra Home", "Dovane", "Elmquist", "Foxlane", "Gelmor", "Hestia Kids",
    "Ilvaro", "Juniper Lane", "Kobalt Nine", "Lorimar", "Mintro", "Nuvelle", "Ostara", "Pimento",
)  # fmt: skip


@dataclass(frozen=True)
class Good:
    """A kind of product, its category, how it may do harm and what certificate it would need."""

    noun: str
    spanish: str
    category: str
    hazard: Hazard
    certificate: str
    battery: bool = False
    for_children: bool = False


GOODS: Final = (
    Good("USB charger", "cargador USB", "electronics", "fire", "UL 62368-1"),
    Good("power bank", "batería portátil", "electronics", "fire", "UL 2056", battery=True),
    Good("heated blanket", "manta eléctrica", "home", "shock", "UL 964"),
    Good("night light", "luz de noche", "home", "shock", "UL 153"),
    Good("building blocks", "bloques para armar", "toys", "choking", "ASTM F963",
         for_children=True),
    Good("teething ring", "mordedera", "toys", "choking", "CPC", for_children=True),
    Good("vegetable slicer", "rebanador", "kitchen", "laceration", "NSF/ANSI 2"),
    Good("face serum", "suero facial", "beauty", "chemical", "MoCRA listing"),
    Good("magnet cubes", "cubos magnéticos", "toys", "ingestion", "16 CFR 1262"),
    Good("remote with coin cell", "control con pila de botón", "electronics", "ingestion",
         "16 CFR 1263", battery=True),
)  # fmt: skip


@dataclass(frozen=True)
class Banned:
    """A prohibited good, what it is sold as, and its name in letters apart."""

    name: str
    cover: str
    spaced: str


BANNED: Final = (
    Banned("brass knuckles", "paperweight", "k n u c k l e s"),
    Banned("butterfly knife", "training comb", "b a l i s o n g"),
    Banned("pepper spray", "pocket freshener", "p e p p e r"),
    Banned("signal jammer", "car gadget", "j a m m e r"),
    Banned("nitrous canisters", "baking supply", "n 2 o"),
)
TITLES: Final[dict[str, dict[Manner, tuple[str, ...]]]] = {
    "en": {
        "plain": ("{brand} {noun}", "{brand} {noun} {model}", "New {noun} by {brand}"),
        "close": ("{brand} {noun}, grenade shape, fun gift", "{brand} {noun}, bullet look",
                  "{brand} {noun} for display only"),
        "open": ("{name}, solid, fast shipping", "{brand} {name}", "{name} for self defence"),
        "coded": ("{cover} 🔪 for display only", "{cover}, {spaced}, collectors know",
                  "{brand} {cover} 💨 no questions", "{cover} 懂的来"),
    },
    "es": {
        "plain": ("{noun} {brand}", "{noun} {brand} {model}"),
        "close": ("{noun} {brand} con forma de granada, regalo", "{noun} {brand} uso decorativo"),
        "open": ("{name}, entrega rápida", "{name} para defensa personal"),
        "coded": ("{cover} uso decorativo 🔪", "{cover}, {spaced}, quien sabe, sabe"),
    },
}  # fmt: skip
DESCRIPTIONS: Final[dict[str, dict[Manner, tuple[str, ...]]]] = {
    "en": {
        "plain": ("A {noun} for every day. Model {model}.", "{brand} {noun}, in its box."),
        "close": ("A harmless {noun} that looks like something else. Model {model}.",
                  "The {noun} is a toy for the shelf, made by {brand}."),
        "open": ("Real {name}, heavy and strong.", "The {name} works as you expect."),
        "coded": ("Officially a {cover}. You know what it is for. Ask in chat.",
                  "Listed as {cover} for reasons. It does what the {spaced} does."),
    },
    "es": {
        "plain": ("{noun} para diario. Modelo {model}.", "{noun} {brand}, en su caja."),
        "close": ("Un {noun} inofensivo que parece otra cosa. Modelo {model}.",),
        "open": ("{name} de verdad, fuerte.",),
        "coded": ("Oficialmente es {cover}. Ya saben para qué. Pregunten por chat.",),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A listing's words."""

    title: str
    description: str


def write_listing(
    language: str,
    manner: Manner,
    good: Good,
    banned: Banned,
    brand: str,
    model: str,
    rng: np.random.Generator,
) -> Words:
    """Write a listing's title and description.

    Args:
        language: ``es``, or anything else for English.
        manner: ``plain`` for the good itself, ``close`` for a harmless one that sounds otherwise,
            ``open`` for a prohibited good under its name, ``coded`` under another.
        good: What it is.
        banned: The prohibited good, where it is one.
        brand: Its brand.
        model: Its model number.
        rng: Source of randomness.
    """
    bank = "es" if language == "es" else "en"
    slots = {
        "noun": good.spanish if bank == "es" else good.noun,
        "brand": brand,
        "model": model,
        "name": banned.name,
        "cover": banned.cover,
        "spaced": banned.spaced,
    }
    title = one_of(TITLES[bank][manner], rng).format(**slots)
    text = one_of(DESCRIPTIONS[bank][manner], rng).format(**slots)
    return Words(title[:1].upper() + title[1:], text[:1].upper() + text[1:])
