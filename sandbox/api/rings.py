"""Buyers who act together: the largest group of a window whose accounts share identifiers."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.api.analytics import await_job
from sandbox.api.call import WINDOW, Call, reads
from sandbox.api.lookup import seller_no, span
from sandbox.api.problems import Problem, bad_parameter
from sandbox.ids import render
from sandbox.timeline import DAY

router = APIRouter(prefix="/v1/analytics")
Ringed = Annotated[Call, Depends(reads("analytics", "seller_id", "basis", *WINDOW))]

LEAST: Final = 3
"""How many buyers make a group."""
ORGANIC: Final = ("search", "browse")
_COLUMNS: Final = """
b.buyer_no, b.created_at, b.device_tokens, b.address_tokens, t.payment_token, t.traffic,
t.commission_cents
"""
_SUBJECTS: Final = {
    "orders": f"""
SELECT o.order_no, {_COLUMNS} FROM orders o JOIN buyers b USING (buyer_no)
LEFT JOIN order_traces t ON t.order_no = o.order_no AND t.recorded_at <= :now
WHERE o.seller_no = :seller AND o.paid_at >= :start AND o.paid_at < :end AND o.paid_at <= :now
""",  # noqa: S608
    "claims": f"""
SELECT c.order_no, {_COLUMNS} FROM claims c JOIN buyers b USING (buyer_no)
LEFT JOIN order_traces t ON t.order_no = c.order_no AND t.recorded_at <= :now
WHERE c.seller_no = :seller AND c.opened_at >= :start AND c.opened_at < :end
  AND c.recorded_at <= :now
""",  # noqa: S608
}
_HOLDERS: Final = """
SELECT DISTINCT seller_no FROM sellers, json_each(device_tokens) AS token
WHERE token.value IN (SELECT value FROM json_each(?)) AND recorded_at <= ?
"""


@dataclass(frozen=True)
class Ring:
    """A group of buyers, the tokens of each by kind, and how many pairs share one."""

    buyers: frozenset[int]
    tokens: Mapping[int, frozenset[tuple[str, str]]]
    pairs: int

    @property
    def density(self) -> float:
        """Pairs that share a token, over all pairs."""
        count = len(self.buyers)
        return self.pairs / (count * (count - 1) / 2)

    def shared_kinds(self) -> list[str]:
        """Kinds of the tokens that two or more of the group hold."""
        held = Counter(token for buyer in self.buyers for token in self.tokens[buyer])
        return sorted({kind for (kind, _), holders in held.items() if holders > 1})

    def values(self) -> list[str]:
        """All tokens of the group, without their kinds."""
        return sorted({value for buyer in self.buyers for _, value in self.tokens[buyer]})


@router.get("/buyer-ring")
def get_buyer_ring(call: Ringed) -> JSONResponse:
    """The largest group of a seller's buyers, by orders or by claims, that share identifiers."""
    if "seller_id" not in call.query:
        raise Problem(400, "missing_parameter", "seller_id says whose buyers are meant.")
    basis = call.query.get("basis", "orders")
    if basis not in _SUBJECTS:
        raise bad_parameter("basis", "orders or claims")
    seller = seller_no(call, call.query["seller_id"])
    start, end = span(call)
    await_job(call, f"buyer-ring/{seller}/{start}/{end}/{basis}")
    scope = {"seller": seller, "now": call.as_of, "start": start, "end": end}
    rows = call.db.rows(_SUBJECTS[basis], scope)
    ring = largest(_tokens(rows))
    data = _nothing() if ring is None else _found(call, seller, ring, rows, end)
    return call.answer(data, source="buyer-graph")


def _tokens(rows: Sequence[sqlite3.Row]) -> dict[int, frozenset[tuple[str, str]]]:
    """Tokens of each buyer, by kind; a payment token is known only where an order was traced."""
    tokens: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        mine = tokens[row["buyer_no"]]
        mine.update(("device", token) for token in json.loads(row["device_tokens"]))
        mine.update(("address", token) for token in json.loads(row["address_tokens"]))
        if row["payment_token"] is not None:
            mine.add(("payment", row["payment_token"]))
    return {buyer: frozenset(mine) for buyer, mine in tokens.items()}


def largest(tokens: Mapping[int, frozenset[tuple[str, str]]]) -> Ring | None:
    """Return the largest connected group, or None where no three buyers belong together.

    Args:
        tokens: What each buyer holds, as (kind, value).
    """
    pairs = _pairs(tokens)
    near: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    groups = sorted(_groups(near), key=lambda group: (-len(group), min(group)))
    if not groups or len(groups[0]) < LEAST:
        return None
    buyers = groups[0]
    inside = sum(one in buyers and other in buyers for one, other in pairs)
    return Ring(buyers, tokens, inside)


def _pairs(tokens: Mapping[int, frozenset[tuple[str, str]]]) -> set[tuple[int, int]]:
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for buyer in sorted(tokens):
        for token in tokens[buyer]:
            holders[token].append(buyer)
    return {pair for group in holders.values() for pair in combinations(group, 2)}


def _groups(near: Mapping[int, set[int]]) -> list[frozenset[int]]:
    """Connected groups of a graph given as neighbours."""
    groups: list[frozenset[int]] = []
    left = set(near)
    while left:
        group, edge = set[int](), {left.pop()}
        while edge:
            group |= edge
            edge = {other for one in edge for other in near[one]} - group
        left -= group
        groups.append(frozenset(group))
    return groups


def _nothing() -> dict[str, Any]:
    return {
        "found": False, "n_buyers": 0, "n_orders": 0, "order_share": 0.0, "density": 0.0,
        "median_account_age_days": 0, "shared_kinds": [], "seller_shared": False,
        "rival_seller_ids": [], "commission_cents": 0, "organic_share": 0.0,
    }  # fmt: skip


def _found(
    call: Call, seller: int, ring: Ring, rows: Sequence[sqlite3.Row], end: int
) -> dict[str, Any]:
    mine = [row for row in rows if row["buyer_no"] in ring.buyers]
    created = {row["buyer_no"]: row["created_at"] for row in mine}
    holders = call.db.rows(_HOLDERS, (json.dumps(ring.values()), call.as_of))
    sellers = [row["seller_no"] for row in holders]
    organic = sum(row["traffic"] is None or row["traffic"] in ORGANIC for row in mine)
    return {
        "found": True,
        "n_buyers": len(ring.buyers),
        "n_orders": len(mine),
        "order_share": round(len(mine) / len(rows), 6),
        "density": round(ring.density, 6),
        "median_account_age_days": int(
            statistics.median(max(0, end - at) // DAY for at in created.values())
        ),
        "shared_kinds": ring.shared_kinds(),
        "seller_shared": seller in sellers,
        "rival_seller_ids": [render("sel", no) for no in sorted(sellers) if no != seller],
        "commission_cents": sum(row["commission_cents"] or 0 for row in mine),
        "organic_share": round(organic / len(mine), 6),
    }
