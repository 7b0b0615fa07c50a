"""What the two accounts of a case share, so that the drawn columns show in the link graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.linked_accounts.plan import Plan
from sandbox.links import EXCLUSIVE_KINDS, breadth
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY, HOUR

HUB: Final = 25
"""From how many holders on an identifier is common property (handbook 5, LNK-4.1)."""

PERSONAL: Final = 3
"""Up to how many holders a device or a phone may still belong to the same people."""

_COMMON: Final = ("ip", "address", "warehouse")


@dataclass(frozen=True)
class Shared:
    """Links by row: the case of each, its kind, and how many accounts hold the identifier."""

    case: Ints
    kind: list[str]
    holders: Ints

    def cases(self, kind: str, count: int) -> Bools:
        """Which of ``count`` cases share an identifier of ``kind`` with nobody else."""
        found = np.zeros(count, dtype=bool)
        alone = (np.array(self.kind, dtype=object) == kind) & (self.holders == 2)
        found[self.case[alone]] = True
        return found


def draw_shared(plan: Plan, rng: np.random.Generator) -> Shared:
    """Draw the links (handbook 5, Rows)."""
    parts = [_exclusive(plan, rng), _personal(plan, rng), _wide(plan, rng)]
    linked = np.isin(np.arange(len(plan)), np.concatenate([part.case for part in parts]))
    parts.append(_weak(np.flatnonzero(~linked | (rng.random(len(plan)) < 0.3)), rng))
    return Shared(
        np.concatenate([part.case for part in parts]),
        [kind for part in parts for kind in part.kind],
        np.concatenate([part.holders for part in parts]),
    )


def _exclusive(plan: Plan, rng: np.random.Generator) -> Shared:
    """Bank, tax number, owner or identity document of these two alone; two kinds in some."""
    rows = np.flatnonzero(plan.column("exclusive_link"))
    first = rng.integers(0, len(EXCLUSIVE_KINDS), len(rows))
    twice = ~plan.near[rows] & (rng.random(len(rows)) < 0.35)
    second = (first + rng.integers(1, len(EXCLUSIVE_KINDS), len(rows)))[twice]
    kinds = np.concatenate([first, second % len(EXCLUSIVE_KINDS)])
    case = np.concatenate([rows, rows[twice]])
    return Shared(case, [EXCLUSIVE_KINDS[k] for k in kinds], np.full(len(case), 2))


def _personal(plan: Plan, rng: np.random.Generator) -> Shared:
    """A device or phone of 2 + P(.4) holders where drawn; elsewhere, in some, one of a few more."""
    drawn, count = plan.column("device_or_phone"), len(plan)
    few = np.where(plan.near, PERSONAL, np.minimum(2 + rng.poisson(0.4, count), PERSONAL))
    more = np.where(plan.near, PERSONAL + 1, PERSONAL + 1 + rng.poisson(2, count))
    crowd = ~drawn & (plan.near | (rng.random(count) < 0.1))
    rows = np.flatnonzero(drawn | crowd)
    kinds = pick(rng, ("device", "phone"), (6, 4), len(rows))
    return Shared(rows, kinds, np.where(drawn, few, more)[rows])


def _wide(plan: Plan, rng: np.random.Generator) -> Shared:
    """An address or network of many: LN(60, .7), of a mobile network LN(400, .8).

    Beside an exclusive identifier it says nothing; without one it makes the hub, or stays below it.
    """
    count, hub, exclusive = len(plan), plan.column("hub_only"), plan.column("exclusive_link")
    mobile = rng.random(count) < 0.35
    many = np.where(mobile, lognormal(rng, 400, 0.8, count), lognormal(rng, 60, 0.7, count))
    many = np.where(plan.near, rng.uniform(HUB, HUB * 1.08, count), np.maximum(many, HUB))
    less = np.where(plan.near, rng.uniform(22.6, 24.4, count), rng.uniform(4, 22, count))
    some = exclusive & (rng.random(count) < 0.3)
    below = ~hub & ~exclusive & (plan.near | (rng.random(count) < 0.5))
    rows = np.flatnonzero(hub | some | below)
    kinds = np.where(mobile, "ip", pick(rng, _COMMON, (1, 5, 4), count))
    holders = whole(np.where(below, less, many))
    return Shared(rows, [str(kind) for kind in kinds[rows]], holders[rows])


def _weak(rows: Ints, rng: np.random.Generator) -> Shared:
    """An image or mail provider that a few others have as well."""
    kinds = pick(rng, ("image", "email", "address"), (5, 3, 2), len(rows))
    return Shared(rows, kinds, rng.integers(5, 20, len(rows)))


def plant_links(stage: Stage, plan: Plan, shared: Shared, rng: np.random.Generator) -> None:
    """Write the links, known before the notice went out."""
    case, count = shared.case, len(shared.case)
    start = np.maximum(plan.registered_at, plan.peer_registered_at)[case]
    span = plan.issued_at[case] - start - DAY
    first = start + whole(rng.uniform(0.02, 0.6, count) * span)
    last = first + whole(rng.uniform(0, 1, count) * (plan.issued_at[case] - first))
    pairs = zip(shared.kind, shared.holders.tolist(), strict=True)
    stage.writer.add(
        "links",
        {
            "a_no": plan.seller[case] + 1,
            "b_no": plan.peer_no[case],
            "kind": shared.kind,
            "exclusivity": [breadth(kind, holders) for kind, holders in pairs],
            "holders": shared.holders,
            "first_seen": first,
            "last_seen": last,
            "recorded_at": np.minimum(first + 6 * HOUR, plan.issued_at[case] - HOUR),
        },
    )
