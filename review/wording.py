"""Options by which a command words claims and questions anew. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from casewright.errors import UsageError
from casewright.session import texts

Claims = Annotated[
    list[str] | None, typer.Option("--claim", help="N=SENTENCE for the N-th claim, from 1.")
]
Struck = Annotated[
    list[int] | None, typer.Option("--strike", help="Strike the N-th claim, from 1.")
]
Questions = Annotated[
    list[str] | None, typer.Option("--question", help="N=WORDS for the N-th question, from 1.")
]
Days = Annotated[
    list[str] | None, typer.Option("--answer-days", help="N=DAYS for the N-th question, from 1.")
]


def worded(
    claims: Sequence[str] | None,
    struck: Sequence[int] | None,
    questions: Sequence[str] | None,
    days: Sequence[str] | None,
) -> dict[str, Any]:
    """What these options say, as ``Desk.act`` takes it.

    Raises:
        UsageError: one is not of its form, or a claim is both worded anew and struck.
    """
    from casewright.asking import QuestionChange

    sentences = {_number(name): text for name, text in texts(claims or []).items()}
    if twice := sentences.keys() & set(struck or []):
        raise UsageError(f"Claim {min(twice)} is both worded anew and struck.")
    asked = {_number(name): text for name, text in texts(questions or []).items()}
    given = {_number(name): _number(text) for name, text in texts(days or []).items()}
    changes = [
        QuestionChange(number=number, question=asked.get(number, ""), days=given.get(number))
        for number in sorted({*asked, *given})
    ]
    return {"claims": {**sentences, **dict.fromkeys(struck or [], "")}, "questions": changes}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000):
        raise UsageError(f"{text!r} is no number from 1 on.")
    return int(text)
