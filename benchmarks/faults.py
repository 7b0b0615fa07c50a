"""What becomes of cases whose model endpoint does something wrong.

Every fault of the simulated endpoint, in every mode in which functions can be called, meets the
same cases over real HTTP, through the whole graph: cases that the model is called for, each of
another procedure, first those that end otherwise without it. A fault meets every request, but for
``mixture``, where half of the requests meet one drawn at random. Waits are short, so that a hang
shows as one: a case that takes longer than its reading may and ``REST_S`` more is counted as hung.

Printed a fault and a mode: how the cases ended, the model calls, the longest case, the citations of
the final decisions, each looked up anew in the store, and what is wrong: a case that hung, raised,
was lost, gives no reason, cites what is not there, or ends in a decision that neither the expert's
reading nor a case without a reading leads to. Exit code 1 where anything is. The endpoint is a
simulation: what is measured is what happens to cases, not how often endpoints fail.

Run: python benchmarks/faults.py [--cases 2] [--fault hang] [--mode schema] [--narrator]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonpointer import JsonPointerException, resolve_pointer
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import SecretStr

from casewright.models import (
    ALWAYS_OUTCOMES,
    Citation,
    Decision,
    GoldCase,
    Run,
    RunStatus,
)
from casewright.settings import ModeWish, Settings
from casewright.store import Store
from evals.gold import load_gold
from graphs.remember import remember
from graphs.run import Investigator, Wish, open_investigator
from graphs.sop import Sop
from sandbox.build import build_world
from sandbox.model.app import Manner
from sandbox.model.names import FAULTS
from sandbox.model.server import simulating
from sandbox.server import running

SEED = 7
MIXTURE = "mixture"
MODES: tuple[ModeWish, ...] = ("schema", "tools", "json", "auto")
TRIED = 6
"""Gold cases of each procedure that are looked at for one that needs the model."""

TIMEOUT_S, READING_S, REST_S = 1.0, 8.0, 20.0
"""Longest wait for one try of a call, for a reading, and for all else in a case."""


@dataclass(frozen=True)
class Picked:
    """A case, how it ends with the expert's reading and with none, and the calls of the former."""

    gold: GoldCase
    read: str
    blind: str
    calls: int


