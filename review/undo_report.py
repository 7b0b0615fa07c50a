"""What undoing would do, for people; the terminal and the console use the same words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from rich.text import Text

from casewright.enforcement import PlannedAction
from casewright.undoing import Effect, How, Undoing
from casewright.visible import visible

TOLD: Final[Mapping[How, str]] = {
    "withdrawn": "is not sent",
    "compensated": "was done, and is taken back by",
    "awaited": "may have been done: it is sent until that is known, and then taken back",
    "restored": "was done; the measure is taken again if its reason still holds",
    "stays": "was done, and stays",
}


def render_undoing(found: Undoing) -> Text:
    """What becomes of each write."""
    lines = [f"Undoing {found.outcome} in case {found.case_id}:"]
    lines += [f"  {told(one)}" for one in found.effects] or ["  nothing is to be taken back"]
    if found.sent:
        lines.append("Something was sent already, so it takes --yes.")
    return Text("\n".join(map(visible, lines)))


def told(one: Effect) -> str:
    """One line on a write and what becomes of it."""
    by = f" {spelled(one.by)}" if one.by else ""
    why = f": {one.why}" if one.why else ""
    return f"{spelled(one.write)} {TOLD[one.how]}{by}{why}"


def spelled(write: PlannedAction) -> str:
    """A write with its arguments."""
    given = ", ".join(
        f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in write.arguments.items()
    )
    return f"{write.do}({given})"
