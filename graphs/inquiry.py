"""A reviewer's question while the case waits: put under a key, awaited, and ended once.

While its answer window runs the time to decide stands still (handbook 12, Paused clocks): the
case is due later by exactly the time that was waited, and never by more than the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from casewright.asking import Arrival, Awaiting
from casewright.canonical import digest_of
from casewright.enforcement import PlannedAction
from casewright.errors import UsageError
from casewright.models import Case, Evidence, Factor, Question, Review, ReviewAct, Run
from graphs.plan import DESK, only_buyer
from graphs.sop import FactorRule, Sop
from tools.enforcement import REQUEST_INFORMATION

PURPOSE = "inquiry"
"""Why its write is asked for; see ``casewright.enforcement.Purpose``."""

KEEPS = (ReviewAct.ESCALATE,)
"""Acts beside which a question stays out; every other one goes on without its answer."""


def question_write(run: Run, asked: Question, evidence: Iterable[Evidence]) -> PlannedAction:
    """The write that puts a question; the same question of the same run has the same key.

    Args:
        run: The run that waits.
        asked: The question.
        evidence: What the run rests on, which may name the buyer.

    Raises:
        UsageError: nobody knows which buyer is meant.
    """
    arguments = {
        **_addressed(run.case, asked, evidence),
        "question": asked.question,
        "answer_days": asked.days,
        "case_id": run.case.case_id,
        "factor": asked.factor,
    }
    planned = {
        "do": REQUEST_INFORMATION,
        "purpose": PURPOSE,
        "name": asked.factor,
        "arguments": arguments,
    }
    key = digest_of({"run": run.run_id, "version": run.graph_version, **planned})
    return PlannedAction.model_validate({**planned, "key": key})


def _addressed(case: Case, asked: Question, evidence: Iterable[Evidence]) -> dict[str, str]:
    """Party and id; who is no party is asked through the platform's own desk of that name."""
    if asked.to == "seller":
        return {"party": "seller", "party_id": case.seller_id}
    if asked.to != "buyer":
        return {"party": DESK, "party_id": asked.to}
    buyer = only_buyer(case.subject, evidence)
    if buyer is None:
        raise UsageError(f"Case {case.case_id!r} names no one buyer who could be asked.")
    return {"party": "buyer", "party_id": buyer}


def asking(run: Run, review: Review, write: PlannedAction, as_of: datetime, sop: Sop) -> Run:
    """The run with a question out.

    A factor whose proof the addressee owes is false when the window closes without an answer
    (construct E1), like one that the SOP asks for itself.

    Args:
        run: The run that waits.
        review: The review that asks.
        write: The write that puts the question.
        as_of: The present moment, by the source's clock.
        sop: Its procedure.

    Raises:
        UsageError: another question is out, or this one was put before.
    """
    if run.awaiting is not None:
        raise UsageError(
            f"Case {run.case.case_id!r} waits for an answer already ({run.awaiting.to}).",
            remedy="One question is out at a time: ask when it is over.",
        )
    if any(one.key == write.key for one in run.awaited):
        raise UsageError(f"Case {run.case.case_id!r}: this very question was put before.")
    asked = review.asked
    assert asked is not None  # noqa: S101  the desk sees to it
    waits = Awaiting(
        to=asked.to,
        question=asked.question,
        factor=asked.factor,
        by=review.reviewer,
        since=review.at,
        until=review.at + timedelta(days=asked.days),
        as_of=as_of,
        key=write.key,
    )
    update: dict[str, Any] = {"awaiting": waits, "reviews": (*run.reviews, review)}
    if run.due_at is not None:
        update["due_at"] = run.due_at + waits.window
    if asked.factor and sop.factors[asked.factor].spec.burden == asked.to:
        update["asked"] = {**run.asked, asked.factor: as_of}
        update["answer_by"] = {**run.answer_by, asked.factor: waits.closes}
    return run.model_copy(update=update)


def ended(run: Run, arrival: Arrival) -> Run:
    """The run without its question, due later by the time waited; itself where it has none."""
    out = run.awaiting
    if out is None or out.key != arrival.key:
        return run
    return _over(run, over(out, arrival))


def over(out: Awaiting, arrival: Arrival) -> Awaiting:
    """A question as an arrival leaves it; what nobody told cannot have come after its window."""
    at = arrival.at if arrival.by else min(arrival.at, out.until)
    told = {"ended": arrival.ended, "answer": arrival.answer, "told_by": arrival.by}
    return out.model_copy(update={**told, "at": max(at, out.since)})


def withdrawn(run: Run, review: Review) -> Run:
    """The run as a review leaves it that goes on without the answer."""
    out = run.awaiting
    if out is None or review.act in KEEPS:
        return run
    at = max(review.at, out.since)
    return _over(run, out.model_copy(update={"ended": "withdrawn", "at": at}))


def refused(run: Run, at: datetime) -> Run:
    """The run without a question that the marketplace would not put: nobody was asked."""
    out = run.awaiting
    if out is None:
        return run
    over = out.model_copy(update={"ended": "withdrawn", "at": out.since})
    return _over(run, over).model_copy(update={"updated_at": at})


def _over(run: Run, over: Awaiting) -> Run:
    update: dict[str, Any] = {
        "awaiting": None,
        "awaited": (*run.awaited, over),
        "paused": run.paused + over.waited,
    }
    if run.due_at is not None:
        update["due_at"] = run.due_at - over.window + over.waited
    if over.ended == "withdrawn" and over.factor in run.answer_by:
        # Whoever goes on without an answer takes the question back: nothing lapses of it.
        update["asked"] = {name: at for name, at in run.asked.items() if name != over.factor}
        update["answer_by"] = {n: at for n, at in run.answer_by.items() if n != over.factor}
    return run.model_copy(update=update)


Kept = dict[str, dict[str, Any]]
"""Corrected factors by name, each with the digests of the evidence that it rests on."""


def corrections(
    run: Run, factors: Iterable[Factor], actions: Mapping[str, Any], rules: Mapping[str, FactorRule]
) -> Kept:
    """What reviewers corrected, with the evidence that they saw then; it may stay."""
    named = {name for review in run.reviews for name in review.factors}
    return {
        one.name: {
            "factor": one.model_dump(mode="json"),
            "rests": {
                action: actions[action]["digest"]
                for action in sorted(rules[one.name].needs)
                if action in actions
            },
        }
        for one in factors
        if one.by == "human" and one.name in named
    }


def still_holding(
    factors: Iterable[Factor],
    kept: Kept,
    then: Mapping[str, Evidence],
    now: Mapping[str, Evidence],
) -> tuple[Factor, ...]:
    """The factors, a correction in place of each whose evidence says what it said.

    Args:
        factors: As they are established now.
        kept: See ``corrections``.
        then: The evidence that they name, by digest.
        now: The evidence of each action now, by its name.
    """

    def same(name: str) -> bool:
        rests: dict[str, str] = kept[name]["rests"]
        return all(_said(then.get(digest)) == _said(now.get(a)) for a, digest in rests.items())

    return tuple(
        Factor.model_validate(kept[one.name]["factor"]) if one.name in kept and same(one.name)
        else one
        for one in factors
    )  # fmt: skip


def _said(item: Evidence | None) -> tuple[Any, ...] | None:
    """What evidence says, whenever it was fetched."""
    return None if item is None else (item.status, item.data, item.complete)