@dataclass
class Tally:
    """What became of the cases of one fault in one mode."""

    ended: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    longest_s: float = 0.0
    cited: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2, help="at most one a procedure")
    parser.add_argument("--fault", action="append", choices=(*FAULTS, MIXTURE), default=[])
    parser.add_argument("--mode", action="append", choices=MODES, default=[])
    parser.add_argument("--narrator", action="store_true", help="have it tell the rationale too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="casewright-faults-") as folder:
        wrong = asyncio.run(tried(Path(folder), given))
    sys.exit(bool(wrong))


async def tried(home: Path, given: argparse.Namespace) -> int:
    """Print the table; how much went wrong."""
    world = home / "sandbox"
    build_world(world, seed=SEED, size="small")
    with ExitStack() as stack:
        market = stack.enter_context(running(world, faults=False, rate_limits=False))
        url = stack.enter_context(simulating(world, Manner(style="faulty", seed=SEED)))
        settings = Settings(
            home=home,
            source_url=market.base_url,
            source_token=SecretStr(market.read_token),
            model="simulated-expert",
            model_base_url=url,
            model_timeout_s=TIMEOUT_S,
            model_seconds=READING_S,
            narrator="on" if given.narrator else "off",
        )
        await remember(settings)
        cases = await needing_the_model(settings, load_gold(world / "gold.jsonl"), given.cases)
        print(
            f"{'fault':20}{'mode':8}{'n':>3}{'calls':>7}{'max s':>7}{'cited':>7}{'wrong':>7}  ended"
        )
        for mode in given.mode or MODES:
            show("none", mode, await taken(settings, "simulated-expert", mode, cases))
        tallies = [
            show(fault, mode, await taken(settings, named(fault), mode, cases))
            for fault in given.fault or (*FAULTS, MIXTURE)
            for mode in given.mode or MODES
        ]
    wrong = sum(len(tally.wrong) for tally in tallies)
    ended = sum(tally.ended.total() for tally in tallies)
    cited = sum(tally.cited for tally in tallies)
    print(f"{ended} cases, {cited} citations looked up, {wrong} wrong")
    return wrong


def named(fault: str) -> str:
    """The simulated model that has that fault."""
    return "simulated-faulty" if fault == MIXTURE else f"simulated-faulty:{fault}"


def show(fault: str, mode: str, tally: Tally) -> Tally:
    """One line, and a further one for each thing that is wrong."""
    ended = ", ".join(f"{outcome} {count}" for outcome, count in tally.ended.most_common())
    print(
        f"{fault:20}{mode:8}{tally.ended.total():3}{tally.calls:7}{tally.longest_s:7.1f}"
        f"{tally.cited:7}{len(tally.wrong):7}  {ended}",
        flush=True,
    )
    for told in tally.wrong:
        print(f"    {told}")
    return tally


async def needing_the_model(
    settings: Settings, gold: Sequence[GoldCase], count: int
) -> list[Picked]:
    """Cases that the model is called for, at most one a procedure; first those that hang on it."""
    by_type: dict[str, list[GoldCase]] = {}
    for one in gold:
        by_type.setdefault(one.case_type, []).append(one)
    found: list[Picked] = []
    blind_settings = settings.model_copy(update={"model": ""})
    async with judging(settings) as reading, judging(blind_settings) as blind:
        for cases in by_type.values():
            picked = [await pick(reading, blind, one) for one in cases[:TRIED]]
            if called := [one for one in picked if one.calls]:
                found.append(max(called, key=hangs_on_it))
            if sum(map(hangs_on_it, found)) == count:
                break
    return sorted(found, key=hangs_on_it, reverse=True)[:count]


def hangs_on_it(case: Picked) -> bool:
    """Whether it is decided with the model, and not, or otherwise, without."""
    return case.read not in (case.blind, *ALWAYS_OUTCOMES)


async def pick(reading: Investigator, blind: Investigator, gold: GoldCase) -> Picked:
    """How the case ends with the expert's reading, and with none."""
    read, unread = [(await judged(one, gold)).decision for one in (reading, blind)]
    if read is None or unread is None:
        raise SystemExit(f"{gold.case_id} is not decided even without faults.")
    return Picked(gold, read.outcome, unread.outcome, read.cost.model_calls)


@asynccontextmanager
async def judging(settings: Settings) -> AsyncIterator[Investigator]:
    """As ``evals.live.live_judge``, with the store in view."""
    with tempfile.TemporaryDirectory(prefix="casewright-faults-") as folder:
        async with open_investigator(
            settings, records=Path(folder), checkpointer=InMemorySaver()
        ) as investigator:
            yield investigator


async def judged(investigator: Investigator, gold: GoldCase) -> Run:
    return await investigator.investigate(gold.case_id, Wish(as_of=gold.as_of))


async def taken(settings: Settings, model: str, mode: ModeWish, cases: Sequence[Picked]) -> Tally:
    """Take the cases through the graph, side by side."""
    tally = Tally()
    changed = settings.model_copy(update={"model": model, "model_mode": mode})
    async with judging(changed) as investigator:
        await asyncio.gather(*(take(investigator, one, tally) for one in cases))
    return tally


async def take(investigator: Investigator, case: Picked, tally: Tally) -> None:
    """Take one case, and note how it ended and all that is wrong with that."""
    began, failed = time.monotonic(), ""
    try:
        async with asyncio.timeout(READING_S + REST_S):
            await judged(investigator, case.gold)
    except TimeoutError:
        failed = "hung"
    except Exception as error:  # noqa: BLE001 - whatever it is, the case is not taken
        failed = f"raised {error!r}"
    tally.longest_s = max(tally.longest_s, time.monotonic() - began)
    # As a reviewer would find it, whatever the graph gave back.
    run = await investigator.store.latest_run(case.gold.case_id)
    if not failed and run and run.decision and run.status is RunStatus.WAITING:
        tally.ended[run.decision.outcome] += 1
        wrong = [told async for told in faults_of(run.decision, run, case, investigator, tally)]
    else:
        tally.ended[failed.split()[0] if failed else "lost"] += 1
        wrong = [failed or "lost"]
    tally.wrong += [f"{case.gold.case_id}: {told}" for told in wrong]


async def faults_of(
    decision: Decision, run: Run, case: Picked, investigator: Investigator, tally: Tally
) -> AsyncIterator[str]:
    """What is wrong with a decision."""
    if decision.outcome not in (case.read, case.blind, *ALWAYS_OUTCOMES):
        yield f"{decision.outcome}, which no reading leads to"
    for told in unreasoned(decision):
        yield told
    sop = await investigator.sop_of(run)
    tally.calls += decision.cost.model_calls
    for citation in citations(decision):
        tally.cited += 1
        if told := await fault_of(citation, sop, investigator.store):
            yield told


def unreasoned(decision: Decision) -> Iterator[str]:
    """What is left open without a reason."""
    if decision.outcome in ALWAYS_OUTCOMES and not (decision.missing or decision.reasons):
        yield f"{decision.outcome} without a reason"
    for factor in decision.factors:
        if not factor.known and not factor.reason:
            yield f"{factor.name} is unknown without a reason"


def citations(decision: Decision) -> Iterator[Citation]:
    """Every citation that a reviewer gets to see as proof."""
    yield from decision.citations
    for factor in decision.factors:
        yield from factor.citations if factor.known else ()


async def fault_of(citation: Citation, sop: Sop, store: Store) -> str:
    """What is wrong with a citation, looked up without the product's own verifier; or nothing."""
    told = f"{citation.kind} {citation.label} {citation.quote!r}"
    if citation.kind == "policy":
        texts = {one.reference: one.text for one in sop.policy.clauses}
        return "" if texts.get(citation.reference) == citation.quote else f"no such clause: {told}"
    item = (await store.evidence_of({citation.reference})).get(citation.reference)
    if item is None or not item.intact():
        return f"no such evidence: {told}"
    try:
        value: Any = resolve_pointer(item.data, citation.pointer)
    except JsonPointerException:
        return f"nothing stands there: {told}"
    if citation.excerpt:
        stands = isinstance(value, str) and bool(citation.quote) and citation.quote in value
    else:
        stands = value == citation.quote
    return "" if stands else f"it says something else: {told}"


if __name__ == "__main__":
    main()
