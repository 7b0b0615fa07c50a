"""Readings kept by content: what was read once, under the same conditions, is not paid for again.

A reading depends on the questions as they are asked, the texts they read, what a look-up may bring,
the prompts and the settings of the model. All of that is in its key, and nothing else: a rule or a
row that changed leaves every reading as it was. The reader by phrases is asked anew each time: it
takes microseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.ledger import ledger, note
from agents.reading import Errand, Question, Reader, ReaderName, Reading
from casewright.canonical import digest_of
from casewright.cost import ModelCall
from casewright.models import Model
from casewright.settings import Settings


class Kept(Model):
    """A reading that is kept, and the model calls that it took."""

    reading: Reading
    calls: tuple[ModelCall, ...] = ()


class Memory(Protocol):
    """Where readings are kept, by key."""

    def get(self, key: str) -> Kept | None:
        """The reading of that key, or None."""
        ...

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reading; one that is there already stays."""
        ...


@dataclass
class Tally:
    """How readings came about, counted for people.

    Attributes:
        kept: Readings that were taken from the memory.
        made: Readings that a classifier or a model made.
    """

    kept: int = 0
    made: int = 0


@dataclass(frozen=True)
class Remembering:
    """How the readers of one case remember.

    Attributes:
        memory: Where readings are kept.
        conditions: What else than question and texts a reading depends on, as JSON.
        tally: Counts what came of it.
        refused: How many look-ups have been refused for want of frozen evidence.
    """

    memory: Memory
    conditions: Any
    tally: Tally = field(default_factory=Tally)
    refused: Callable[[], int] = lambda: 0


class Remembered:
    """A reader that is asked only for what its memory has not.

    What a reading used is told and entered in the ledger again when it is taken from memory: the
    cost of a case is that of its readings, whenever they were made. Kept is what is whole alone:
    a reading in which a call failed, or a question went without an answer, is made anew.

    Args:
        name: The reader.
        open_reader: Makes it, the first time that it is needed.
        how: How it remembers.
    """

    def __init__(
        self, name: ReaderName, open_reader: Callable[[], Reader], how: Remembering
    ) -> None:
        self._name: ReaderName = name
        self._open = open_reader
        self._how = how

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what the texts answer; see :meth:`agents.reading.Reader.read`."""
        asked = [one for one in questions if self._name != "classifier" or one.classifier]
        if not asked:
            return Reading()
        key = _key(self._name, asked, errand, self._how.conditions)
        held = self._how.memory.get(key)
        if held is not None:
            self._how.tally.kept += 1
            for call in held.calls:
                note(call)
            return held.reading
        return await self._made(key, asked, errand)

    async def _made(self, key: str, asked: Sequence[Question], errand: Errand) -> Reading:
        self._how.tally.made += 1
        with ledger() as calls:
            reading = await self._open().read(asked, errand)
        whole = _whole(reading, asked, voted=self._name == "classifier" or errand.plan.samples > 1)
        if whole and not self._how.refused() and not any(call.error for call in calls):
            self._how.memory.put(key, Kept(reading=reading, calls=tuple(calls)))
        return reading


def reading_settings(settings: Settings) -> dict[str, Any]:
    """The settings that can change what a model reads, as JSON."""
    return {
        "model": settings.model,
        "model_base_url": settings.model_base_url,
        "model_mode": settings.model_mode,
        "model_reasoning_effort": settings.model_reasoning_effort,
        "model_fallbacks": [one.model_dump(mode="json") for one in settings.model_fallbacks],
        "model_tool_calls": settings.model_tool_calls,
        "model_tokens": settings.model_tokens,
        "model_seconds": settings.model_seconds,
        "model_budget_micros": settings.model_budget_micros,
        "model_privacy": settings.model_privacy,
    }


def _whole(reading: Reading, asked: Sequence[Question], *, voted: bool) -> bool:
    """Whether every question got its answer; where it is a vote, an abstention is one too."""
    said = {one.factor for one in reading.answers}
    if voted:
        said |= {one.factor for one in reading.opinions}
    return not reading.failures and said >= {one.factor for one in asked}


def _key(name: ReaderName, asked: Sequence[Question], errand: Errand, conditions: Any) -> str:
    """The digest of all that a reading depends on; the name of the case is no part of it."""
    told: dict[str, Any] = {"reader": name, "questions": [_question(one) for one in asked]}
    told |= {"as_of": errand.as_of.isoformat(), "plan": errand.plan.model_dump(mode="json")}
    if name == "model":
        told |= {
            "conditions": conditions,
            "tools": list(errand.tools),
            "subject": dict(errand.subject),
            "persons": list(errand.persons),
            "records": sorted(one.digest for one in errand.records),
        }
    return digest_of(told)


def _question(question: Question) -> dict[str, Any]:
    told = question.model_dump(mode="json", exclude={"classifier", "phrases"})
    if question.classifier is not None:
        trained = question.classifier.model_dump_json().encode()
        told["classifier"] = hashlib.sha256(trained).hexdigest()
    return told
