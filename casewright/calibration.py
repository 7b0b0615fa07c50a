"""A calibration: how surely a reviewer would agree, and from where on nobody need be asked.

The confidence is a logistic regression on how a decision came about (:class:`Profile`), written
as one coefficient a feature, so that it is told without any library of statistics.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

from pydantic import Field

from casewright.base import Model, Moment
from casewright.canonical import digest_of
from casewright.profile import Profile

STABILITY_CAP: Final = 4
COUNT_CAP: Final = 5
"""Above these a further flip, conflict or unknown factor tells nothing more."""

UNANIMOUS: Final = 0.999

Share = float


def features_of(profile: Profile) -> dict[str, float]:
    """The features of a profile, by name; those that are not there are 0."""
    return {**_kinds(profile), **_readers(profile), **_support(profile)}


def _kinds(profile: Profile) -> dict[str, float]:
    stability = profile.stability
    flips = "none" if stability is None else str(min(stability, STABILITY_CAP))
    row = f"row {profile.outcome}/{profile.row}"
    names = [f"outcome {profile.outcome}", row, f"stability {flips}", f"{row} stability {flips}"]
    if profile.vote is not None and profile.vote >= UNANIMOUS:
        names += ["unanimous", f"{row} unanimous"]
    return dict.fromkeys(names, 1.0)


def _readers(profile: Profile) -> dict[str, float]:
    by, sure = profile.by, profile.sureness.values()
    kinds = ("rule", "classifier", "model", "human")
    count = max(len(by), 1)
    shares = {f"by {kind}": sum(one == kind for one in by.values()) / count for kind in kinds}
    read = {f"{name} by {kind}": 1.0 for name, kind in by.items() if kind != "rule"}
    least, mean = (min(sure), sum(sure) / len(sure)) if sure else (1.0, 1.0)
    return {**shares, **read, "least sureness": least, "mean sureness": mean}


def _support(profile: Profile) -> dict[str, float]:
    voted = profile.vote is not None
    lacks = [*(f"unknown {one}" for one in profile.unknown), *(f"no {o}" for o in profile.lacking)]
    return {
        "voted": float(voted),
        "vote": 0.5 if profile.vote is None else profile.vote,
        "effective precedents": min(profile.effective, COUNT_CAP) / COUNT_CAP,
        "conflicts": min(profile.conflicts, COUNT_CAP) / COUNT_CAP,
        "unknown": min(len(profile.unknown), COUNT_CAP) / COUNT_CAP,
        "lacking": min(len(profile.lacking), COUNT_CAP) / COUNT_CAP,
        **dict.fromkeys(lacks, 1.0),
    }


class Slice(Model):
    """From which confidence on the decisions of an outcome, in a region, may pass alone.

    Attributes:
        outcome: The outcome.
        region: The region; empty: every region that has no slice of its own.
        reviews: Reviewed cases of the slice that the threshold was tested on.
        delta: The chance of a wrong threshold that was allowed to this slice, 0 to 1.
        threshold: The confidence; None: none was found to hold.
        accepted: Of the tested cases those at or above it; where there is none, those of the
            best-looking level that was tried.
        errors: Of those the ones whose reviewer did not agree.
        upper: The error that is not exceeded, with confidence 1 - ``delta``, among them.
        needed: Where no threshold holds: how many more reviews of this slice would do, if the
            error among the surest stays as it is; None where it is too high for any number.
    """

    outcome: str
    region: str = ""
    reviews: int
    delta: float
    threshold: float | None = None
    accepted: int = 0
    errors: int = 0
    upper: Share = 1.0
    needed: int | None = None

    @property
    def coverage(self) -> Share:
        """Share of the tested cases that would pass."""
        passing = self.threshold is not None and self.reviews
        return self.accepted / self.reviews if passing else 0.0

    @property
    def name(self) -> str:
        """What people call it: ``overturn`` or ``overturn in EU``."""
        return f"{self.outcome} in {self.region}" if self.region else self.outcome


class Calibration(Model):
    """What was learned from the reviewed cases of one graph version.

    Attributes:
        version: The graph version; for any other it says nothing.
        made_at: When it was made.
        expires_at: From when on it is no longer believed.
        author: Who made it.
        target: The greatest share of wrong automatic decisions, 0 to 1.
        confidence: How sure it is that all thresholds together keep to that, 0 to 1.
        fitted: Reviewed cases that the confidence was learned from.
        tested: Other reviewed cases that the thresholds were tested on.
        truths: How many of them are known from where; see ``casewright.models.GoldTruth``.
        intercept: Of the logistic regression.
        terms: Its coefficients by feature, see :func:`features_of`.
        slices: One for each outcome that was looked at, and for regions with enough reviews.
        edges: Inner edges of the bins into which the tested cases' confidences fall.
        scores: Shares of the tested cases in those bins.
        outcomes: Shares of the outcomes among all of them.
        reopened: Whether what was switched off before was switched on again with it.
    """

    version: str
    made_at: Moment
    expires_at: Moment
    author: str
    target: Share
    confidence: Share
    fitted: int
    tested: int
    truths: Mapping[str, int]
    intercept: float
    terms: Mapping[str, float]
    slices: tuple[Slice, ...]
    edges: tuple[float, ...] = ()
    scores: tuple[Share, ...] = ()
    outcomes: Mapping[str, Share] = Field(default_factory=dict)
    reopened: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, in hex."""
        return digest_of(self.model_dump(mode="json"))

    def confidence_of(self, profile: Profile) -> float:
        """The probability that a reviewer agrees with such a decision, 0 to 1."""
        given = features_of(profile).items()
        return logistic(self.intercept + sum(self.terms.get(name, 0.0) * v for name, v in given))

    def slice_of(self, outcome: str, region: str) -> Slice | None:
        """The slice of a decision: of its region, or of all that have none of their own."""
        mine = {one.region: one for one in self.slices if one.outcome == outcome}
        return mine.get(region, mine.get(""))

    def bin_of(self, confidence: float) -> int:
        """In which of the bins a confidence falls, from 0."""
        return bisect_right(self.edges, confidence)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


