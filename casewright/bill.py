"""What something cost, in words. Money that is not known is never shown as nothing."""

from __future__ import annotations

from casewright.cost import Cost

UNIT = 1_000_000
"""Millionths in a currency's unit."""


def bill(cost: Cost, currency: str = "") -> str:
    """One line: calls, tokens and money, and for how many calls money is not known.

    Args:
        cost: What was used.
        currency: ISO 4217 code of its money.
    """
    if not cost.model_calls:
        return "no model call"
    cached = f" ({cost.tokens_cached:,} cached)" if cost.tokens_cached else ""
    tokens = f"{cost.tokens_in:,} tokens in{cached}, {cost.tokens_out:,} out"
    return f"{_counted(cost.model_calls)}, {tokens}, {money(cost, currency)}"


def money(cost: Cost, currency: str = "") -> str:
    """The money alone: an amount, a lower bound where some calls have no price, or neither."""
    amount = f"{cost.micros / UNIT:,.6f}".rstrip("0").rstrip(".") + f" {currency}".rstrip()
    if not cost.unpriced:
        return amount
    if cost.unpriced == cost.model_calls:
        return "money not counted (no price known)"
    return f"at least {amount} (no price known for {_counted(cost.unpriced)})"


def _counted(calls: int) -> str:
    return f"{calls:,} model call{'' if calls == 1 else 's'}"
