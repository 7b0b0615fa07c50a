"""Cases drawn from the sandbox's cause tables and decided by the built-in decision tables.

No HTTP, nothing withheld, every question read rightly: what is left is how often the table is right
and whether its confidence knows when. The wiring of columns and factors is that of
``tests/graphs/sops/test_drawn_facts.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from casewright.profile import Profile
from casewright.registry import load_plugins
from evals.calibrate_fit import Reviewed
from graphs.catalog import Catalog
from graphs.examples import example_outcome
from graphs.sop import Sop
from graphs.table import stability
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
from sandbox.places import REGIONS
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
    """An SOP, its causes, the handbook's `auto` share, and the facts that no column states."""

    name: str
    table: CauseTable
    auto: float
    facts: Callable[..., Mapping[str, Any]] = lambda *_: {}
    escalated: str = ""


PROCEDURES = (
    Procedure("late_shipment_appeal", LATE_DISPATCH, 0.60, late),
    Procedure("fake_shipping", FAKE_SHIPPING, 0.93, orders),
    Procedure("ip_complaint_appeal", IP_COMPLAINT, 0.64, escalated="court_or_patent"),
    Procedure("fake_orders", FAKE_ORDERS, 0.69, burst),
    Procedure("linked_accounts", LINKED_ACCOUNTS, 0.72),
    Procedure("refund_abuse", REFUND_ABUSE, 0.41, refunds),
    Procedure("payout_hold_release", PAYOUT_HOLD, 0.79),
    Procedure("business_verification", VERIFICATION, 0.92, verified),
    Procedure("unsafe_product", PRODUCT_SAFETY, 0.63),
    Procedure("review_manipulation", REVIEWS, 0.63, burst),
)


PAST = 2_000
"""Closed cases that precedents are found among."""
SHOWN = 5
"""How many of them vote."""

Facts = tuple[bool, ...]


class Deck:
    """Draws reviewed cases of one procedure; what the table says of a set of facts is kept.

    The vote is that of the five past cases whose facts differ least, as far as they are equally
    near in equal parts. The past cases are drawn anew with every shuffle, before the first drift.
    """

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.sop = loaded(procedure.name)
        self._decided: dict[Facts, Profile] = {}
        self._voted: dict[tuple[Facts, str], Profile] = {}
        self._past = np.zeros((0, 0), dtype=bool)
        self._ended = np.zeros(0, dtype=str)

    def shuffle(self, seed: int) -> None:
        """Draw the past cases anew."""
        drawn = list(self._drawn(PAST, 0, [seed, 1]))
        self._past = np.array([list(facts) for facts, _, _ in drawn])
        self._ended = np.array([right for _, _, right in drawn])
        self._voted = {}

    def draw(self, count: int, opened: int, seed: int) -> list[Reviewed]:
        """Draw cases opened at an epoch second, each of a party of its own."""
        found = []
        for number, (facts, region, right) in enumerate(self._drawn(count, opened, [seed, 2])):
            profile = self._profile(facts, region)
            agreed = profile.outcome == right
            found.append(Reviewed(profile, agreed, f"{seed}/{opened}/{number}", "simulation"))
        return found

    def population(self, count: int, opened: int) -> list[tuple[Facts, int, int]]:
        """How often each set of facts occurs among many cases, and how often it is decided rightly.

        The same for every shuffle: the table knows no past cases.
        """
        seen: Counter[Facts] = Counter()
        right: Counter[Facts] = Counter()
        for facts, _, word in self._drawn(count, opened, [0, 3]):
            seen[facts] += 1
            right[facts] += self._by_table(facts).outcome == word
        return [(facts, times, right[facts]) for facts, times in seen.items()]

    def profile(self, facts: Facts) -> Profile:
        """How the table and the past cases decide these facts, in no region."""
        return self._profile(facts, "")

    def _drawn(self, count: int, opened: int, seed: list[int]) -> Iterator[tuple[Facts, str, str]]:
        rng = np.random.default_rng([*seed, opened])
        drawn = self.procedure.table.draw(np.full(count, opened), rng)
        columns = {name: values > 0.5 for name, values in drawn.columns.items()}
        stated = {**columns, **self.procedure.facts(drawn.columns, count, rng)}
        self._names = [name for name in self.sop.factors if name in stated]
        facts = [np.broadcast_to(stated[name], count).tolist() for name in self._names]
        regions = rng.choice(list(REGIONS), count, p=np.array(list(REGIONS.values())))
        right = [self.procedure.table.causes[cause].right for cause in drawn.cause.tolist()]
        if self.procedure.escalated:
            apart = columns[self.procedure.escalated].tolist()
            right = ["escalate" if flag else word for word, flag in zip(right, apart, strict=True)]
        yield from zip(zip(*facts, strict=True), regions.tolist(), right, strict=True)

    def _profile(self, facts: Facts, region: str) -> Profile:
        if (facts, region) not in self._voted:
            plain = self._by_table(facts)
            vote = self._vote(facts, plain.outcome)
            update = {"region": region, "vote": vote, "effective": float(SHOWN)}
            update["conflicts"] = round(SHOWN * (1 - vote))
            self._voted[facts, region] = plain.model_copy(update=update)
        return self._voted[facts, region]

    def _vote(self, facts: Facts, outcome: str) -> float:
        apart = (self._past != np.array(facts)).sum(axis=1)
        agrees = self._ended == outcome
        votes, left = 0.0, float(SHOWN)
        for distance in np.unique(apart):
            ring = apart == distance
            taken = min(left, float(ring.sum()))
            votes, left = votes + taken * float(agrees[ring].mean()), left - taken
            if not left:
                break
        return votes / SHOWN

    def _by_table(self, facts: Facts) -> Profile:
        if facts not in self._decided:
            stated = dict(zip(self._names, facts, strict=True))
            values = {name: stated.get(name, unstated(self.sop, name)) for name in self.sop.factors}
            outcome, row = example_outcome(self.sop, stated)
            known = [name for name, value in values.items() if value is not None]
            self._decided[facts] = Profile(
                outcome=outcome,
                row=row,
                stability=stability(self.sop, values) if row else None,
                by=dict.fromkeys(known, "rule"),
                unknown=tuple(name for name in values if name not in known),
            )
        return self._decided[facts]


def unstated(sop: Sop, name: str) -> bool | None:
    spec = sop.factors[name].spec
    return False if spec.burden == "platform" and spec.answer_days == 0 else None


@cache
def catalog() -> Catalog:
    return Catalog(load_plugins().all("tool", Tool))


@cache
def loaded(name: str) -> Sop:
    return catalog().load(name)
