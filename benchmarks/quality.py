"""How long the figures of reviewers, four eyes and a page with checks take in a large store.

    python benchmarks/quality.py [--events 100000]

Fills a store with reviewed cases of ten events each, all of fifty sellers and twenty reviewers, and
prints seconds by the clock. The reference of the same run is reading every event's row once; the
ratio to it says more than the seconds where others use the machine too.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from casewright.audit import FIRST, Happened, Kind, Place, reviewer
from casewright.models import Case, Decision, Money, Review, ReviewAct, Run, RunStatus
from casewright.store import Store
from casewright.store.tables import audit_events, audit_head, reviews, runs, subjects
from casewright.waiting import Wanted
from review.figures import figures
from review.foureyes import require_other_eyes

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
PER_CASE = 10
FILLING = "x" * 4_000
"""A record is some kilobytes long."""


def run_of(number: int, *, waits: bool = False) -> Run:
    who = f"rev_{number % 20}"
    case = Case(
        case_id=f"case_{number:06d}",
        case_type="appeal.late_dispatch",
        subject={"appeal_id": f"app_{number:06d}"},
        seller_id=f"sel_{number % 50}",
        region="US",
        channel="appeal",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
        text=FILLING,
    )
    decision = Decision(outcome="uphold", row=1, factors=(), claims=(), graph_version="x@1+0")
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer=who, at=NOON)
    return Run(
        run_id=f"run-{number}", case=case, sop="x", graph_version="x@1+0", as_of=NOON,
        status=RunStatus.WAITING if waits else RunStatus.DONE, decision=decision,
        reviews=() if waits else (review,), stake_cents=100, started_at=NOON, updated_at=NOON,
    )  # fmt: skip


def told(run: Run, number: int) -> list[Happened]:
    """What happened to a case: decided, seen, five citations followed, approved, closed."""
    who, at = reviewer(f"rev_{number % 20}"), NOON + timedelta(seconds=number)

    def one(kind: Kind, seconds: int, **body: object) -> Happened:
        return Happened(kind=kind, at=at + timedelta(seconds=seconds), actor=who, body=dict(body))

    cited = [one(Kind.VIEWED, 5 * n, what="citation", citation=n) for n in range(1, 6)]
    return [
        one(Kind.ENTERED, 0),
        one(Kind.PROPOSED, 0, outcome="uphold", claims=8),
        one(Kind.VIEWED, 1, what="decision"),
        *cited,
        one(Kind.REVIEWED, 40, act="approve", codes=["A1"]),
        one(Kind.CLOSED, 41),
    ]


async def fill(store: Store, cases: int) -> None:
    place, events, records, acts, about = FIRST, [], [], [], []
    for number in range(cases):
        run = run_of(number)
        place = Place(place.entry, place.before, 1, FIRST.previous)
        for happened in told(run, number):
            events.append(place.put(run.case.case_id, run.run_id, happened))
            place = place.after(events[-1])
        records.append(
            {
                "run_id": run.run_id, "case_id": run.case.case_id, "sop": run.sop,
                "status": run.status.value, "started_at": NOON.isoformat(),
                "updated_at": NOON.isoformat(), "body": run.model_dump_json(),
            }
        )  # fmt: skip
        review = run.reviews[0]
        acts.append(
            {
                "run_id": run.run_id, "at": review.at.isoformat(), "act": review.act.value,
                "reviewer": review.reviewer, "body": review.model_dump_json(),
            }
        )  # fmt: skip
        about += [{"value": one, "run_id": run.run_id} for one in run.case.involved]
    async with store._writing() as connection:
        await connection.execute(runs.insert(), records)
        await connection.execute(reviews.insert(), acts)
        await connection.execute(subjects.insert(), about)
        await connection.execute(audit_events.insert(), [one._asdict() for one in events])
        newest = {"entry": events[-1].entry, "hash": events[-1].hash}
        moved = await connection.execute(audit_head.update().values(newest))
        if not moved.rowcount:
            await connection.execute(audit_head.insert(), newest)


async def timed(work: Callable[[], Awaitable[object]], times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        best = min(best, time.perf_counter() - begun)
    return best


async def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(Path(folder)) as store:
            await fill(store, events // PER_CASE)
            waits = run_of(events, waits=True)
            await store.save_run(waits)

            async def every() -> None:
                async with store._transaction() as connection:
                    (await connection.execute(select(audit_events))).all()

            reference = await timed(every)
            since = NOON - timedelta(days=1)
            print(f"{events:,} events of {events // PER_CASE:,} cases, best of three")
            print(f"every event read once     {reference:8.3f} s")
            for name, work in (
                ("figures per reviewer", lambda: figures(store, since)),
                ("what was judged", lambda: store.judgements.since(since)),
                (
                    "four eyes of a case whose seller has many",
                    lambda: require_other_eyes(store, waits, "nobody", "party"),
                ),
                ("open checks of a page", lambda: store.checks.waiting(Wanted(me="x"), NOON)),
                ("what a check could be made of", lambda: store.checks.known()),
            ):
                took = await timed(work)
                print(f"{name:42} {took:8.4f} s, {took / reference:6.3f} of it")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().events))
