"""Identifiers two sellers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.streams import Ints, lognormal, pick, stream, whole
from sandbox.timeline import BACKGROUND_END, DAY, HISTORY_START, HOUR
from sandbox.writer import WorldWriter

EXCLUSIVE_KINDS: Final = ("bank", "tax_id", "owner", "id_document")
_TOKEN_KINDS: Final = {"bank": "bank", "tax": "tax_id", "owner": "owner", "phone": "phone"}
_OTHER_KINDS: Final = {
    "ip": 32, "warehouse": 24, "address": 16, "image": 12, "device": 11, "email": 4,
    "id_document": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Edges:
    """Links as parallel arrays; ``a`` and ``b`` are seller numbers."""

    a: Ints
    b: Ints
    kind: list[str]
    holders: Ints


def make_links(writer: WorldWriter, sellers: Sellers, seed: int) -> None:
    """Write the links: one for each shared token, and about three drawn ones for two sellers."""
    rng = stream(seed, "links")
    for edges in (_from_tokens(sellers), _drawn(sellers, rng)):
        _write(writer, edges, rng)


def _from_tokens(sellers: Sellers) -> Edges:
    """Link every seller that uses another one's token to that one."""
    a: list[int] = []
    b: list[int] = []
    kinds: list[str] = []
    holders: list[int] = []
    for token, kind in _TOKEN_KINDS.items():
        owner = sellers.token_owner[token]
        count = np.bincount(owner, minlength=len(sellers) + 1)
        for row in np.flatnonzero(owner != sellers.no).tolist():
            a.append(int(sellers.no[row]))
            b.append(int(owner[row]))
            kinds.append(kind)
            holders.append(max(2, int(count[owner[row]])))
    return Edges(
        np.array(a, dtype=np.int64),
        np.array(b, dtype=np.int64),
        kinds,
        np.array(holders, dtype=np.int64),
    )


def _drawn(sellers: Sellers, rng: np.random.Generator) -> Edges:
    a, b = _pairs(len(sellers), rng)
    kinds = pick(rng, tuple(_OTHER_KINDS), tuple(_OTHER_KINDS.values()), len(a))
    return Edges(sellers.no[a], sellers.no[b], kinds, _holders(kinds, rng))


def _write(writer: WorldWriter, edges: Edges, rng: np.random.Generator) -> None:
    count = len(edges.a)
    first = rng.integers(HISTORY_START, BACKGROUND_END - 20 * DAY, count)
    last = first + whole(rng.exponential(60 * DAY, count))
    writer.add(
        "links",
        {
            "a_no": edges.a,
            "b_no": edges.b,
            "kind": edges.kind,
            "exclusivity": [
                breadth(kind, holders)
                for kind, holders in zip(edges.kind, edges.holders.tolist(), strict=True)
            ],
            "holders": edges.holders,
            "first_seen": first,
            "last_seen": np.minimum(last, BACKGROUND_END),
            "recorded_at": first + 6 * HOUR,
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


def breadth(kind: str, holders: int) -> str:
    """Return how telling an identifier of ``kind`` is that ``holders`` accounts have."""
    if kind in EXCLUSIVE_KINDS and holders == 2:
        return "exclusive"
    return "public" if holders >= 100 else "shared"
