"""Regions, carriers and postcodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from sandbox.streams import stream

REGIONS: Final = {"US": 0.62, "UK": 0.14, "EU": 0.12, "MX": 0.08, "SEA": 0.04}
CURRENCY: Final = {"US": "USD", "UK": "GBP", "EU": "EUR", "MX": "MXN", "SEA": "SGD"}
UTC_OFFSET: Final = {"US": -5, "UK": 0, "EU": 1, "MX": -6, "SEA": 8}
"""Hours from UTC to the warehouses' local time; the sandbox keeps no summer time."""
PRICE_LEVEL: Final = {"US": 1.0, "UK": 0.8, "EU": 0.92, "MX": 17.0, "SEA": 1.35}
CONNECTED: Final = (
    "northline", "bluefreight", "parcelion", "swiftroad", "kestrel", "meridian", "haulwell",
)  # fmt: skip
UNCONNECTED: Final = "lanternpost"
CARRIERS: Final = (*CONNECTED, UNCONNECTED)
_COUNTRIES: Final = {
    "US": ("US",),
    "UK": ("GB",),
    "EU": ("DE", "FR", "ES", "PL"),
    "MX": ("MX",),
    "SEA": ("SG", "MY", "TH"),
}
_CODES: Final = 80_000


class Places:
    """Postcodes of one world.

    Warehouses and other addresses draw from one shuffled list without repeating, so that an
    alert names a seller's warehouse only when it was meant to.
    """

    def __init__(self, seed: int) -> None:
        rng = stream(seed, "places")
        self._codes = {name: rng.permutation(_CODES) for name in REGIONS}
        self._warehouses: dict[str, Iterator[int]] = {
            name: iter(codes[: _CODES // 4].tolist()) for name, codes in self._codes.items()
        }

    def warehouse(self, region: str) -> str:
        """Return a postcode of ``region`` that no other place has."""
        return _written(region, next(self._warehouses[region]))

    def others(self, region: str, rng: np.random.Generator, count: int) -> list[str]:
        """Return ``count`` postcodes of ``region`` where no warehouse lies."""
        codes = self._codes[region][_CODES // 4 :]
        return [_written(region, n) for n in codes[rng.integers(0, len(codes), count)].tolist()]

    def homes(self, rng: np.random.Generator, count: int) -> list[str]:
        """Return ``count`` home postcodes over all regions."""
        return [
            _written(region, number)
            for region, number in zip(
                rng.choice(list(REGIONS), size=count, p=list(REGIONS.values())).tolist(),
                rng.integers(0, _CODES, count).tolist(),
                strict=True,
            )
        ]

    def country(self, region: str, rng: np.random.Generator) -> str:
        """Return a home country within ``region``."""
        return str(rng.choice(_COUNTRIES[region]))

    def two_carriers(self, region: str, rng: np.random.Generator) -> tuple[str, str]:
        """Return a seller's main carrier, always connected, and its second one."""
        del region
        return str(rng.choice(CONNECTED)), str(rng.choice(CARRIERS))


def _written(region: str, number: int) -> str:
    if region == "UK":
        rest, area = divmod(number, 26)
        unit, district = divmod(rest, 90)
        return f"{chr(65 + area)}{district + 1} {unit % 10}{'ABDEFGHJLN'[unit // 10]}X"
    if region == "SEA":
        return f"{100_000 + number:06d}"
    return f"{10_000 + number:05d}"
