"""Parts of the cases, and which of them do worse than the rest.

A part is held against all cases outside it. Its p-value is the larger of two one-sided tests:
Fisher's (1935) exact one, which holds for few cases but takes them as independent, and a score
test whose variance goes by seller, which holds for many sellers. All p-values of a report are
adjusted by Holm's (1979) method, so that the more is looked at, the less chance finds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from casewright.base import Model
from casewright.models import REQUEST_INFORMATION, GoldCase
from evals.outcomes import OutcomeScore, accuracy, coverage, first_look, outcome_scores
from evals.paired import holm
from evals.rates import Rate
from evals.scored import Scored
from evals.sellers import Seller, seller_of

SLICE_MINIMUM = 30
"""Under this many cases a slice shows counts only."""

WORSE_BY: Final = 0.05
"""What a slice has to be worse by to be abnormal: five points (handbook 13)."""

ALPHA: Final = 0.05
"""At most this may the adjusted p-value of an abnormal slice be."""

BANDS: Final = ((50_000, "under 500"), (500_000, "500 to 5,000"))
"""Impact in cents below which a case lies in a band (handbook 12); all others: over 5,000."""

DIMENSIONS: Mapping[str, Callable[[GoldCase], str]] = {
    "case_type": lambda gold: gold.case_type,
    "region": lambda gold: gold.region,
    "channel": lambda gold: gold.channel,
    "language": lambda gold: gold.language,
}
"""What a gold case itself tells, whatever a run made of it."""


UNKNOWN: Final = "unknown"
"""What a run does not show; a dimension of which nothing is known is left out."""


def tier_of(one: Scored) -> str:
    """The seller's tier, or ``unknown``."""
    return one.gold.tier or (one.traits.tier if one.traits else "") or UNKNOWN


def band_of(one: Scored) -> str:
    """The band of the case's impact, or ``unknown``."""
    impact = one.traits.impact if one.traits else None
    if impact is None:
        return UNKNOWN
    return next((name for under, name in BANDS if impact.cents < under), "over 5,000")


def _told_by_gold(key: Callable[[GoldCase], str]) -> Callable[[Scored], str]:
    return lambda one: key(one.gold)


SLICED_BY: Mapping[str, Callable[[Scored], str]] = {
    **{name: _told_by_gold(key) for name, key in DIMENSIONS.items()},
    "outcome": lambda one: one.gold.outcome,
    "tier": tier_of,
    "impact": band_of,
}
"""The dimensions of a report: what gold tells, and what the run shows of seller and case."""

TAGGED: Final = re.compile(r"([a-z][a-z_]*)=(.+)")
"""A tag that is a slice of its own: ``entity_type=company`` lies in dimension ``entity_type``."""


def dimensions_of(scored: Iterable[Scored]) -> dict[str, Callable[[Scored], str]]:
    """What these cases are sliced by: the report's dimensions, then those that their tags name."""
    tags = {tag for one in scored for tag in one.gold.tags}
    found = (TAGGED.fullmatch(tag) for tag in sorted(tags))
    named = dict.fromkeys(match[1] for match in found if match)
    more = {name: _tagged(name) for name in named if name not in SLICED_BY}
    return {**SLICED_BY, **more}


def _tagged(dimension: str) -> Callable[[Scored], str]:
    start = f"{dimension}="

    def value(one: Scored) -> str:
        told = (tag.removeprefix(start) for tag in one.gold.tags if tag.startswith(start))
        return next(told, UNKNOWN)

    return value


Measured = Literal["accuracy", "first look"]
MEASURED: Mapping[Measured, Callable[[Sequence[Scored]], Rate]] = {
    "accuracy": accuracy,
    "first look": first_look,
}
SHARES: Mapping[Measured, Callable[[Scored], tuple[int, int]]] = {
    "accuracy": lambda one: (one.decided and one.right, one.decided),
    "first look": lambda one: (one.right or one.asked_rightly, 1),
}


class Against(Model):
    """How a slice does beside all other cases.

    Attributes:
        measure: Which measure.
        rest: The same of all cases outside the slice.
        difference: Slice minus rest; None where one of them has no denominator.
        p: One-sided p-value that the slice is no worse.
        p_holm: The same, adjusted for all that the report looks at.
        abnormal: Whether the slice is at least five points worse and ``p_holm`` at most 0.05.
    """

    measure: Measured
    rest: Rate
    difference: float | None
    p: float
    p_holm: float
    abnormal: bool


class Slice(Model):
    """A part of the cases: always its counts, its rates only from 30 cases on.

    Attributes:
        dimension: ``case_type``, ``region``, ``channel``, ``language``, ``outcome`` (of gold),
            ``tier`` (of the seller), ``impact`` (in money), or one that tags name.
        value: Which part.
        n: Cases in it.
        decided: Of them decided.
        right: Of those decided rightly.
        asked: Sent to ``request_information``.
        coverage: As in the report; None under 30 cases.
        accuracy: As in the report; None under 30 cases.
        first_look: As in the report; None under 30 cases.
        outcomes: As in the report; empty under 30 cases.
        against: How it does beside the rest; empty under 30 cases, and where there is no rest.
        abnormal: Measures that are abnormally worse than those of the rest.
    """

    dimension: str
    value: str
    n: int
    decided: int
    right: int
    asked: int
    coverage: Rate | None = None
    accuracy: Rate | None = None
    first_look: Rate | None = None
    outcomes: tuple[OutcomeScore, ...] = ()
    against: tuple[Against, ...] = ()
    abnormal: tuple[Measured, ...] = ()


