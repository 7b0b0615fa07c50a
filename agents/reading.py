"""What a reader is asked about text, and what it may answer.

A reader establishes facts, never an outcome. Each answer is one of the question's closed answers
and quotes its source; what does not verify is listed in :attr:`Reading.discarded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import Field, JsonValue

from casewright.models import Cost, Digest, Evidence, Model

UNCLEAR = "unclear"
"""The answer of a reader who cannot tell; the only one that needs no quote."""


class Passage(Model):
    """A field of frozen evidence that a question reads.

    Attributes:
        action: The SOP's name for the action that fetched it.
        digest: The evidence it stands in.
        pointer: JSON Pointer (RFC 6901) into that evidence's data.
        value: What stands there: a text, or a JSON value with texts in it.
        untrusted: Whether a party wrote it.
    """

    action: str
    digest: Digest
    pointer: str
    value: JsonValue
    untrusted: bool


class Question(Model):
    """A narrow question about text.

    Attributes:
        factor: The factor that the answer establishes.
        text: The question, in the SOP's words.
        answers: The closed answers.
        passages: What to read.
    """

    factor: str
    text: str
    answers: tuple[str, ...] = Field(default=("yes", "no", UNCLEAR), min_length=1)
    passages: tuple[Passage, ...] = ()


class Answer(Model):
    """An answer that checked out.

    Attributes:
        factor: The factor asked about.
        answer: One of the closed answers.
        quote: Words that stand, character for character, in the text at ``pointer``; empty only
            where the answer is ``unclear``.
        digest: The evidence quoted; empty where there is no quote.
        pointer: JSON Pointer of the text quoted.
    """

    factor: str
    answer: str
    quote: str
    digest: str
    pointer: str


class Reading(Model):
    """What came of one reading.

    Attributes:
        answers: At most one for each factor, in the order of the questions.
        evidence: What the reader fetched with tools, oldest first, each digest once.
        discarded: Why answers were not taken, or did not come, in plain words.
        cost: Model calls, tokens and tool calls used.
    """

    answers: tuple[Answer, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    discarded: tuple[str, ...] = ()
    cost: Cost = Cost()


class Reader(Protocol):
    """Answers questions about text."""

    async def read(
        self, questions: Sequence[Question], *, as_of: datetime, tools: Sequence[str]
    ) -> Reading:
        """Answer what the texts answer.

        Args:
            questions: What to answer; each factor once.
            as_of: Aware moment whose knowledge every look-up asks for.
            tools: Names of the read-only tools that the reader may use.

        Returns:
            Verified answers, and what was fetched, discarded and spent.

        Raises:
            ModelError: the model endpoint did not do its part.
            SourceRefused: a data source refuses us.
        """
        ...


class SilentReader:
    """Stands where no model is configured: it answers nothing, and imitates nothing."""

    async def read(
        self, questions: Sequence[Question], *, as_of: datetime, tools: Sequence[str]
    ) -> Reading:
        """An empty reading; see :meth:`Reader.read`."""
        return Reading()
