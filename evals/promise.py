"""What was promised of automatic decisions, and how it fares: second looks, and drift.

Drift needs no truth: the confidences, and the outcomes, of a version's newest proposals are set
beside those of the cases that the thresholds were tested on. The population stability index,
sum of (p - q) ln(p / q) over bins (Siddiqi 2006, "Credit Risk Scorecards"), says how far they lie
apart, Pearson's chi-squared test whether that could be chance. A drift is told; it switches
nothing off, for it may do no harm, and harm is what second looks find.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from casewright.base import Model
from casewright.calibration import Calibration, Standing
from casewright.proposal import Proposal
from casewright.store import Store
from graphs.watch import Watched, watch

Key = TypeVar("Key", str, int)

RECENT: Final = 500
"""How many of the newest proposals are looked at."""
FEWEST: Final = 50
"""With fewer of them nothing is said of drift."""
SHIFTED: Final = 0.2
"""The index from which on a shift is told (Siddiqi: over 0.25 significant, under 0.1 none)."""
SURE: Final = 0.01
"""How likely such a shift may be by chance to be told."""
FLOOR: Final = 1e-4
"""The least share of a bin: the index has no end where one is empty."""


class Drift(Model):
    """How far what is proposed now lies from what was tested.

    Attributes:
        what: ``confidence`` or ``outcome``.
        recent: Proposals that were looked at.
        index: The population stability index.
        p: How likely a shift as large is by chance.
    """

    what: str
    recent: int
    index: float
    p: float

    @property
    def told(self) -> bool:
        """Whether it is worth a warning."""
        return self.index > SHIFTED and self.p < SURE


class Promised(Model):
    """A version's promise, and what is known of it since.

    Attributes:
        standing: The calibration with what was switched off.
        watched: What second looks say: all slices together first.
        recent: Its newest cases, 500 at most, that were decided under this calibration.
        automatic: Those of them that passed without a person.
        drifts: How what is proposed now differs; empty where too little is.
    """

    standing: Standing
    watched: tuple[Watched, ...]
    recent: int
    automatic: int
    drifts: tuple[Drift, ...]


async def promised(store: Store, sop: str = "") -> tuple[Promised, ...]:
    """The promises of all versions, or of one SOP's, the last one first."""
    versions = await store.calibrations.versions()
    mine = [one for one in versions if not sop or one.partition("@")[0] == sop]
    return tuple([await _promised(store, version) for version in mine])


async def _promised(store: Store, version: str) -> Promised:
    standing = await store.calibrations.standing(version)
    if standing is None:
        raise LookupError(version)  # versions() named it
    calibration = standing.calibration
    recent = await store.second_looks.proposed(version, limit=RECENT)
    mine = [run for run in recent if run.decision]
    under = [r for r in mine if r.decision and r.decision.calibration == calibration.digest]
    return Promised(
        standing=standing,
        watched=await watch(store, standing),
        recent=len(under),
        automatic=sum(run.automatic for run in under),
        drifts=drifts(calibration, [run.proposed for run in under if run.proposed]),
    )


def drifts(calibration: Calibration, recent: Sequence[Proposal]) -> tuple[Drift, ...]:
    """How proposals differ from those the thresholds were tested on; empty under 50 of them."""
    if len(recent) < FEWEST or not calibration.scores:
        return ()
    told = [one.confidence for one in recent if one.confidence is not None]
    bins = Counter(map(calibration.bin_of, told))
    scores = dict(enumerate(calibration.scores))
    outcomes = Counter(one.outcome for one in recent)
    return (
        _drift("confidence", scores, bins, calibration.tested),
        _drift("outcome", calibration.outcomes, outcomes, calibration.tested),
    )


def _drift(what: str, before: Mapping[Key, float], now: Counter[Key], tested: int) -> Drift:
    from scipy.stats import chi2_contingency

    keys = [key for key in {**before, **now} if before.get(key) or now[key]]
    count = sum(now.values())
    pairs = [(before.get(key, 0.0), now[key] / count) for key in keys]
    table = [[before.get(key, 0.0) * tested for key in keys], [now[key] for key in keys]]
    found: Any = chi2_contingency(table) if len(keys) > 1 else None
    p = 1.0 if found is None else float(found.pvalue)
    return Drift(what=what, recent=count, index=sum(_term(*pair) for pair in pairs), p=p)


def _term(before: float, now: float) -> float:
    p, q = max(before, FLOOR), max(now, FLOOR)
    return (q - p) * math.log(q / p)
