"""The logistic regression behind the confidence: learned from some reviewed cases, told as numbers.

Its probabilities are calibrated by Platt's method (1999) on out-of-fold scores: five folds, each
party in one of them. What comes out is one coefficient a feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any, Final

from casewright.calibration import features_of, logistic
from casewright.profile import Profile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_SEEN: Final = 20
"""In fewer of the cases a feature says nothing: it is left out."""
LEAST_OF_EACH: Final = 10
"""With fewer right, or fewer wrong, cases there is one confidence for all."""
FOLDS: Final = 5
STRENGTH: Final = 1.0
"""Inverse strength of the L2 penalty."""


@dataclass(frozen=True)
class Reviewed:
    """A proposal that a reviewer has judged.

    Attributes:
        profile: How it came about.
        right: Whether the reviewer agreed.
        party: Whose case it was.
        truth: Where that is known from; see ``casewright.models.GoldTruth``.
    """

    profile: Profile
    right: bool
    party: str
    truth: str = ""


@dataclass(frozen=True)
class Fitted:
    """The regression, and what it said of the cases it was learned from without them.

    Attributes:
        intercept: Its intercept.
        terms: Its coefficients by feature.
        held_out: Confidence of each case, told by folds that it lies outside of.
    """

    intercept: float
    terms: Mapping[str, float]
    held_out: tuple[float, ...]

    def score(self, profile: Profile) -> float:
        """The confidence in such a decision."""
        given = features_of(profile).items()
        return logistic(self.intercept + sum(self.terms.get(name, 0.0) * v for name, v in given))


def fit(cases: Sequence[Reviewed]) -> Fitted:
    """Learn how surely a reviewer agrees."""
    import numpy as np

    right = np.array([one.right for one in cases], dtype=bool)
    parties = np.array([one.party for one in cases])
    if min(right.sum(), (~right).sum()) < LEAST_OF_EACH or len(set(parties)) < FOLDS:
        return _alone(right)
    names, values = _vectors(cases)
    if not names:
        return _alone(right)
    held_out = _held_out(values, right, parties)
    slope, offset = _platt(held_out, right)
    weights, bias = _regression(values, right)
    terms = {name: float(slope * weight) for name, weight in zip(names, weights, strict=True)}
    told = 1 / (1 + np.exp(-(slope * held_out + offset)))
    return Fitted(float(slope * bias + offset), terms, tuple(told.tolist()))


def _alone(right: NDArray[np.bool_]) -> Fitted:
    """One confidence for all, by Laplace's rule."""
    hits, count = int(right.sum()), len(right)
    odds = log((hits + 1) / (count - hits + 1))
    return Fitted(odds, {}, (logistic(odds),) * count)


def _vectors(cases: Sequence[Reviewed]) -> tuple[list[str], NDArray[Any]]:
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer(sparse=False)
    values: NDArray[Any] = np.asarray(
        vectorizer.fit_transform([features_of(one.profile) for one in cases])
    )
    varies = ((values != values[0]).any(axis=0)) & (np.count_nonzero(values, axis=0) >= LEAST_SEEN)
    names = [name for name, kept in zip(vectorizer.feature_names_, varies, strict=True) if kept]
    return names, values[:, varies]


def _held_out(values: NDArray[Any], right: NDArray[Any], parties: NDArray[Any]) -> NDArray[Any]:
    import numpy as np
    from sklearn.model_selection import GroupKFold

    scores = np.zeros(len(right))
    for taught, tried in GroupKFold(FOLDS).split(values, right, parties):
        weights, bias = _regression(values[taught], right[taught])
        scores[tried] = values[tried] @ weights + bias
    return scores


def _regression(values: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[Any], float]:
    from sklearn.linear_model import LogisticRegression

    if right.all() or not right.any():
        return _nothing(values), 4.0 if right.all() else -4.0
    learned = LogisticRegression(C=STRENGTH, max_iter=2000).fit(values, right)
    return learned.coef_[0], float(learned.intercept_[0])


def _nothing(values: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.zeros(values.shape[1])


def _platt(scores: NDArray[Any], right: NDArray[Any]) -> tuple[float, float]:
    """Slope and offset; a slope that would turn the order round is none."""
    from sklearn.linear_model import LogisticRegression

    learned = LogisticRegression(C=1e6, max_iter=2000).fit(scores[:, None], right)
    slope, offset = float(learned.coef_[0, 0]), float(learned.intercept_[0])
    return (slope, offset) if slope > 0 else (1.0, 0.0)
