"""Opinions: what each reader said of a question, whether or not it was taken."""

from __future__ import annotations

from typing import Literal

from casewright.base import Model

Established = Literal["rule", "classifier", "model", "human"]
"""Who can establish a factor."""


class Opinion(Model):
    """What one reader said of one question.

    Attributes:
        factor: The factor asked about.
        by: Who said it.
        answer: One of the closed answers; empty where the reader abstained.
        probability: How sure the reader is, 0 to 1; None where it does not say.
        quote: The words it rests on, or empty.
        taken: Whether it became the factor's value.
        reason: Why it was not taken, in plain words; empty where it was.
    """

    factor: str
    by: Established
    answer: str = ""
    probability: float | None = None
    quote: str = ""
    taken: bool = False
    reason: str = ""
