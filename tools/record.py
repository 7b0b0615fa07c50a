"""Base models and field types of what tools take and answer.

Validation is strict and in JSON: a number in quotes is no number, save where the API says so.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)
_WHOLE_NUMBER = re.compile(r"\d{1,12}(\.0{1,6})?", flags=re.ASCII)


class Record(BaseModel):
    """Base of results: frozen and strict; fields that the model does not name are dropped."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        strict=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
    )


class Arguments(BaseModel):
    """Base of arguments: frozen and strict; an argument that the tool does not name is refused."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
    )


def _instant(value: Any) -> Any:
    # pydantic would read 1748 and "1748" as seconds since 1970; the API speaks RFC 3339 alone.
    if not (isinstance(value, str) and _RFC3339.fullmatch(value)):
        raise ValueError("expected an RFC 3339 instant such as 2026-06-01T08:00:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant lies outside the years 1 to 9999") from error


Timestamp = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_instant), AfterValidator(_in_utc)
]
"""An instant in UTC, written in RFC 3339."""


def _whole_number(value: Any) -> Any:
    return int(float(value)) if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value) else value


Grams = Annotated[int, BeforeValidator(_whole_number)]
"""A weight in grams; since its schema change of 2026-04-06 the API may write it as a string."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@~+-]{0,127}$")]
"""An id as an argument. Slashes, dots alone and blanks cannot occur, so it is one path segment."""

Region = Literal["US", "UK", "EU", "MX", "SEA"]
"""A marketplace region."""

Severity = Literal["minor", "major", "severe"]
"""How grave a violation is."""


ClaimKind = Literal[
    "not_received", "empty_parcel", "not_as_described", "defective", "wrong_item", "changed_mind"
]
"""What a buyer's claim says of the order."""


class OpenSpan(Arguments):
    """A half-open span of time; an end that is not given is open."""

    from_: Timestamp | None = Field(
        default=None, alias="from", description="Start, RFC 3339, included."
    )
    to: Timestamp | None = Field(default=None, description="End, RFC 3339, excluded.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("from must not be after to")
        return self


class Span(Arguments):
    """A half-open span of time that figures are summed up over."""

    from_: Timestamp = Field(alias="from", description="Start, RFC 3339, included.")
    to: Timestamp = Field(description="End, RFC 3339, excluded.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("from must be before to")
        return self


class BySeller(Arguments):
    """A seller's id."""

    seller_id: Id = Field(description="The seller's id.")


class SellerWindow(Span, BySeller):
    """A seller and a half-open span of time."""


class ByOrder(Arguments):
    """An order's id."""

    order_id: Id = Field(description="The order's id.")


class ByViolation(Arguments):
    """A violation's id."""

    violation_id: Id = Field(description="The violation's id.")
