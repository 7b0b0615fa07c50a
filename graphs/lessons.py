"""What past cases teach: their texts, read as a case's are, beside the facts people stood by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from agents.lesson import Lesson
from casewright.models import Case, Value
from graphs.assess import assess
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.read import open_questions
from graphs.sop import FactorRule, Sop
from tools.toolbox import Toolbox


class Taught(NamedTuple):
    """A case that is closed.

    Attributes:
        case: The case as it entered.
        as_of: The moment as of which its texts are read.
        closed_at: When its facts became known.
        facts: What people stood by, by factor.
    """

    case: Case
    as_of: datetime
    closed_at: datetime
    facts: Mapping[str, Value]


def reading_only(sop: Sop) -> Sop:
    """The SOP with its questions alone, and the actions that bring what they read."""
    questions = {rule.name: rule for rule in sop.questions}
    wanted = {name for rule in questions.values() for name in rule.needs}
    open_ends = list(wanted)
    while open_ends:
        below = sop.actions[open_ends.pop()].needs - wanted
        wanted |= below
        open_ends += below
    actions = {name: action for name, action in sop.actions.items() if name in wanted}
    return replace(sop, actions=actions, factors=questions)


async def lessons_of(reading: Sop, taught: Taught, toolbox: Toolbox) -> tuple[Lesson, ...]:
    """The lessons of one closed case; none for a question whose texts were not there.

    Args:
        reading: What :func:`reading_only` left of the SOP.
        taught: The case.
        toolbox: Brings the texts.

    Raises:
        SourceRefused: the source refuses us.
        ExpressionError: an expression compares what cannot be compared.
    """
    frozen = freeze_case(taught.case, as_of=taught.as_of, at=taught.as_of)
    facts = await Gathering(reading, frozen, toolbox, taught.as_of).run()
    return lessons_in(facts, taught)


def lessons_in(facts: Facts, taught: Taught) -> tuple[Lesson, ...]:
    """The lessons in facts that are there already."""
    questions = {one.factor: one for one in open_questions(facts, assess(facts))}
    answers = {name: answer_of(facts.sop.factors[name], taught.facts) for name in questions}
    return tuple(
        Lesson(
            question=questions[name],
            answer=answer,
            case_id=taught.case.case_id,
            party=taught.case.seller_id,
            closed_at=taught.closed_at,
        )
        for name, answer in answers.items()
        if answer
    )


def answer_of(rule: FactorRule, facts: Mapping[str, Value]) -> str:
    """The closed answer that stands for what is known of a question; empty where nothing is."""
    value = facts.get(rule.name)
    if value is None:
        return ""
    stand = (one for one in rule.spec.closed_answers if rule.domain.read(one) == value)
    return next(stand, "")
