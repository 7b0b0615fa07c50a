"""Carriers, their alerts and feed gaps, and the platform's own incidents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.ids import Numbers
from sandbox.places import CARRIERS, CONNECTED, REGIONS, UNCONNECTED, Places
from sandbox.streams import Bools, Ints, lognormal, pick, stream, whole
from sandbox.timeline import BACKGROUND_END, DAY, HISTORY_START, HOUR
from sandbox.writer import WorldWriter

ALERTS_A_MONTH: Final = 9
INCIDENTS_A_MONTH: Final = 2
SERIOUS: Final = ("outage", "weather", "strike")
INCIDENT_KINDS: Final = ("label_api", "order_sync", "address_sync", "clock")
_MONTHS: Final = (BACKGROUND_END - HISTORY_START) / (30.4 * DAY)


@dataclass(frozen=True)
class Alerts:
    """Carrier alerts as parallel arrays; each names at least one postcode."""

    carrier: list[str]
    region: list[str]
    kind: list[str]
    start: Ints
    end: Ints
    postcodes: list[list[str]]
    recorded: Ints

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Incidents:
    """Platform incidents as parallel arrays, with the sellers each touched."""

    region: list[str]
    kind: list[str]
    start: Ints
    end: Ints
    sellers: list[list[int]]
    recorded: Ints


@dataclass(frozen=True)
class Watches:
    """Windows in which a case looks at a seller and a carrier, as parallel arrays.

    Background incidents leave the seller alone from ``since`` to ``end``. Where ``calm`` holds,
    no background notice of a scan delay stands at that carrier in that region from ``start`` on.
    """

    seller: Ints
    carrier: list[str]
    region: list[str]
    since: Ints
    start: Ints
    end: Ints
    calm: Bools

    @classmethod
    def none(cls) -> Watches:
        """Return no window at all."""
        empty = np.array([], dtype=np.int64)
        return cls(empty, [], [], empty, empty, empty, np.array([], dtype=bool))

    def sellers_between(self, start: int, end: int) -> set[int]:
        """Return the indices of the sellers watched at some time from ``start`` to ``end``."""
        return set(self.seller[(self.since <= end) & (self.end >= start)].tolist())

    def allow_delay(self, carrier: str, region: str, start: int, end: int) -> bool:
        """Tell whether a scan-delay notice may stand from ``start`` to ``end``."""
        near = self.calm & (self.start <= end) & (self.end >= start)
        return not any(
            self.carrier[i] == carrier and self.region[i] == region
            for i in np.flatnonzero(near).tolist()
        )


def alert_lengths(rng: np.random.Generator, count: int) -> Ints:
    """Seconds an alert lasts: LN(30 h, .7) (handbook 1, Rows)."""
    return whole(lognormal(rng, 30.0, 0.7, count) * HOUR)


def alert_lateness(rng: np.random.Generator, count: int) -> Ints:
    """Seconds from an alert's start to its record: LN(9 h, .8) (handbook 11.3)."""
    return whole(lognormal(rng, 9.0, 0.8, count) * HOUR)


def draw_alerts(seed: int, places: Places, watches: Watches) -> Alerts:
    """Draw the alerts no case asked for, nine a region and month, at no warehouse's postcode.

    A scan-delay notice that would touch a calm watch is published as a capacity notice.
    """
    rng = stream(seed, "alerts")
    regions = [name for name in REGIONS for _ in range(rng.poisson(ALERTS_A_MONTH * _MONTHS))]
    count = len(regions)
    start = rng.integers(HISTORY_START - 40 * DAY, BACKGROUND_END, count)
    end = start + alert_lengths(rng, count)
    carriers = pick(rng, CONNECTED, (1,) * len(CONNECTED), count)
    kinds = pick(rng, (*SERIOUS, "capacity", "scan_delay"), (25, 35, 10, 20, 10), count)
    for i in [i for i, kind in enumerate(kinds) if kind == "scan_delay"]:
        if not watches.allow_delay(carriers[i], regions[i], int(start[i]), int(end[i])):
            kinds[i] = "capacity"
    return Alerts(
        carrier=carriers,
        region=regions,
        kind=kinds,
        start=start,
        end=end,
        postcodes=[places.others(r, rng, int(rng.integers(1, 41))) for r in regions],
        recorded=start + alert_lateness(rng, count),
    )


