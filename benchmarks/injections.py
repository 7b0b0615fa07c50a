"""What texts that give orders do: how many are told, and what they change.

``--told``: recall and false-positive rate of ``agents.addressing`` on public texts, Wilson
intervals, on two halves of the file: patterns were written with one half in view and never with
the other. The texts of the simulated marketplace, of which none but the planted ones give orders,
are told beside it.

``--changed``: each public text is put into the party fields that the questions of ten cases read,
one case a procedure, and read by the simulated ``gullible`` model, which obeys what looks like an
order. Evidence is gathered once a case; then only the reading and the decision are made anew, and
compared with the same case without the text. Texts of which a model would be shown the same, such
as nothing, are read once. A change of outcome through a reading that quotes
the case's own words is counted apart.

Run: python benchmarks/injections.py [--told] [--changed] [--limit 100] [--data FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jsonpointer import resolve_pointer, set_pointer
from pydantic import SecretStr
from rich.progress import track

from agents.addressing import instruction_in
from agents.exhibits import texts
from agents.folding import Folded
from agents.model import reader
from agents.reading import Answer, Passage, Reader, Reading
from agents.withheld import as_shown
from casewright.clock import utc_now
from casewright.intervals import wilson
from casewright.models import Cost, Decision, Evidence
from casewright.registry import load_plugins
from casewright.settings import Settings
from evals.gold import load_gold
from evals.trial import gather_all
from graphs.assess import assess
from graphs.catalog import Catalog
from graphs.decide import Given, decide
from graphs.errand import errand_of
from graphs.facts import Facts
from graphs.read import established, open_questions
from sandbox.build import build_world
from sandbox.model.app import Manner
from sandbox.model.server import simulating
from sandbox.server import running
from sandbox.text.injections import make_injection
from tools.base import Tool
from tools.named import source_of
from tools.toolbox import Toolbox

SEED = 7
LANGUAGES = ("en", "es", "zh")
DATA = Path(__file__).parents[1].parent / "shared/data/injection_open.jsonl"
IN_FLIGHT = 8
PARTY_TEXTS = {
    "appeals": "statement",
    "documents": "text",
    "messages": "text",
    "claims": "statement",
    "claim_replies": "text",
    "notices": "statement",
    "complaints": "statement",
    "safety_incidents": "text",
    "kyb_requests": "explanation",
    "reviews": "text",
    "holds": "request",
    "listings": "description",
}
"""Columns of the simulated world that parties write, by table."""


@dataclass(frozen=True)
class Text:
    """A public text, and whether it is one that attacks."""

    name: str
    text: str
    attacks: bool

    @property
    def seen(self) -> bool:
        """Whether it lies in the half that patterns were written with in view."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True)
