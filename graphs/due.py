"""By when a case has to be decided: a table by channel and impact."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from casewright.models import Case
from graphs.gate import DEFAULT_SLA, GateSpec
from graphs.words import span

WORKING_DAYS = re.compile(r"(\d+)wd")
SATURDAY = 5


def due_at(gate: GateSpec, case: Case, pause: timedelta = timedelta(0)) -> datetime:
    """When the case is due, from its opening on.

    Args:
        gate: The SOP's gate, whose times go before the default ones.
        case: The case; its impact is in cents of its own currency.
        pause: For how long the clock stood still while somebody had time to answer (handbook 12,
            Paused clocks).
    """
    return _opened(gate, case) + pause


def _opened(gate: GateSpec, case: Case) -> datetime:
    lines = gate.sla.get(case.channel, DEFAULT_SLA[case.channel])
    within = next(
        line.within for line in lines if line.under is None or case.impact.cents < line.under
    )
    days = WORKING_DAYS.fullmatch(within)
    if days is None:
        return case.opened_at + span(within)
    return _working_days_after(case.opened_at, int(days[1]))


def _working_days_after(start: datetime, days: int) -> datetime:
    """The same time of day so many days from Monday to Friday later (UTC)."""
    moment = start
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment
