"""Kill -9 in the middle of a review, of enforcement and of undoing: is anything lost or doubled?

    python benchmarks/kills.py [--times 100] [--seed 1] [--act undo]

A case is prepared once up to the act, in a folder that each trial has a copy of. A process does the
act over real HTTP to the sandbox, and is killed at a moment drawn evenly over as long as the act
takes. What it left is looked at: the log's chain, the reviews, what the marketplace did. Then the
same act is done again, to its end, and looked at again. A process that had ended by then was not
killed, and is not counted.

Prints, by act: kills; where they fell; reviews lost; writes doubled, or done and not recorded;
broken chains; acts that could not be finished. Ends with 1 where one of the last four is not 0.
Processes are forked from one that has done the same before, so that the act itself takes most of
their time, and 300 kills take minutes; the sandbox runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.happenings import digest_of_model
from casewright.models import ReviewAct, Run, RunStatus
from casewright.settings import Settings
from graphs.deliver import deliver_due
from graphs.run import Investigator, Wish, open_investigator
from review.desk import Desk
from sandbox.build import build_world
from sandbox.server import Endpoint, running

ROOT: Final = Path(__file__).parents[1]
ACTS: Final = ("approve", "enforce", "undo")
LATER: Final = timedelta(minutes=10)
LONGER: Final = 1.4
"""The latest kill, in times of how long the act took: now and then it takes longer."""

MORE: Final = """\
side_effects:
  told:
    on: [overturn, uphold]
    do: send_notice
    with:
      party: '"seller"'
      party_id: appeal.seller_id
      text: '"We have decided your appeal."'
interim:
  paused:
    if: case.impact_cents >= 0
    do: suspend
    with: {seller_ids: '[appeal.seller_id]'}
    undo: {do: lift_suspension, with: {seller_ids: '[appeal.seller_id]'}}
    keep_on: [uphold]
"""
"""What the built-in SOP does beside its outcome here, so that there are several writes."""


@dataclass(frozen=True)
class Place:
    """Where a trial happens."""

    home: Path
    workspace: Path
    url: str
    read_token: str
    enforce_token: str
    case_id: str

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            source_url=self.url,
            source_token=SecretStr(self.read_token),
            enforce_token=SecretStr(self.enforce_token),
            source_timeout_s=60,
            enforce="on",
            undo_minutes=5,
        )


@dataclass
class Tally:
    """What came of the kills of one act."""

    kills: int = 0
    fell: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    broken: int = 0
    unfinished: int = 0

    @property
    def faults(self) -> int:
        return self.lost + self.doubled + self.broken + self.unfinished


@asynccontextmanager
async def opened(place: Place, *, later: bool = False) -> AsyncIterator[Investigator]:
    """An investigator; ``later``: ten minutes from now, when all is due."""
    clock = (lambda: utc_now() + LATER) if later else utc_now
    async with open_investigator(
        place.settings, workspace=place.workspace, clock=clock
    ) as investigator:
        yield investigator


def desk_of(investigator: Investigator) -> Desk:
    return Desk(investigator, "ana", utc_now)


async def do(act: str, investigator: Investigator, case_id: str) -> None:
    desk = desk_of(investigator)
    match act:
        case "approve":
            await desk.act(case_id, ReviewAct.EDIT, ["E3"], outcome="overturn")
        case "enforce":
            await deliver_due(investigator)
        case "undo":
            await desk.undo(case_id, "It was the wrong case.", sent=True)


def perform(act: str, place: Place, told: Connection) -> None:
    """What the process does that is killed: it says when it begins, and when it is done."""

    async def work() -> None:
        async with opened(place, later=act != "approve") as investigator:
            run = await desk_of(investigator).show(place.case_id)
            await investigator.sop_of(run)  # as a server has it, that lives long
            told.send("ready")
            await do(act, investigator, place.case_id)
            told.send("done")

    asyncio.run(work())


async def prepare(act: str, place: Place) -> None:
    """Take the case up to the act."""
    async with opened(place) as investigator:
        run = await investigator.investigate(place.case_id, Wish(sop="again"))
        assert run.status is RunStatus.WAITING, run.status
        if act != "approve":
            await do("approve", investigator, place.case_id)
    if act == "undo":
        async with opened(place, later=True) as investigator:
            await do("enforce", investigator, place.case_id)


async def rehearsed(act: str, place: Place) -> None:
    """Do the act once, so that whatever is forked later has all at hand."""
    async with opened(place, later=act != "approve") as investigator:
        await do(act, investigator, place.case_id)


def serve(world: Path, told: Connection) -> None:
    """What the sandbox's process does, until the other end is closed."""
    with running(world, rate_limits=False) as endpoint:
        told.send(endpoint)
        with suppress(EOFError):
            told.recv()