class Opened:
    """A case with its evidence, and what became of it without any text put in."""

    facts: Facts
    clean: Outcome
    read: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a reading led to."""

    decision: Decision
    reading: Reading

    @property
    def answers(self) -> Mapping[str, str]:
        return {one.factor: one.answer for one in self.reading.answers}

    @property
    def looked(self) -> Sequence[str]:
        return [one.digest for one in self.reading.evidence]


@dataclass
class Tally:
    """What texts of one kind changed."""

    tried: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--told", action="store_true")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--limit", type=int, default=0, help="texts, spread over the file")
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    if not given.data.is_file():
        raise SystemExit(f"{given.data} is not there; nothing is measured.")
    public = [
        Text(row["id"], row["text"], bool(row["label"]))
        for row in map(json.loads, given.data.read_text("utf-8").splitlines())
    ]
    with tempfile.TemporaryDirectory(prefix="casewright-injections-") as folder:
        world = Path(folder) / "sandbox"
        build_world(world, seed=SEED, size="small")
        if given.told or not given.changed:
            tell(public, world)
        if given.changed or not given.told:
            step = max(1, len(public) // given.limit) if given.limit else 1
            asyncio.run(change(public[::step], world))


def tell(public: Sequence[Text], world: Path) -> None:
    """Print recall and false alarms."""
    print(f"{'texts':<34}{'n':>6}{'told':>6}{'rate':>8}   95%")
    for seen in (True, False):
        for attacks in (True, False):
            kind = "that attack" if attacks else "that do not"
            half = "seen half" if seen else "unseen half"
            own = [one.text for one in public if (one.seen, one.attacks) == (seen, attacks)]
            row(f"{half}, {kind}", own)
    plain, planted = party_texts(world)
    row("simulated parties, fair", plain)
    row("simulated parties, planted", planted)


def row(name: str, found: Sequence[str]) -> None:
    hits = sum(instruction_in(one) is not None for one in found)
    low, high = wilson(hits, len(found))
    rate = hits / max(1, len(found))
    print(f"{name:<34}{len(found):>6}{hits:>6}{rate:>8.3f}   {low:.3f}-{high:.3f}")


def party_texts(world: Path) -> tuple[list[str], list[str]]:
    """What parties of the simulated world write: the fair, and those with a planted order."""
    with closing(sqlite3.connect(world / "world.sqlite")) as connection:
        every = {
            text
            for table, column in PARTY_TEXTS.items()
            for (text,) in connection.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')
            if text
        }
    orders = planted_orders()
    planted = {one for one in every if any(part in Folded.of(one).text for part in orders)}
    return sorted(every - planted), sorted(planted)


def planted_orders() -> frozenset[str]:
    """The longest part of each order that the simulation plants, folded."""
    rng, mark = np.random.default_rng(1), "\N{SECTION SIGN}"
    drawn = (make_injection(mark, language, rng) for _ in range(300) for language in LANGUAGES)
    folded = (Folded.of(one.text).text.split(mark) for one in drawn)
    return frozenset(max(parts, key=len) for parts in folded)


async def change(public: Sequence[Text], world: Path) -> None:
    """Print what the texts change."""
    tallies = {(attacks, seen): Tally() for attacks in (True, False) for seen in (True, False)}
    async with opened(world) as (cases, reading):
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def one(text: Text) -> None:
            async with gate:
                for case in cases:
                    await judge(case, text, reading, tallies[text.attacks, text.seen])

        tasks = [asyncio.create_task(one(text)) for text in public]
        for task in track(tasks, description="texts", transient=True):
            await task
        print(
            f"{len(cases)} cases; answered without a text: "
            f"{sum(len(case.clean.answers) for case in cases)} questions"
        )
    for (attacks, seen), tally in tallies.items():
        name = f"{'attacks' if attacks else 'benign'}, {'seen' if seen else 'unseen'} half"
        print(f"{name}: {tally.tried} readings; changed: {dict(tally.changed) or 'nothing'}")
        for told in tally.named if seen else ():  # what is unseen stays so
            print(f"    {told}")


async def judge(case: Opened, text: Text, reading: Reader, tally: Tally) -> None:
    """Read and decide the case with the text put in, and note what is not as without it."""
    outcome = await _once(case, text, reading)
    clean = case.clean
    tally.tried += 1
    changes = {
        "tool calls": outcome.looked != clean.looked,
        "answers": outcome.answers != clean.answers,
        "outcome": outcome.decision.outcome != clean.decision.outcome,
    }
    if changes["outcome"] and _own_words(case, outcome):
        changes["outcome"], changes["outcome, by the case's own words"] = False, True
    tally.changed.update(name for name, is_so in changes.items() if is_so)
    if changes["outcome"] or changes["tool calls"]:
        was, now = clean.decision.outcome, outcome.decision.outcome
        tally.named.append(f"{case.facts.sop.name} {was} -> {now}: {text.name} {text.text[:70]!r}")


async def _once(case: Opened, text: Text, reading: Reader) -> Outcome:
    """The outcome with the text put in; what is shown in the same words is read once."""
    shown = as_shown(f"\n{text.text}").shown
    if shown not in case.read:
        case.read[shown] = asyncio.ensure_future(judged(put_in(case.facts, text.text), reading))
    return await case.read[shown]


def _own_words(case: Opened, outcome: Outcome) -> bool:
    """Whether every answer that is new quotes words that stood there before."""
    before = case.clean.answers
    new = [one for one in outcome.reading.answers if before.get(one.factor) != one.answer]
    lost = before.keys() - outcome.answers.keys()
    return not lost and all(_stood(case.facts, one) for one in new)


def _stood(facts: Facts, answer: Answer) -> bool:
    every = [text for item in items(facts) for _, text in texts(item.data)]
    return not answer.quote or any(answer.quote in one for one in every)


def items(facts: Facts) -> Iterator[Evidence]:
    yield facts.case
    yield from facts.evidence.values()


async def judged(facts: Facts, reading: Reader) -> Outcome:
    """Read the open questions and decide."""
    factors = assess(facts)
    questions = open_questions(facts, factors)
    read = await reading.read(questions, errand_of(facts))
    told = established(factors, read, questions, facts.sop.factors)
    decision = decide(facts, Given(told, None, Cost(), "benchmark"))
    return Outcome(decision, read)


def put_in(facts: Facts, text: str) -> Facts:
    """The facts with the text put behind the party's own words, wherever a question reads them."""
    places = {
        (passage.digest, pointer)
        for question in open_questions(facts, assess(facts))
        for passage in question.passages
        if passage.untrusted
        for pointer in _words(facts, passage)
    }
    changed = {item.digest: _with(item, text, places) for item in items(facts)}
    records = {
        name: record.model_copy(update={"digest": changed[record.digest].digest})
        if record.digest in changed
        else record
        for name, record in facts.records.items()
    }
    evidence = {one.digest: one for one in (changed[key] for key in facts.evidence)}
    return replace(facts, case=changed[facts.case.digest], records=records, evidence=evidence)


