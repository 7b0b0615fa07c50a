"""Names of people and firms, and street addresses, as they are written in a country.

Every name is put together from parts; one like a real person's or firm's is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True)
class Country:
    """Parts of the names in one country; ``form`` is the legal form that ends a firm's name."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    form: tuple[str, ...]
    streets: tuple[str, ...]


_ENGLISH: Final = Country(
    given=("Alice", "Brian", "Carol", "Daniel", "Elaine", "Frank", "Grace", "Henry", "Irene",
           "Jason", "Karen", "Louis", "Megan", "Nathan", "Olive", "Peter"),
    family=("Ashdown", "Barlow", "Carver", "Denholm", "Ellery", "Farrow", "Granger", "Holloway",
            "Ingram", "Jessop", "Kendrick", "Lorimer", "Mallory", "Norwood", "Osborne", "Pryor"),
    form=("LLC", "Inc"),
    streets=("Mill Lane", "Station Road", "Cedar Street", "Harbor Way", "Chapel Hill"),
)  # fmt: skip
_SPANISH: Final = Country(
    given=("Alba", "Bruno", "Carmen", "Diego", "Elena", "Felipe", "Gloria", "Héctor", "Inés",
           "Julián", "Lucía", "Mateo", "Noelia", "Óscar", "Pilar", "Rubén"),
    family=("Aguilar", "Benítez", "Cárdenas", "Domínguez", "Escobar", "Fuentes", "Guzmán",
            "Herrera", "Ibáñez", "Jiménez", "Luján", "Medina", "Núñez", "Ochoa", "Peña", "Quiroga"),
    form=("SA de CV", "S de RL"),
    streets=("Calle Olmo", "Avenida del Puerto", "Calle Mayor", "Paseo del Río", "Calle Norte"),
)  # fmt: skip
_CHINESE: Final = Country(
    given=("Jianguo", "Liying", "Meiling", "Haoran", "Xiaoyu", "Zhiwei", "Yifan", "Ruoxi",
           "Guoqiang", "Shufen", "Minghao", "Jiayi", "Wenbo", "Lanfang", "Tianyu", "Qiuyue"),
    family=("Zhang", "Wang", "Liu", "Chen", "Yang", "Huang", "Zhao", "Wu", "Zhou", "Xu", "Sun",
            "Ma", "Zhu", "Hu", "Guo", "He"),
    form=("Trading Co., Ltd.", "E-Commerce Co., Ltd."),
    streets=("Renmin Road", "Jiefang Street", "Huaqiang Road", "Xingfu Lane", "Binhe Avenue"),
)  # fmt: skip
_GERMAN: Final = Country(
    given=("Anja", "Bernd", "Clara", "Dieter", "Eva", "Florian", "Greta", "Holger", "Ines",
           "Jonas", "Katrin", "Lukas", "Marlene", "Norbert", "Petra", "Rainer"),
    family=("Albers", "Brandt", "Clausen", "Dressler", "Eberhardt", "Fiedler", "Gerlach",
            "Hartwig", "Imhoff", "Jansen", "Kessler", "Lindner", "Möhring", "Nolte", "Paulsen",
            "Reuter"),
    form=("GmbH", "UG"),
    streets=("Gartenweg", "Bahnhofstraße", "Lindenallee", "Hafenstraße", "Am Markt"),
)  # fmt: skip
_POLISH: Final = Country(
    given=("Adam", "Beata", "Cezary", "Dorota", "Emil", "Hanna", "Jakub", "Kinga", "Leon",
           "Maria", "Oskar", "Paulina", "Rafał", "Sylwia", "Tomasz", "Zofia"),
    family=("Adamczyk", "Bielak", "Czarnecki", "Duda", "Filipek", "Gajda", "Jankowski", "Kubiak",
            "Lis", "Majewski", "Nowicki", "Olszewski", "Pietrzak", "Rutkowski", "Sobczak", "Wilk"),
    form=("Sp. z o.o.", "S.A."),
    streets=("ul. Polna", "ul. Leśna", "ul. Portowa", "ul. Długa", "ul. Szkolna"),
)  # fmt: skip
_FRENCH: Final = Country(
    given=("Adèle", "Bastien", "Chloé", "Damien", "Élise", "Fabien", "Gaëlle", "Hugo", "Inès",
           "Jérôme", "Léa", "Maxime", "Nadine", "Odile", "Pascal", "Rémi"),
    family=("Aubert", "Barbier", "Chevalier", "Delmas", "Escoffier", "Fontaine", "Girard",
            "Hamon", "Imbert", "Joly", "Lacroix", "Mercier", "Noël", "Pasquier", "Renard",
            "Serre"),
    form=("SARL", "SAS"),
    streets=("rue du Moulin", "avenue du Port", "rue Haute", "place du Marché", "rue des Lilas"),
)  # fmt: skip
_STRAITS: Final = Country(
    given=("Aisyah", "Boon Kiat", "Chandra", "Devi", "Farid", "Hui Min", "Ismail", "Jia Hao",
           "Kavitha", "Mei Yee", "Nadia", "Prasert", "Ravi", "Siti", "Wei Ling", "Yusof"),
    family=("Abdullah", "Chong", "Goh", "Hassan", "Krishnan", "Lim", "Menon", "Ng", "Ong",
            "Rahman", "Saetang", "Tan", "Teo", "Wong", "Yap", "Zainal"),
    form=("Pte. Ltd.", "Sdn. Bhd."),
    streets=("Jalan Besar", "Orchid Road", "Lorong Satu", "Canal Street", "Bukit Avenue"),
)  # fmt: skip
_COUNTRIES: Final = {
    "US": _ENGLISH, "GB": _ENGLISH, "MX": _SPANISH, "ES": _SPANISH, "CN": _CHINESE,
    "DE": _GERMAN, "PL": _POLISH, "FR": _FRENCH, "SG": _STRAITS, "MY": _STRAITS, "TH": _STRAITS,
}  # fmt: skip
_FIRST: Final = (
    "Amber", "Beacon", "Cobalt", "Drift", "Ember", "Fable", "Glade", "Haven", "Indigo", "Juniper",
    "Kite", "Lark", "Meadow", "Nimbus", "Orchard", "Pine", "Quill", "Ridge", "Sable", "Thistle",
)  # fmt: skip
_TRADE: Final = ("Goods", "Supply", "Trading", "Home", "Outdoor", "Living", "Direct", "Works")


def person(country: str, rng: np.random.Generator) -> str:
    """Return a person's name: given name first, and in Spanish both surnames."""
    parts = _COUNTRIES[country]
    surnames = 2 if parts is _SPANISH else 1
    family = " ".join(_one(parts.family, rng) for _ in range(surnames))
    return f"{_one(parts.given, rng)} {family}"


def firm(country: str, rng: np.random.Generator) -> str:
    """Return a firm's name with its legal form."""
    parts = _COUNTRIES[country]
    return f"{shop(rng)} {_one(parts.form, rng)}"


def shop(rng: np.random.Generator) -> str:
    """Return the name a shop trades under."""
    return f"{_one(_FIRST, rng)} {_one(_FIRST, rng)} {_one(_TRADE, rng)}"


def street_address(country: str, postcode: str, rng: np.random.Generator) -> str:
    """Return street, number and postcode on one line."""
    return f"{int(rng.integers(1, 190))} {_one(_COUNTRIES[country].streets, rng)}, {postcode}"


def _one(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
