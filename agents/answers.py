"""The answer book: takes the answers that verify, and says of the others why it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.exhibits import Exhibits
from agents.reading import UNCLEAR, Answer, Question

FUNCTION = "answer"
"""Name of the function through which a model answers."""

TRIES = 2
"""How often an answer to one question may fail to verify before the question is closed."""

ABSENCE = "no"
"""The answer that rests on the whole text, so that a part of it cannot prove it."""


class _Offer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    factor: str
    answer: str
    quote: str = ""
    action: str = ""
    pointer: str = ""


class _Refused(Exception):
    """The reason why an answer is not taken."""


class AnswerBook:
    """The answers of one reading.

    Args:
        questions: What was asked.
        exhibits: What was shown, and can be quoted.
    """

    def __init__(self, questions: Sequence[Question], exhibits: Exhibits) -> None:
        self._questions = {question.factor: question for question in questions}
        self._exhibits = exhibits
        self._taken: dict[str, Answer] = {}
        self._closed: set[str] = set()
        self._failed: Counter[str] = Counter()
        self._discarded: list[str] = []

    @property
    def open(self) -> tuple[str, ...]:
        """Factors that can still be answered."""
        settled = self._taken.keys() | self._closed
        return tuple(factor for factor in self._questions if factor not in settled)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers taken, in the order of the questions."""
        return tuple(self._taken[factor] for factor in self._questions if factor in self._taken)

    @property
    def discarded(self) -> tuple[str, ...]:
        """Why answers were not taken, or did not come."""
        silent = (factor for factor in self.open if not self._failed[factor])
        return (*self._discarded, *(f"{factor}: the model gave no answer." for factor in silent))

    def function(self) -> dict[str, Any]:
        """The JSON schema of the function, in the form that chat-completions endpoints take."""
        answers = {answer for question in self._questions.values() for answer in question.answers}
        text = {"type": "string"}
        properties = {
            "factor": {**text, "enum": list(self._questions)},
            "answer": {**text, "enum": sorted(answers)},
            "quote": {**text, "description": "The words that settle it, copied exactly."},
            "action": {**text, "description": "The action whose data the words stand in."},
            "pointer": {**text, "description": "JSON Pointer of the text they stand in."},
        }
        return {
            "name": FUNCTION,
            "description": "Answer one question, with its proof.",
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        }

    def offer(self, arguments: Mapping[str, Any]) -> str:
        """Verify an answer and take it, or note why not.

        Args:
            arguments: What the model called the function with.

        Returns:
            What to tell the model; a text it can act on.
        """
        try:
            offer = _Offer.model_validate(dict(arguments))
        except ValidationError as error:
            first = error.errors()[0]
            return f"Not taken: {'.'.join(map(str, first['loc']))}: {first['msg']}."
        if offer.factor not in self._questions:
            return f"Not taken: no such factor is asked for. Open: {self._open_names()}."
        if offer.factor in self._closed:
            return f"Not taken: {offer.factor} is closed. Open: {self._open_names()}."
        return self._judged(offer)

    def _judged(self, offer: _Offer) -> str:
        try:
            answer = self._verified(offer, self._questions[offer.factor])
        except _Refused as refusal:
            return self._discard(offer.factor, str(refusal))
        if self._taken.get(offer.factor, answer).answer != answer.answer:
            return self._contradicted(offer.factor)
        self._taken.setdefault(offer.factor, answer)
        return f"Taken. Open: {self._open_names()}."

    def _verified(self, offer: _Offer, question: Question) -> Answer:
        if offer.answer not in question.answers:
            raise _Refused(f"the answer is none of {', '.join(question.answers)}")
        if offer.answer == UNCLEAR:
            return Answer(factor=offer.factor, answer=UNCLEAR, quote="", digest="", pointer="")
        if offer.answer == ABSENCE and self._exhibits.cut_for(offer.factor):
            raise _Refused(f"the text is too long to be shown whole, so {ABSENCE!r} is not proven")
        return self._quoted(offer)

    def _quoted(self, offer: _Offer) -> Answer:
        exhibit = self._exhibits.find(offer.action, offer.pointer)
        if exhibit is None:
            raise _Refused("it cites an action and pointer at which no text was shown")
        if exhibit.factors is not None and offer.factor not in exhibit.factors:
            raise _Refused("it cites a text that this question does not read")
        quote = exhibit.text.verbatim(offer.quote)
        if quote is None:
            raise _Refused("the quote does not stand, character for character, in the text cited")
        return Answer(
            factor=offer.factor,
            answer=offer.answer,
            quote=quote,
            digest=exhibit.digest,
            pointer=exhibit.pointer,
        )

    def _discard(self, factor: str, reason: str) -> str:
        self._discarded.append(f"{factor}: {reason}.")
        self._failed[factor] += 1
        if self._failed[factor] >= TRIES and factor not in self._taken:
            self._closed.add(factor)
        return f"Not taken, {factor}: {reason}. Open: {self._open_names()}."

    def _contradicted(self, factor: str) -> str:
        """Two answers that both verify leave the question open to a human."""
        del self._taken[factor]
        self._closed.add(factor)
        self._discarded.append(f"{factor}: the model gave two different answers.")
        return f"Not taken: {factor} was answered differently before, so it stays unknown."

    def _open_names(self) -> str:
        return ", ".join(self.open) or "none"
