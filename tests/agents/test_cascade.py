"""Readers one after another: who is asked what, whose answer is taken, and what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cascade import Cascade
from agents.reading import Answer, Errand, Plan, Question, Reading
from casewright.errors import ModelError
from casewright.models import Cost, Opinion

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
A, B = (Question(factor=name, text=f"Is it {name}?") for name in "ab")


def said(factor: str, answer: str, probability: float | None = None) -> Answer:
    quote = "" if answer == "unclear" else "words"
    return Answer(
        factor=factor, answer=answer, quote=quote, digest="d", pointer="/t", probability=probability
    )


@dataclass
class Scripted:
    """Says what the test wrote, and remembers what it was asked."""

    reading: Reading = field(default_factory=Reading)
    error: ModelError | None = None
    asked: list[str] = field(default_factory=list)

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        self.asked += [one.factor for one in questions]
        if self.error:
            raise self.error
        return self.reading


def errand(**plan: object) -> Errand:
    return Errand(as_of=AS_OF, plan=Plan.model_validate(plan))


async def test_a_later_reader_is_asked_what_the_earlier_ones_left_open() -> None:
    rule = Scripted(Reading(answers=(said("a", "yes"),)))
    model = Scripted(Reading(answers=(said("b", "no"),), cost=Cost(model_calls=1)))
    reading = await Cascade({"rule": rule, "model": model}).read((A, B), errand())
    assert (rule.asked, model.asked) == (["a", "b"], ["b"])
    assert [one.answer for one in reading.answers] == ["yes", "no"]
    assert [(one.by, one.factor, one.taken) for one in reading.opinions] == [
        ("rule", "a", True),
        ("model", "b", True),
    ]
    assert reading.cost.model_calls == 1


async def test_nobody_is_asked_once_all_is_answered_and_the_plan_sets_the_order() -> None:
    rule = Scripted(Reading(answers=(said("a", "yes"),)))
    model = Scripted(Reading(answers=(said("a", "no"),)))
    cascade = Cascade({"rule": rule, "model": model})
    reading = await cascade.read((A,), errand(readers=("model", "rule")))
    assert (reading.answers[0].answer, rule.asked) == ("no", [])
    assert (await cascade.read((A,), errand(readers=("rule",)))).answers[0].answer == "yes"


async def test_an_answer_below_its_threshold_is_kept_as_an_opinion_and_the_next_is_asked() -> None:
    model = Scripted(Reading(answers=(said("a", "yes", 0.7),)))
    rule = Scripted(Reading(answers=(said("a", "no"),)))
    cascade = Cascade({"rule": rule, "model": model})
    plan = errand(readers=("model", "rule"), thresholds={"model": 0.8})
    reading = await cascade.read((A,), plan)
    assert reading.answers[0].answer == "no"
    doubted, taken = reading.opinions
    assert (doubted.answer, doubted.taken, doubted.probability) == ("yes", False, 0.7)
    assert doubted.reason == "0.70 sure; 0.80 is asked for"
    assert taken.taken


@pytest.mark.parametrize(("probability", "taken"), [(None, False), (0.79, False), (0.8, True)])
async def test_a_threshold_asks_for_a_probability(probability: float | None, taken: bool) -> None:
    model = Scripted(Reading(answers=(said("a", "yes", probability),)))
    reading = await Cascade({"model": model}).read((A,), errand(thresholds={"model": 0.8}))
    assert bool(reading.answers) is taken
    assert reading.opinions[0].taken is taken


async def test_a_model_that_fails_takes_nothing_from_what_others_said() -> None:
    rule = Scripted(Reading(answers=(said("a", "yes"),)))
    model = Scripted(error=ModelError("The endpoint answers 500."))
    reading = await Cascade({"rule": rule, "model": model}).read((A, B), errand())
    assert [one.factor for one in reading.answers] == ["a"]
    assert reading.failures == ("the reader failed: The endpoint answers 500.",)
    assert reading.opinions[-1] == Opinion(factor="b", by="model", reason=reading.failures[0])


async def test_who_could_not_tell_is_heard_where_nobody_else_could() -> None:
    unclear = Scripted(Reading(answers=(said("a", "unclear"), said("b", "unclear"))))
    model = Scripted(Reading(answers=(said("b", "yes"),)))
    reading = await Cascade({"rule": unclear, "model": model}).read((A, B), errand())
    assert [(one.factor, one.answer) for one in reading.answers] == [("a", "unclear"), ("b", "yes")]
    assert model.asked == ["a", "b"]


async def test_a_readers_own_opinion_is_kept_with_what_came_of_it() -> None:
    own = Opinion(factor="a", by="model", answer="yes", probability=0.6, reason="3 of 5 agree")
    abstained = Opinion(factor="b", by="model", probability=0.5, reason="no two agree")
    reading = Reading(answers=(said("a", "yes", 0.6),), opinions=(own, abstained))
    told = await Cascade({"model": Scripted(reading)}).read((A, B), errand())
    assert told.opinions[0].taken
    assert told.opinions[1] == abstained


@given(
    st.lists(
        st.tuples(st.sampled_from(("yes", "no", "unclear", "")), st.floats(0, 1)),
        min_size=2,
        max_size=2,
    ),
    st.floats(0, 1),
)
async def test_one_opinion_at_most_is_taken_and_it_is_the_answer(
    words: list[tuple[str, float]], least: float
) -> None:
    names = ("rule", "model")
    readers = {
        name: Scripted(Reading(answers=(said("a", word, sure),) if word else ()))
        for name, (word, sure) in zip(names, words, strict=True)
    }
    reading = await Cascade(readers).read((A,), errand(thresholds={"model": least}))
    taken = [one for one in reading.opinions if one.taken]
    clear = [one for one in reading.answers if one.answer != "unclear"]
    assert [(one.answer, one.probability) for one in taken] == [
        (one.answer, one.probability) for one in clear
    ]
    assert len(reading.answers) <= 1
