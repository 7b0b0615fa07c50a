"""The tool-calling reader: a chat model that answers narrow questions and proves each answer.

Beside :mod:`agents.answers`, which takes no answer without a quote, nothing here depends on the
model doing as it is told: look-ups, turns, tokens, money, waiting and what is shown of a text are
all bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.allowance import Allowance
from agents.answers import AnswerBook
from agents.exhibits import Exhibits
from agents.fence import Markers
from agents.lookups import Lookups, Ration
from agents.loop import Desk, compile_loop, converse
from agents.prompts import prompt
from agents.reading import Budget, Errand, Question, Reading
from agents.samples import agreed
from agents.talk import Talks
from casewright.errors import ModelError
from casewright.models import Cost
from tools.toolbox import Toolbox


class ModelReader:
    """Reads with a chat model and read-only tools.

    Args:
        talks: Opens a conversation with a chat model.
        toolbox: Where look-ups go.
        budget: What one reading may use at most, whatever its SOP allows.
        markers: Where the fences' markers come from; None for fresh ones that nobody can predict.
    """

    def __init__(
        self,
        talks: Talks,
        toolbox: Toolbox,
        *,
        budget: Budget,
        markers: Markers | None = None,
    ) -> None:
        self._talks = talks
        self._toolbox = toolbox
        self._budget = budget
        self._markers = markers or Markers()
        self._loop = compile_loop()

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what the texts answer; see :meth:`agents.reading.Reader.read`.

        Raises:
            ModelError: the endpoint failed before it had said anything.
            SourceRefused: a data source refuses us.
            UsageError: a tool is unknown, or clashes with the function for answers.
        """
        exhibits = Exhibits(questions, self._markers)
        desks = self._desks(questions, errand, exhibits)
        looks_up = desks[0].lookups.left
        if questions and (exhibits.quotable or looks_up):
            opening = _opening(questions, exhibits, errand, looks_up)
            held = [converse(self._loop, opening, desk) for desk in desks]
            # All end before an error is passed on: none may run on unobserved.
            failures = _failures(await asyncio.gather(*held, return_exceptions=True))
            if len(failures) == len(desks):
                raise failures[0]
        readings = [_reading(desk) for desk in desks]
        if len(readings) == 1:
            return readings[0]
        return agreed(questions, readings, errand.plan.thresholds)

    def _desks(
        self, questions: Sequence[Question], errand: Errand, exhibits: Exhibits
    ) -> list[Desk]:
        """One for each sample; they share the budget and what was looked up."""
        budget = self._budget.within(errand.plan.budget)
        allowance = Allowance(budget)
        once = self._toolbox.for_case()
        ration = Ration(budget.tool_calls or 0)
        desks = []
        for one in _samples(errand):
            shown = exhibits.copied()
            lookups = Lookups(once, one, ration=ration, exhibits=shown)
            desks.append(Desk(self._talks(one), AnswerBook(questions, shown), lookups, allowance))
        return desks


def _samples(errand: Errand) -> list[Errand]:
    """The errand, as often as the model is to be asked."""
    count = errand.plan.samples
    return (
        [replace(errand, sample=number) for number in range(1, count + 1)]
        if count > 1
        else [errand]
    )


def _failures(results: Sequence[BaseException | None]) -> list[ModelError]:
    """The endpoint's failures; any other error is raised."""
    for result in results:
        if result is not None and not isinstance(result, ModelError):
            raise result
    return [result for result in results if isinstance(result, ModelError)]


def _reading(desk: Desk) -> Reading:
    """What came of one conversation."""
    slips = desk.book.slips + desk.lookups.slips
    return Reading(
        answers=desk.book.answers,
        evidence=desk.lookups.evidence,
        discarded=desk.book.discarded,
        cost=desk.talk.cost + Cost(tool_calls=desk.lookups.made, slips=slips),
        opinions=desk.book.opinions,
    )


def _opening(
    questions: Sequence[Question], exhibits: Exhibits, errand: Errand, looks_up: int
) -> list[BaseMessage]:
    """What is the same for all cases comes first, so that endpoints need not read it again."""
    ids = ", ".join(f"{name} {value}" for name, value in sorted(errand.subject.items()))
    look_ups = {"most": str(looks_up), "ids": ids or "none given"}
    task = prompt("questions").render(
        {
            "questions": "\n".join(_asked(question, exhibits) for question in questions),
            "as_of": errand.as_of.isoformat(),
            "look_ups": prompt("look_ups").render(look_ups) if looks_up else "No look-ups.",
            "data": exhibits.text,
        }
    )
    return [SystemMessage(prompt("read").render({})), HumanMessage(task)]


def _asked(question: Question, exhibits: Exhibits) -> str:
    answers = ", ".join(question.answers)
    return (
        f"- factor `{question.factor}`: {question.text} "
        f"Answers: {answers}. Read: {exhibits.names(question)}."
    )