def slices(scored: Sequence[Scored]) -> tuple[Slice, ...]:
    """Every part of every dimension, in the order of :func:`dimensions_of` and then by value."""
    found: list[Slice] = []
    for dimension, key in dimensions_of(scored).items():
        parts: dict[str, list[Scored]] = {}
        for one in scored:
            parts.setdefault(key(one), []).append(one)
        for value in sorted(parts) if set(parts) != {UNKNOWN} else ():
            rest = [one for name, part in parts.items() if name != value for one in part]
            found.append(_slice(dimension, value, parts[value], rest))
    return _adjusted(found)


def _slice(dimension: str, value: str, part: Sequence[Scored], rest: Sequence[Scored]) -> Slice:
    counts = Slice(
        dimension=dimension,
        value=value,
        n=len(part),
        decided=sum(one.decided for one in part),
        right=sum(one.decided and one.right for one in part),
        asked=sum(one.predicted == REQUEST_INFORMATION for one in part),
    )
    if len(part) < SLICE_MINIMUM:
        return counts
    rates = {
        "coverage": coverage(part),
        "accuracy": accuracy(part),
        "first_look": first_look(part),
        "outcomes": outcome_scores(part),
        "against": tuple(_against(name, part, rest) for name in MEASURED) if rest else (),
    }
    return counts.model_copy(update=rates)


def _against(measure: Measured, part: Sequence[Scored], rest: Sequence[Scored]) -> Against:
    own, other = MEASURED[measure](part), MEASURED[measure](rest)
    known = own.value is not None and other.value is not None
    p = worse(part, rest, SHARES[measure]) if known else 1.0
    difference = None if own.value is None or other.value is None else own.value - other.value
    return Against(
        measure=measure, rest=other, difference=difference, p=p, p_holm=1.0, abnormal=False
    )


def _adjusted(found: Sequence[Slice]) -> tuple[Slice, ...]:
    """The same slices with Holm's p-values, over all measures of all slices that were tested."""
    adjusted = iter(holm([one.p for part in found for one in part.against]))
    return tuple(_flagged(part, [next(adjusted) for _ in part.against]) for part in found)


def _flagged(part: Slice, p_values: Iterable[float]) -> Slice:
    against = tuple(
        one.model_copy(update={"p_holm": p, "abnormal": p <= ALPHA and _by_points(one)})
        for one, p in zip(part.against, p_values, strict=True)
    )
    abnormal = tuple(one.measure for one in against if one.abnormal)
    return part.model_copy(update={"against": against, "abnormal": abnormal})


def _by_points(one: Against) -> bool:
    return one.difference is not None and one.difference <= -WORSE_BY


def worse(
    part: Iterable[Scored], rest: Iterable[Scored], share: Callable[[Scored], tuple[int, int]]
) -> float:
    """One-sided p-value that the share in a part is no lower than in the rest.

    The larger of Fisher's exact test and a score test with the variance between sellers: with d
    the difference of both shares and uᵢ what seller i adds to it beyond the common share, the
    variance is m / (m - 1) · Σuᵢ², and d over its root follows Student's t with m - 1 degrees of
    freedom (a linearised ratio; Kish 1965). A seller may have cases on both sides.

    Args:
        part: Cases of the slice.
        rest: All other cases.
        share: What a case adds to numerator and denominator.

    Returns:
        The p-value; 1 where a side has no denominator or there is but one seller.
    """
    from scipy.special import stdtr

    sides = [_by_seller(part, share), _by_seller(rest, share)]
    (hits, n), (others, others_n) = [_total(side) for side in sides]
    sellers = {*sides[0], *sides[1]}
    if not n or not others_n or len(sellers) < 2:
        return 1.0
    common = (hits + others) / (n + others_n)
    moved = [
        _beyond(sides[0], one, common) / n - _beyond(sides[1], one, common) / others_n
        for one in sellers
    ]
    variance = len(sellers) / (len(sellers) - 1) * math.fsum(one**2 for one in moved)
    if not variance:
        return 1.0
    distance = (hits / n - others / others_n) / variance**0.5
    return max(float(stdtr(len(sellers) - 1, distance)), fisher(hits, n, others, others_n))


def fisher(hits: int, n: int, others: int, others_n: int) -> float:
    """Fisher's exact one-sided p-value that ``hits`` of ``n`` is no lower a share than the other's.

    It is the chance of at most so many hits among ``n`` drawn from all.
    """
    from scipy.stats import hypergeom

    return min(1.0, float(hypergeom.cdf(hits, n + others_n, hits + others, n)))


def _by_seller(
    scored: Iterable[Scored], share: Callable[[Scored], tuple[int, int]]
) -> dict[Seller, tuple[int, int]]:
    found: dict[Seller, tuple[int, int]] = {}
    for one in scored:
        hits, n = share(one)
        if n:
            before = found.get(seller_of(one.gold), (0, 0))
            found[seller_of(one.gold)] = before[0] + hits, before[1] + n
    return found


def _total(side: Mapping[Seller, tuple[int, int]]) -> tuple[int, int]:
    return sum(hits for hits, _ in side.values()), sum(n for _, n in side.values())


def _beyond(side: Mapping[Seller, tuple[int, int]], seller: Seller, common: float) -> float:
    hits, n = side.get(seller, (0, 0))
    return hits - common * n
