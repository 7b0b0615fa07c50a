"""The expert with a set share of wrong answers, all given with confidence."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import count
from typing import Final

from sandbox.model.conversation import Conversation
from sandbox.model.expert import Answer, Expert
from sandbox.model.memory import Memory

CONTRARY: Final = {"yes": "no", "no": "yes"}


class Noisy(Expert):
    """Errs by content: the same question over the same text gets the same answer.

    At a temperature above 0 it errs anew each time, or by the request's ``seed`` where it has one.

    Args:
        memory: What it knows by heart.
        error_rate: Share of answers turned into their contrary.
        seed: What errors are drawn from.
    """

    def __init__(self, memory: Memory, error_rate: float, seed: int) -> None:
        super().__init__(memory)
        self._error_rate = error_rate
        self._seed = seed
        self._turns = count()

    def answers(self, conversation: Conversation) -> list[Answer]:
        """The expert's answers, some of them turned round."""
        luck = self._luck(conversation)
        return [self._heard(one, conversation, luck) for one in super().answers(conversation)]

    def _luck(self, conversation: Conversation) -> str:
        given = conversation.body.get("seed")
        if not conversation.body.get("temperature"):
            return ""
        return f"sample {next(self._turns) if given is None else given}"

    def _heard(self, answer: Answer, conversation: Conversation, luck: str) -> Answer:
        texts = "\n".join(shown.text for shown in conversation.shown_to(answer.question))
        draw = random.Random(f"{self._seed}/{luck}/{answer.question.factor}/{texts}").random()
        wrong = draw < self._error_rate and answer.answer in CONTRARY
        return replace(answer, answer=CONTRARY[answer.answer]) if wrong else answer
