"""What reading and looking up used: calls, tokens and money, and what a model did wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        model_calls: Calls of a chat model, failed ones included.
        tokens_in: Tokens sent, cached ones included.
        tokens_out: Tokens received, reasoning included.
        tokens_cached: Tokens sent that the endpoint had in its prompt cache.
        micros: Money by the price table of the settings, in millionths of its currency's unit.
        slips: How often the model did what it could not do, by kind; each was answered with what
            was wrong with it.
        unpriced: Model calls whose money is not in ``micros``, because it is not known.
    """

    tool_calls: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    micros: int = 0
    slips: Mapping[Slip, int] = Field(default_factory=dict)
    unpriced: int = 0

    def __add__(self, other: Cost) -> Cost:
        """The sum, field by field."""
        slips: dict[Slip, int] = dict(self.slips)
        for kind, count in other.slips.items():
            slips[kind] = slips.get(kind, 0) + count
        sums = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        return Cost(**sums, slips=slips)


_NUMBERS: Final = tuple(name for name in Cost.model_fields if name != "slips")


class ModelCall(Model):
    """One call of a chat model, as it was metered.

    Attributes:
        endpoint: Host and port that was asked.
        model: The model asked for.
        mode: How an answer was asked for: ``json_schema``, ``tools``, ``json`` or ``text``.
        tokens_in: Tokens sent, by the endpoint's count.
        tokens_out: Tokens received, by the endpoint's count.
        tokens_cached: Of those sent, the ones read from the endpoint's prompt cache.
        micros: Its price in millionths of the currency's unit; None where it is not known:
            the price table has no such model, or the endpoint did not count.
        currency: ISO 4217 code of the price table.
        wall_ms: Time from question to answer, retries within the client included.
        factors: The factors still open when it was made.
        error: Type of the error it ended in, or empty.
        prompt: Digest of the request as it left, personal data hidden; see
            ``agents.meter.said_digest``.
        response: Digest of the reply as it came; empty where none did.
    """

    endpoint: str
    model: str
    mode: str = "text"
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    micros: int | None = None
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    wall_ms: float = 0.0
    factors: tuple[str, ...] = ()
    error: str = ""
    prompt: str = ""
    response: str = ""

    @property
    def cost(self) -> Cost:
        """What this call used."""
        return Cost(
            model_calls=1,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            tokens_cached=self.tokens_cached,
            micros=self.micros or 0,
            unpriced=int(self.micros is None),
        )


def total(costs: Iterable[Cost | ModelCall]) -> Cost:
    """The sum of costs, and of what calls cost."""
    summed = Cost()
    for one in costs:
        summed += one.cost if isinstance(one, ModelCall) else one
    return summed


def currency_of(calls: Iterable[ModelCall]) -> str:
    """The currency in which calls were priced, or empty."""
    return next((call.currency for call in calls if call.currency), "")


def by_factor(calls: Iterable[ModelCall]) -> dict[str, Cost]:
    """What each factor cost.

    The tokens and the money of a call are shared evenly by the factors that were open in it;
    what does not divide goes to the first ones, one unit each, so that the shares of a call add
    up to it. Every factor that was open in a call counts it as one of its calls. A call made for
    no factor is shared by none.
    """
    shares: dict[str, Cost] = {}
    for call in calls:
        for place, factor in enumerate(call.factors):
            shares[factor] = shares.get(factor, Cost()) + _share(call.cost, place, call.factors)
    return shares


def _share(whole: Cost, place: int, factors: tuple[str, ...]) -> Cost:
    parts = {
        name: amount // len(factors) + (place < amount % len(factors))
        for name in ("tokens_in", "tokens_out", "tokens_cached", "micros")
        for amount in (getattr(whole, name),)
    }
    return Cost(model_calls=whole.model_calls, unpriced=whole.unpriced, **parts)
