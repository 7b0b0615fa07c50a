"""What the forms to ask a party show of a run, on the page of a case and on one of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData

from casewright.asking import ADDRESSEES
from casewright.models import REASON_CODES, ReviewAct, Run
from review.web.forms import text

QUESTION_DAYS: Final = 7
"""How long somebody has to answer, unless the reviewer says otherwise (GEN-2.1)."""


@dataclass(frozen=True)
class Asked:
    """A question as it was typed.

    Attributes:
        codes: Reason codes.
        to: Whom.
        factor: About which fact, or empty.
        question: The words.
        days: How long they have.
        note: Free text for the team.
    """

    codes: tuple[str, ...] = ()
    to: str = ""
    factor: str = ""
    question: str = ""
    days: str = str(QUESTION_DAYS)
    note: str = ""

    @classmethod
    def of(cls, form: FormData) -> Asked:
        """What a form says."""
        codes = tuple(dict.fromkeys(str(code) for code in form.getlist("code")))
        names = ("to", "factor", "question", "days", "note")
        return cls(codes, **{name: text(form, name) for name in names})


BLANK: Final = Asked()
"""A form that nobody has filled in."""


def asking(run: Run, asked: Asked = BLANK) -> dict[str, Any]:
    """What the fragments ``ask.html`` and ``awaiting.html`` show of a run, with what was typed."""
    return {
        "run": run,
        "askable": [one.name for one in run.decision.factors] if run.decision else [],
        "addressees": ADDRESSEES,
        "ask_codes": REASON_CODES[ReviewAct.REQUEST_INFORMATION],
        "asked": asked,
    }
