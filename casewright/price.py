"""What a model's tokens cost: exact arithmetic from a table in the settings."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from pydantic import ConfigDict, Field

from casewright.base import Model


class Price(Model):
    """The price of one model, for a million tokens, in the price table's currency.

    Attributes:
        sent: For tokens sent; written ``in``.
        received: For tokens received, reasoning included; written ``out``.
        cached: For tokens sent that were read from the endpoint's prompt cache; None: as ``in``.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    sent: Decimal = Field(alias="in", ge=0)
    received: Decimal = Field(alias="out", ge=0)
    cached: Decimal | None = Field(default=None, ge=0)

    def micros(self, sent: int, received: int, cached: int = 0) -> int:
        """What a call costs, in millionths of the currency's unit.

        A price for a million tokens in units is the price of one token in millionths of a unit,
        so the sum is exact; it is rounded once a call, half to even.

        Args:
            sent: Tokens sent, cached ones included.
            received: Tokens received.
            cached: Of those sent, the cached ones.
        """
        known = min(cached, sent)
        fresh = (sent - known) * self.sent
        again = known * (self.sent if self.cached is None else self.cached)
        exact = fresh + again + received * self.received
        return int(exact.to_integral_value(ROUND_HALF_EVEN))
