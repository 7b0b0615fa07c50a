"""How far those agree who judged the same cases: readers among each other, and with the graph.

The handbook (12, Double-blind sampling) reports Cohen's kappa with its interval, aims at 0.75, and
says that under 0.60 the clause is unclear, not the reader. Sampling weights go with every estimate.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from casewright.agreement import Found, alpha, ends_of_all_agreeing, kappa
from casewright.base import Model, Moment
from casewright.bootstrap import Ends
from casewright.store import Store
from casewright.store.judgements import Judged
from graphs.sop import Sop

TARGET: Final = 0.75
UNCLEAR: Final = 0.60
LEAST: Final = 30
"""With fewer cases, counts alone are told."""

What = Literal["decision and second reader", "reviewer and proposal", "first read and proposal"]


class Estimate(Model):
    """A coefficient with its 95% interval by seller; None where nothing can be said."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, found: Found) -> Estimate:
        """The estimate of what was found."""
        return cls(value=found[0], low=found[1].low, high=found[1].high)


class Agreement(Model):
    """How far two sides agree.

    Attributes:
        what: Which two.
        sop: On cases of which SOP; empty: of all.
        n: Cases that both judged.
        sellers: Whom these are about.
        same: Of how many they say the same.
        kappa: Cohen's kappa.
        alpha: Krippendorff's nominal alpha over everybody who judged these cases.
        weights: The least and the most that a case stands for; 1 where none was drawn.
        told: What comes of it, in words.
    """

    what: What
    sop: str = ""
    n: int
    sellers: int
    same: int
    kappa: Estimate = Estimate()
    alpha: Estimate = Estimate()
    weights: tuple[float, float] = (1.0, 1.0)
    told: str


class Agreements(Model):
    """All of them since a moment, of all SOPs first, then of each."""

    since: Moment
    rows: tuple[Agreement, ...]


@dataclass(frozen=True)
class Pair:
    """What two sides said of a case.

    Attributes:
        judged: The case.
        one: What the first one said.
        other: What the other one said.
        beside: What others said.
        weight: How many cases it stands for.
    """

    judged: Judged
    one: str
    other: str
    beside: tuple[str, ...] = ()
    weight: float = 1.0


Procedures = Callable[[str], Awaitable[Sop]]
"""The procedure of a graph version."""


async def agreements(
    store: Store, procedures: Procedures, since: datetime, sop: str = ""
) -> Agreements:
    """Measure agreement on cases that entered since a moment.

    Args:
        store: Holds what was said.
        procedures: The procedure of a graph version, whose gate says which share was drawn.
        since: From when on.
        sop: Of one SOP; empty: all together, and each.
    """
    judged = await store.judgements.since(since, sop)
    weights = await _weights(store, procedures, judged)
    rows = [row for what, pairs in _pairs(judged, weights) for row in _rows(what, pairs, sop)]
    return Agreements(since=since, rows=tuple(rows))


def _pairs(
    judged: Sequence[Judged], weights: dict[str, float]
) -> Iterator[tuple[What, list[Pair]]]:
    yield (
        "decision and second reader",
        [
            Pair(one, one.decided, one.second, one.first, weights[one.run_id])
            for one in judged
            if one.decided and one.second
        ],
    )
    reviewed = (one for one in judged if one.decided and one.proposed and not one.automatic)
    yield "reviewer and proposal", [Pair(one, one.decided, one.proposed) for one in reviewed]
    read = (one for one in judged if one.first and one.proposed)
    yield "first read and proposal", [Pair(one, one.first[0], one.proposed) for one in read]


def _rows(what: What, pairs: Sequence[Pair], sop: str) -> Iterator[Agreement]:
    if not sop:
        yield measured(what, pairs)
    for name in sorted({one.judged.sop for one in pairs}):
        yield measured(what, [one for one in pairs if one.judged.sop == name], name)


def measured(what: What, pairs: Sequence[Pair], sop: str = "") -> Agreement:
    """The agreement of some pairs; counts alone where there are few."""
    sellers = [one.judged.seller_id for one in pairs]
    weights = [one.weight for one in pairs]
    found = Agreement(
        what=what,
        sop=sop,
        n=len(pairs),
        sellers=len(set(sellers)),
        same=sum(one.one == one.other for one in pairs),
        weights=(min(weights, default=1.0), max(weights, default=1.0)),
        told=f"fewer than {LEAST} cases: nothing is told yet",
    )
    if len(pairs) < LEAST:
        return found
    value = Estimate.of(_kappa(pairs, sellers, weights))
    said = [(one.one, one.other, *one.beside) for one in pairs]
    among = Estimate.of(alpha(said, sellers, weights))
    return found.model_copy(update={"kappa": value, "alpha": among, "told": verdict(value)})


def _kappa(pairs: Sequence[Pair], sellers: Sequence[str], weights: Sequence[float]) -> Found:
    value, ends = kappa([(one.one, one.other) for one in pairs], sellers, weights)
    if value == 1:
        ends = ends_of_all_agreeing([one.one for one in pairs], sellers)
    if len(set(sellers)) < 2:
        ends = Ends(None, None)
    return value, ends


def verdict(found: Estimate) -> str:
    """What a kappa means by the handbook."""
    if found.value is None:
        return "both always say one and the same, so that kappa tells nothing"
    sure = found.low is not None and found.high is not None
    if found.value < UNCLEAR:
        doubt = "" if sure and (found.high or 1) < UNCLEAR else ", as far as these cases tell"
        return f"under {UNCLEAR:.2f}: the clause is unclear, not the reader{doubt}"
    if found.value < TARGET:
        return f"under the target of {TARGET:.2f}"
    proven = sure and (found.low or 0) >= TARGET
    return f"target of {TARGET:.2f} reached" + ("" if proven else "; it may yet lie below")


async def _weights(
    store: Store, procedures: Procedures, judged: Sequence[Judged]
) -> dict[str, float]:
    """How many closed cases each stands for: the inverse of the chance of having been drawn.

    A graph version's first automatic decisions are all drawn (``first``), and stand for themselves.
    """
    looked = [one for one in judged if one.second]
    found = {one.run_id: 1.0 for one in judged}
    for version in sorted({one.version for one in looked}):
        shares = (await procedures(version)).spec.gate.sampling
        mine = [one for one in looked if one.version == version]
        passed = any(one.automatic for one in mine)
        first = await store.judgements.first_automatic(version, shares.first) if passed else ()
        for one in mine:
            share = shares.automatic if one.automatic else shares.approved
            found[one.run_id] = 1.0 if one.run_id in first or not share else 1 / share
    return found
