"""The tool-calling reader: a chat model that answers narrow questions and proves each answer.

Beside :mod:`agents.answers`, which takes no answer without a quote, nothing here depends on the
model doing as it is told: look-ups, turns, waiting and what is shown of a text are all bounded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.answers import FUNCTION, AnswerBook
from agents.exhibits import Exhibits
from agents.lookups import Lookups
from agents.prompts import prompt
from agents.reading import Errand, Question, Reading
from agents.talk import Call, Talk, Talks, Turn
from tools.toolbox import Toolbox

SPARE_TURNS = 4
"""Turns beyond one for each look-up: to answer, to correct answers, and to be reminded."""


class ModelReader:
    """Reads with a chat model and read-only tools.

    Args:
        talks: Opens a conversation with a chat model.
        toolbox: Where look-ups go.
        tool_calls: Most look-ups in one reading.
        randomness: Where the fences' markers come from; None for the system's.
    """

    def __init__(
        self,
        talks: Talks,
        toolbox: Toolbox,
        *,
        tool_calls: int,
        randomness: random.Random | None = None,
    ) -> None:
        self._talks = talks
        self._toolbox = toolbox
        self._tool_calls = tool_calls
        self._randomness = randomness or random.SystemRandom()

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what the texts answer; see :meth:`agents.reading.Reader.read`.

        Raises:
            ModelError: the endpoint did not do its part; what was answered so far is dropped.
            SourceRefused: a data source refuses us.
            UsageError: a tool is unknown, or clashes with the function for answers.
        """
        exhibits = Exhibits(questions, self._randomness)
        book = AnswerBook(questions, exhibits)
        once = self._toolbox.for_case()
        lookups = Lookups(
            once,
            errand.tools,
            budget=self._tool_calls,
            as_of=errand.as_of,
            exhibits=exhibits,
        )
        talk = self._talks(errand)
        if questions and (exhibits.quotable or lookups.left):
            opening = _opening(questions, exhibits, errand.as_of, lookups.left)
            await _Conversation(talk, book, lookups).hold(opening, lookups.left + SPARE_TURNS)
        return Reading(
            answers=book.answers,
            evidence=exhibits.evidence,
            discarded=book.discarded,
            cost=talk.cost + lookups.cost,
        )


class _Conversation:
    """The loop: the model calls, the answer book and the tools reply, until all is settled."""

    def __init__(self, talk: Talk, book: AnswerBook, lookups: Lookups) -> None:
        self._talk = talk
        self._book = book
        self._lookups = lookups
        self._reminders = {"answer_now": lookups.left > 0, "use_function": True}

    async def hold(self, messages: Sequence[BaseMessage], turns: int) -> None:
        """Talk for at most ``turns`` turns, the last of them without look-ups."""
        history = list(messages)
        for left in reversed(range(turns)):
            turn = await self._talk.turn(history, self._functions(last=left == 0))
            history += [turn.message, *await self._replies(turn)]
            reminder = self._reminder(turn, left)
            if not self._book.open or (not turn.calls and not reminder):
                return
            history += [HumanMessage(reminder)] if reminder else []

    def _functions(self, *, last: bool) -> list[dict[str, object]]:
        return [self._book.function(), *([] if last else self._lookups.functions())]

    async def _replies(self, turn: Turn) -> list[BaseMessage]:
        """One message for each call; look-ups are made only while a question is open."""
        told = {call.call_id: self._answered(call) for call in turn.calls if call.name == FUNCTION}
        wanted = [call for call in turn.calls if call.name != FUNCTION]
        if self._book.open:
            results = await self._lookups.run(wanted)
            told |= {call.call_id: result for call, result in zip(wanted, results, strict=True)}
        return [call.reply(told[call.call_id]) for call in turn.calls if call.call_id in told]

    def _answered(self, call: Call) -> str:
        if call.arguments is None:
            return "Not taken: the arguments are not a JSON object. Call the function again."
        return self._book.offer(call.arguments)

    def _reminder(self, turn: Turn, left: int) -> str:
        """What the model is told once: to use the function, or to end its look-ups."""
        if not turn.calls:
            return self._once("use_function")
        if not self._lookups.left or left == 1:
            return self._once("answer_now")
        return ""

    def _once(self, name: str) -> str:
        if not self._reminders[name]:
            return ""
        self._reminders[name] = False
        return prompt(name).render({"open": ", ".join(self._book.open)})


def _opening(
    questions: Sequence[Question], exhibits: Exhibits, as_of: datetime, lookups: int
) -> list[BaseMessage]:
    system = prompt("read").render({"as_of": as_of.isoformat(), "tool_calls": str(lookups)})
    task = prompt("questions").render(
        {
            "questions": "\n".join(_asked(question, exhibits) for question in questions),
            "data": exhibits.text,
        }
    )
    return [SystemMessage(system), HumanMessage(task)]


def _asked(question: Question, exhibits: Exhibits) -> str:
    answers = ", ".join(question.answers)
    return (
        f"- factor `{question.factor}`: {question.text} "
        f"Answers: {answers}. Read: {exhibits.names(question)}."
    )
