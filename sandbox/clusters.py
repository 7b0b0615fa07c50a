"""Groups of new buyers whose accounts hold identifiers in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.ids import Numbers
from sandbox.places import Places
from sandbox.streams import Bools, Floats, Ints, lognormal, whole
from sandbox.timeline import DAY
from sandbox.writer import WorldWriter

RING_LEAST: Final = 8
"""Rings have 8 + P(14) buyers (handbook 4, Rows)."""


@dataclass(frozen=True)
class Clusters:
    """Groups as parallel arrays.

    ``size`` is how many buyers each has, ``density`` the share of its pairs that hold a token in
    common, ``age_days`` the median age of its accounts at epoch second ``at``. Of the ``tied`` ones
    a buyer uses a device of seller ``seller`` (index from 0).
    """

    size: Ints
    density: Floats
    age_days: Floats
    age_sigma: Floats
    at: Ints
    seller: Ints
    tied: Bools

    def __len__(self) -> int:
        return len(self.size)


def write_clusters(
    writer: WorldWriter,
    clusters: Clusters,
    places: Places,
    numbers: Numbers,
    rng: np.random.Generator,
) -> list[Ints]:
    """Write the buyers of all groups and return the numbers of each group's."""
    count = int(clusters.size.sum())
    no = numbers.take("buy", count)
    group = np.repeat(np.arange(len(clusters)), clusters.size)
    age = lognormal(rng, clusters.age_days[group], clusters.age_sigma[group], count)
    first = np.cumsum(clusters.size) - clusters.size
    members = [no[start : start + size] for start, size in _bounds(first, clusters.size)]
    tokens = [_tokens(clusters, i, mine.tolist()) for i, mine in enumerate(members)]
    writer.add(
        "buyers",
        {
            "buyer_no": no,
            "created_at": clusters.at[group] - whole(np.maximum(age, 1.0) * DAY),
            "device_tokens": [json.dumps(devices) for mine in tokens for devices, _ in mine],
            "address_tokens": [json.dumps(homes) for mine in tokens for _, homes in mine],
            "postcode": places.homes(rng, count),
        },
    )
    writer.add("hidden_buyers", {"buyer_no": no, "honest": np.zeros(count, dtype=np.int64)})
    return members


def _bounds(first: Ints, size: Ints) -> list[tuple[int, int]]:
    return list(zip(first.tolist(), size.tolist(), strict=True))


def _tokens(
    clusters: Clusters, group: int, members: list[int]
) -> list[tuple[list[str], list[str]]]:
    """Devices and addresses of a group: a core on one device, the others one address away."""
    core = core_size(len(members), float(clusters.density[group]))
    shared = f"bdev{members[0]}x" if members else ""
    tokens = [([f"bdev{no}"], [f"addr{no}"]) for no in members]
    for place, (devices, homes) in enumerate(tokens):
        if place < core:
            devices.append(shared)
        else:
            homes.append(f"addr{members[place - 1]}")
    if members and clusters.tied[group]:
        tokens[0][0].append(f"dev{int(clusters.seller[group]) + 1}a")
    return tokens


def core_size(count: int, density: float) -> int:
    """The fewest of ``count`` buyers on one device, so that ``density`` of all pairs are tied.

    Each buyer outside the core is tied to one other, so the whole is connected.
    """
    wanted = density * count * (count - 1) / 2
    enough = (n for n in range(1, count + 1) if n * (n - 1) / 2 + count - n >= wanted)
    return next(enough, count)