@contextmanager
def served(world: Path) -> Iterator[Endpoint]:
    """The sandbox in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(world, there), daemon=True)
    process.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        process.join(20)


class Marketplace:
    """What the sandbox says that was done to it."""

    def __init__(self, endpoint: Endpoint) -> None:
        headers = {"Authorization": f"Bearer {endpoint.read_token}"}
        self._client = httpx.Client(
            base_url=endpoint.base_url, headers=headers, trust_env=False, timeout=60
        )

    def writes(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._client.get("/_sandbox/writes").json()["items"]
        return items

    def forget(self) -> None:
        self._client.delete("/_sandbox/writes").raise_for_status()


def spawned(context: Any, act: str, place: Place) -> tuple[Any, Connection]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=perform, args=(act, place, there), daemon=True)
    process.start()
    there.close()
    assert here.recv() == "ready"
    return process, here


def took(context: Any, act: str, place: Place) -> float:
    """Seconds that the act takes when nobody disturbs it."""
    process, told = spawned(context, act, place)
    start = time.perf_counter()
    told.recv()
    seconds = time.perf_counter() - start
    process.join()
    return seconds


def killed(context: Any, act: str, place: Place, after: float) -> bool:
    """Kill a process at its act after so many seconds; whether it was still at it."""
    process, told = spawned(context, act, place)
    time.sleep(after)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    try:
        return not (told.poll() and told.recv() == "done")
    except EOFError:
        return True


async def where(act: str, investigator: Investigator, run: Run, begun: int) -> str:
    """Where the kill fell, by what the record says."""
    if act == "approve":
        if not run.reviews:
            return "before the review"
        return "closed" if run.status is RunStatus.DONE else "reviewed, not closed"
    if act == "enforce":
        done = sum(one.status == "done" for one in run.enforced) - begun
        waits = await investigator.store.outbox.all(run.case.case_id)
        return f"{done} recorded, {sum(one.attempts for one in waits)} in flight"
    if not run.undone:
        return "before it was recorded"
    return "back at its gate" if run.status is RunStatus.WAITING else "recorded, not at its gate"


async def examined(
    investigator: Investigator, place: Place, market: Marketplace, base: set[str], tally: Tally
) -> Run:
    """Look at what is there: the chain, the reviews, and what was done."""
    store = investigator.store
    run = await store.latest_run(place.case_id)
    assert run is not None
    tally.broken += bool((await store.audited()).faults)
    kept = {digest_of_model(review) for review in run.reviews}
    events = await store.log.of(place.case_id)
    told = {one.body["review"] for one in events if one.kind is Kind.REVIEWED}
    tally.lost += len(told ^ kept)
    keys = Counter(one["key"] for one in market.writes())
    known = {one.write.key for one in run.enforced}
    done = {one.write.key for one in run.enforced if one.status == "done"} - base
    tally.doubled += sum(count - 1 for count in keys.values())
    tally.doubled += len(keys.keys() - known) + len(done - keys.keys())
    return run


async def finished(
    act: str, place: Place, market: Marketplace, base: set[str], tally: Tally
) -> None:
    """Do the act again, to its end, and see that all is as if nobody had been killed."""
    async with opened(place, later=act != "approve") as investigator:
        run = await examined(investigator, place, market, base, tally)
        tally.fell[await where(act, investigator, run, len(base))] += 1
        at_its_end = {"approve": RunStatus.DONE, "undo": RunStatus.WAITING}.get(act)
        undone = act != "undo" or bool(run.undone)
        if run.status is not at_its_end or not undone:
            await do(act, investigator, place.case_id)
        if act == "undo":
            await deliver_due(investigator)
        run = await examined(investigator, place, market, base, tally)
        tally.unfinished += not await as_meant(act, investigator, run, market, base)


async def as_meant(
    act: str, investigator: Investigator, run: Run, market: Marketplace, base: set[str]
) -> bool:
    kinds = Counter(one["kind"] for one in market.writes())
    waits = len(await investigator.store.outbox.all(run.case.case_id))
    done = {one.write.key for one in run.enforced if one.status == "done"} - base
    if done != {one["key"] for one in market.writes()}:
        return False
    if act == "approve":
        return run.status is RunStatus.DONE and waits == 3 and not kinds
    if act == "enforce":
        once = {"lift_suspension": 1, "void_points": 1, "notice": 1}
        return run.status is RunStatus.DONE and waits == 0 and kinds == once
    back = {"suspend": 1, "add_points": 1, "notice": 1}
    return run.status is RunStatus.WAITING and len(run.undone) == 1 and not waits and kinds == back


def workspace_in(folder: Path) -> Path:
    """A workspace with the built-in SOP of late dispatch, and what it does beside here."""
    sop = folder / "sops" / "again"
    shutil.copytree(ROOT / "graphs" / "sops" / "late_shipment_appeal", sop)
    text = (sop / "sop.yaml").read_text("utf-8")
    text = text.replace("sop: late_shipment_appeal", "sop: again")
    text = text.replace("case_type: appeal.late_dispatch", "case_type: appeal.again")
    (sop / "sop.yaml").write_text(text + MORE, "utf-8")
    return folder


def measured(act: str, times: int, place: Place, market: Marketplace, draw: random.Random) -> Tally:
    """Kill so many processes at one act."""
    context = multiprocessing.get_context("fork")
    tally, base = Tally(), replace(place, home=place.home / act / "base")
    asyncio.run(prepare(act, base))
    asyncio.run(rehearsed(act, copied(base, place.home / act / "rehearsal")))
    before = asyncio.run(keys_done(base))
    seconds = max(took(context, act, copied(base, place.home / act / f"t{n}")) for n in range(3))
    number = 0
    while tally.kills < times and number < times * 10:
        trial = copied(base, place.home / act / f"{number:04d}")
        number += 1
        market.forget()
        if killed(context, act, trial, draw.uniform(0, LONGER * seconds)):
            tally.kills += 1
            asyncio.run(finished(act, trial, market, before, tally))
        shutil.rmtree(trial.home)
    return tally


async def keys_done(place: Place) -> set[str]:
    async with opened(place) as investigator:
        run = await investigator.store.latest_run(place.case_id)
        assert run is not None
        return {one.write.key for one in run.enforced if one.status == "done"}


def copied(base: Place, home: Path) -> Place:
    shutil.copytree(base.home, home)
    return replace(base, home=home)


def first_case(endpoint: Endpoint) -> str:
    answer = httpx.get(
        f"{endpoint.base_url}/v1/cases?status=open&limit=100",
        headers={"Authorization": f"Bearer {endpoint.read_token}"},
        trust_env=False,
        timeout=60,
    )
    items = answer.json()["data"]["items"]
    return next(str(one["case_id"]) for one in items if one["case_type"] == "appeal.late_dispatch")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100, help="kills for each act")
    parser.add_argument("--seed", type=int, default=1, help="what the moments are drawn from")
    parser.add_argument("--world", type=Path, help="a world folder; else one is built")
    parser.add_argument("--act", choices=ACTS, action="append", help="only this one")
    given = parser.parse_args()
    draw, faults = random.Random(given.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        world = given.world or Path(folder) / "world"
        if given.world is None:
            build_world(world, seed=7, size="small")
        workspace = workspace_in(Path(folder) / "workspace")
        with served(world) as endpoint:
            place = Place(
                Path(folder), workspace, endpoint.base_url,
                endpoint.read_token, endpoint.enforce_token, first_case(endpoint),
            )  # fmt: skip
            for act in given.act or ACTS:
                start = time.perf_counter()
                tally = measured(act, given.times, place, Marketplace(endpoint), draw)
                faults += tally.faults + (tally.kills < given.times)
                print(
                    f"{act}: {tally.kills} killed, {tally.lost} lost, {tally.doubled} doubled, "
                    f"{tally.broken} chains broken, {tally.unfinished} not finished, "
                    f"{time.perf_counter() - start:.0f} s; load {os.getloadavg()[0]:.1f}"
                )
                for name, count in sorted(tally.fell.items()):
                    print(f"  {count:4d} {name}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
