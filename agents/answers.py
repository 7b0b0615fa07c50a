"""The answer book: takes the answers that verify, and says of the others why it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.exhibits import Exhibits
from agents.reading import UNCLEAR, Answer, Question
from casewright.models import Opinion, Slip

FUNCTION = "answer"
"""Name of the function through which a model answers."""

TRIES = 2
"""How often an answer to one question may fail to verify before the question is closed."""

ABSENCE = "no"
"""The answer that rests on the whole text, so that a part of it cannot prove it."""


ANSWERING: Final[Mapping[str, Any]] = {
    "name": FUNCTION,
    "description": "Answer one question, with its proof.",
    "parameters": {
        "type": "object",
        "properties": {
            "factor": {"type": "string"},
            "answer": {"type": "string", "description": "One of the question's answers."},
            "quote": {"type": "string", "description": "The words that settle it, copied."},
            "action": {"type": "string", "description": "The action whose data they stand in."},
            "pointer": {"type": "string", "description": "JSON Pointer of their text."},
        },
        "required": ["factor", "answer", "quote", "action", "pointer"],
        "additionalProperties": False,
    },
}
"""The function, in the form that chat-completions endpoints take. It names no factor and no
answer, so that it is the same for all cases and endpoints need to read it once."""


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
    """The answers of one conversation.

    Args:
        questions: What was asked.
        exhibits: What was shown, and can be quoted.
    """

    def __init__(self, questions: Sequence[Question], exhibits: Exhibits) -> None:
        self._questions = {question.factor: question for question in questions}
        self._exhibits = exhibits
        self._said: dict[str, _Offer] = {}
        self._taken: dict[str, Answer] = {}
        self._closed: set[str] = set()
        self._failed: Counter[str] = Counter()
        self._discarded: list[tuple[str, str]] = []
        self.slips: Counter[Slip] = Counter()
        """Answers that did not fit or did not check out, by kind."""

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
        return tuple(f"{factor}: {reason}." for factor, reason in self._discarded)

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """What the model said last of each question, in the order of the questions."""
        return tuple(map(self._opinion, self._questions))

    def close(self, reason: str) -> None:
        """End the conversation; ``reason`` says why what is open stays so."""
        self._discarded += [(factor, reason) for factor in self.open]
        self._closed.update(self.open)

    def offer(self, arguments: Mapping[str, Any] | None) -> str:
        """Verify an answer and take it, or note why not.

        Args:
            arguments: What the model called the function with; None where it was no JSON object.

        Returns:
            What to tell the model; a text it can act on.
        """
        if arguments is None:
            return self._malformed("the arguments are not a JSON object. Call the function again")
        try:
            offer = _Offer.model_validate(dict(arguments))
        except ValidationError as error:
            first = error.errors()[0]
            return self._malformed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        if offer.factor not in self._questions:
            told = f"no such factor is asked for. Open: {self._open_names()}"
            return self._malformed(told)
        if offer.factor in self._closed:
            return f"Not taken: {offer.factor} is closed. Open: {self._open_names()}."
        return self._judged(offer)

    def _malformed(self, reason: str) -> str:
        self.slips["malformed_arguments"] += 1
        return f"Not taken: {reason}."

    def _judged(self, offer: _Offer) -> str:
        question = self._questions[offer.factor]
        try:
            if offer.answer == UNCLEAR and UNCLEAR not in question.answers:
                return self._shut(offer, "the model cannot tell")
            answer = self._verified(offer, question)
        except _Refused as refusal:
            return self._discard(offer, str(refusal))
        if self._taken.get(offer.factor, answer).answer != answer.answer:
            # Both verify, so the text holds both: a human has to look.
            return self._shut(offer, "the model gave two different answers")
        self._said[offer.factor] = offer
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

    def _discard(self, offer: _Offer, reason: str) -> str:
        factor = offer.factor
        self._discarded.append((factor, reason))
        self._failed[factor] += 1
        self.slips["unproven_answer"] += 1
        if factor not in self._taken:
            self._said[factor] = offer
            self._closed |= {factor} if self._failed[factor] >= TRIES else set()
        return f"Not taken, {factor}: {reason}. Open: {self._open_names()}."

    def _shut(self, offer: _Offer, reason: str) -> str:
        """Leave a question unknown for good."""
        self._said[offer.factor] = offer
        self._taken.pop(offer.factor, None)
        self._closed.add(offer.factor)
        self._discarded.append((offer.factor, reason))
        return f"{offer.factor} stays unknown: {reason}. Open: {self._open_names()}."

    def _opinion(self, factor: str) -> Opinion:
        if (taken := self._taken.get(factor)) is not None:
            return Opinion(
                factor=factor, by="model", answer=taken.answer, quote=taken.quote, taken=True
            )
        # Without its quote: nobody has found that where the model says that it stands.
        said = self._said.get(factor)
        reasons = [reason for one, reason in self._discarded if one == factor]
        return Opinion(
            factor=factor,
            by="model",
            answer=said.answer if said else "",
            reason=reasons[-1] if reasons else "",
        )

    def _open_names(self) -> str:
        return ", ".join(self.open) or "none"
