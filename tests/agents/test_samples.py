"""Several readings of the same questions, and what they agree on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.reading import Answer, Plan, Question, Reading
from agents.samples import agreed
from casewright.errors import ModelError

QUESTION = Question(factor="f", text="F?")
SAID = st.sampled_from(["yes", "no", "unclear", None])


def one_reading(answer, number=0):
    if answer is None:
        return Reading()
    quoted = Answer(factor="f", answer=answer, quote=f"words {number}", digest="d", pointer="/p")
    return Reading(answers=(quoted,))


@given(st.lists(SAID, min_size=2, max_size=7), st.floats(0, 1))
def test_a_taken_answer_is_the_most_frequent_one_and_frequent_enough(said, least):
    readings = [one_reading(answer, number) for number, answer in enumerate(said)]
    result = agreed([QUESTION], readings, {"model": least})
    (opinion,) = result.opinions
    assert opinion.taken == bool(result.answers) == (not result.discarded)
    for answer in result.answers:
        votes = said.count(answer.answer)
        assert answer.probability == votes / len(said) >= least
        assert all(said.count(other) < votes for other in {*said} - {answer.answer, None})
        assert answer.quote == f"words {said.index(answer.answer)}"


def test_two_thirds_have_to_agree_where_the_sop_names_no_share():
    two_of_three = [one_reading(answer) for answer in ("yes", "yes", "no")]
    assert agreed([QUESTION], two_of_three, {}).answers[0].probability == pytest.approx(2 / 3)
    split = agreed([QUESTION], [one_reading(a) for a in ("yes", "yes", "no", None)], {})
    assert split.answers == ()
    assert split.discarded == ("f: too few of 4 readings agree: yes 2, no 1.",)
    assert (split.opinions[0].answer, split.opinions[0].probability) == ("yes", 0.5)


@pytest.fixture
def thrice(errand):
    """An errand whose questions are read three times."""
    return replace(errand, plan=Plan(samples=3))


async def test_the_model_is_asked_so_often_and_sampled(
    reader, endpoint, thrice, blames_carrier, yes
):
    endpoint.forever(lambda _: endpoint.answers(yes))
    reading = await reader.read([blames_carrier], thrice)
    assert [answer.probability for answer in reading.answers] == [1.0]
    assert reading.cost.model_calls == 3
    assert {request["temperature"] for request in endpoint.requests} == {0.7}
    prompts = {str(request["messages"]) for request in endpoint.requests}
    assert len(prompts) == 1  # so that the endpoint may cache it


async def test_what_one_sample_looked_up_is_not_looked_up_again(
    reader, endpoint, thrice, blames_carrier, yes, market
):
    wanted = endpoint.calls(("list_messages", {"order_id": "O-1"}))
    endpoint.forever(lambda number: wanted if number < 3 else endpoint.answers(yes))
    reading = await reader.read([blames_carrier], thrice)
    assert market.calls == ["O-1"]
    assert len(reading.evidence) == 1
    assert reading.answers[0].probability == 1.0


async def test_samples_share_the_look_ups(reader, endpoint, thrice, blames_carrier, market):
    endpoint.forever(
        lambda number: endpoint.calls(("list_messages", {"order_id": f"O-{number % 5}"}))
    )
    await reader.read([blames_carrier], thrice)
    assert len(market.calls) == 3  # the settings' bound, for all of them together


async def test_a_sample_that_fails_agrees_with_none(reader, endpoint, thrice, blames_carrier, yes):
    refused = replace(endpoint.message(), body=b'{"error": {"message": "no"}}', status=400)
    endpoint.script(endpoint.answers(yes), refused, endpoint.answers(yes))
    reading = await reader.read([blames_carrier], thrice)
    assert reading.answers[0].probability == pytest.approx(2 / 3)
    endpoint.forever(lambda _: refused)
    with pytest.raises(ModelError):
        await reader.read([blames_carrier], thrice)
