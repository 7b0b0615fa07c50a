"""How far judgements of the same cases agree beyond chance, with intervals by seller.

Cohen's kappa for two who judged every case, κ = (p_o - p_e) / (1 - p_e), with p_o the share on
which both agree and p_e that on which they would by chance (Cohen 1960). Krippendorff's alpha for
any number of judgements a case, nominal: 1 - D_o / D_e, of the disagreement that is seen and
that by chance (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"); cases with one
judgement alone tell nothing. Both are ratios of sums, so that whole sellers can be drawn anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from casewright.bootstrap import NOTHING, Ends, statistic_ends
from casewright.intervals import wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Found = tuple[float | None, Ends]
"""A value, None where nothing can be said, and its 95% interval."""


def kappa(
    pairs: Sequence[tuple[str, str]],
    sellers: Sequence[Hashable],
    weights: Sequence[float] | None = None,
) -> Found:
    """Cohen's kappa and its BCa interval; None where both always say one and the same.

    Args:
        pairs: What both say of each case.
        sellers: The seller of each case; whole sellers are drawn.
        weights: How many cases each stands for; None: one.
    """
    said = sorted({one for pair in pairs for one in pair})
    columns = [[float(pair[0] == pair[1]) for pair in pairs]]
    columns += [[float(pair[side] == name) for pair in pairs] for side in (0, 1) for name in said]
    return _found(_by_seller(columns, sellers, weights), _kappa)


def alpha(
    ratings: Sequence[Sequence[str]],
    sellers: Sequence[Hashable],
    weights: Sequence[float] | None = None,
) -> Found:
    """Krippendorff's nominal alpha and its BCa interval; None where all say one and the same.

    Args:
        ratings: What was said of each case, by however many.
        sellers: The seller of each case; whole sellers are drawn.
        weights: How many cases each stands for; None: one.
    """
    said = sorted({one for given in ratings for one in given})
    columns = [[_split(given) for given in ratings]]
    columns += [[_told(given, name) for given in ratings] for name in said]
    return _found(_by_seller(columns, sellers, weights), _alpha)


def if_one_differed(low: float, shares: Sequence[float]) -> Ends:
    """The interval of kappa where all agree: no sample of them disagrees, yet another case may.

    The lower end is kappa at the lower end of Wilson's interval for the plain share.

    Args:
        low: That lower end.
        shares: How often each thing is said, as shares of all cases.
    """
    chance = sum(share**2 for share in shares)
    return Ends((low - chance) / (1 - chance), 1.0)


def ends_of_all_agreeing(said: Sequence[str], sellers: Sequence[Hashable]) -> Ends:
    """The same for cases of which each was said one thing; a seller's cases count as alike.

    Args:
        said: What was said of each case.
        sellers: Its seller.
    """
    n, names = len(said), set(said)
    if len(names) < 2:
        return NOTHING
    effect = sum(list(sellers).count(one) ** 2 for one in set(sellers)) / n
    return if_one_differed(wilson(n, n, effect=effect).low, [said.count(o) / n for o in names])


def _found(by_seller: Floats, statistic: _Statistic) -> Found:
    import numpy as np

    value = float(statistic(by_seller.sum(axis=0)[None])[0]) if len(by_seller) else np.nan
    if np.isnan(value):
        return None, NOTHING
    ends = statistic_ends(by_seller, statistic)
    if ends.low is None or ends.high is None:
        return value, ends
    return value, Ends(max(-1.0, ends.low), min(1.0, ends.high))


def _by_seller(
    columns: Sequence[Sequence[float]],
    sellers: Sequence[Hashable],
    weights: Sequence[float] | None,
) -> Floats:
    """Sums of each seller's cases, of shape (sellers, columns)."""
    import numpy as np

    known: dict[Hashable, int] = {}
    at = np.array([known.setdefault(one, len(known)) for one in sellers], dtype=np.int64)
    heavy = np.ones(len(at)) if weights is None else np.asarray(weights, dtype=np.float64)
    heavy = heavy / heavy.mean() if len(heavy) else heavy  # as many cases as there are, in all
    each = [np.bincount(at, np.asarray(one) * heavy, len(known)) for one in columns]
    return np.stack(each, axis=1).astype(np.float64)


def _kappa(sums: Floats) -> Floats:
    """Kappa of counts: agreements, then what one says, then what the other says."""
    import numpy as np

    half = (sums.shape[1] - 1) // 2
    one, other = sums[:, 1 : half + 1], sums[:, half + 1 :]
    n = one.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = (one * other).sum(axis=1) / n**2
        return np.where(chance < 1, (sums[:, 0] / n - chance) / (1 - chance), np.nan)


def _split(given: Sequence[str]) -> float:
    """Pairs of a case's judgements that differ, over the judgements less one."""
    n = len(given)
    return (n * n - sum(given.count(one) ** 2 for one in set(given))) / (n - 1) if n > 1 else 0.0


def _told(given: Sequence[str], name: str) -> float:
    return float(given.count(name)) if len(given) > 1 else 0.0


def _alpha(sums: Floats) -> Floats:
    """Alpha of sums: disagreement that is seen, then how often each thing is said."""
    import numpy as np

    seen, said = sums[:, 0], sums[:, 1:]
    n = said.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = n**2 - (said**2).sum(axis=1)
        return np.where(chance > 0, 1 - (n - 1) * seen / chance, np.nan)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Statistic = Callable[[Floats], Floats]
