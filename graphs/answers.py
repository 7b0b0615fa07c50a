"""Takes what came of questions: an answer, or a window that closed, and goes on with the case.

Safe to repeat and to kill anywhere: what a question led to stands in the run's record, and the run
goes on from its last checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from casewright.asking import Arrival, Awaiting
from casewright.base import Model
from casewright.errors import CasewrightError, UsageError
from casewright.models import Evidence, Run, RunStatus
from casewright.store.answers import Expected, resuming
from graphs.inquiry import over
from graphs.lapse import out
from graphs.run import Investigator
from tools.answers import RequestRecord, answers_of, frozen_answer

TOLD: Final = "casewright"
"""The source of an answer that somebody told us."""


class TakenAnswer(Model):
    """What a look at one case found.

    Attributes:
        case_id: The case.
        found: ``answered``; ``lapsed``: the window closed; ``resumed``: it was stopped before;
            ``nothing``: it goes on waiting; ``failed``.
        outcome: What is proposed now, where it went on.
        status: Where the case stands.
        error: Why it failed, or empty.
    """

    case_id: str
    found: Literal["answered", "lapsed", "resumed", "nothing", "failed"]
    outcome: str = ""
    status: str = ""
    error: str = ""


async def take_answers(
    investigator: Investigator, *, told: Callable[[TakenAnswer], None] = lambda _: None
) -> tuple[TakenAnswer, ...]:
    """Look once at every case that an answer may come for.

    A case that fails is told, stays as it is, and is looked at again the next time.

    Args:
        investigator: Holds the runs.
        told: Told of each case as it is done.
    """
    found: list[TakenAnswer] = []
    for expected in await investigator.store.expected.all():
        try:
            one = await _looked_at(investigator, expected)
        except CasewrightError as error:
            one = TakenAnswer(case_id=expected.case_id, found="failed", error=str(error))
        if one is not None:
            found.append(one)
            told(one)
    return tuple(found)


async def _looked_at(investigator: Investigator, expected: Expected) -> TakenAnswer | None:
    run = await investigator.store.latest_run(expected.case_id)
    if run is None or run.run_id != expected.run_id:
        return None
    if resuming(run):
        return _taken(await investigator.resume(expected.case_id) or run, "resumed")
    if run.awaiting is not None:
        run = await investigator.send(expected.case_id)
    waits = _waits(run)
    arrivals = await _arrivals(investigator, run, waits)
    if not waits or len(arrivals) < len(waits):
        return _taken(run, "nothing")
    return _taken(await _gone_on(investigator, run, waits, arrivals), arrivals[-1][0].ended)


def _waits(run: Run) -> tuple[Awaiting, ...]:
    if run.status is RunStatus.WAITING:
        return (run.awaiting,) if run.awaiting else ()
    return out(run)


def _taken(run: Run, found: Literal["answered", "lapsed", "resumed", "nothing"]) -> TakenAnswer:
    outcome = run.decision.outcome if run.decision else ""
    return TakenAnswer(
        case_id=run.case.case_id, found=found, outcome=outcome, status=run.status.value
    )


Arrived = tuple[Arrival, Evidence | None]


async def _arrivals(
    investigator: Investigator, run: Run, waits: Sequence[Awaiting]
) -> list[Arrived]:
    """What came of the questions that are over."""
    known = await answers_of(investigator.inbox, run.case.case_id) if waits else {}
    now = await investigator.inbox.now() if waits else investigator.clock()
    found: list[Arrived] = []
    for one in waits:
        record = known.get(one.key)
        if record is not None and record.answered_at is not None:
            # Told by the source's clock, and counted by ours.
            at = investigator.clock() - (now - record.answered_at)
            evidence = _words(investigator, run, record)
            answer = evidence.digest if evidence else ""
            found.append((Arrival(key=one.key, ended="answered", at=at, answer=answer), evidence))
        elif now >= one.closes:
            found.append((Arrival(key=one.key, ended="lapsed", at=one.until), None))
    return sorted(found, key=lambda arrived: arrived[0].ended == "answered")


def _words(investigator: Investigator, run: Run, record: RequestRecord) -> Evidence | None:
    if not record.answer or record.answered_at is None:
        return None
    return frozen_answer(
        run.case.case_id,
        record.key,
        record.answer,
        source="information requests",
        as_of=record.answered_at,
        at=investigator.clock(),
    )


async def _gone_on(
    investigator: Investigator, run: Run, waits: Sequence[Awaiting], arrivals: Sequence[Arrived]
) -> Run:
    if run.status is RunStatus.WAITING:
        arrival, evidence = arrivals[0]
        return await investigator.answer(run.case.case_id, arrival, evidence)
    by_key = {arrival.key: arrival for arrival, _ in arrivals}
    awaited = [over(one, by_key[one.key]) for one in waits]
    return await investigator.reopen(run, awaited, [item for _, item in arrivals if item])


async def answered(investigator: Investigator, run: Run, by: str, words: str = "") -> Run:
    """Go on with a case because somebody says that the answer is there.

    Args:
        investigator: Holds the runs.
        run: The newest run of the case.
        by: Who says so.
        words: What the answer says; it is the party's, and data.

    Raises:
        UsageError: nothing was asked in the case.
    """
    waits = _waits(run)
    if not waits:
        raise UsageError(f"Case {run.case.case_id!r} waits for no answer.")
    now, at = await investigator.inbox.now(), investigator.clock()
    arrivals: list[Arrived] = []
    for one in waits:
        item = None
        if words:
            case_id = run.case.case_id
            item = frozen_answer(case_id, one.key, words, source=TOLD, as_of=now, at=at)
        digest = item.digest if item else ""
        arrival = Arrival(key=one.key, ended="answered", at=at, by=by, answer=digest)
        arrivals.append((arrival, item))
    return await _gone_on(investigator, run, waits, arrivals)
