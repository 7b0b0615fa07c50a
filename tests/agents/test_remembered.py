"""What a kept reading depends on, and what is never kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.ledger import ledger, note
from agents.reading import Answer, Errand, Passage, Plan, Question, ReaderName, Reading
from agents.remembered import Kept, Remembered, Remembering
from casewright.errors import ModelUnavailable
from casewright.models import Cost, Evidence, EvidenceStatus, ModelCall

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DIGEST = "a" * 64


def passage(**changed: Any) -> Passage:
    fields = {"action": "appeal", "digest": DIGEST, "pointer": "/text", "value": "It was late."}
    return Passage.model_validate({**fields, "untrusted": True, **changed})


QUESTION = Question(factor="late", text="Was it late?", passages=(passage(),))
ERRAND = Errand(as_of=NOW, case_id="c1", tools=("get_order",))


@dataclass
class Fake:
    """A reader that says what it is told to, and counts."""

    reading: Reading | None = None
    error: str = ""
    asked: int = 0

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.asked += 1
        note(ModelCall(endpoint="e", model="m", tokens_in=7, error=self.error))
        if self.reading is not None:
            return self.reading
        given = {"quote": "late", "digest": DIGEST, "pointer": "/text"}
        answers = tuple(Answer(factor=one.factor, answer="yes", **given) for one in questions)
        return Reading(answers=answers, cost=Cost(model_calls=1, tokens_in=7))


@dataclass
class Held:
    """A memory in a dictionary."""

    kept: dict[str, Kept] = field(default_factory=dict)

    def get(self, key: str) -> Kept | None:
        return self.kept.get(key)

    def put(self, key: str, kept: Kept) -> None:
        self.kept.setdefault(key, kept)


def remembered(
    inner: Fake,
    memory: Held,
    *,
    name: ReaderName = "model",
    conditions: Any = "v1",
    refused: int = 0,
) -> Remembered:
    how = Remembering(memory, conditions, refused=lambda: refused)
    return Remembered(name, lambda: inner, how)


async def test_a_reading_from_memory_says_and_costs_the_same() -> None:
    inner, memory = Fake(), Held()
    with ledger() as then:
        first = await remembered(inner, memory).read([QUESTION], ERRAND)
    with ledger() as now:
        second = await remembered(inner, memory).read([QUESTION], replace(ERRAND, case_id="c2"))
    assert (second, now, inner.asked) == (first, then, 1)


RECORD = Evidence.freeze(
    tool="get_order", request={}, status=EvidenceStatus.OK, as_of=NOW, retrieved_at=NOW
)


@pytest.mark.parametrize(
    ("question", "errand", "conditions"),
    [
        ({"text": "Did it come late?"}, {}, "v1"),
        ({"factor": "lateness"}, {}, "v1"),
        ({"answers": ("yes", "no")}, {}, "v1"),
        ({"passages": (passage(value="It came."),)}, {}, "v1"),
        ({"passages": (passage(digest="b" * 64),)}, {}, "v1"),
        ({"passages": (passage(untrusted=False),)}, {}, "v1"),
        ({}, {"as_of": NOW + timedelta(days=1)}, "v1"),
        ({}, {"tools": ()}, "v1"),
        ({}, {"plan": Plan(samples=3)}, "v1"),
        ({}, {"subject": {"order_id": "o"}}, "v1"),
        ({}, {"persons": ("Somebody",)}, "v1"),
        ({}, {"records": (RECORD,)}, "v1"),
        ({}, {}, "v2"),
    ],
)
async def test_whatever_a_reading_depends_on_has_it_made_anew(
    question: dict[str, Any], errand: dict[str, Any], conditions: str
) -> None:
    inner, memory = Fake(), Held()
    await remembered(inner, memory).read([QUESTION], ERRAND)
    changed = QUESTION.model_copy(update=question)
    other = remembered(inner, memory, conditions=conditions)
    await other.read([changed], replace(ERRAND, **errand))
    assert inner.asked == 2


async def test_phrases_are_the_rule_readers_and_change_no_reading() -> None:
    inner, memory = Fake(), Held()
    await remembered(inner, memory).read([QUESTION], ERRAND)
    phrased = QUESTION.model_copy(update={"phrases": {"yes": ("was late",)}})
    await remembered(inner, memory).read([phrased], ERRAND)
    assert inner.asked == 1


@pytest.mark.parametrize(
    "inner",
    [
        Fake(reading=Reading(failures=("the reader failed: away",))),
        Fake(reading=Reading(discarded=("late: the quote does not stand there.",))),
        Fake(error="ModelUnavailable"),
    ],
)
async def test_what_failed_or_stayed_open_is_not_kept(inner: Fake) -> None:
    memory = Held()
    await remembered(inner, memory).read([QUESTION], ERRAND)
    await remembered(inner, memory).read([QUESTION], ERRAND)
    assert (memory.kept, inner.asked) == ({}, 2)


async def test_a_look_up_that_was_refused_makes_it_worth_no_keeping() -> None:
    memory = Held()
    await remembered(Fake(), memory, refused=1).read([QUESTION], ERRAND)
    assert memory.kept == {}


async def test_an_error_is_passed_on_and_nothing_kept() -> None:
    class Away(Fake):
        async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
            raise ModelUnavailable("away")

    memory = Held()
    with pytest.raises(ModelUnavailable):
        await remembered(Away(), memory).read([QUESTION], ERRAND)
    assert memory.kept == {}


async def test_a_classifier_is_asked_only_for_what_it_was_trained_for() -> None:
    inner = Fake()
    reading = await remembered(inner, Held(), name="classifier").read([QUESTION], ERRAND)
    assert (reading, inner.asked) == (Reading(), 0)
