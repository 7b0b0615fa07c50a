"""The built-in SOPs beside the cause tables that their simulated cases are drawn from.

Only here does one stand beside the other: the sandbox knows no rule that judges it, and no SOP
knows a cause. Tests hold the decision tables against the handbook with it, benchmarks tell figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.examples import example_outcome
from graphs.sop import Sop
from sandbox.casetypes.fake_orders.table import TABLE as FAKE_ORDERS
from sandbox.casetypes.fake_shipping.table import TABLE as FAKE_SHIPPING
from sandbox.casetypes.ip_complaint.table import TABLE as IP_COMPLAINT
from sandbox.casetypes.late_dispatch.table import TABLE as LATE_DISPATCH
from sandbox.casetypes.linked_accounts.table import TABLE as LINKED_ACCOUNTS
from sandbox.casetypes.payout_hold.table import TABLE as PAYOUT_HOLD
from sandbox.casetypes.product_safety.table import TABLE as PRODUCT_SAFETY
from sandbox.casetypes.refund_abuse.table import TABLE as REFUND_ABUSE
from sandbox.casetypes.review_manipulation.table import TABLE as REVIEWS
from sandbox.casetypes.table import CauseTable
from sandbox.casetypes.verification.table import TABLE as VERIFICATION
from tools.base import Tool

Columns = Mapping[str, Any]


def orders(columns: Columns, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Counts over a window of the handbook's LN(120, .8) orders, within the sandbox's bounds."""
    shipped = np.clip(120 * np.exp(0.8 * rng.standard_normal(count)), 45, 240)
    impossible = np.rint(columns["impossible_share"] * shipped)
    return {
        "impossible_scans": (impossible >= 5) & (impossible * 20 >= shipped),
        "reused_numbers": columns["reused_count"] >= 3,
        "underweight": columns["underweight_share"] >= 0.3,
        "three_claims": True,
    }


def refunds(columns: Columns, *_: object) -> dict[str, Any]:
    signs = ("missing_habit", "denied_before", "linked_denied", "refund_heavy")
    return dict.fromkeys(signs, columns["account"] > 0.5) | {"out_of_time": False}


def late(columns: Columns, *_: object) -> dict[str, Any]:
    return {"in_window": True, "dispatched_in_time": columns["lag_hours"] <= 0}


def burst(columns: Columns, *_: object) -> dict[str, Any]:
    return {"burst": columns["burst_z"] >= 4.0}


def verified(columns: Columns, *_: object) -> dict[str, Any]:
    differ = columns["names_explained"] < 0.5
    return {"listed": False, "high_volume": True, "names_differ": differ}


@dataclass(frozen=True)
class Procedure:
    """An SOP beside its causes.

    Attributes:
        name: The SOP.
        table: The causes.
        printed: Accuracy of the decision table before any drift, by the handbook; of those that it
            decides where ``decides`` is less than 1.
        auto: The largest share that a perfect scorer could pass with 98% right, by the handbook.
        facts: The facts that no column states; takes the columns, their length and random numbers.
        escalated: A column that is drawn apart from the causes, and whose cases go to a person.
        decides: The share of cases that the table decides, by the handbook.
    """

    name: str
    table: CauseTable
    printed: float
    auto: float
    facts: Callable[..., Mapping[str, Any]] = lambda *_: {}
    escalated: str = ""
    decides: float = 1.0


PROCEDURES = (
    Procedure("late_shipment_appeal", LATE_DISPATCH, 0.86, 0.60, late),
    Procedure("fake_shipping", FAKE_SHIPPING, 0.85, 0.93, orders),
    Procedure("ip_complaint_appeal", IP_COMPLAINT, 0.87, 0.64, escalated="court_or_patent"),
    Procedure("fake_orders", FAKE_ORDERS, 0.84, 0.69, burst),
    Procedure("linked_accounts", LINKED_ACCOUNTS, 0.86, 0.72),
    Procedure("refund_abuse", REFUND_ABUSE, 0.86, 0.41, refunds),
    Procedure("payout_hold_release", PAYOUT_HOLD, 0.85, 0.79),
    Procedure("business_verification", VERIFICATION, 0.97, 0.92, verified, decides=0.87),
    Procedure("unsafe_product", PRODUCT_SAFETY, 0.84, 0.63),
    Procedure("review_manipulation", REVIEWS, 0.82, 0.63, burst),
)


Facts = tuple[bool, ...]


def drawn(
    procedure: Procedure, sop: Sop, count: int, opened: int, rng: np.random.Generator
) -> tuple[list[str], Iterator[tuple[Facts, str]]]:
    """Draw cases opened at an epoch second.

    Returns:
        The names of the facts, in the SOP's order, and of each case its facts and right outcome.
    """
    found = procedure.table.draw(np.full(count, opened), rng)
    columns = {name: values > 0.5 for name, values in found.columns.items()}
    stated = {**columns, **procedure.facts(found.columns, count, rng)}
    names = [name for name in sop.factors if name in stated]
    facts = [np.broadcast_to(stated[name], count).tolist() for name in names]
    right = [procedure.table.causes[cause].right for cause in found.cause.tolist()]
    if procedure.escalated:
        apart = columns[procedure.escalated].tolist()
        right = ["escalate" if flag else word for word, flag in zip(right, apart, strict=True)]
    return names, zip(zip(*facts, strict=True), right, strict=True)


DRAWS = 6_000
"""Cases that a table is held against."""


def by_table(procedure: Procedure, sop: Sop, opened: int) -> list[tuple[str, str]]:
    """What the table decides of each drawn case, and what the case deserves."""
    names, cases = drawn(procedure, sop, DRAWS, opened, np.random.default_rng(17))

    @cache
    def decided(facts: Facts) -> str:
        return example_outcome(sop, dict(zip(names, facts, strict=True)))[0]

    return [(decided(facts), right) for facts, right in cases]


def accuracy(procedure: Procedure, sop: Sop, opened: int) -> float:
    """The share of all drawn cases that the table decides rightly."""
    return sum(made == right for made, right in by_table(procedure, sop, opened)) / DRAWS


@cache
def loaded(name: str) -> Sop:
    """A built-in SOP."""
    return _catalog().load(name)


@cache
def _catalog() -> Catalog:
    return Catalog(load_plugins().all("tool", Tool))
