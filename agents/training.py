"""Trains the classifier of one question on past cases, and says how far to believe it.

Logistic regression on the features of :mod:`agents.features`; its probabilities are calibrated by
Platt's method (Platt 1999), whose smoothed targets keep a classifier that erred nowhere from being
certain. How right it is, is measured on sellers that it did not learn from: five folds, each seller
in one of them, every fold answered by what the other four taught, calibration included.

The threshold is the probability above which lies the greatest share of the cases, in tenths, of
which at least ``least`` were answered rightly, with 95% confidence for all tenths together: exact
binomial bounds (Clopper and Pearson 1934) with Bonferroni's correction for looking at ten, as in
Angelopoulos et al. 2021 (Learn then Test). Cases of one seller count as independent there, which
flatters where sellers have many.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from agents.features import Featurizer
from agents.trained import Classifier, Estimate, encoded, learned_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_OF_EACH: Final = 20
"""Fewest cases of each answer, and the fewest sellers in all, that a classifier learns from."""

FOLDS: Final = 5

CONFIDENCE: Final = 0.95

LEVELS: Final = 10
"""Into how many shares the cases are cut in the search for the threshold."""


@dataclass(frozen=True)
class Example:
    """What one past case teaches.

    Attributes:
        text: What the question's texts said.
        answer: What a reviewer found that they say.
        seller: Whose case it was: no seller stands on both sides of a test.
        closed_at: When it was settled.
        case_id: Which case.
    """

    text: str
    answer: str
    seller: str
    closed_at: datetime
    case_id: str = ""


@dataclass(frozen=True)
class Subject:
    """What a classifier is trained for; see :class:`agents.trained.Classifier`."""

    factor: str
    question: str
    embedder: str


def lacking(examples: Sequence[Example]) -> str:
    """Why nothing can be learned from these; empty where something can."""
    counts = Counter(one.answer for one in examples)
    if len(counts) < 2:
        return f"closed cases know {'one answer alone' if counts else 'no answer'}"
    answer, fewest = min(counts.items(), key=lambda one: (one[1], one[0]))
    if fewest < LEAST_OF_EACH:
        return f"{fewest} of the closed cases say {answer}; {LEAST_OF_EACH} are needed"
    sellers = len({one.seller for one in examples})
    if sellers < LEAST_OF_EACH:
        return f"they are of {sellers} sellers; {LEAST_OF_EACH} are needed"
    return ""


def fit(
    subject: Subject, examples: Sequence[Example], featurizer: Featurizer, *, least: float
) -> Classifier:
    """Train a classifier.

    Args:
        subject: What for.
        examples: What past cases teach; nothing is :func:`lacking`.
        featurizer: Makes the features, with the embedding model that ``subject`` names.
        least: Share of right answers that those it gives must have, 0 to 1, see above.

    Raises:
        CasewrightError: the embedding model cannot be loaded or asked.
    """
    import numpy as np

    features = featurizer.features([one.text for one in examples])
    answers = sorted({one.answer for one in examples})
    labels = np.array([answers.index(one.answer) for one in examples])
    sellers = np.array([one.seller for one in examples])
    sure = np.empty((len(examples), len(answers)))
    for taught, tried in _folds(features, labels, sellers):
        learned = _calibrated(features[taught], labels[taught], sellers[taught])
        sure[tried] = learned.predict_proba(features[tried])
    right, surest = sure.argmax(axis=1) == labels, sure.max(axis=1)
    threshold = _threshold(surest, right, least)
    taken = surest >= (math.inf if threshold is None else threshold)
    weights, bias = _folded(_calibrated(features, labels, sellers))
    return Classifier(
        factor=subject.factor,
        question=subject.question,
        answers=tuple(answers),
        embedder=subject.embedder,
        weights=encoded(weights),
        bias=tuple(bias.tolist()),
        threshold=threshold,
        until=max(one.closed_at for one in examples),
        estimate=Estimate(
            cases=len(examples),
            right=int(right.sum()),
            answered=int(taken.sum()),
            right_answered=int(right[taken].sum()),
        ),
        learned_cases=frozenset(learned_name(one.case_id) for one in examples if one.case_id),
        learned_sellers=frozenset(learned_name(one.seller) for one in examples),
    )


def _calibrated(features: NDArray[Any], labels: NDArray[Any], sellers: NDArray[Any]) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression

    folds = list(_folds(features, labels, sellers))
    learner = LogisticRegression(C=10, max_iter=1000)
    calibrated = CalibratedClassifierCV(
        learner,
        method="sigmoid",
        cv=folds,
        ensemble=False,  # pyright: ignore[reportArgumentType] - bool or "auto", says the library
    )
    return calibrated.fit(features, labels)


def _folded(calibrated: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights and biases with the calibration, 1 / (1 + exp(a(wx + c) + b)), multiplied out."""
    import numpy as np

    (whole,) = calibrated.calibrated_classifiers_
    slope = np.array([one.a_ for one in whole.calibrators])
    offset = np.array([one.b_ for one in whole.calibrators])
    return -slope[:, None] * whole.estimator.coef_, -(slope * whole.estimator.intercept_ + offset)


def _folds(
    features: NDArray[Any], labels: NDArray[Any], sellers: NDArray[Any]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    yield from splitter.split(features, labels, sellers)


def _threshold(surest: NDArray[Any], right: NDArray[Any], least: float) -> float | None:
    """The lowest probability at which answers may be taken, or None; see the module."""
    order = surest.argsort()[::-1]
    hits = right[order].cumsum()
    for level in range(LEVELS, 0, -1):
        taken = len(order) * level // LEVELS
        if taken and _low(int(hits[taken - 1]), taken) >= least:
            return float(surest[order[taken - 1]])
    return None


def _low(hits: int, cases: int) -> float:
    """The share that is reached at least (Clopper and Pearson 1934), for all levels together."""
    from scipy.stats import beta

    return float(beta.ppf((1 - CONFIDENCE) / LEVELS, hits, cases - hits + 1)) if hits else 0.0
