"""Public holidays by region: a calendar, a tool that SOPs call, a statistic that factors use."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from casewright.registry import Registry
from tools.enforcement import Write, WriteTool
from tools.python import tool
from tools.statistic import statistic


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


@statistic(
    name="closed_share",
    description="The share of a span of days on which no carrier collects parcels in Germany.",
    source="the calendar of this package",
)
def closed_share(first: datetime, days: int) -> float | None:
    """Holidays and Sundays among ``days`` days from ``first`` on."""
    span = [first.date() + timedelta(days=number) for number in range(days)]
    closed = [day for day in span if day in GERMANY.closed or day.isoweekday() == 7]
    return len(closed) / days if days > 0 else None


class PickupWrite(Write):
    """The seller whose collection is moved, and to which day."""

    seller_id: str
    day: date


MOVE_PICKUP = WriteTool("move_pickup", "Moves a collection.", PickupWrite, "/v1/pickups/move")


def register(registry: Registry) -> None:
    """Add the calendar, the tool, the statistic and the write tool."""
    registry.add("calendar", "holidays_de", GERMANY)
    registry.add("tool", next_working_day.name, next_working_day)
    registry.add("statistic", closed_share.name, closed_share)
    registry.add("write_tool", MOVE_PICKUP.name, MOVE_PICKUP)