class SwitchedOff(Model):
    """Automatic decision, ended by what second readers found.

    Attributes:
        version: The graph version.
        calibration: Digest of the calibration whose promise was broken.
        outcome: Of the slice; empty: of all of them.
        region: Of the slice; empty: of all regions without a slice of their own.
        at: When.
        looked: Automatic decisions that second readers looked at.
        errors: Of them those that they decided otherwise.
        evidence: The e-value against the promise; see :mod:`casewright.wager`.
        why: In plain words.
    """

    version: str
    calibration: str
    outcome: str = ""
    region: str = ""
    at: Moment
    looked: int
    errors: int
    evidence: float
    why: str

    def covers(self, slice_: Slice, calibration: str) -> bool:
        """Whether it switched a slice of a calibration (its digest) off.

        A later calibration may cut regions otherwise: then what overlaps stays off.
        """
        if self.outcome in ("", slice_.outcome):
            same = not self.outcome or self.region == slice_.region
            return same or (self.calibration != calibration and "" in (self.region, slice_.region))
        return False


class Standing(Model):
    """The newest calibration of a version, and what was switched off since.

    Attributes:
        calibration: The calibration.
        off: What was switched off and not on again, oldest first.
    """

    calibration: Calibration
    off: tuple[SwitchedOff, ...] = ()

    def off_for(self, slice_: Slice) -> SwitchedOff | None:
        """What switched that slice off, or None."""
        digest = self.calibration.digest
        return next((one for one in self.off if one.covers(slice_, digest)), None)

    def objection(self, profile: Profile, confidence: float | None, at: Moment) -> str:
        """Why a decision may not pass without a person; empty where it may.

        Args:
            profile: How it came about.
            confidence: What this calibration says of it.
            at: The present moment.
        """
        calibration = self.calibration
        if at >= calibration.expires_at:
            return f"the calibration expired on {calibration.expires_at:%Y-%m-%d}"
        mine = calibration.slice_of(profile.outcome, profile.region)
        if mine is None:
            return f"no threshold was looked for with the outcome {profile.outcome}"
        if mine.threshold is None:
            return f"no threshold keeps the error of {mine.name} within {calibration.target:.1%}"
        if (off := self.off_for(mine)) is not None:
            return f"{mine.name} was switched off on {off.at:%Y-%m-%d}: {off.why}"
        if confidence is None or confidence < mine.threshold:
            told = "none" if confidence is None else f"{confidence:.3f}"
            return f"a confidence of {told}, under the threshold of {mine.threshold:.3f}"
        return ""
