"""What reading and looking up used: calls, tokens and money, and what a model did wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from casewright.base import Model

Slip = Literal["unknown_function", "malformed_arguments", "foreign_id", "unproven_answer"]
"""What a model may do wrong in a call: name a function that was not offered, give arguments that do
not fit, look up an id that no record of the case holds, answer without a proof that checks out."""


class Cost(Model):
    """What one run used.

    Attributes:
        tool_calls: Look-ups that were answered with evidence.
        model_calls: Calls of a chat model.
        tokens_in: Tokens sent, cached ones included.
        tokens_out: Tokens received, reasoning included.
        tokens_cached: Tokens sent that the endpoint had in its prompt cache.
        micros: Money by the price table of the settings, in millionths of its currency's unit.
        slips: How often the model did what it could not do, by kind; each was answered with what
            was wrong with it.
    """

    tool_calls: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    micros: int = 0
    slips: Mapping[Slip, int] = Field(default_factory=dict)

    def __add__(self, other: Cost) -> Cost:
        """The sum, field by field."""
        slips: dict[Slip, int] = dict(self.slips)
        for kind, count in other.slips.items():
            slips[kind] = slips.get(kind, 0) + count
        sums = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        return Cost(**sums, slips=slips)


_NUMBERS: Final = tuple(name for name in Cost.model_fields if name != "slips")
