"""Public holidays by region, offered to casewright as a part of kind ``calendar``."""

from dataclasses import dataclass
from datetime import date

from casewright.registry import Registry


@dataclass(frozen=True)
class Calendar:
    """The days on which no carrier collects parcels."""

    region: str
    closed: frozenset[date]


GERMANY = Calendar("DE", frozenset({date(2026, 10, 3), date(2026, 12, 25)}))


def register(registry: Registry) -> None:
    """Add the calendar."""
    registry.add("calendar", "holidays_de", GERMANY)
