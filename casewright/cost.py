"""What reading and looking up used: calls, tokens and money."""

from __future__ import annotations

from casewright.base import Model


class Cost(Model):
    """What one run used.

    Attributes:
        tool_calls: Look-ups that were answered with evidence.
        model_calls: Calls of a chat model.
        tokens_in: Tokens sent, cached ones included.
        tokens_out: Tokens received, reasoning included.
        tokens_cached: Tokens sent that the endpoint had in its prompt cache.
        micros: Money by the price table of the settings, in millionths of its currency's unit.
    """

    tool_calls: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    micros: int = 0

    def __add__(self, other: Cost) -> Cost:
        """The sum, field by field."""
        return Cost(**{name: getattr(self, name) + getattr(other, name) for name in _FIELDS})


_FIELDS = tuple(Cost.model_fields)
