"""Cases that ask the same as of the same moment share one call and its Evidence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.errors import SourceRefused
from casewright.models import Evidence, EvidenceStatus
from tools.shared import JOINS, PENDING, Freshness, Shared, SharedToolbox

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)


class Timer:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def key(name, as_of=AS_OF):
    return "get_order", name, as_of


def evidence(status="ok", data=None, reason=""):
    return Evidence.freeze(
        tool="get_order",
        request={},
        status=status,
        data=data or {"order_id": "O-1"},
        reason=reason,
        as_of=AS_OF,
        retrieved_at=AS_OF,
    )


class Source:
    """Answers when it is let, and counts."""

    def __init__(self, *answers):
        self.answers, self.calls, self.cancelled = list(answers), 0, 0
        self.open = asyncio.Event()

    async def __call__(self):
        self.calls += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def asked(shared, source, count):
    """So many askers, all of them waiting."""
    tasks = [asyncio.create_task(shared.of(key("O-1"), source)) for _ in range(count)]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_asks_meanwhile_or_later_gets_the_same_evidence():
    shared, source = Shared(), Source(evidence())
    tasks = await asked(shared, source, 50)
    source.open.set()
    answers = await asyncio.gather(*tasks)
    answers.append(await shared.of(key("O-1"), source))
    assert source.calls == 1
    assert all(answer is answers[0] for answer in answers)
    assert (shared.called, shared.spared) == (1, 50)


async def test_another_moment_or_another_question_is_another_call():
    shared, source = Shared(), Source(evidence())
    source.open.set()
    for asked_for in (key("O-1"), key("O-2"), key("O-1", AS_OF + timedelta(microseconds=1))):
        await shared.of(asked_for, source)
    assert source.calls == 3


async def test_an_answer_serves_no_longer_than_it_is_fresh():
    timer = Timer()
    shared, source = Shared(Freshness(seconds=60), timer), Source(evidence())
    source.open.set()
    await shared.of(key("O-1"), source)
    timer.now = 59.9
    await shared.of(key("O-1"), source)
    assert source.calls == 1
    timer.now = 60.0
    await shared.of(key("O-1"), source)
    assert source.calls == 2


@pytest.mark.parametrize("bad", [evidence("error"), evidence("no_data", reason=PENDING)])
async def test_no_failure_is_shared_or_kept(bad):
    shared, source = Shared(), Source(bad, bad, evidence())
    tasks = await asked(shared, source, 3)
    source.open.set()
    answers = await asyncio.gather(*tasks)
    # The first one was told of its own failure, and one of those who waited of theirs.
    assert answers.count(bad) == 2
    assert source.calls == 3
    assert (await shared.of(key("O-1"), source)).status is EvidenceStatus.OK
    assert source.calls == 3


async def test_each_refusal_is_ones_own():
    shared, source = Shared(), Source(SourceRefused("The token is refused."))
    tasks = await asked(shared, source, 6)
    source.open.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, SourceRefused) for error in ended)
    assert source.calls == 6


async def test_nobody_waits_for_more_than_a_few_failures_of_others():
    shared, source = Shared(), Source(evidence("error"))
    tasks = await asked(shared, source, 100)
    turns = 0
    source.open.set()
    while not all(task.done() for task in tasks):
        turns += 1
        await asyncio.sleep(0)
    assert source.calls == 100
    assert turns < 20 * (JOINS + 1)


@pytest.mark.parametrize("who", [0, 1])
async def test_who_is_cancelled_takes_nothing_from_others(who):
    shared, source = Shared(), Source(evidence())
    tasks = await asked(shared, source, 2)
    tasks[who].cancel()
    await asyncio.sleep(0.01)
    source.open.set()
    assert (await tasks[1 - who]).status is EvidenceStatus.OK
    assert (source.calls, source.cancelled) == (1, 0)


async def test_a_call_that_nobody_waits_for_any_more_stops():
    shared, source = Shared(), Source(evidence())
    for task in await asked(shared, source, 3):
        task.cancel()
    late = asyncio.create_task(shared.of(key("O-1"), source))
    await asyncio.sleep(0.01)
    source.open.set()
    assert (await late).status is EvidenceStatus.OK
    assert (source.calls, source.cancelled) == (2, 1)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400), st.integers(0, 30)), max_size=60),
    st.integers(1, 5),
    st.integers(100, 1_000),
)
@hypothesis(max_examples=40, deadline=None)
def test_what_is_kept_is_bounded_by_count_and_bytes(questions, answers, octets):
    timer = Timer()
    shared = Shared(Freshness(60, answers, octets), timer)

    async def ask_all():
        for name, size, passed in questions:
            timer.now += passed
            source = Source(evidence(data={"x": "y" * size}))
            source.open.set()
            await shared.of(key(str(name)), source)
            kept = shared._kept.values()
            assert len(kept) <= answers
            assert shared._octets == sum(one.octets for one in kept) <= octets

    asyncio.run(ask_all())


async def test_cases_of_one_toolbox_share_calls_over_http(wire, source, builtin_tools):
    order = {"order_id": "O-1"}
    wire.plays(wire.problem(404, "order_unknown"))
    moments = iter(AS_OF + timedelta(seconds=at) for at in range(9))
    toolbox = SharedToolbox(builtin_tools, source, lambda: next(moments), Shared())
    first = await toolbox.for_case().call("get_order", order, as_of=AS_OF)
    again = await toolbox.for_case().call("get_order", order, as_of=AS_OF)
    assert again is first
    assert len(wire.requests) == 1
    later = await toolbox.call("get_order", order, as_of=AS_OF + timedelta(minutes=5))
    assert later.retrieved_at > first.retrieved_at
    assert len(wire.requests) == 2
