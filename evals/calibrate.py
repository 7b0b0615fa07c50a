"""Learns the confidence of a graph version from reviewed cases, and tests what it may be used for.

The reviewed cases are split by party: a third teach the confidence and say which thresholds are
worth a try, the others test them. What is tested is then exactly what will be used, and the
binomial test is exact. Thresholds taken from out-of-fold scores of all cases, with the regression
fitted anew on all of them, would have more cases to test on; but the score that is tested is then
not the one that is used. ``benchmarks/promise.py`` measures both.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from casewright.calibration import Calibration, Slice
from casewright.errors import UsageError
from evals.calibrate_fit import Fitted, Reviewed, fit
from evals.calibrate_thresholds import LEVELS, Tried, thresholds

TAUGHT: Final = 1 / 3
"""Share of the parties whose cases teach; those of the others test."""
BINS: Final = 10
"""Into how many bins the confidences are put, to see later whether they still fall so."""

Method = Literal["split", "cross"]


@dataclass(frozen=True)
class Wanted:
    """What is to be promised.

    Attributes:
        target: The greatest share of wrong automatic decisions, 0 to 1.
        confidence: How sure that has to be, 0 to 1.
        days: How long it is believed.
        outcomes: The outcomes that may ever pass; None: all but ``escalate``.
        reopened: Whether what was switched off is switched on again.
    """

    target: float = 0.02
    confidence: float = 0.9
    days: int = 90
    outcomes: Collection[str] | None = None
    reopened: bool = False


def calibrate(
    version: str,
    reviewed: Sequence[Reviewed],
    wanted: Wanted,
    *,
    author: str,
    at: datetime,
    method: Method = "split",
) -> Calibration:
    """Learn a version's confidence and its thresholds.

    Args:
        version: The graph version that proposed all of them.
        reviewed: Its proposals that reviewers have judged, drawn as cases come.
        wanted: What is to be promised.
        author: Who asks for it.
        at: The present moment.
        method: ``split``: see the module; ``cross``: out-of-fold scores of all cases.

    Raises:
        UsageError: there is no reviewed case.
    """
    if not reviewed:
        raise UsageError("There is no reviewed case to learn from.")
    fitted, taught, tested = _crossed(reviewed) if method == "cross" else _split(reviewed)
    found = thresholds(
        tested,
        _grid(taught),
        target=wanted.target,
        delta=1 - wanted.confidence,
        outcomes=wanted.outcomes,
    )
    edges = _edges([one.score for one in taught])
    return Calibration(
        version=version,
        made_at=at,
        expires_at=at + timedelta(days=wanted.days),
        author=author,
        target=wanted.target,
        confidence=wanted.confidence,
        fitted=len(taught),
        tested=len(tested),
        truths=dict(Counter(one.truth or "unsaid" for one in reviewed)),
        intercept=fitted.intercept,
        terms=dict(fitted.terms),
        slices=tuple(_in_reviews(one, len(reviewed) / max(len(tested), 1)) for one in found),
        edges=edges,
        scores=_shares([bisect_right(edges, one.score) for one in tested], range(len(edges) + 1)),
        outcomes=dict(_outcomes(tested)),
        reopened=wanted.reopened,
    )


def _split(reviewed: Sequence[Reviewed]) -> tuple[Fitted, list[Tried], list[Tried]]:
    teach = [one for one in reviewed if _place(one.party) < TAUGHT]
    test = [one for one in reviewed if _place(one.party) >= TAUGHT]
    if not teach or not test:  # parties too few to split
        teach = list(reviewed)
    fitted = fit(teach)
    taught = [_tried(*both) for both in zip(teach, fitted.held_out, strict=True)]
    return fitted, taught, [_tried(one, fitted.score(one.profile)) for one in test]


def _crossed(reviewed: Sequence[Reviewed]) -> tuple[Fitted, list[Tried], list[Tried]]:
    fitted = fit(reviewed)
    scored = [_tried(*both) for both in zip(reviewed, fitted.held_out, strict=True)]
    return fitted, scored, scored


def _tried(one: Reviewed, score: float) -> Tried:
    return Tried(one.profile, one.right, one.party, score)


def _place(party: str) -> float:
    """Where a party falls between 0 and 1: the same in every calibration, whatever was found."""
    return int.from_bytes(hashlib.sha256(f"taught/{party}".encode()).digest()[:8]) / 2**64


def _grid(taught: Sequence[Tried]) -> Callable[[str], Sequence[float]]:
    """Thresholds for an outcome: what cuts its taught cases into equal shares, strict first."""

    def of(outcome: str) -> Sequence[float]:
        scores = sorted((t.score for t in taught if t.profile.outcome == outcome), reverse=True)
        cuts = (math.ceil(len(scores) * n / LEVELS) - 1 for n in range(1, LEVELS + 1))
        return sorted({scores[cut] for cut in cuts}, reverse=True) if scores else ()

    return of


def _edges(scores: Sequence[float]) -> tuple[float, ...]:
    found = sorted(scores)
    return tuple(sorted({found[len(found) * n // BINS] for n in range(1, BINS)}))


def _in_reviews(one: Slice, times: float) -> Slice:
    """What is needed counted in reviews, of which a part alone tests."""
    needed = None if one.needed is None else math.ceil(one.needed * times)
    return one.model_copy(update={"needed": needed})


def _shares(found: Sequence[int], of: Iterable[int]) -> tuple[float, ...]:
    counts = Counter(found)
    return tuple(counts[one] / len(found) for one in of)


def _outcomes(tested: Sequence[Tried]) -> Iterator[tuple[str, float]]:
    counts = Counter(one.profile.outcome for one in tested)
    for name in sorted(counts):
        yield name, counts[name] / len(tested)
