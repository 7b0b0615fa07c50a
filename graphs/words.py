"""The words an ``sop.yaml`` is written in: names, expressions, wordings and lists."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME)]
Word = Annotated[str, Field(pattern=r"""^[^"'\\]+$""")]
"""A value of an enum: any text without quotation marks and backslashes."""


def _expression(value: object) -> object:
    return "true" if value is True else value


def _in_english(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


ExpressionText = Annotated[
    str, BeforeValidator(_expression, json_schema_input_type=str | bool), Field(min_length=1)
]
Languages = Annotated[
    dict[str, str], BeforeValidator(_in_english, json_schema_input_type=str | dict[str, str])
]
"""A wording by language (BCP 47); a plain text is English."""

OneOrMore = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...]),
    Field(min_length=1),
]
"""One text, or several."""

SPAN = re.compile(r"(\d+)(s|m|h|d)")
Span = Annotated[str, Field(pattern=r"^[1-9]\d{0,5}(s|m|h|d)$")]
"""A length of time: seconds, minutes, hours or days, such as ``36h``."""

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """The length of time that a :data:`Span` names.

    Raises:
        ValueError: it names none.
    """
    match = SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
