"""What a reader is asked about text, and what it may answer.

A reader establishes facts, never an outcome. Each answer is one of the question's closed answers
and quotes its source; what does not verify is listed in :attr:`Reading.discarded`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field, JsonValue, model_validator

from agents.trained import Classifier
from casewright.models import Cost, Digest, Established, Evidence, Model, Opinion

ReaderName = Literal["rule", "classifier", "model"]
"""Readers by what they are, cheapest first."""

Sureness = Annotated[float, Field(ge=0, le=1)]
"""A probability."""

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
        phrases: Words that settle it where a text holds them, by answer: the rule reader's.
        classifier: What past cases taught of it, or None: the classifier's.
    """

    factor: str
    text: str
    answers: tuple[str, ...] = Field(default=("yes", "no", UNCLEAR), min_length=1)
    passages: tuple[Passage, ...] = ()
    phrases: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    classifier: Classifier | None = None


class Budget(Model):
    """What the reading of one case may use; None: no bound beyond that of the settings.

    Attributes:
        tool_calls: Most look-ups.
        tokens: Most tokens, in and out together.
        micros: Most money, in millionths of the price table's currency unit.
        seconds: Longest time from the first question to the last answer.
    """

    tool_calls: int | None = Field(default=None, ge=0)
    tokens: int | None = Field(default=None, gt=0)
    micros: int | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)

    def within(self, outer: Budget) -> Budget:
        """The narrower bound of the two, field by field."""
        pairs = ((name, value, getattr(outer, name)) for name, value in self)
        return Budget.model_validate(
            {
                name: min((one for one in pair if one is not None), default=None)
                for name, *pair in pairs
            }
        )


class Plan(Model):
    """How an SOP has its questions read.

    Attributes:
        readers: Who is asked, in order; a later one only for what the earlier ones left open.
        thresholds: The least probability at which a reader's answer is taken, by reader; without
            one for the classifier the one that it learned.
        samples: How often the model is asked; more than once makes its agreement with itself the
            probability of its answers.
        budget: What the reading of one case may use.
        tools: Names of the tools that the model may look things up with, whether an action calls
            them or not; None: those of the SOP's actions.
    """

    readers: tuple[ReaderName, ...] = ("rule", "classifier", "model")
    thresholds: dict[ReaderName, Sureness] = Field(default_factory=dict)
    samples: int = Field(default=1, ge=1, le=15)
    budget: Budget = Budget()
    tools: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _once_each(self) -> Plan:
        if len(set(self.readers)) < len(self.readers):
            raise ValueError("`readers` names each reader once")
        if "rule" in self.thresholds:
            raise ValueError("a phrase stands in a text or not: the rule reader has no threshold")
        idle = sorted(set(self.thresholds) - set(self.readers))
        if idle:
            raise ValueError(f"`thresholds` name {idle[0]}, who is not among the `readers`")
        return self


@dataclass(frozen=True)
class Errand:
    """For whom, and within what, a reading is made.

    Attributes:
        as_of: Aware moment whose knowledge every look-up asks for.
        tools: Names of the read-only tools that the reader may use.
        case_id: The case, for traces; no reader may answer by it.
        plan: How the SOP has its questions read.
        persons: Names and other words of the case's records that tell who somebody is.
        subject: Ids of what the case is about, by what they are, such as ``order_id``.
        records: The frozen case and what its actions fetched; look-ups may use the ids in them.
        sample: Which of several readings of the same questions it is, from 1; 0 where there is
            one reading only.
    """

    as_of: datetime
    tools: tuple[str, ...] = ()
    case_id: str = ""
    plan: Plan = field(default_factory=Plan)
    persons: tuple[str, ...] = ()
    subject: Mapping[str, str] = field(default_factory=dict)
    records: tuple[Evidence, ...] = ()
    sample: int = 0


class Answer(Model):
    """An answer that checked out.

    Attributes:
        factor: The factor asked about.
        answer: One of the closed answers.
        quote: Words that stand, character for character, in the text at ``pointer``; empty only
            where the answer is ``unclear``.
        digest: The evidence quoted; empty where there is no quote.
        pointer: JSON Pointer of the text quoted.
        by: Who gave it.
        probability: How sure that reader is, 0 to 1; None where it does not say.
    """

    factor: str
    answer: str
    quote: str
    digest: str
    pointer: str
    by: Established = "model"
    probability: float | None = None


class Reading(Model):
    """What came of one reading.

    Attributes:
        answers: At most one for each factor, in the order of the questions.
        evidence: What the reader fetched with tools, oldest first, each digest once.
        discarded: Why answers were not taken, or did not come, in plain words.
        cost: Model calls, tokens and tool calls used.
        opinions: What each reader said of each question, in the order in which they were asked.
        failures: Why a reader did not do its part, in plain words.
    """

    answers: tuple[Answer, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    discarded: tuple[str, ...] = ()
    cost: Cost = Cost()
    opinions: tuple[Opinion, ...] = ()
    failures: tuple[str, ...] = ()


class Reader(Protocol):
    """Answers questions about text."""

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what the texts answer.

        Args:
            questions: What to answer; each factor once.
            errand: For whom, and within what.

        Returns:
            Verified answers, and what was fetched, discarded and spent.

        Raises:
            ModelError: the model endpoint did not do its part.
            SourceRefused: a data source refuses us.
        """
        ...
