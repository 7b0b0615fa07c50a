"""Checks of what a reviewer asks, and of the claims and questions that they word anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from casewright.asking import TO, ClaimChange, Question, QuestionChange
from casewright.errors import UnknownName, UsageError
from casewright.models import REQUEST_INFORMATION, ReviewAct, Run

IMPROVED = "A3"
"""The reason of an approval that words something anew."""


def check_asked(
    act: ReviewAct, codes: Sequence[str], asked: Question | None, factors: Collection[str]
) -> None:
    """Refuse a request without a question, and one that its reason does not fit.

    Raises:
        UsageError: the question is missing or too much, or goes to somebody the code is not about.
    """
    if (act is ReviewAct.REQUEST_INFORMATION) != (asked is not None):
        raise UsageError("A request for information, and no other act, says whom it asks and what.")
    if asked is None:
        return
    if asked.factor and asked.factor not in factors:
        raise UnknownName.among("factor", asked.factor, factors)
    for code in codes:
        if asked.to not in TO[code]:
            raise UsageError(f"Code {code} asks {' or '.join(TO[code])}, not the {asked.to}.")


def claim_changes(run: Run, claims: Mapping[int, str]) -> tuple[ClaimChange, ...]:
    """Changes of claims as the run's decision has them.

    Args:
        run: The run that waits.
        claims: Sentences by number, from 1; an empty one strikes the claim.

    Raises:
        UsageError: the decision has no such claim.
    """
    known = run.decision.claims if run.decision else ()
    for number in claims:
        if not 1 <= number <= len(known):
            raise UsageError(f"The decision has no claim {number}: it has {len(known)}.")
    return tuple(
        ClaimChange(number=number, was=known[number - 1].sentence, sentence=sentence.strip())
        for number, sentence in sorted(claims.items())
    )


def check_worded(
    run: Run,
    act: ReviewAct,
    codes: Sequence[str],
    claims: Sequence[ClaimChange],
    questions: Sequence[QuestionChange],
) -> None:
    """Refuse new words where the act keeps the old ones.

    Raises:
        UsageError: the act words nothing anew, or the proposal puts no question to a party.
    """
    if not claims and not questions:
        return
    improved = act is ReviewAct.APPROVE and IMPROVED in codes
    if act is not ReviewAct.EDIT and not improved:
        raise UsageError(
            "Words are changed by an edit, or by an approval with code A3.",
            remedy="Give --code A3, or use `casewright review edit`.",
        )
    _check_questions(run, questions)


def _check_questions(run: Run, questions: Sequence[QuestionChange]) -> None:
    decision = run.decision
    if not questions or decision is None:
        return
    if decision.outcome != REQUEST_INFORMATION:
        raise UsageError(f"The decision asks nobody: it is {decision.outcome}.")
    for change in questions:
        if change.number > len(decision.missing):
            raise UsageError(f"The decision has no question {change.number}.")
        if decision.missing[change.number - 1].party == "reviewer":
            raise UsageError(f"Question {change.number} is put to a reviewer, not to a party.")
