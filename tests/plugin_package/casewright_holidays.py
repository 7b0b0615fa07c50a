"""Public holidays by region: a part of kind ``calendar``, and a tool that SOPs can call."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel

from casewright.registry import Registry
from tools.python import tool


@dataclass(frozen=True)
class Calendar:
    """The days on which no carrier collects parcels."""

    region: str
    closed: frozenset[date]


GERMANY = Calendar("DE", frozenset({date(2026, 10, 3), date(2026, 12, 25)}))


class WorkingDay(BaseModel):
    """The first day on which a carrier collects parcels again."""

    day: date
    waited_days: int


@tool(name="next_working_day", description="The first day from a day on that is no holiday.")
async def next_working_day(region: Literal["DE"], day: date) -> WorkingDay:
    """Holidays and Sundays are passed over."""
    found = day
    while found in GERMANY.closed or found.isoweekday() == 7:
        found += timedelta(days=1)
    return WorkingDay(day=found, waited_days=(found - day).days)


def register(registry: Registry) -> None:
    """Add the calendar and the tool."""
    registry.add("calendar", "holidays_de", GERMANY)
    registry.add("tool", next_working_day.name, next_working_day)