def write_alerts(writer: WorldWriter, alerts: Alerts, numbers: Numbers) -> None:
    """Write alerts under fresh numbers."""
    writer.add(
        "alerts",
        {
            "alert_no": numbers.take("alr", len(alerts)),
            "carrier": alerts.carrier,
            "region": alerts.region,
            "kind": alerts.kind,
            "from_at": alerts.start,
            "to_at": alerts.end,
            "postcodes": [json.dumps(sorted(set(codes))) for codes in alerts.postcodes],
            "recorded_at": alerts.recorded,
        },
    )


def write_incidents(writer: WorldWriter, incidents: Incidents, numbers: Numbers) -> None:
    """Write incidents under fresh numbers."""
    writer.add(
        "incidents",
        {
            "incident_no": numbers.take("inc", len(incidents.kind)),
            "region": incidents.region,
            "kind": incidents.kind,
            "from_at": incidents.start,
            "to_at": incidents.end,
            "seller_nos": [json.dumps(sorted(set(nos))) for nos in incidents.sellers],
            "recorded_at": incidents.recorded,
        },
    )


def draw_incidents(seed: int, sellers: Sellers, watches: Watches) -> Incidents:
    """Draw two incidents a month, which touch no seller a case watches at the time."""
    rng = stream(seed, "incidents")
    count = int(rng.poisson(INCIDENTS_A_MONTH * _MONTHS))
    start = rng.integers(HISTORY_START, BACKGROUND_END, count)
    end = start + incident_lengths(rng, count)
    regions = pick(rng, tuple(REGIONS), tuple(REGIONS.values()), count)
    touched = [
        touched_sellers(sellers, region, watches.sellers_between(first, last), rng)
        for region, first, last in zip(regions, start.tolist(), end.tolist(), strict=True)
    ]
    return Incidents(
        region=regions,
        kind=pick(rng, INCIDENT_KINDS, (4, 3, 2, 1), count),
        start=start,
        end=end,
        sellers=touched,
        recorded=start + whole(lognormal(rng, 1.0, 0.8, count) * HOUR),
    )


def incident_lengths(rng: np.random.Generator, count: int) -> Ints:
    """Seconds an incident lasts, LN(5 h, .7)."""
    return whole(lognormal(rng, 5.0, 0.7, count) * HOUR)


def touched_sellers(
    sellers: Sellers, region: str, spared: set[int], rng: np.random.Generator
) -> list[int]:
    """Draw a few seller numbers of ``region`` for an incident, leaving out spared indices."""
    inside = [i for i, name in enumerate(sellers.region) if name == region and i not in spared]
    size = min(len(inside), 1 + int(rng.poisson(3)))
    return [int(sellers.no[i]) for i in rng.permutation(inside)[:size].tolist()]


def write_carriers(writer: WorldWriter, seed: int) -> None:
    """Write the carriers, one in eight unconnected, and the monthly six-hour feed gap of one."""
    writer.add(
        "carriers",
        {"carrier": CARRIERS, "connected": [int(name != UNCONNECTED) for name in CARRIERS]},
    )
    rng = stream(seed, "gaps")
    months = np.arange(round(_MONTHS) + 2)
    start = HISTORY_START - 40 * DAY + whole((months + rng.random(len(months)) * 0.9) * 30.4 * DAY)
    writer.add(
        "feed_gaps",
        {
            "carrier": pick(rng, CONNECTED, (1,) * len(CONNECTED), len(months)),
            "from_at": start,
            "to_at": start + 6 * HOUR,
        },
    )
