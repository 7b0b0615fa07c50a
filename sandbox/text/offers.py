"""Titles and descriptions of branded goods: the maker's, parts that fit, and open copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sandbox.text.letters import one_of

BRANDS: Final = (
    "Veltran", "Orsino", "Kaldera", "Mirrow", "Tessaly", "Nordhall", "Quenby", "Solvane",
    "Arkette", "Brightmoor", "Calvessa", "Dorrin", "Evanti", "Fjelda", "Grantham Lux", "Halvor",
    "Ivoire Nord", "Jarrow", "Kestra", "Lumenor",
)  # fmt: skip
NOUNS: Final = ("charger", "backpack", "sunglasses", "sneakers", "headphones", "watch", "filter",
                "phone case", "perfume", "wallet")  # fmt: skip
_MAKERS: Final = ("Olimbo", "Parvex", "Runtik", "Sabro")
_SPANISH_NOUNS: Final[Mapping[str, str]] = dict(
    zip(
        NOUNS,
        ("cargador", "mochila", "lentes de sol", "tenis", "audífonos", "reloj", "filtro",
         "funda de celular", "perfume", "cartera"),
        strict=True,
    )
)  # fmt: skip
Manner = Literal["own", "fits", "copy", "close"]
TITLES: Final[dict[str, dict[Manner, tuple[str, ...]]]] = {
    "en": {
        "own": ("{brand} {noun}", "{brand} {noun}, new season", "New {brand} {noun} in box",
                "{noun} by {brand}"),
        "fits": ("{maker} {noun} for {brand}", "{maker} {noun}, fits {brand} models",
                 "Replacement {noun} by {maker}, suitable for {brand}"),
        "copy": ("{noun} 1:1 {brand} quality", "{brand} dupe {noun}, top grade",
                 "{noun} inspired by {brand}", "{brand} AAA version {noun}"),
        "close": ("{brand} {noun}, fits most users", "{brand} {noun}, original design",
                  "{brand} {noun}, not a copy"),
    },
    "es": {
        "own": ("{noun} {brand}", "{noun} {brand} nuevo en caja", "{brand}, {noun} de temporada"),
        "fits": ("{noun} {maker} compatible con {brand}", "{noun} {maker} para equipos {brand}"),
        "copy": ("{noun} tipo original {brand}", "{noun} réplica {brand} 1:1",
                 "{noun} clon {brand} calidad AAA"),
        "close": ("{noun} {brand}, diseño original", "{noun} {brand}, no es copia"),
    },
    "zh": {
        "own": ("{brand} {noun} 新款", "{brand} {noun}"),
        "fits": ("{maker} {noun} 适用于{brand}机型", "{maker} {noun} for {brand} 通用配件"),
        "copy": ("{brand}高仿 {noun}", "{brand} {noun} 1:1复刻", "{noun} {brand}同款 精仿"),
        "close": ("{brand} {noun} 原版设计", "{brand} {noun} 非仿品"),
    },
}  # fmt: skip
DESCRIPTIONS: Final[dict[str, dict[Manner, tuple[str, ...]]]] = {
    "en": {
        "own": ("The {noun} by {brand}, packed as it left the maker.",
                "A {brand} {noun} from our stock. Ships the same week.",
                "{brand} made this {noun} for every day."),
        "fits": ("Made by {maker}. The name {brand} only says which models it fits.",
                 "A {maker} part that works with {brand}; not made by {brand}."),
        "copy": ("Same look as the {brand} one at a tenth of the price, you will not tell them "
                 "apart.", "Our own version of the {brand} {noun}, made after the original.",
                 "A faithful dupe, box and tags of {brand} included."),
        "close": ("The {noun} by {brand}. It is no dupe and no look-alike.",
                  "A {brand} {noun} that is compatible with your style."),
    },
    "es": {
        "own": ("{noun} de {brand}, tal como sale de fábrica.", "{noun} {brand} de nuestro stock."),
        "fits": ("Fabricado por {maker}. {brand} solo indica los modelos compatibles.",
                 "Repuesto {maker} que sirve para {brand}; no lo fabrica {brand}."),
        "copy": ("Igual al de {brand}, nadie nota la diferencia.",
                 "Nuestra versión inspirada en {brand}, tipo original."),
        "close": ("{noun} de {brand}. No es réplica ni imitación.",),
    },
    "zh": {
        "own": ("{brand}出品的{noun},原包装发货。", "{noun}来自我们的库存,{brand}品牌。"),
        "fits": ("{maker}生产,{brand}只表示适用型号。", "第三方配件,适配{brand},并非{brand}制造。"),
        "copy": ("做工与{brand}正品一样,懂的都懂。", "高仿{brand},带盒带标。"),
        "close": ("{brand}的{noun},不是仿品。",),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A listing's words."""

    title: str
    description: str


def write_offer(
    *,
    language: str,
    brand: str,
    noun: str,
    copy: bool,
    fits: bool,
    close: bool,
    rng: np.random.Generator,
) -> Offer:
    """Write a listing's title and description.

    Args:
        language: ``en``, ``es`` or ``zh``.
        brand: The brand that complains.
        noun: What is offered, one of ``NOUNS``.
        copy: Whether the words present the item as a copy.
        fits: Whether the brand is named only to say what the item fits.
        close: Whether other listings use words that copies and parts use as well.
        rng: Source of randomness.
    """
    manner: Manner = "fits" if fits else "close" if close else "own"
    # A part that is also an open copy says the one in its title, the other below it.
    title: Manner = "copy" if copy and not fits else manner
    below: Manner = "copy" if copy else manner
    slots = {
        "brand": brand,
        "noun": _SPANISH_NOUNS[noun] if language == "es" else noun,
        "maker": one_of(_MAKERS, rng),
    }
    return Offer(
        _capital(one_of(TITLES[language][title], rng).format(**slots)),
        _capital(one_of(DESCRIPTIONS[language][below], rng).format(**slots)),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
