"""Simulated worlds that nobody looked at before: their gold cases and their past ones, judged.

Past cases are judged as gold cases are, two days after they opened or just before they were closed,
on what was known then: their right outcome is the simulation's; how a reviewer settled them, four
in a hundred wrongly, stands among the tags as ``settled:…``, as a team would know it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from fields import fields_of
from judged import PARTS, SETTLED, Job
from pydantic import SecretStr

from casewright.models import ClosedCase, GoldCase, Run
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import Bench, live_bench, versions_now
from evals.results import Results, key_of, open_results
from evals.scored import Scored, Traits
from evals.suite import judge_all
from evals.traits import traits_of
from sandbox.build import build_world
from sandbox.casetypes.records import FIRST_LOOK
from sandbox.model.app import Manner
from sandbox.model.server import simulating
from sandbox.server import running
from tools.inbox import closed_cases
from tools.sources.http import HttpSource

ANY_PORT = "http://127.0.0.1/v1"
"""Stands for the simulated model's address in graph versions: its port is free choice, no more."""
BEFORE_CLOSING = timedelta(minutes=1)
TOLD_EVERY = 50
IN_FLIGHT = 8


def judge_world(job: Job) -> str:
    """Judge a world's cases, going on where it stopped; returns a line that says how it went."""
    started, cpu = time.perf_counter(), time.process_time()
    with _served(job) as settings:
        judged = asyncio.run(_judged(job, settings))
    took, used = time.perf_counter() - started, time.process_time() - cpu
    load = os.getloadavg()[0]
    return f"seed {job.seed}: {judged} cases in {took:.0f} s ({used:.0f} s of CPU), load {load:.1f}"


@contextmanager
def _served(job: Job) -> Iterator[Settings]:
    """The world behind its API, and the simulated model where one reads."""
    home = job.folder / "worlds" / f"seed-{job.seed}"
    build_world(home / "sandbox", seed=job.seed, size="small")
    with ExitStack() as stack:
        market = stack.enter_context(running(home / "sandbox", faults=False, rate_limits=False))
        model: dict[str, Any] = {}
        if job.reader != "none":
            at = stack.enter_context(simulating(home / "sandbox", Manner(style=job.reader)))
            model = {"model": "simulated", "model_base_url": at, "model_privacy": "off"}
        token = SecretStr(market.read_token)
        yield Settings(home=home, source_url=market.base_url, source_token=token, **model)


async def _judged(job: Job, settings: Settings) -> int:
    world = settings.home / "sandbox"
    gold = load_gold(world / "gold.jsonl")
    closed = await _closed(settings)
    parts = {
        "gold": [case.model_copy(update={"seed": job.seed}) for case in gold],
        "past": past_cases(world, closed, job.seed),
    }
    judged = 0
    with _appended(job.path("raw")) as raw:
        async with live_bench(settings) as bench:
            for part in PARTS:
                with open_results(job.path(part)) as results:
                    watch = Watch(bench, raw, {case.case.case_id: case for case in closed})
                    cases = _spread(parts[part], job.limit)
                    judged += await _added(job, settings, watch, results, cases)
    return judged


@contextmanager
def _appended(path: Path) -> Iterator[TextIO]:
    """A file of lines to write more of; what a crash left of a last line is cut off."""
    if path.is_file():
        held = path.read_bytes()
        os.truncate(path, held.rfind(b"\n") + 1)
    with path.open("a", encoding="utf-8") as file:
        yield file


async def _closed(settings: Settings) -> list[ClosedCase]:
    token = settings.source_token.get_secret_value()
    async with HttpSource(settings.source_url, token) as source:
        return [case async for case in closed_cases(source)]


def _spread(cases: Sequence[GoldCase], limit: int | None) -> list[GoldCase]:
    step = 1 if limit is None else max(1, len(cases) // limit)
    return list(cases[::step][:limit])


def past_cases(world: Path, closed: Sequence[ClosedCase], seed: int) -> list[GoldCase]:
    """The closed cases of a world as gold cases; their right outcome is the simulation's."""
    rows = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    causes = {row["case_id"]: row for row in rows}
    return [_past(case, causes[case.case.case_id], seed) for case in closed]


def _past(closed: ClosedCase, cause: dict[str, Any], seed: int) -> GoldCase:
    case = closed.case
    return GoldCase(
        case_id=case.case_id,
        case_type=case.case_type,
        outcome=cause["right"],
        ask=tuple(cause["withheld"]),
        as_of=first_look(case.opened_at, closed.closed_at),
        seller_id=case.seller_id,
        region=case.region,
        channel=case.channel,
        language=case.language,
        facts={name: held for name, held in cause["columns"].items() if isinstance(held, bool)},
        tags=(f"{SETTLED}{closed.outcome}", *(["near"] if cause["near"] else [])),
        seed=seed,
        truth="simulation",
    )


def first_look(opened: datetime, closed: datetime) -> datetime:
    """When a past case is judged: as long after it opened as gold cases, and before it closed."""
    return min(opened + timedelta(seconds=FIRST_LOOK), closed - BEFORE_CLOSING)


@dataclass(frozen=True)
class Watch:
    """Looks into each run: its traits, and beside them what the baselines learn from."""

    bench: Bench
    raw: TextIO
    closed: dict[str, ClosedCase]

    async def traits(self, run: Run, seconds: float) -> Traits | None:
        """See ``evals.suite.Inspect``. The fields are on the disk when this returns."""
        facts = (await self.bench.seen(run.case.case_id)).facts
        if facts is None:
            return None
        vote = run.decision.vote if run.decision else None
        past = self.closed.get(run.case.case_id)
        row = {
            "case_id": run.case.case_id,
            "opened_at": run.case.opened_at.isoformat(),
            "closed_at": past.closed_at.isoformat() if past else "",
            "vote": vote.model_dump(mode="json") if vote else None,
            "fields": fields_of(facts, run.as_of),
        }
        self.raw.write(json.dumps(row) + "\n")
        self.raw.flush()
        return traits_of(run, facts, seconds=seconds)


async def _added(
    job: Job, settings: Settings, watch: Watch, results: Results, cases: Sequence[GoldCase]
) -> int:
    """Judge what the file does not hold yet."""
    versions = await _versions(settings, cases)
    kept = results.kept(cases, versions.values(), world=job.seed)
    left = [case for case in cases if key_of(case) not in kept]

    def keep(one: Scored) -> None:
        named = versions.get(one.graph_version.partition("@")[0], one.graph_version)
        results.add(one.model_copy(update={"graph_version": named}))

    await judge_all(
        left,
        watch.bench.judge,
        concurrency=IN_FLIGHT,
        progress=lambda done, total: _tell(job, results.path, done, total),
        keep=keep,
        inspect=watch.traits,
    )
    return len(left)


async def _versions(settings: Settings, cases: Sequence[GoldCase]) -> dict[str, str]:
    """The graph version of each SOP, the same in all worlds and whatever port the model has."""
    anywhere = settings.model_copy(
        update={"model_base_url": ANY_PORT if settings.model_base_url else ""}
    )
    found = await versions_now(anywhere, {case.case_type for case in cases})
    return {version.partition("@")[0]: version for version in found}


def _tell(job: Job, path: Path, done: int, total: int) -> None:
    if done % TOLD_EVERY == 0 or done == total:
        load = os.getloadavg()[0]
        at = time.strftime("%H:%M:%S")
        print(f"{at} {path.name}: {done} of {total}, load {load:.1f}", file=sys.stderr, flush=True)