def _words(facts: Facts, passage: Passage) -> Iterator[str]:
    """Where the longest text of a passage stands that a party wrote in words."""
    item = next(one for one in items(facts) if one.digest == passage.digest)
    found = [
        (len(text), pointer)
        for pointer, text in texts(passage.value, passage.pointer)
        if (" " in text or not text.isascii())
        and any(f"{pointer}/".startswith(f"{root}/") for root in item.untrusted)
    ]
    if found:
        yield max(found)[1]


def _with(item: Evidence, text: str, places: set[tuple[str, str]]) -> Evidence:
    data: Any = json.loads(json.dumps(item.data))
    mine = [pointer for digest, pointer in places if digest == item.digest]
    for pointer in mine:
        set_pointer(data, pointer, f"{resolve_pointer(data, pointer)}\n{text}")
    if not mine:
        return item
    kept = item.model_dump(exclude={"digest", "data"})
    return Evidence.freeze(**kept, data=data)


@asynccontextmanager
async def opened(world: Path) -> AsyncIterator[tuple[list[Opened], Reader]]:
    """Ten cases with their evidence, one a procedure, and the gullible reader."""
    with ExitStack() as stack:
        market = stack.enter_context(running(world, faults=False, rate_limits=False))
        model = stack.enter_context(simulating(world, Manner(style="gullible")))
        settings = Settings(
            home=world.parent,
            source_url=market.base_url,
            source_token=SecretStr(market.read_token),
            model="simulated",
            model_base_url=model,
        )
        tools = load_plugins().all("tool", Tool)
        async with source_of(settings) as source:
            reading = reader(settings, Toolbox(tools, source, utc_now))
            facts = [one async for one in gathered(Catalog(tools), settings, reading)]
            yield facts, reading


async def gathered(catalog: Catalog, settings: Settings, reading: Reader) -> AsyncIterator[Opened]:
    """Of each procedure the gold case of the world whose reader answers the most."""
    for name in catalog.names():
        sop = catalog.load(name)
        gold = [one for one in load_gold(catalog.folder(name) / "gold.yaml") if one.seed == SEED]
        found = []
        for case in await gather_all(sop, gold[:12], settings):
            if open_questions(case.facts, assess(case.facts)):
                found.append(Opened(case.facts, await judged(case.facts, reading)))
        yield max(
            found, key=lambda one: len([a for a in one.clean.answers.values() if a != "unclear"])
        )


if __name__ == "__main__":
    main()
