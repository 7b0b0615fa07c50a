"""Whether second readers find that automatic decisions err more often than was promised.

After every look at an automatic decision the evidence against the promise is reckoned anew, for
each slice and for all of them together, see :mod:`casewright.wager`. The limits are such that a
promise that holds is ever called broken with a probability of 1 - confidence at most: half of that
for all together, half shared by the slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from casewright.base import Model
from casewright.calibration import Calibration, Slice, Standing, SwitchedOff
from casewright.models import Run
from casewright.second_look import SecondLook, settled_by
from casewright.store import Store
from casewright.wager import e_value

Looked = tuple[Run, Sequence[SecondLook]]


class Watched(Model):
    """What second looks say of a slice's promise.

    Attributes:
        outcome: Of the slice; empty: all slices together.
        region: Of the slice; empty: all regions without a slice of their own.
        looked: Automatic decisions that were looked at.
        errors: Of them those that were decided otherwise.
        evidence: The e-value against the promise.
        limit: At which it counts as broken.
    """

    outcome: str = ""
    region: str = ""
    looked: int
    errors: int
    evidence: float
    limit: float

    @property
    def broken(self) -> bool:
        """Whether the promise counts as broken."""
        return self.evidence >= self.limit


async def watch(store: Store, standing: Standing) -> tuple[Watched, ...]:
    """What second looks at the automatic decisions of a standing calibration say so far."""
    calibration = standing.calibration
    return tuple(watched(calibration, await store.second_looks.looked_at(calibration.version)))


def watched(calibration: Calibration, looked: Iterable[Looked]) -> Iterator[Watched]:
    """The same of given runs: all slices together first, then each that has a threshold."""
    mine = [one for one in looked if _under(calibration, one[0])]
    slices = [one for one in calibration.slices if one.threshold is not None]
    alarm = 1 - calibration.confidence
    yield _figures(calibration, mine, None, 2 / alarm)
    for slice_ in slices:
        part = [one for one in mine if _slice_of(calibration, one[0]) == slice_]
        yield _figures(calibration, part, slice_, 2 * len(slices) / alarm)


async def switch_off(store: Store, version: str, at: datetime) -> tuple[SwitchedOff, ...]:
    """Switch off what is broken and still on; what was switched off, is returned."""
    standing = await store.calibrations.standing(version)
    if standing is None:
        return ()
    found = [
        _entry(standing.calibration, one, at)
        for one in await watch(store, standing)
        if one.broken and not _off_already(standing, one)
    ]
    for entry in found:
        await store.calibrations.switch_off(entry)
    return tuple(found)


def _off_already(standing: Standing, one: Watched) -> bool:
    return any(off.outcome in ("", one.outcome) and _same(off, one) for off in standing.off)


def _same(off: SwitchedOff, one: Watched) -> bool:
    return not off.outcome or off.region == one.region


def _under(calibration: Calibration, run: Run) -> bool:
    decision = run.decision
    return run.automatic and decision is not None and decision.calibration == calibration.digest


def _slice_of(calibration: Calibration, run: Run) -> Slice | None:
    outcome = run.decision.outcome if run.decision else ""
    return calibration.slice_of(outcome, run.case.region)


def _figures(
    calibration: Calibration, looked: Sequence[Looked], slice_: Slice | None, limit: float
) -> Watched:
    errors = sum(_wrong(run, looks) for run, looks in looked)
    return Watched(
        outcome=slice_.outcome if slice_ else "",
        region=slice_.region if slice_ else "",
        looked=len(looked),
        errors=errors,
        evidence=e_value(len(looked), errors, calibration.target),
        limit=limit,
    )


def _wrong(run: Run, looks: Sequence[SecondLook]) -> bool:
    decided = run.decision.outcome if run.decision else ""
    return settled_by(looks, decided) != decided


def _entry(calibration: Calibration, one: Watched, at: datetime) -> SwitchedOff:
    what = f"{one.errors} of {one.looked} automatic decisions were decided otherwise"
    return SwitchedOff(
        version=calibration.version,
        calibration=calibration.digest,
        outcome=one.outcome,
        region=one.region,
        at=at,
        looked=one.looked,
        errors=one.errors,
        evidence=one.evidence,
        why=f"{what} on a second look, where at most {calibration.target:.1%} was promised",
    )
