"""Kill -9 at random instants of a batch, which is resumed each time: is anything lost, or repeated?

    python benchmarks/batch_kills.py [--cases 500] [--times 100] [--seed 1]

The sandbox's marketplace and the SIMULATED model stand behind proxies (``faulty.py``) that fail
nothing and write down every call. First each case is taken to its gate alone: what it asks and what
it proposes is the reference. Then a batch of the same cases begins, is killed, and is resumed,
again and again. When it is killed is drawn in calls, so that kills spread over all that is to be
done whatever a process takes to start, and a tenth of the kills fall within the start.

A call is repeated where it was made more often than its cases ask it alone, by its path or by what
it carried. A prompt may be worded otherwise than alone, and then counts once; how many there were
of either is told as well. Each repeated one is put down to the first kill after it was made, and a
kill may cost one for each case that was in flight, whose calls go one after another; no call may be
repeated without a kill. Reading the clock and the list of cases is counted apart. It is told as
well how many of the repeated ones had been answered half a second before the kill.

Prints how often it was killed, what the store says of every case, proposals that differ from the
reference, repeated calls, and how many kills cost more than they may. Ends with 1 where a case is
lost or came to its gate twice, a proposal differs, or a kill cost too much.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from batches import Running, Standing, fresh, held, load, open_ids, planned, prepared, standing
from chaos import Surroundings, command, surrounded
from faulty import Manner, passed

from sandbox.embedded import world_of

STARTS: Final = 0.1
"""Share of the kills that fall into the start of a process."""

START_S: Final = 3.0
"""Seconds within which those fall."""

ANSWERED_S: Final = 0.5
"""How long before a kill a call must have been answered for its answer to be kept for sure."""

JITTER_S: Final = 0.1
SPREAD: Final = 1.6
"""Most calls between two kills, in times of the calls left by the kills left."""

LOOK_S: Final = 0.02
ASK_AGAIN: Final = 202
MODEL: Final = "/v1/chat/"
ROUTINE: Final = re.compile(r"^/v1/cases\?|^/v1/models")
"""What belongs to no case: the clock, the list of cases, what the endpoint serves."""


class Call(NamedTuple):
    """A call: when it came, what was asked, and when it was answered."""

    at: float
    what: str
    until: float


@dataclass
class Reference:
    """What the cases ask and propose, each alone."""

    asked: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, str] = field(default_factory=dict)


@dataclass
class Kill:
    """One kill: when it was, how many cases were in flight, and how many calls it cost.

    ``answered`` counts those of the repeated calls that had been answered well before.
    """

    at: float
    flying: int
    repeated: list[str] = field(default_factory=list)
    answered: int = 0

    @property
    def excess(self) -> int:
        return max(0, len(self.repeated) - self.flying)


def heard(around: Surroundings) -> list[Call]:
    """All calls so far, as they came, but those that were told to ask again in a moment."""
    calls = (*passed(around.source_log), *passed(around.model_log))
    return sorted(
        Call(one["at"], f"{one['path']} {one['digest']}".strip(), one["at"] + one["seconds"])
        for one in calls
        if one["status"] != ASK_AGAIN
    )


async def alone(home: Path, around: Surroundings, case_ids: list[str]) -> Reference:
    """Take each case to its gate by itself."""
    from pydantic import SecretStr

    from casewright.settings import Settings
    from graphs.run import open_investigator

    source = around.source
    settings = Settings.model_validate(
        {
            "home": home,
            "source_url": source.url,
            "source_token": SecretStr(source.token),
            **around.settings,
            "source_timeout_s": 60,
            "model_timeout_s": 60,
        }
    )
    reference = Reference()
    async with open_investigator(settings) as investigator:
        for case_id in case_ids:
            run = await investigator.investigate(case_id)
            reference.outcomes[case_id] = run.decision.outcome if run.decision else ""
    reference.asked.update(one.what for one in heard(around))
    return reference


def size(around: Surroundings) -> int:
    """How many calls there were so far, roughly and at once: lines of both logs."""
    logs = (around.source_log, around.model_log)
    return sum(log.read_bytes().count(b"\n") for log in logs if log.exists())


def go_on(home: Path, around: Surroundings, given: argparse.Namespace) -> Running:
    """Begin the batch, or resume it where there is one."""
    arguments = ("batch", "resume") if planned(home) else command(given)
    return Running(home, around.source, arguments, settings=around.settings)


def killed(
    home: Path, around: Surroundings, given: argparse.Namespace, draw: random.Random, most: float
) -> Kill | None:
    """Kill one process of the batch; None where it had ended by then."""
    before = size(around)
    batch = go_on(home, around, given)
    if draw.random() < STARTS:
        time.sleep(draw.uniform(0, START_S))
    else:
        after = draw.uniform(1, max(1.0, most))
        while batch.alive and size(around) - before < after:
            time.sleep(LOOK_S)
        time.sleep(draw.uniform(0, JITTER_S))
    lives = batch.alive
    batch.kill()
    ended, at = batch.ended(), time.time()
    if not lives or ended.code != -9:
        return None
    return Kill(at, held(home) or min(given.flying, given.cases))


def disturbed(
    home: Path, around: Surroundings, given: argparse.Namespace, calls: int
) -> list[Kill]:
    """Kill the batch as often as is wanted, and have it come to its end."""
    draw, kills = random.Random(given.seed), list[Kill]()
    while len(kills) < given.times:
        left = max(1, calls - size(around))
        kill = killed(home, around, given, draw, SPREAD * left / (given.times - len(kills)))
        if kill is None:
            break
        kills.append(kill)
    last = go_on(home, around, given).ended()
    if last.code not in (0, 3):
        print(f"the last resume ended with {last.code}:\n{last.told[-2000:]}")
    return kills


class Apart(NamedTuple):
    """Repeated calls that no kill cost: of the clock and of lists, and all others."""

    routine: list[str]
    unexplained: list[str]


def charge(kills: list[Kill], reference: Counter[str], calls: list[Call]) -> Apart:
    """Put each repeated call down to the kill that cost it, and return the rest.

    It is the first kill after the call was made before: a case may rest through several kills until
    somebody goes on with it.
    """
    seen: defaultdict[str, list[Call]] = defaultdict(list)
    moments, apart = [one.at for one in kills], Apart([], [])
    for call in calls:
        before = seen[call.what]
        before.append(call)
        if len(before) <= max(1, reference[call.what]):
            continue
        if ROUTINE.match(call.what):
            apart.routine.append(call.what)
            continue
        place = bisect_left(moments, before[-2].at)
        if place < len(kills) and moments[place] < call.at:
            kills[place].repeated.append(call.what)
            kills[place].answered += before[-2].until < moments[place] - ANSWERED_S
        else:
            apart.unexplained.append(call.what)
    return apart


def told_kills(kills: list[Kill], apart: Apart) -> None:
    repeated = [what for one in kills for what in one.repeated]
    flying = sum(one.flying for one in kills)
    over = [one for one in kills if one.excess]
    print(
        f"{len(kills)} kills, {flying} cases in flight at them; {len(repeated)} calls repeated "
        f"({len(repeated) / max(1, flying):.2f} for each); {len(over)} kills cost more than one "
        f"for each; {sum(one.answered for one in kills)} of the calls had been answered before"
    )
    kinds = Counter(re.sub(r"/[^/ ]*\d[^/ ]*|\?.*| .*", "", what) for what in repeated)
    for kind, count in kinds.most_common(8):
        print(f"  {count:4d} {kind}")
    print(f"  {len(apart.routine):4d} of the clock and of lists, which belong to no case")
    unexplained = ", ".join(apart.unexplained[:5]) or "none"
    print(f"  {len(apart.unexplained):4d} without a kill: {unexplained}")


def differing(found: Standing, reference: Reference) -> list[str]:
    """Cases whose proposal is another than alone."""
    both = found.outcomes.keys() & reference.outcomes.keys()
    return [one for one in both if found.outcomes[one] != reference.outcomes[one]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=8, dest="flying")
    parser.add_argument("--home", type=Path, default=None, help="keep what is prepared there")
    parser.add_argument("--small", action="store_true", help="a world of a tenth of the size")
    given = parser.parse_args()
    start = time.perf_counter()
    with prepared(given.home, small=given.small, closed=0) as home:
        world = world_of(home)
        with fresh(home) as place, surrounded(world, place, Manner()) as around:
            ids = open_ids(around.source, given.cases)
            reference = asyncio.run(alone(place, around, ids))
        with fresh(home) as place, surrounded(world, place, Manner()) as around:
            kills = disturbed(place, around, given, reference.asked.total())
            apart = charge(kills, reference.asked, heard(around))
            found = standing(place, ids)
            prompts = sum(one["path"].startswith(MODEL) for one in passed(around.model_log))
    other = differing(found, reference)
    print(f"alone:  {len(ids)} cases, {reference.asked.total()} calls")
    print(f"killed: {found}; {len(other)} proposals differ")
    before = sum(count for what, count in reference.asked.items() if what.startswith(MODEL))
    print(f"calls of the model: {prompts}, alone {before}")
    told_kills(kills, apart)
    print(f"in {time.perf_counter() - start:.0f} s; {load()}")
    dear = any(one.excess for one in kills)
    wrong = not found.clean or other or apart.unexplained or dear
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
