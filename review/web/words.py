"""How times, amounts and names are written on a page; the filters of its templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

from agents.tokens import TOKEN
from casewright.models import Money
from review.layout import as_json, lines, spelled, worded


def moment(value: datetime) -> str:
    """A time to the minute, in UTC: every reviewer reads the same."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """A length of time in its two greatest units, such as ``3 h 20 min``."""
    minutes = int(abs(length.total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {left} min" if hours else f"{left} min"


def due(value: datetime, now: datetime) -> str:
    """How long there is until a time, or for how long it has been over: in words, not by colour."""
    told = span(value - now)
    return f"overdue by {told}" if value < now else f"in {told}"


def money(value: Money) -> str:
    """An amount with its currency."""
    return f"{value.cents / 100:,.2f} {value.currency}"


def plain(name: str) -> str:
    """A name of a procedure as words."""
    return name.replace("_", " ")


def segment(text: str) -> str:
    """A text as one step of a path."""
    return quote(text, safe="")


def tokened(text: str) -> Markup:
    """A text, the tokens in it that stand for personal data marked; all else in it is text."""
    told, at = Markup(), 0
    for token in TOKEN.finditer(shown := lines(text)):
        told += escape(shown[at : token.start()])
        told += Markup('<span class="token">{}</span>').format(token.group())
        at = token.end()
    return told + escape(shown[at:])


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "moment": moment,
    "due": due,
    "money": money,
    "plain": plain,
    "segment": segment,
    "worded": worded,
    "spelled": spelled,
    "as_json": as_json,
    "tokened": tokened,
}
"""By the names that templates call them by."""
