"""What the forms to ask a party show of a run, on the page of a case and on one of their own."""

from __future__ import annotations

from typing import Any, Final

from casewright.asking import ADDRESSEES
from casewright.models import REASON_CODES, ReviewAct, Run

QUESTION_DAYS: Final = 7
"""How long somebody has to answer, unless the reviewer says otherwise (GEN-2.1)."""


def asking(run: Run) -> dict[str, Any]:
    """What the fragments ``ask.html`` and ``awaiting.html`` show of a run."""
    return {
        "run": run,
        "askable": [one.name for one in run.decision.factors] if run.decision else [],
        "addressees": ADDRESSEES,
        "ask_codes": REASON_CODES[ReviewAct.REQUEST_INFORMATION],
        "question_days": QUESTION_DAYS,
    }
