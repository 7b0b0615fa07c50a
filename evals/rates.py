"""Proportions with their intervals, which know that the cases of one seller are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

from casewright.base import Model
from casewright.intervals import wilson
from evals.scored import Scored
from evals.sellers import Sum, effect_of, sums


class Rate(Model):
    """A proportion with its 95% interval: Wilson's, on the effective number of cases.

    Attributes:
        value: numerator / denominator; None where the denominator is 0.
        numerator: What counted.
        denominator: Out of what.
        low: Lower end of the interval.
        high: Upper end of the interval.
        reason: The same in one line of words.
        effect: Design effect by which both counts are divided for the interval; 1: none.
    """

    value: float | None
    numerator: int
    denominator: int
    low: float
    high: float
    reason: str
    effect: float = 1.0

    @classmethod
    def of(cls, numerator: int, denominator: int, words: str, *, effect: float = 1.0) -> Self:
        """Build a rate; ``words`` completes '3 of 4 …'."""
        low, high = wilson(numerator, denominator, effect=effect)
        return cls(
            value=numerator / denominator if denominator else None,
            numerator=numerator,
            denominator=denominator,
            low=low,
            high=high,
            reason=f"{numerator} of {denominator} {words}",
            effect=effect,
        )

    @classmethod
    def over(
        cls, scored: Iterable[Scored], share: Callable[[Scored], tuple[int, int]], words: str
    ) -> Self:
        """The rate over cases, with the design effect of their sellers.

        Args:
            scored: The cases.
            share: What a case adds to numerator and denominator, such as two truth values.
            words: Completes '3 of 4 …'.
        """
        return cls.summed(sums(scored, share), words)

    @classmethod
    def summed(cls, by_seller: Sequence[Sum], words: str) -> Self:
        """The rate of what the sellers' cases add up to; see :meth:`over`."""
        hits, n = (int(sum(one[column] for one in by_seller)) for column in (0, 1))
        return cls.of(hits, n, words, effect=effect_of(by_seller))

    @classmethod
    def f1(cls, by_seller: Iterable[Sum]) -> Self:
        """F1 = 2·hits / (2·hits + misses), misses being false positives and false negatives.

        F1 is no proportion, but F* = hits / (hits + misses) is, and F1 = 2F* / (1 + F*) grows with
        it (Hand, Christen and Kirielle 2021): the ends are those of F*, carried over.

        Args:
            by_seller: Hits out of hits and misses, for each seller.
        """
        known = list(by_seller)
        hits, n = (int(sum(one[column] for one in known)) for column in (0, 1))
        effect = effect_of(known)
        rate = cls.of(2 * hits, hits + n, "predictions and gold cases agree in pairs")
        low, high = (2 * end / (1 + end) for end in wilson(hits, n, effect=effect))
        return rate.model_copy(update={"low": low, "high": high, "effect": effect})
