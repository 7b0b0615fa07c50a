"""Identifiers two sellers share."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.streams import Ints, lognormal, pick, stream, whole
from sandbox.timeline import BACKGROUND_END, DAY, HISTORY_START
from sandbox.writer import WorldWriter

EXCLUSIVE_KINDS: Final = ("bank", "tax_id", "owner", "id_document")
_KINDS: Final = {
    "ip": 30, "warehouse": 22, "address": 14, "image": 10, "device": 9, "phone": 6,
    "email": 3, "bank": 2, "owner": 2, "tax_id": 1, "id_document": 1,
}  # fmt: skip


def make_links(writer: WorldWriter, sellers: Sellers, seed: int) -> None:
    """Draw the edges between sellers, about three a seller and a few hubs, and write them."""
    rng = stream(seed, "links")
    a, b = _pairs(len(sellers), rng)
    kinds = pick(rng, tuple(_KINDS), tuple(_KINDS.values()), len(a))
    holders = _holders(kinds, rng)
    first = rng.integers(HISTORY_START, BACKGROUND_END - 20 * DAY, len(a))
    writer.add(
        "links",
        {
            "a_no": sellers.no[a],
            "b_no": sellers.no[b],
            "kind": kinds,
            "exclusivity": [
                "exclusive" if k in EXCLUSIVE_KINDS and h == 2 else _breadth(h)
                for k, h in zip(kinds, holders.tolist(), strict=True)
            ],
            "holders": holders,
            "first_seen": first,
            "last_seen": np.minimum(
                first + whole(rng.exponential(60 * DAY, len(a))), BACKGROUND_END
            ),
            "recorded_at": first + 6 * 3600,
        },
    )


def _pairs(count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw distinct pairs; a seller's pull is lognormal, so a few have many edges."""
    pull = lognormal(rng, 1.0, 1.2, count)
    ends = rng.choice(count, size=(3 * count // 2, 2), p=pull / pull.sum())
    ends = ends[ends[:, 0] != ends[:, 1]]
    return ends[:, 0].astype(np.int64), ends[:, 1].astype(np.int64)


def _holders(kinds: list[str], rng: np.random.Generator) -> Ints:
    """How many sellers hold each identifier (handbook section 5, Rows)."""
    count = len(kinds)
    name = np.array(kinds)
    wide = np.isin(name, ("ip", "warehouse", "address"))
    many = np.maximum(2, whole(lognormal(rng, 60, 0.7, count)))
    few = 2 + rng.poisson(0.4, count)
    return np.where(wide, many, np.where(np.isin(name, EXCLUSIVE_KINDS), 2, few)).astype(np.int64)


def _breadth(holders: int) -> str:
    return "public" if holders >= 100 else "shared"
