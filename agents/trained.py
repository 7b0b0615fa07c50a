"""What a classifier learned of one question: the numbers, and how far they may be trusted.

A classifier is data and never code: a JSON file of weights, read without unpickling anything. It is
one of the files of the graph version that it reads for, so that a run goes on with the one it
started with, and another training is another version.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import Field, field_serializer

from casewright.models import Digest, Model, Moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FAR = 500.0
"""Log-odds beyond which nothing is surer."""


class Estimate(Model):
    """How right a classifier was on cases of sellers that it had not learned from.

    Attributes:
        cases: Cases that it learned from, and was tried on in turns.
        right: How many of them it answered rightly when it had to answer all.
        answered: How many of them it was sure enough about to answer.
        right_answered: How many of those it answered rightly.
    """

    cases: int
    right: int
    answered: int
    right_answered: int


class Classifier(Model):
    """A trained classifier of one question.

    Attributes:
        factor: The factor that the question establishes.
        question: Digest of the question it was trained for, see ``graphs.train.question_digest``.
        answers: The closed answers that it knows; all others it never gives.
        embedder: Name of the embedding model of its features.
        weights: Rows of float32, little-endian, as base64: one a feature and answer, of shape
            (answers, features); for two answers one row alone, that of the second. They are
            calibrated: their sum over a text's features is the log-odds of the answer.
        bias: One number a row of the weights.
        threshold: The least probability at which its answer is taken; None: none of them is, for
            it was right too seldom.
        until: When the last case closed that it learned from. It answers no case of before: it
            would know the case's own future.
        estimate: How right it was.
        learned_cases: Cases that it learned from, each as :func:`learned_name` writes it; empty
            where it was trained before that was written down.
        learned_sellers: Sellers that it learned from, likewise.
    """

    factor: str
    question: Digest
    answers: tuple[str, ...] = Field(min_length=2)
    embedder: str
    weights: str
    bias: tuple[float, ...]
    threshold: float | None = Field(default=None, ge=0, le=1)
    until: Moment
    estimate: Estimate
    learned_cases: frozenset[str] = frozenset()
    learned_sellers: frozenset[str] = frozenset()

    @field_serializer("learned_cases", "learned_sellers")
    def _in_order(self, names: frozenset[str]) -> list[str]:
        """So that the same training is the same file, and the same graph version."""
        return sorted(names)

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """The weights, of shape (answers, features); those of two answers mirror each other."""
        import numpy as np

        raw = np.frombuffer(base64.b64decode(self.weights), dtype="<f4")
        rows = raw.reshape(len(self.bias), -1)
        return rows if len(rows) > 1 else np.concatenate([-rows, rows])

    def probabilities(self, features: NDArray[np.float32]) -> dict[str, float]:
        """How sure it is of each answer.

        Args:
            features: Those of one text, of shape (features,), see :mod:`agents.features`.
        """
        import numpy as np

        bias = np.array(self.bias)
        if len(bias) == 1:
            bias = np.concatenate([-bias, bias])
        odds = np.clip(self.matrix @ features + bias, -_FAR, _FAR)
        shares = 1 / (1 + np.exp(-odds))
        return dict(zip(self.answers, (shares / shares.sum()).tolist(), strict=True))


def learned_name(case_or_seller_id: str) -> str:
    """How a classifier names what it learned from: 64 bits of a digest, which tell it again.

    A graph version carries its classifiers wherever it goes; the ids themselves stay at home.
    """
    return hashlib.sha256(case_or_seller_id.encode()).hexdigest()[:16]


def encoded(weights: NDArray[np.float64]) -> str:
    """Rows of weights as :attr:`Classifier.weights` holds them."""
    return base64.b64encode(weights.astype("<f4").tobytes()).decode("ascii")
