"""How answers that were taken, and cases that were opened, look to people."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from casewright.store.opened import OpenedCase
from casewright.visible import visible
from graphs.answers import TakenAnswer


def render_answers(found: Sequence[TakenAnswer]) -> RenderableType:
    """One line a case."""
    if not found:
        return Text("No case waits for an answer.")
    table = Table("case", "what came", "now", "proposal", box=None)
    for one in found:
        told = one.error or one.outcome
        table.add_row(*(Text(visible(text)) for text in (one.case_id, one.found, one.status, told)))
    return table


def render_opened(opened: OpenedCase) -> RenderableType:
    """What was opened, and what comes next."""
    case = opened.case
    of = f" It contests the decision of {visible(case.appeal_of)}." if case.appeal_of else ""
    command = f"casewright investigate {shlex.quote(case.case_id)}"
    told = f"Opened {visible(case.case_id)} by {visible(opened.by)}.{of}"
    return Text(f"{told}\nNext: {visible(command)}")
