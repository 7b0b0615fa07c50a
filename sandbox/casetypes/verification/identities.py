"""Who the sellers of verification cases say they are, and which name their papers bear."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.casetypes.verification.plan import Plan
from sandbox.streams import Bools
from sandbox.text.names import firm, person, shop, street_address

DIFFERS: Final = {"in_order": 0.10, "untidy_honest": 0.75, "agent_address": 0.25}
"""Share of the cases whose names differ for a reason that is shown, by cause."""
DIFFERS_OTHERWISE: Final = 0.20
PRIVATE_SHARE: Final = 0.35

_UMLAUTS: Final = str.maketrans({"ö": "oe", "ä": "ae", "ü": "ue", "ß": "ss", "ł": "l", "Ł": "L"})


@dataclass(frozen=True)
class Person:
    """Who one seller says it is, and the other name that one of its papers bears.

    ``other`` is empty where all papers agree; ``reason`` is how the names hang together
    (``order``, ``surname``, ``spelling``, ``marriage``, ``trading``), or empty where nothing shows.
    """

    private: bool
    legal_name: str
    trading_name: str
    address: str
    other: str
    reason: str


def make_people(sellers: Sellers, plan: Plan, rng: np.random.Generator) -> list[Person]:
    """Draw who is behind each case."""
    differs = _differs(plan, rng)
    shown = plan.frame.column("names_explained")
    return [
        _make_one(sellers, seller, bool(differs[case]), bool(shown[case]), rng)
        for case, seller in enumerate(plan.frame.seller.tolist())
    ]


def _differs(plan: Plan, rng: np.random.Generator) -> Bools:
    frame = plan.frame
    names = [frame.cause(case).name for case in range(len(plan))]
    rate = np.array([DIFFERS.get(name, DIFFERS_OTHERWISE) for name in names])
    return np.asarray(~frame.column("names_explained") | (rng.random(len(plan)) < rate))


def _make_one(
    sellers: Sellers, seller: int, differs: bool, shown: bool, rng: np.random.Generator
) -> Person:
    country = sellers.home_country[seller]
    private = bool(rng.random() < PRIVATE_SHARE)
    legal = (person if private else firm)(country, rng)
    trading = shop(rng)
    other, reason = "", ""
    if differs and shown:
        other, reason = _variant(country, private, legal, trading, rng)
    elif differs:
        other = (person if private or rng.random() < 0.5 else firm)(country, rng)
    address = street_address(country, sellers.postcode[seller], rng)
    return Person(private, legal, trading, address, other, reason)


def _variant(
    country: str, private: bool, legal: str, trading: str, rng: np.random.Generator
) -> tuple[str, str]:
    """Return another way the same party is written, and why."""
    if not private:
        return trading, "trading"
    given, *surnames = legal.rsplit(" ", 2 if country in ("MX", "ES") else 1)
    spelled = _ascii(legal)
    if country == "CN":
        return f"{surnames[0]} {given}", "order"
    if len(surnames) == 2 and rng.random() < 0.6:
        return f"{given} {surnames[0]}", "surname"
    if spelled != legal and rng.random() < 0.7:
        return spelled, "spelling"
    return f"{given} {person(country, rng).rsplit(' ', 1)[1]}", "marriage"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_UMLAUTS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
