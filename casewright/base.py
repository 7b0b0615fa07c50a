"""What all models are made of: the frozen base, digests, instants and money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A lower-case sha-256 over canonical JSON."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # pydantic knows ValueError only
        raise ValueError("the moment lies outside the years 1 to 9999 in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant: whatever offset it was written with, it is kept in UTC."""


class Model(BaseModel):
    """Base of all models: frozen, and strict about unknown fields."""

    # Validators are built at first use: a command uses few of the models it imports.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Money(Model):
    """An amount in integer minor units (cents) of a currency."""

    cents: int
    currency: str = Field(pattern=r"^[A-Z]{3}$")
