"""How long it takes to verify a long log, and what the log costs each case.

    python benchmarks/audit.py [--events 100000]

Fills a store with cases of twenty events each and prints: seconds to verify all of it, by the clock
and of processor time (the clock counts whoever else the machine works for), and how
long saving a run takes beside the same saving without its events, as a ratio in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from casewright.audit import FIRST, Happened, Place
from casewright.models import Case, Decision, Evidence, EvidenceStatus, Money, Run, RunStatus
from casewright.store import Store
from casewright.store import store as module
from casewright.store.tables import audit_events, audit_head, evidence, runs

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
PER_CASE = 20


def run_of(number: int) -> Run:
    case = Case(
        case_id=f"CASE-{number}",
        case_type="appeal.late_dispatch",
        subject={"appeal_id": f"AP-{number}"},
        seller_id="S-1",
        region="DE",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="EUR"),
    )
    return Run(
        run_id=f"run-{number}", case=case, sop="x", graph_version="x@1+0", as_of=NOON,
        status=RunStatus.RUNNING, started_at=NOON, updated_at=NOON,
    )  # fmt: skip


def evidence_of(number: int) -> Evidence:
    return Evidence.freeze(
        tool="get_order", request={"order_id": f"O-{number}"}, status=EvidenceStatus.OK,
        data={"order_id": f"O-{number}", "note": "x" * 400}, as_of=NOON, retrieved_at=NOON,
    )  # fmt: skip


async def fill(store: Store, cases: int) -> None:
    """Cases in one transaction: 19 look-ups each, and the run's own first event."""
    place, items = FIRST, list[Evidence]()
    from casewright.canonical import canonical
    from casewright.happenings import Writing, fetched, happenings

    rows, records = [], []
    for number in range(cases):
        run = run_of(number)
        own = [evidence_of(number * PER_CASE + at) for at in range(PER_CASE - 1)]
        items += own
        told: list[Happened] = [*happenings(Writing(None, run)), *map(fetched, own)]
        place = Place(place.entry, place.before, 1, FIRST.previous)
        for one in told:
            rows.append(place.put(run.case.case_id, run.run_id, one))
            place = place.after(rows[-1])
        records.append(
            {
                "run_id": run.run_id, "case_id": run.case.case_id, "sop": run.sop,
                "status": run.status.value, "started_at": NOON.isoformat(),
                "updated_at": NOON.isoformat(), "body": run.model_dump_json(),
            }
        )  # fmt: skip
    bodies = [
        {"digest": i.digest, "content": canonical(i.content()).decode(), "retrieved_at": "x"}
        for i in items
    ]
    async with store._writing() as connection:
        await connection.execute(runs.insert(), records)
        await connection.execute(evidence.insert(), bodies)
        await connection.execute(audit_events.insert(), [row._asdict() for row in rows])
        newest = {"entry": rows[-1].entry, "hash": rows[-1].hash}
        await connection.execute(audit_head.update().values(newest))


async def saving(store: Store, first: int, cases: int) -> float:
    decision = Decision(outcome="uphold", row=1, factors=(), claims=(), graph_version="x@1+0")
    since = time.perf_counter()
    for number in range(first, first + cases):
        run = run_of(number)
        for change in ({}, {"decision": decision}, {"status": RunStatus.WAITING}):
            run = run.model_copy(update=change)
            await store.save_run(run)
    return (time.perf_counter() - since) / cases / 3 * 1000


async def nothing(*_: object) -> None:
    """Append no event."""


async def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(Path(folder)) as store:
            await fill(store, events // PER_CASE)
            since, cpu = time.perf_counter(), time.process_time()
            found = await store.audited()
            took, busy = time.perf_counter() - since, time.process_time() - cpu
            assert not found.faults, found.faults[:3]
            told = f"{found.events} events, {found.evidence} records of evidence, {found.runs} runs"
            print(f"verified {told} in {took:.1f} s, {busy:.1f} s of them its own")
            append, kept = module.append, 10**6
            with_log = await saving(store, kept, 200)
            module.append = nothing  # type: ignore[assignment]
            without = await saving(store, kept + 1000, 200)
            module.append = append
            print(
                f"saving a run: {with_log:.2f} ms with the log, "
                f"{with_log / without:.2f} times as long"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().events))
