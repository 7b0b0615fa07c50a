"""The reader who knows the texts by heart, and answers from what was drawn for their case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.model.conversation import UNCLEAR, Conversation, Question
from sandbox.model.cues import likeness
from sandbox.model.exhibits import Shown
from sandbox.model.memory import Memory
from sandbox.model.words import plain, sentences, words

_PROSE: Final = re.compile(r"[\u3400-\u9fff]|[^\W\d_]{2,}\W+[^\W\d_]")
"""Words, unlike an id, a code or an instant."""


@dataclass(frozen=True)
class Said:
    """What a model says in one turn: words, and calls as name and arguments."""

    text: str = ""
    calls: Sequence[tuple[str, Mapping[str, Any]]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Answer:
    """An answer to a question, and the words it rests on."""

    question: Question
    answer: str
    quoted: Shown | None = None

    def arguments(self) -> dict[str, str]:
        """The arguments of the function that takes answers."""
        quoted = self.quoted or Shown("", "", "")
        return {
            "factor": self.question.factor,
            "answer": self.answer,
            "quote": quoted.text,
            "action": quoted.action,
            "pointer": quoted.pointer,
        }


class Expert:
    """Answers what it knows, and ``unclear`` to everything else.

    Args:
        memory: What it knows by heart.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def answers(self, conversation: Conversation) -> list[Answer]:
        """Answers to the questions that are open."""
        return [self._answer(question, conversation) for question in conversation.open]

    def _answer(self, question: Question, conversation: Conversation) -> Answer:
        read = [
            shown for shown in conversation.shown_to(question) if _PROSE.search(plain(shown.text))
        ]
        known = any(self.memory.knows(shown.text) for shown in read)
        # The question's own texts come first, and twice: they weigh more than what stands beside.
        everything = [shown.text for block in conversation.blocks for shown in block.texts()]
        texts = [*(shown.text for shown in read), *everything]
        holds = self.memory.holds(question.factor, texts) if known else None
        if holds is None or not {"yes", "no"} <= set(question.answers):
            return Answer(question, UNCLEAR)
        return Answer(question, "yes" if holds else "no", telling(question, read, holds))


def telling(question: Question, read: Sequence[Shown], holds: bool) -> Shown | None:
    """The sentence that tells the answer, or comes nearest to the question."""
    asked = set(words(question.text))
    said = [
        Shown(shown.action, shown.pointer, sentence)
        for shown in read
        for sentence in sentences(shown.text)
    ]

    def merit(one: Shown) -> tuple[float, int]:
        return likeness(question.factor, holds, one.text), len(asked & set(words(one.text)))

    return max(said, key=merit, default=None)
